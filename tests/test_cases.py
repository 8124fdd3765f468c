"""Runs every example of the rule pages, every fixture and every whole project through the tool.

`# expect: slug` stands on the line above the line at fault. Each case is judged by its own rule
alone; the set of (path, line, rule) must be exactly the expected one. Golden files change only by
`pytest --update-golden`.
"""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from verify_samples import IMAGE, holding

from mllint import catalog
from mllint.config import Settings, find_settings
from mllint.loader import load_project
from mllint.report.text import TextStyle, failure_line, render
from mllint.runner import run
from mllint.suppress import NO_REASON, UNUSED
from mllint.tables import Tables
from mllint.verify.comparing.plan import REFUTED, compare_with_image, refuted

ROOT = Path(__file__).parent.parent
FIXTURES = ROOT / "fixtures"

_FENCE = re.compile(r"^(?P<fence>```+)(?P<language>[\w-]+)(?:[ ]+(?P<name>\S+))?$")
_EXPECT = re.compile(r"^\s*#\s*expect:\s*(?P<slugs>[\w, -]+)$")


@dataclass(frozen=True)
class Case:
    """A small project: path → text, which the rule `slug` judges."""

    name: str
    slug: str
    files: dict[str, str] = field(default_factory=dict)
    good: bool = False


def page_cases() -> Iterator[Case]:
    """Each ```dockerfile block of a page begins a project; blocks with a file name join it.

    A named block begins one as well when there is none, or when that has such a file already.
    """
    for slug in catalog.known_slugs():
        case, good, checked, number = None, False, False, 0
        lines = iter(catalog.page(slug).text.split("\n"))
        for line in lines:
            if line.startswith("## "):
                if case:
                    yield case
                case, good = None, line == "## Good"
                checked = line in ("## Bad", "## Good")
            elif (fence := _FENCE.match(line)) and checked:
                body = []
                for inner in lines:
                    if inner == fence["fence"]:
                        break
                    body.append(inner)
                text = "\n".join(body) + "\n"
                plain = fence["language"] == "dockerfile" and not fence["name"]
                path = "Dockerfile" if plain else fence["name"]
                if path is None:
                    continue
                if plain or case is None or path in case.files:
                    if case:
                        yield case
                    number += 1
                    name = f"rules/{slug}.md:{'good' if good else 'bad'}-{number}"
                    case = Case(name, slug, {}, good)
                case.files[path] = text
        if case:
            yield case


def fixture_cases(kind_of_run: str = "rules") -> Iterator[Case]:
    """`{bad,good}-*.Dockerfile` is a project of one file, a folder `{bad,good}-*` a whole one.

    `{bad,good}-*.compose.yaml` is a compose file alone.
    """
    for path in sorted(FIXTURES.glob(f"{kind_of_run}/*/*")):
        slug, name = path.parent.name, f"{path.parent.name}/{path.name}"
        kind = path.name.partition("-")[0]
        assert kind in ("bad", "good"), f"{name} is neither bad-… nor good-…"
        if path.is_dir():
            files = {
                file.relative_to(path).as_posix(): file.read_bytes().decode(
                    "utf-8", "surrogateescape"
                )
                for file in sorted(path.rglob("*"))
                if file.is_file()
            }
            assert files, f"{name} is empty"
        else:
            kinds = {".Dockerfile": "Dockerfile", ".yaml": "compose.yaml"}
            assert path.name.endswith((".Dockerfile", ".compose.yaml")), f"{name}: of no kind"
            files = {kinds[path.suffix]: path.read_bytes().decode("utf-8", "surrogateescape")}
        yield Case(name, slug, files, kind == "good")


def expected_findings(case: Case) -> set[tuple[str, int, str]]:
    found = set()
    for path, text in case.files.items():
        lines = text.split("\n")
        for number, line in enumerate(lines, start=1):
            if match := _EXPECT.match(line.rstrip("\r")):
                below = number + 1
                while _EXPECT.match(lines[below - 1].rstrip("\r")):
                    below += 1
                found |= {(path, below, slug.strip()) for slug in match["slugs"].split(",")}
    return found


CASES = (*page_cases(), *fixture_cases())
RESOLVED = tuple(fixture_cases("resolved"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_rule_finds_exactly_what_its_examples_expect(case, tmp_path, request):
    folder = write_case(case, tmp_path / "project")
    expected = expected_findings(case)
    assert bool(expected) != case.good, "a bad case expects something, a good one nothing"
    if case.slug == REFUTED:
        assert refuted_places(case, folder) == expected
        return
    resolver = None
    if case.slug in catalog.slugs() and catalog.load_resolved_check(case.slug) is not None:
        resolver = request.getfixturevalue("resolving").resolve
    report = run((".",), folder, case_settings(folder, case.slug), resolver=resolver)
    assert not report.failures
    assert report.files, "nothing was checked"
    assert {
        (finding.problem.location.path, finding.problem.location.span.line, finding.rule)
        for finding in report.findings
        if finding.rule == case.slug and finding.suppressed is None
    } == expected


@pytest.mark.parametrize("case", RESOLVED, ids=lambda case: case.name)
def test_with_resolve_a_rule_finds_exactly_what_its_fixtures_expect(case, tmp_path, resolving):
    folder = write_case(case, tmp_path / "project")
    expected = expected_findings(case)
    assert bool(expected) != case.good, "a bad case expects something, a good one nothing"
    report = run((".",), folder, case_settings(folder, case.slug), resolver=resolving.resolve)
    assert not report.failures
    assert {
        (finding.problem.location.path, finding.problem.location.span.line, finding.rule)
        for finding in report.findings
        if finding.rule == case.slug and finding.suppressed is None
    } == expected


def write_case(case: Case, folder: Path) -> Path:
    (folder / ".git").mkdir(parents=True)
    for path, text in case.files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def refuted_places(case: Case, folder: Path) -> set[tuple[str, int, str]]:
    """What `verify` would find if the image held the packages of `measured.json`."""
    project = load_project("Dockerfile", folder, find_settings(folder))
    packages = json.loads(case.files["measured.json"])
    pairs = compare_with_image(project, Tables(catalog.root() / "tables"), holding(packages), IMAGE)
    problems = refuted(pair for pair in pairs if pair.declared)
    return {(p.location.path, p.location.span.line, REFUTED) for p in problems}


def case_settings(folder: Path, slug: str) -> Settings:
    settings = find_settings(folder)
    # A built-in rule judges the comments about other rules: those have to run too.
    return settings if slug in (UNUSED, NO_REASON) else settings._replace(select=(slug,))


def test_every_rule_has_a_page_with_the_fixed_headings():
    headings = ["## Why", "## Bad", "## Good", "## When it stays silent", "## Sources"]
    for slug in catalog.known_slugs():
        page = catalog.page(slug)
        lines = page.text.split("\n")
        assert lines[0] == f"# {slug}"
        assert [line for line in lines if line.startswith("## ")] == headings, slug
        assert slug in catalog.slugs() or slug in (UNUSED, NO_REASON, REFUTED), slug


@pytest.mark.parametrize("slug", catalog.known_slugs())
def test_every_page_has_a_bad_and_a_good_example(slug):
    kinds = {case.good for case in CASES if case.slug == slug and case.name.startswith("rules/")}
    assert kinds == {True, False}


def test_every_fixture_folder_is_named_after_a_rule():
    for path in FIXTURES.glob("rules/*"):
        assert path.name in catalog.known_slugs()


PROJECTS = sorted(path for path in FIXTURES.glob("projects/*") if path.is_dir())


@pytest.fixture
def project_copy(request, tmp_path):
    """A copy of the project beside nothing else, so that no folder above it has a say."""
    folder = tmp_path / request.param.name
    shutil.copytree(request.param, folder, ignore=shutil.ignore_patterns("expected*.txt"))
    (folder / ".git").mkdir()
    return request.param, folder


@pytest.mark.parametrize("project_copy", PROJECTS, ids=lambda path: path.name, indirect=True)
def test_a_project_prints_its_golden_report(project_copy, update_golden):
    origin, folder = project_copy
    report = run((".",), folder, find_settings(folder))
    failures = "".join(f"{failure_line(failure)}\n" for failure in report.failures)
    compare(origin / "expected.txt", failures + render(report, TextStyle()), update_golden)


@pytest.mark.parametrize("project_copy", PROJECTS, ids=lambda path: path.name, indirect=True)
def test_a_project_prints_its_golden_plan(project_copy, update_golden):
    origin, folder = project_copy
    golden = origin / "expected-plan.txt"
    if not golden.exists():
        pytest.skip("no expected-plan.txt")
    from mllint.report.plan import plan_text

    project = load_project("Dockerfile", folder, find_settings(folder))
    compare(golden, plan_text(project), update_golden)


def compare(golden: Path, text: str, update: bool) -> None:
    if update:
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), f"{golden} is missing: run pytest --update-golden and read it"
    assert text == golden.read_text(encoding="utf-8")
