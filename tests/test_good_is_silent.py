"""Accuracy: what is correct stays silent under all rules together, not only its own.

The `good-*` fixtures of every rule and the `good-*` projects may get infos, nothing louder.
A fixture is a few lines about one trap; what other rules rightly say of the rest of it is named
on a line of its own: `# also: slug`.
"""

import re
import shutil
from operator import attrgetter

import pytest
from test_cases import CASES, PROJECTS, RESOLVED, write_case

from mllint import catalog
from mllint.config import find_settings
from mllint.finding import Severity
from mllint.runner import run

GOOD_FIXTURES = [case for case in CASES if case.good and not case.name.startswith("rules/")]
GOOD_PROJECTS = [path for path in PROJECTS if path.name.startswith("good-")]

# Findings that are wrong and not mended yet: the test of the fixture has to fail until then.
WRONG: dict[str, str] = {}

_ALSO = re.compile(r"^\s*#\s*also:\s*(?P<slugs>[\w, -]+?)\s*$", re.MULTILINE)


def loud(folder, also=frozenset(), resolver=None) -> list[str]:
    """The findings above info in a folder, as lines; those of the rules in `also` left out."""
    report = run((".",), folder, find_settings(folder), resolver=resolver)
    assert not report.failures
    assert report.files, "nothing was checked"
    return [
        f"{finding.problem.location.path}:{finding.problem.location.span.line}: "
        f"{finding.severity}[{finding.rule}] {finding.problem.message}"
        for finding in report.findings
        if finding.severity > Severity.INFO and not finding.suppressed and finding.rule not in also
    ]


def fixture_params():
    for case in GOOD_FIXTURES:
        reason = WRONG.get(case.name)
        marks = pytest.mark.xfail(strict=True, reason=reason) if reason else ()
        yield pytest.param(case, id=case.name, marks=marks)


def named_beside(text: str) -> list[str]:
    """The rules that a file names as right to speak of it."""
    return [slug for match in _ALSO.finditer(text) for slug in match["slugs"].split(",")]


def is_resolved(case) -> bool:
    """Whether the fixture is about what indexes answer, and correct."""
    asked = case in RESOLVED or catalog.load_resolved_check(case.slug) is not None
    return case.good and asked


@pytest.mark.parametrize("case", [*fixture_params()])
def test_a_good_fixture_is_silent_under_every_rule(case, tmp_path):
    (tmp_path / ".git").mkdir()
    also = set()
    for path, text in case.files.items():
        also |= {slug.strip() for slug in named_beside(text)}
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
    assert loud(tmp_path, also) == []


@pytest.mark.parametrize(
    "case",
    [case for case in (*GOOD_FIXTURES, *RESOLVED) if is_resolved(case)],
    ids=attrgetter("name"),
)
def test_a_good_fixture_is_silent_when_indexes_answer(case, tmp_path, resolving):
    folder = write_case(case, tmp_path / "project")
    also = {slug.strip() for text in case.files.values() for slug in named_beside(text)}
    assert loud(folder, also, resolving.resolve) == []


@pytest.mark.parametrize("origin", GOOD_PROJECTS, ids=lambda path: path.name)
def test_a_good_project_is_silent_under_every_rule(origin, tmp_path):
    folder = tmp_path / origin.name
    shutil.copytree(origin, folder)
    (folder / ".git").mkdir(exist_ok=True)
    assert loud(folder) == []
