"""check --add-ignores: where comments go, and that nothing is left, unused or changed by them."""

import pytest
from click.testing import CliRunner
from fix_samples import use_rules, word_problems
from test_cases import CASES, case_settings, write_case

from mllint.add_ignores import add_ignores
from mllint.cli import commands
from mllint.config import Settings
from mllint.drafts import Drafts
from mllint.finding import Severity
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.source import SourceFile
from mllint.runner import run

BAD = [case for case in CASES if not case.good]
NOTE = 'mllint: 1 file changed; put why in place of "-- REASON"\n'


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    use_rules(monkeypatch, made_up=word_problems, other=word_problems)
    return tmp_path


def mllint(*arguments, stdin=None):
    return CliRunner().invoke(commands, ["check", *arguments], input=stdin, prog_name="mllint")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("FROM bad\n", "{}FROM bad\n", id="first-line"),
        pytest.param(
            "# syntax=docker/dockerfile:1\n# escape=`\nFROM bad\n",
            "# syntax=docker/dockerfile:1\n# escape=`\n{}FROM bad\n",
            id="below-directives",
        ),
        pytest.param(
            "FROM a\nRUN b \\\n # c\n bad \\\n  && bad\n",
            "FROM a\n{}RUN b \\\n # c\n bad \\\n  && bad\n",
            id="above-a-continuation",
        ),
        pytest.param(
            "FROM a\nRUN <<E cat\nbad\nE\nRUN bad",
            "FROM a\n{}RUN <<E cat\nbad\nE\n{}RUN bad",
            id="above-a-heredoc",
        ),
        pytest.param("FROM a\n# b\n  RUN bad\n", "FROM a\n# b\n  {}  RUN bad\n", id="indented"),
        pytest.param("FROM a\r\nRUN bad\r\n", "FROM a\r\n{}RUN bad\r\n", id="crlf"),
        pytest.param(
            "FROM a\n# mllint: ignore[other] -- why\n# x\nRUN bad\n",
            "FROM a\n# mllint: ignore[other, made-up] -- why\n# x\nRUN bad\n",
            id="merged-into-one-above",
        ),
        pytest.param(
            "FROM a\nRUN b && bad # mllint: ignore[other] -- why\n",
            "FROM a\nRUN b && bad # mllint: ignore[other, made-up] -- why\n",
            id="merged-into-one-at-the-end",
        ),
        pytest.param(
            "FROM a\nRUN b \\\n# mllint: ignore[other, made-up] -- why\n bad \\\n c \\\n bad\n",
            "FROM a\nRUN b \\\n# mllint: ignore[other, made-up] -- why\n bad \\\n c \\\n {} bad\n",
            id="one-that-covers-another-line-stays-in-use",
        ),
    ],
)
def test_where_a_comment_goes_in_a_dockerfile(folder, before, after):
    end = "\r\n" if "\r\n" in before else "\n"
    (folder / "Dockerfile").write_text(before, newline="")
    result = mllint("--add-ignores")
    expected = after.replace("{}", f"# mllint: ignore[made-up, other] -- REASON{end}")
    assert (folder / "Dockerfile").read_bytes().decode() == expected
    assert (result.exit_code, result.stderr) == (0, NOTE)
    again = mllint("--add-ignores")
    assert (again.exit_code, again.stderr) == (0, "")
    assert (folder / "Dockerfile").read_bytes().decode() == expected


REQUIREMENTS = [
    pytest.param("torch==2.1.0+cu118\n", "{}torch==2.1.0+cu118\n", id="plain"),
    pytest.param(
        "numpy==1.0  # x\n  torch==2.1.0+cu118  # y\n",
        "numpy==1.0  # x\n  {}  torch==2.1.0+cu118  # y\n",
        id="comment",
    ),
    pytest.param(
        "torch==2.1.0+cu118 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n",
        "{}torch==2.1.0+cu118 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n",
        id="hashes",
    ),
    pytest.param(
        "torch==2.1.0+cu118  # mllint: ignore[unpinned-requirement] -- why\n",
        "torch==2.1.0+cu118  # mllint: ignore[unpinned-requirement, local-version-without-index]"
        " -- why\n",
        id="merged-at-the-end",
    ),
    pytest.param(
        "# mllint: ignore[unpinned-requirement]\ntorch==2.1.0+cu118\n",
        "# mllint: ignore[unpinned-requirement, local-version-without-index]\ntorch==2.1.0+cu118\n",
        id="merged-above",
    ),
]


@pytest.mark.parametrize(("before", "after"), REQUIREMENTS)
def test_where_a_comment_goes_in_a_requirement_file(tmp_path, monkeypatch, before, after):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.11-slim\nCOPY r.txt .\nRUN pip install -r r.txt\n"
    )
    (tmp_path / "r.txt").write_text(before)
    result = mllint("--add-ignores", "--select", "local-version-without-index")
    assert result.exit_code == 0
    expected = after.replace("{}", "# mllint: ignore[local-version-without-index] -- REASON\n")
    assert (tmp_path / "r.txt").read_text() == expected


def test_a_finding_below_the_fail_level_gets_no_comment(folder):
    (folder / "mllint.toml").write_text('[severity]\nmade-up = "info"\n')
    (folder / "Dockerfile").write_text("FROM bad\n")
    mllint("--add-ignores")
    assert (folder / "Dockerfile").read_text() == "# mllint: ignore[other] -- REASON\nFROM bad\n"


def test_a_finding_on_a_comment_is_ignored_for_the_file(folder):
    text = "# mllint: ignore[made-up] -- why\nFROM a\n"
    (folder / "Dockerfile").write_text(text)
    assert mllint("--fail-level", "info").exit_code == 1
    result = mllint("--add-ignores", "--fail-level", "info")
    assert result.exit_code == 0
    assert "# mllint: ignore-file[unused-ignore] -- REASON\n" in (folder / "Dockerfile").read_text()


def test_a_comment_without_reason_gets_one(folder):
    (folder / "mllint.toml").write_text("require-ignore-reason = true\n")
    (folder / "Dockerfile").write_text("# mllint: ignore[made-up, other]\nFROM bad\n")
    result = mllint("--add-ignores", "--fail-level", "info")
    assert result.exit_code == 0
    text = (folder / "Dockerfile").read_text()
    assert text == "# mllint: ignore[made-up, other] -- REASON\nFROM bad\n"


def test_standard_input_and_diff(folder):
    result = mllint("--add-ignores", "-", stdin="FROM bad\n")
    assert result.stdout == "# mllint: ignore[made-up, other] -- REASON\nFROM bad\n"
    (folder / "Dockerfile").write_text("FROM bad\n")
    result = mllint("--add-ignores", "--diff")
    assert "+# mllint: ignore[made-up, other] -- REASON\n" in result.stdout
    assert (result.exit_code, (folder / "Dockerfile").read_text()) == (1, "FROM bad\n")


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_every_finding_of_every_example_can_be_ignored(case, tmp_path):
    folder = write_case(case, tmp_path / "project")
    own = case_settings(folder, case.slug)
    settings = Settings(
        folder, severity=own.severity, require_ignore_reason=own.require_ignore_reason
    )

    def check(drafts=None):
        return run((".",), folder, settings, drafts=drafts)

    before = check()
    drafts = Drafts(folder)
    report = add_ignores(check, drafts, Severity.INFO)
    if any("\ufffd" in text for text in before.sources.values()):
        assert "not all of it is text of its encoding" in report.failures[0].message
        return
    locks = {path for path in before.sources if path.endswith((".json", ".lock"))}
    refused = {
        path for path in locks if any(f.problem.location.path == path for f in before.findings)
    }
    new = [failure for failure in report.failures if failure not in before.failures]
    assert {failure.path for failure in new} == refused
    assert all("comments do not last in such a file" in failure.message for failure in new)
    for change in drafts.changes():
        (folder / change.path).write_bytes(change.after)
        if change.path in before.dockerfiles:
            texts = [parse_dockerfile(SourceFile(change.path, text)) for text in change.texts]
            parts = [[(i.keyword, i.text) for i in parsed.instructions] for parsed in texts]
            assert parts[0] == parts[1]
    after = check()
    open_ = [
        finding
        for finding in after.findings
        if finding.suppressed is None and finding.problem.location.path not in refused
    ]
    assert [(f.rule, f.problem.location) for f in open_] == []
