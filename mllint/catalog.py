"""Slugs in, checks and rule pages out; walks `mllint/checks` and `rules`, so no list names a rule.

A rule with a module in `mllint/checks` is run; a page without one describes a built-in rule, whose
findings the machinery itself makes. Knows no fact and no finding.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.errors import TableError
from mllint.finding import Problem, Severity
from mllint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from mllint.facts.compose.project import ComposeProject
    from mllint.facts.project import Project
    from mllint.tables import Tables

    Check = Callable[[Project, Tables], Iterator[Problem]]
    ComposeCheck = Callable[[ComposeProject, Tables], Iterator[Problem]]

PAGES_URL = "https://github.com/mllint/mllint-docker/blob/main/rules/"
CATEGORIES = frozenset({"pin", "build", "cuda", "python", "security", "size", "runtime", "compose"})
_REQUIRED = ("severity", "category", "summary")
_OPTIONAL = ("fixable", "outranks")


class RulePage(NamedTuple):
    """A rule's page: its front matter, and `text`, the Markdown below it.

    fixable: "safe", "unsafe", or None when there is no automatic fix. outranks: the rules whose
    findings at the same place are left out, as what is there is to be replaced as a whole.
    """

    slug: str
    severity: Severity
    category: str
    summary: str
    fixable: str | None
    outranks: tuple[str, ...]
    text: str

    @property
    def url(self) -> str:
        """Where the page can be read on the web."""
        return f"{PAGES_URL}{self.slug}.md"

    @property
    def reading_text(self) -> str:
        """The text without the comments in its examples that only the tests read."""
        lines = self.text.split("\n")
        marks = ("# expect: ", "# also: ")
        return "\n".join(line for line in lines if not line.lstrip().startswith(marks))


@cache
def root() -> Path:
    """The folder of the rule pages: shipped inside the package, or beside it in a checkout."""
    package = Path(__file__).parent
    for folder in (package / "rules", package.parent / "rules"):
        if folder.is_dir() and any(_names(folder, ".md")):
            return folder
    raise TableError("no rule page is installed with mllint", str(package / "rules"))


def _names(folder: Path, ending: str) -> Iterator[str]:
    """The names of the files in `folder` with that ending, without it, in no order."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(ending) and not entry.name.startswith(("_", ".")):
                yield entry.name.removesuffix(ending)


@cache
def slugs() -> tuple[str, ...]:
    """The rules that have a check, sorted."""
    return tuple(sorted(name.replace("_", "-") for name in _names(_checks(), ".py")))


@cache
def known_slugs() -> tuple[str, ...]:
    """Every name that a user may select, ignore or explain: checks and built-in rules, sorted."""
    return tuple(sorted({*slugs(), *_names(root(), ".md")}))


@cache
def load_check(slug: str) -> "Check | None":
    """What judges a Dockerfile by a rule, None when the rule is about compose files alone."""
    check: Check | None = _function(slug, "check")
    return check


@cache
def load_resolved_check(slug: str) -> "Check | None":
    """What judges a project whose indexes answered, None when the rule does not ask for that."""
    check: Check | None = _function(slug, "check_resolved")
    return check


@cache
def load_compose_check(slug: str) -> "ComposeCheck | None":
    """What judges a compose model by a rule, None when the rule is about Dockerfiles alone."""
    check: ComposeCheck | None = _function(slug, "check_compose")
    return check


def _function(slug: str, name: str) -> Any:  # noqa: ANN401 - either kind of check
    """A function of a rule's module, which is imported only when it has one of that name."""
    if f"\ndef {name}(".encode() not in _source(slug):
        return None
    from importlib import import_module

    return getattr(import_module(f"mllint.checks.{_module(slug)}"), name)


def is_idle(slug: str, told: str) -> bool:
    """Whether a check finds nothing in a project that is read from the text `told`.

    `WORDS = ("conda", "mamba")` in its module says that one of them has to stand there, in lower
    case and with single spaces; most projects then need not even import it.
    """
    words = _words(slug)
    return bool(words) and not any(word in told for word in words)


@cache
def _words(slug: str) -> tuple[str, ...]:
    line = _source(slug).partition(b"\nWORDS = (")[2].partition(b")")[0]
    return tuple(line.decode().split('"')[1::2])


@cache
def _source(slug: str) -> bytes:
    return (_checks() / f"{_module(slug)}.py").read_bytes()


@cache
def _checks() -> Path:
    return Path(__file__).parent / "checks"


def _module(slug: str) -> str:
    return slug.replace("-", "_")


@cache
def page(slug: str) -> RulePage:
    """The page of a rule; raises TableError when it is missing or its front matter is wrong."""
    path = root() / f"{slug}.md"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise TableError(f"the page of rule {slug} cannot be read", str(path)) from error
    return parse_page(slug, text, str(path))


def parse_page(slug: str, text: str, path: str) -> RulePage:
    """The page whose whole text is given; raises TableError with file and line."""
    lines = text.split("\n")
    if lines[0] != "---" or "---" not in lines[1:]:
        raise TableError("a rule page begins with front matter between two --- lines", path, 1)
    end = lines.index("---", 1)
    fields = _front_matter(lines[1:end], path)
    if fields["severity"] not in ("error", "warning", "info"):
        raise TableError(f"severity {fields['severity']!r} is not error, warning or info", path)
    if fields["category"] not in CATEGORIES:
        raise TableError(f"unknown category {fields['category']!r}", path)
    if fields.get("fixable") not in (None, "safe", "unsafe"):
        raise TableError(f"fixable {fields['fixable']!r} is not safe or unsafe", path)
    return RulePage(
        slug,
        Severity[fields["severity"].upper()],
        fields["category"],
        fields["summary"],
        fields.get("fixable"),
        tuple(fields["outranks"].split(", ")) if "outranks" in fields else (),
        "\n".join(lines[end + 1 :]).strip("\n") + "\n",
    )


def _front_matter(lines: list[str], path: str) -> dict[str, str]:
    """The `key: value` pairs of a page; nothing else of YAML is read."""
    fields: dict[str, str] = {}
    for number, line in enumerate(lines, start=2):
        key, colon, value = line.partition(": ")
        if not colon or key not in (*_REQUIRED, *_OPTIONAL) or key in fields:
            raise TableError(f"{line!r} is not one of the front matter's keys", path, number)
        fields[key] = value.strip()
    for key in _REQUIRED:
        if not fields.get(key):
            raise TableError(f"the front matter has no {key}", path, 1)
    return fields
