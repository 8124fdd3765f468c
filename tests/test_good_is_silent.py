"""Accuracy: what is correct stays silent under all rules together, not only its own.

The `good-*` fixtures of every rule and the `good-*` projects may get infos, nothing louder.
A fixture is a few lines about one trap; what other rules rightly say of the rest of it is named
on a line of its own: `# also: slug`.
"""

import re
import shutil

import pytest
from test_cases import CASES, PROJECTS

from mllint.config import find_settings
from mllint.finding import Severity
from mllint.runner import run

GOOD_FIXTURES = [case for case in CASES if case.good and not case.name.startswith("rules/")]
GOOD_PROJECTS = [path for path in PROJECTS if path.name.startswith("good-")]

# Findings that are wrong and not mended yet: the test of the fixture has to fail until then.
WRONG: dict[str, str] = {}

_ALSO = re.compile(r"^\s*#\s*also:\s*(?P<slugs>[\w, -]+?)\s*$", re.MULTILINE)


def loud(folder, also=frozenset()) -> list[str]:
    """The findings above info in a folder, as lines; those of the rules in `also` left out."""
    report = run((".",), folder, find_settings(folder))
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


@pytest.mark.parametrize("case", [*fixture_params()])
def test_a_good_fixture_is_silent_under_every_rule(case, tmp_path):
    (tmp_path / ".git").mkdir()
    also = set()
    for path, text in case.files.items():
        for match in _ALSO.finditer(text):
            also |= {slug.strip() for slug in match["slugs"].split(",")}
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8"))
    assert loud(tmp_path, also) == []


@pytest.mark.parametrize("origin", GOOD_PROJECTS, ids=lambda path: path.name)
def test_a_good_project_is_silent_under_every_rule(origin, tmp_path):
    folder = tmp_path / origin.name
    shutil.copytree(origin, folder)
    (folder / ".git").mkdir(exist_ok=True)
    assert loud(folder) == []
