"""What one question to uv consists of, as a value, and the files and words that put it."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.resolve.target import Target


class Sources(NamedTuple):
    """Where packages are looked for; addresses may hold credentials.

    default: None for uv's own default index, or the one that the user's variables name.
    named: packages that come from one index alone, as a project's table says.
    """

    default: str | None = None
    extra: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    torch_backend: str | None = None
    first_index: bool = False
    named: Mapping[str, str] = {}

    @property
    def indexes(self) -> tuple[str, ...]:
        """The addresses that are named."""
        default = () if self.default is None else (self.default,)
        return (*default, *self.extra, *dict.fromkeys(self.named.values()))


def plain(url: str) -> str:
    """The address without credentials and final slash, as uv shows it."""
    scheme, separator, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}".rstrip("/")


class Held(NamedTuple):
    """What is installed already. origin: the index it came from, as `Package.origin`."""

    version: Version
    origin: str | None = None


class Question(NamedTuple):
    """One call of `uv pip compile`.

    requirements, constraints, overrides: PEP 508 texts. excluded: names that nothing is asked of.
    held: by name; uv keeps those that fit, as pip does. upgraded: names among them that it may
    not keep. preferred: versions to take where they fit, of what is not held or not kept. lowest:
    of what is named, the lowest release is taken.
    """

    target: Target
    sources: Sources
    requirements: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    excluded: frozenset[str] = frozenset()
    held: Mapping[str, Held] = {}
    upgraded: frozenset[str] = frozenset()
    pre: bool = False
    no_deps: bool = False
    lowest: bool = False
    preferred: Mapping[str, Version] = {}

    @property
    def not_kept(self) -> frozenset[str]:
        """The names of which the newest is wanted, whatever is held."""
        return (self.upgraded & self.held.keys()) - self.preferred.keys()

    @property
    def kept(self) -> Mapping[str, Version]:
        """The versions that uv is to take where they fit."""
        held = {
            name: each.version
            for name, each in self.held.items()
            if name not in self.upgraded or name not in self.preferred
        }
        return {**self.preferred, **held}


class Manner(NamedTuple):
    """How uv is to work, whatever the question. limit_s: for one call."""

    program: str
    offline: bool = False
    allow_builds: bool = False
    limit_s: float = 60.0
    cache: str | None = None


def write_question(question: Question, manner: Manner, folder: Path, form: str) -> list[str]:
    """The words to call uv with, in `folder`, where the files that they name now are.

    form: "txt", or "toml" for a pylock file. The answer is then in `out.txt` or `pylock.toml`.
    """
    sources, target = question.sources, question.target
    words = [
        *(manner.program, "pip", "compile", "--no-progress", "--color", "never", "--no-header"),
        *("--no-python-downloads", "--python", sys.executable),
        *("--python-version", target.full, "--python-platform", target.platform),
        *("--index-strategy", "first-index" if sources.first_index else "unsafe-best-match"),
        "--emit-index-annotation",
    ]
    words += ["--no-build"] * (not manner.allow_builds) + ["--offline"] * manner.offline
    words += ["--no-deps"] * question.no_deps + ["--prerelease=allow"] * question.pre
    words += ["--resolution=lowest-direct"] * question.lowest
    if sources.torch_backend is not None:
        words += ["--torch-backend", sources.torch_backend]
    if manner.cache is not None:
        words += ["--cache-dir", manner.cache]
    for name in sorted(question.not_kept):
        words += ["--upgrade-package", name]
    for option, lines in (
        ("--constraints", question.constraints),
        ("--overrides", question.overrides),
        ("--excludes", tuple(sorted(question.excluded))),
    ):
        if lines:
            name = f"{option.strip('-')}.txt"
            _write(folder / name, lines)
            words += [option, name]
    output = "pylock.toml" if form == "toml" else "out.txt"
    if not sources.named:
        # Else that of a folder above counts: on a shared machine anybody may write `/tmp/uv.toml`.
        _write(folder / "uv.toml", ())
    if question.kept and form == "txt":
        # What stands in the output of the last call is taken where it fits, as an installed one is.
        _write(folder / output, [f"{name}=={each}" for name, each in question.kept.items()])
    _write_requirements(question, folder)
    return [*words, "--output-file", output, "pyproject.toml" if sources.named else "asked.txt"]


def _write_requirements(question: Question, folder: Path) -> None:
    sources = question.sources
    options = [f"--extra-index-url {url}" for url in sources.extra]
    options += [f"--find-links {link}" for link in sources.find_links]
    if sources.default is not None:
        options.append(f"--index-url {sources.default}")
    options += ["--no-index"] * sources.no_index
    served = {"" if sources.default is None else plain(sources.default)}
    served |= {plain(url) for url in sources.indexes}
    unserved = {n: held.version for n, held in question.held.items() if held.origin not in served}
    if unserved:
        (folder / "held").mkdir(exist_ok=True)
        for name, version in unserved.items():
            _write_wheel(folder / "held", name, version)
        options.append("--find-links held")
    _write(folder / "asked.txt", [*options, *question.requirements])
    if sources.named:
        _write(folder / "pyproject.toml", _project_lines(question, unserved=bool(unserved)))


def _project_lines(question: Question, *, unserved: bool) -> list[str]:
    """A project that asks for the same: only there can a package be tied to an index."""
    sources = question.sources
    named = sources.named
    numbers = {url: number for number, url in enumerate(dict.fromkeys(named.values()))}
    lines = ["[project]", 'name = "mllint-none"', 'version = "0"', "dependencies = ["]
    lines += [f"  {_quoted(text)}," for text in question.requirements]
    lines += ["]", "[tool.uv]"]
    links = [*sources.find_links, *(["held"] if unserved else [])]
    lines += [f"find-links = [{', '.join(_quoted(link) for link in links)}]"] if links else []
    lines += ["no-index = true"] * sources.no_index + ["[tool.uv.sources]"]
    lines += [f'{name} = {{ index = "i{numbers[url]}" }}' for name, url in named.items()]
    for url, number in numbers.items():
        lines += ["[[tool.uv.index]]", f'name = "i{number}"', f"url = {_quoted(url)}"]
        lines += ["explicit = true"]
    for number, url in enumerate(sources.extra):
        lines += ["[[tool.uv.index]]", f'name = "e{number}"', f"url = {_quoted(url)}"]
    if sources.default is not None:
        lines += ["[[tool.uv.index]]", f"url = {_quoted(sources.default)}", "default = true"]
    return lines


def _quoted(text: str) -> str:
    """As a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write(path: Path, lines: Sequence[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_wheel(folder: Path, name: str, version: Version) -> None:
    """A wheel without content, for what is installed and on none of the indexes.

    `torch 2.3.0a0+40ec155e58` of an NGC image. Its own requirements are installed with it.
    """
    import zipfile  # hardly an image brings such a thing

    stem = f"{name.replace('-', '_')}-{version}"
    with zipfile.ZipFile(folder / f"{stem}-py3-none-any.whl", "w") as wheel:
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        wheel.writestr(f"{stem}.dist-info/METADATA", metadata)
        tags = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{stem}.dist-info/WHEEL", tags)
        wheel.writestr(f"{stem}.dist-info/RECORD", "")
