"""check --fix and --diff as users see them: files, output, exit codes, and rules that are wrong."""

import stat
from functools import partial

import pytest
from click.testing import CliRunner
from fix_samples import at, use_rules, word_problems

from mllint import fix as fix_module
from mllint.cli import commands
from mllint.finding import Edit, Fix, Problem

BAD = "FROM scratch\nRUN bad && badly\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    use_rules(monkeypatch, made_up=word_problems)
    return tmp_path


def mllint(*arguments, stdin=None):
    return CliRunner().invoke(commands, ["check", *arguments], input=stdin, prog_name="mllint")


def test_safe_fixes_are_made_and_the_rest_is_told(folder):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--fix")
    assert (folder / "Dockerfile").read_text() == "FROM scratch\nRUN good && badly\n"
    assert result.exit_code == 1
    assert result.stdout.endswith(
        "1 error in 1 file (1 checked), 1 fixed\n1 can be fixed with --fix --unsafe-fixes\n"
    )


def test_a_run_that_fixes_everything_exits_1_and_the_next_one_0(folder):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--fix", "--unsafe-fixes")
    assert (folder / "Dockerfile").read_text() == "FROM scratch\nRUN good && goodly\n"
    told = "fixed 2 findings in 1 file:\n  Dockerfile: 2 made-up\n\n"
    assert (result.exit_code, result.stdout) == (
        1,
        f"{told}no findings (1 file checked), 2 fixed\n",
    )
    result = mllint("--fix", "--unsafe-fixes")
    assert (result.exit_code, result.stdout) == (0, "no findings (1 file checked), 0 fixed\n")


def test_a_diff_writes_nothing(folder):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--diff")
    assert result.stdout == (
        "--- Dockerfile\n+++ Dockerfile\n@@ -1,2 +1,2 @@\n FROM scratch\n"
        "-RUN bad && badly\n+RUN good && badly\n"
    )
    assert result.stderr == "mllint: 1 finding would be fixed, 1 file would change\n"
    assert (result.exit_code, (folder / "Dockerfile").read_text()) == (1, BAD)


def test_a_diff_with_nothing_to_change_exits_0(folder):
    (folder / "Dockerfile").write_text("FROM scratch\nRUN badly\n")
    result = mllint("--diff", "--fix")
    assert (result.exit_code, result.stdout) == (0, "")


def test_a_diff_says_where_the_last_line_has_no_end(folder):
    (folder / "Dockerfile").write_bytes(b"FROM scratch\r\nRUN bad\x1b[31m")
    result = mllint("--diff")
    assert result.stdout_bytes.endswith(
        b"-RUN bad\\x1b[31m\n\\ No newline at end of file\n"
        b"+RUN good\\x1b[31m\n\\ No newline at end of file\n"
    )


def test_a_diff_hides_what_no_output_may_print(folder, monkeypatch):
    def secret(project):
        place = at(project, 2, 11, 2, 16)
        yield Problem(place, "a secret", "take it out", hidden=(place,))

    use_rules(monkeypatch, made_up=word_problems, secret=secret)
    (folder / "Dockerfile").write_text("FROM scratch\nENV TOKEN=ghp_x\nRUN bad\n")
    result = mllint("--diff")
    assert " ENV TOKEN=*****\n" in result.stdout
    assert "ghp_x" not in result.output


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(b"FROM a\r\nRUN bad\r\n", b"FROM a\r\nRUN good\r\n", id="crlf"),
        pytest.param(b"\xef\xbb\xbfFROM a\nRUN bad", b"\xef\xbb\xbfFROM a\nRUN good", id="bom"),
        pytest.param(
            b"FROM a\n\n # x \n  RUN \t bad", b"FROM a\n\n # x \n  RUN \t good", id="layout"
        ),
        pytest.param("FROM a\nRUN é bad".encode(), "FROM a\nRUN é good".encode(), id="utf-8"),
        pytest.param(
            b"# coding: latin-1\nFROM a\nRUN \xe9 bad",
            b"# coding: latin-1\nFROM a\nRUN \xe9 good",
            id="latin-1",
        ),
        pytest.param(
            b"FROM a\nRUN <<E\nbad\nE\nRUN x bad",
            b"FROM a\nRUN <<E\ngood\nE\nRUN x good",
            id="heredoc",
        ),
    ],
)
def test_everything_else_stays_to_the_byte(folder, before, after):
    (folder / "Dockerfile").write_bytes(before)
    mllint("--fix")
    assert (folder / "Dockerfile").read_bytes() == after


def test_bytes_that_are_no_text_are_not_lost(folder):
    data = b"FROM a\nRUN \xff bad\n"
    (folder / "Dockerfile").write_bytes(data)
    result = mllint("--fix")
    assert "Dockerfile:2: cannot be fixed: not all of it is text of its encoding" in result.stderr
    assert (result.exit_code, (folder / "Dockerfile").read_bytes()) == (2, data)


def test_a_link_is_followed_and_the_mode_kept(folder):
    (folder / "real").mkdir()
    real = folder / "real" / "file"
    real.write_text(BAD)
    real.chmod(0o640)
    (folder / "Dockerfile").symlink_to("real/file")
    assert mllint("--fix").exit_code == 1
    assert (folder / "Dockerfile").is_symlink()
    assert real.read_text() == "FROM scratch\nRUN good && badly\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [path.name for path in (folder / "real").iterdir()] == ["file"]


@pytest.mark.parametrize("link", [False, True])
def test_nothing_is_written_outside_the_project(folder, monkeypatch, tmp_path_factory, link):
    outside = tmp_path_factory.mktemp("outside") / "r.txt"
    outside.write_text("torch\n")
    (folder / "r.txt").symlink_to(outside)
    (folder / "Dockerfile").write_text("FROM scratch\n")

    def reaching_out(project):
        if outside.read_text() == "torch\n":
            place = at(project, 1, 1, 1, 5)
            edit = Edit(place._replace(path="r.txt" if link else str(outside)), "evil")
            yield Problem(place, "message", "help", fix=Fix("reach out", (edit,), True))

    use_rules(monkeypatch, reaching_out=reaching_out)
    result = mllint("--fix")
    assert (result.exit_code, outside.read_text()) == (2, "torch\n")
    assert "edits a file that was not checked" in result.stderr


def test_suppressed_findings_are_not_fixed(folder):
    text = "FROM scratch\n# mllint: ignore[made-up] -- meant so\nRUN bad\n"
    (folder / "Dockerfile").write_text(text)
    assert mllint("--fix").exit_code == 0
    assert (folder / "Dockerfile").read_text() == text


def test_standard_input_comes_out_fixed(folder):
    result = mllint("--fix", "-", stdin=BAD.encode().replace(b"\n", b"\r\n"))
    assert result.stdout_bytes == b"FROM scratch\r\nRUN good && badly\r\n"
    assert result.exit_code == 1
    good = "FROM scratch\nRUN good\n"
    result = mllint("--fix", "-", stdin=good)
    assert (result.exit_code, result.stdout) == (0, good)
    assert mllint("--diff", "-", stdin=BAD).stdout.startswith("--- -\n+++ -\n@@")


@pytest.mark.parametrize(
    "options",
    [
        ("--unsafe-fixes",),
        ("--add-ignores", "--fix"),
        ("--write-baseline", "b.json", "--fix"),
        ("--add-ignores", "--fail-level", "none"),
    ],
)
def test_options_that_make_no_sense_together(folder, options):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint(*options)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert (folder / "Dockerfile").read_text() == BAD


@pytest.mark.parametrize(
    ("replacement", "why"),
    [
        pytest.param("$(", "it no longer parses", id="shell"),
        pytest.param("x\n  && <<", "it no longer parses", id="dockerfile"),
        pytest.param("bad", "the finding is still there", id="still-there"),
        pytest.param("bad bad", "there is a new error of breaking", id="more-of-them"),
    ],
)
def test_a_fix_that_breaks_the_file_is_taken_back(folder, monkeypatch, replacement, why):
    breaking = partial(word_problems, replacement=replacement)
    use_rules(monkeypatch, breaking=breaking)
    text = "FROM scratch\nRUN x && bad\n"
    (folder / "Dockerfile").write_text(text)
    result = mllint("--fix")
    assert (folder / "Dockerfile").read_text() == text
    assert result.exit_code == 2
    assert result.stderr == (
        f"mllint: Dockerfile: the fix of breaking was taken back, which is a bug in mllint: {why}\n"
    )


def test_a_fix_of_another_rule_is_made_all_the_same(folder, monkeypatch):
    def breaking(project):
        place = at(project, 1, 1, 1, 5)
        if project.dockerfile.instructions[0].keyword == "FROM":
            fix = Fix("break", (Edit(place, "FRM"),), True)
            yield Problem(place, "message", "help", fix=fix)

    use_rules(monkeypatch, breaking=breaking, made_up=word_problems)
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--fix")
    assert (folder / "Dockerfile").read_text() == "FROM scratch\nRUN good && badly\n"
    assert result.exit_code == 2
    assert "the fix of breaking was taken back" in result.stderr
    assert "made-up" not in result.stderr


def test_fixes_that_come_to_no_end_are_not_made(folder, monkeypatch):
    def growing(project):
        place = at(project, 2, 1, 2, 1)
        count = len(project.dockerfile.instructions)
        fix = Fix("add", (Edit(place, "RUN a\n"),), True)
        yield Problem(place, f"{count} instructions", "help", fix=fix)

    use_rules(monkeypatch, growing=growing)
    monkeypatch.setattr(fix_module, "ROUND_LIMIT", 5)
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--fix")
    assert (result.exit_code, (folder / "Dockerfile").read_text()) == (2, BAD)
    assert "the fixes of growing come to no end" in result.stderr


def test_an_edit_beyond_the_file_is_a_bug_of_the_rule(folder, monkeypatch):
    def beyond(project):
        fix = Fix("beyond", (Edit(at(project, 99, 1, 99, 1), "x"),), True)
        yield Problem(at(project, 1, 1, 1, 5), "message", "help", fix=fix)

    use_rules(monkeypatch, beyond=beyond)
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("--fix")
    assert (result.exit_code, (folder / "Dockerfile").read_text()) == (2, BAD)
    assert "the fix of beyond is a bug in mllint: there is no line 99" in result.stderr


def test_a_file_that_is_not_writable_is_told(folder, monkeypatch):
    (folder / "Dockerfile").write_text(BAD)

    def refuse(*_arguments):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("mllint.parse.rewrite.os.replace", refuse)
    result = mllint("--fix")
    assert result.exit_code == 2
    assert "mllint: Dockerfile: cannot be written: Permission denied\n" in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == [".git", "Dockerfile"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param('version: "3"\n\n\nservices:\n', "services:\n", id="at-the-top"),
        pytest.param('# a\n\nversion: "3"\n\nservices:\n', "# a\n\nservices:\n", id="two-gaps"),
        pytest.param('# a\nversion: "3" # b\n\nservices:\n', "# a\n\nservices:\n", id="one-gap"),
        pytest.param('version:\n  "3"\nservices:\n', "services:\n", id="two-lines"),
    ],
)
def test_no_empty_lines_stay_where_a_version_stood(tmp_path, monkeypatch, before, after):
    monkeypatch.chdir(tmp_path)
    service = "  a:\n    image: b:1\n"
    (tmp_path / "compose.yaml").write_text(before + service)
    assert mllint("--select", "compose-version-obsolete", "--fix").stderr == ""
    assert (tmp_path / "compose.yaml").read_text() == after + service
