"""With `--resolve` one thing is told of each place: the index's answer, and no table's guess."""

import pytest
from test_cases import CASES, RESOLVED, expected_findings, write_case
from test_good_is_silent import named_beside

from mllint import catalog
from mllint.config import find_settings
from mllint.runner import run

ABOUT_ANSWERS = [
    case
    for case in (*CASES, *RESOLVED)
    if not case.good
    and case.slug in catalog.slugs()
    and (case in RESOLVED or catalog.load_resolved_check(case.slug) is not None)
]


def places(report):
    """(path, line, column) of each finding that counts, with its rule."""
    return [
        (finding.problem.location.path, *finding.problem.location.span[:2], finding.rule)
        for finding in report.findings
        if finding.suppressed is None
    ]


@pytest.mark.parametrize("case", ABOUT_ANSWERS, ids=lambda case: case.name)
def test_nothing_else_stands_where_an_answer_does(case, tmp_path, resolving):
    folder = write_case(case, tmp_path / "project")
    report = run((".",), folder, find_settings(folder), resolver=resolving.resolve)
    assert not report.failures
    found = places(report)
    expected = expected_findings(case)
    assert {(path, line, rule) for path, line, _, rule in found} >= expected
    also = {slug for text in case.files.values() for slug in named_beside(text)}
    mine = {place[:3] for place in found if place[3] == case.slug}
    told = [rule for *place, rule in found if tuple(place) in mine and rule not in also]
    assert told == [case.slug] * len(mine)
