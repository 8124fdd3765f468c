"""Every fix that a bad example of any rule carries is made, and held against what it promises."""

from collections import Counter
from dataclasses import replace
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from test_cases import CASES, case_settings, write_case

from mllint import catalog
from mllint.config import Settings
from mllint.drafts import Drafts
from mllint.finding import Severity
from mllint.fix import fix_all, is_open
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.source import SourceFile
from mllint.runner import run

BAD = [case for case in CASES if not case.good]
BY_NAME = {case.name: case for case in BAD}


def checker(folder, settings):
    return lambda drafts=None: run((".",), folder, settings, drafts=drafts)


def fixed(folder, settings):
    """The report after every fix, safe or not, and the drafts."""
    drafts = Drafts(folder)
    return fix_all(checker(folder, settings), drafts, unsafe=True), drafts


@cache
def fixes_of(name):
    """What kinds of fixes the rule's own findings in the case of that name carry."""
    case = BY_NAME[name]
    with TemporaryDirectory() as parent:
        folder = write_case(case, Path(parent) / "project")
        report = checker(folder, case_settings(folder, case.slug))()
        fixes = [finding.problem.fix for finding in report.findings if finding.rule == case.slug]
    return tuple("safe" if fix.safe else "unsafe" for fix in fixes if fix is not None)


@pytest.mark.parametrize("slug", catalog.known_slugs())
def test_a_page_says_whether_its_rule_can_be_fixed(slug):
    found = {kind for case in BAD if case.slug == slug for kind in fixes_of(case.name)}
    best = "safe" if "safe" in found else "unsafe" if found else None
    assert catalog.page(slug).fixable == best


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_fix_does_away_with_its_finding_and_with_nothing_else(case, tmp_path):
    folder = write_case(case, tmp_path / "project")
    settings = case_settings(folder, case.slug)
    before = checker(folder, settings)()
    fixable = [finding for finding in before.findings if is_open(finding, unsafe=True)]
    after, drafts = fixed(folder, settings)
    changes = list(drafts.changes())
    assert bool(changes) == bool(fixable)
    assert (after.failures, len(after.fixed)) == (before.failures, len(fixable))
    said = Counter(finding.problem.message for finding in after.findings)
    assert not [finding for finding in fixable if finding.problem.message in said]
    kept = [finding for finding in before.findings if finding not in fixable]
    assert errors(after.findings) == errors(kept)
    for change in changes:
        edits = [
            edit.location.span
            for finding in fixable
            for edit in finding.problem.fix.edits
            if edit.location.path == change.path
        ]
        only_edited_lines_differ(change.texts, edits)
        if change.path in before.dockerfiles:
            parses_the_same(change.path, change.texts)


def errors(findings):
    """How many there are; a fix may bring a weaker finding to light, which an error stood before.

    Once torchvision goes with the new torch, it is told of torchaudio that the base image brought.
    """
    return Counter(each.rule for each in findings if each.severity is Severity.ERROR)


def only_edited_lines_differ(texts, spans):
    lines = [text.split("\n") for text in texts]
    edited = {line for span in spans for line in range(span.line, span.end_line + 1)}
    for kind, start, end, *_ in SequenceMatcher(None, *lines, autojunk=False).get_opcodes():
        if kind in ("replace", "delete"):
            assert set(range(start + 1, end + 1)) <= edited


def parses_the_same(path, texts):
    """No instruction is lost or of another kind, and nothing new is refused."""
    before, after = (parse_dockerfile(SourceFile(path, text)) for text in texts)
    keywords = iter(instruction.keyword for instruction in after.instructions)
    assert all(instruction.keyword in keywords for instruction in before.instructions)
    assert len(after.problems) <= len(before.problems)
    assert after.escape == before.escape


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_fixes_keep_line_ends_and_the_second_run_finds_none(case, tmp_path):
    if not fixes_of(case.name):
        return
    folder = write_case(case, tmp_path / "plain")
    report, drafts = fixed(folder, Settings(folder))
    assert not report.failures
    plain = {change.path: change.after for change in drafts.changes()}
    for path, data in plain.items():
        (folder / path).write_bytes(data)
    again, drafts = fixed(folder, Settings(folder))
    assert (again.fixed, list(drafts.changes())) == ((), [])
    files = {path: text.replace("\n", "\r\n") for path, text in case.files.items()}
    folder = write_case(replace(case, files=files), tmp_path / "windows")
    report, drafts = fixed(folder, Settings(folder))
    changes = {change.path: change.after for change in drafts.changes()}
    assert changes == {path: data.replace(b"\n", b"\r\n") for path, data in plain.items()}
