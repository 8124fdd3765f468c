"""Baselines: known findings do not count, wherever their lines have gone; what is gone is told."""

import json

import pytest
from click.testing import CliRunner
from fix_samples import use_rules, word_problems

from mllint.cli import commands

BAD = "FROM scratch\nRUN bad && bad\nRUN x && badly\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    use_rules(monkeypatch, made_up=word_problems)
    (tmp_path / "Dockerfile").write_text(BAD)
    return tmp_path


def mllint(*arguments):
    return CliRunner().invoke(commands, ["check", *arguments], prog_name="mllint")


def test_the_findings_of_today_are_written_and_known_from_then_on(folder):
    result = mllint("--write-baseline", "known.json")
    assert (result.exit_code, result.stderr) == (0, "mllint: known.json: holds 3 findings now\n")
    value = json.loads((folder / "known.json").read_text())
    assert {(each["rule"], each["path"], each["stage"]) for each in value["findings"]} == {
        ("made-up", "Dockerfile", "0")
    }
    assert sorted(each["count"] for each in value["findings"]) == [1, 2]
    assert "badly" not in (folder / "known.json").read_text()
    result = mllint("--baseline", "known.json")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == "no findings (1 file checked), 3 ignored\n"
    shown = mllint("--baseline", "known.json", "--format", "json")
    kinds = {each["suppressed"]["kind"] for each in json.loads(shown.stdout)["findings"]}
    assert kinds == {"baseline"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("# a\n\nFROM scratch\nRUN c\nRUN bad && bad\nRUN x && badly\n", id="moved"),
        pytest.param("FROM scratch\n  RUN  bad &&\tbad\nRUN x   && badly\n", id="reindented"),
        pytest.param(BAD.replace("\n", "\r\n"), id="crlf"),
    ],
)
def test_lines_may_move(folder, text):
    mllint("--write-baseline", "known.json")
    (folder / "Dockerfile").write_text(text)
    result = mllint("--baseline", "known.json")
    assert (result.exit_code, result.stderr) == (0, "")


def test_one_more_of_the_same_counts(folder):
    mllint("--write-baseline", "known.json")
    (folder / "Dockerfile").write_text(BAD + "RUN bad && bad\n")
    result = mllint("--baseline", "known.json")
    assert result.exit_code == 1
    assert result.stdout.endswith(
        "2 errors in 1 file (1 checked), 3 ignored\n2 can be fixed with --fix\n"
    )


def test_what_is_gone_is_told_when_all_was_checked(folder):
    mllint("--write-baseline", "known.json")
    (folder / "Dockerfile").write_text("FROM scratch\nRUN x && badly\n")
    gone = (
        "mllint: known.json: 2 known findings are gone; "
        "--write-baseline known.json forgets what is gone\n"
    )
    assert mllint("--baseline", "known.json").stderr == gone
    assert mllint("--baseline", "known.json").exit_code == 0
    assert mllint("--baseline", "known.json", "-q").stderr == ""
    assert mllint("--baseline", "known.json", "Dockerfile").stderr == ""
    assert mllint("--baseline", "known.json", "--ignore", "made-up").stderr == ""
    (folder / "Dockerfile").rename(folder / "Dockerfile.new")
    (folder / "Dockerfile.new").write_text("FROM scratch\n")
    assert "3 known findings are gone" in mllint("--baseline", "known.json").stderr


def test_the_configuration_names_it_from_its_own_folder(folder, monkeypatch):
    mllint("--write-baseline", "known.json")
    (folder / "mllint.toml").write_text('baseline = "known.json"\n')
    assert mllint().exit_code == 0
    (folder / "below").mkdir()
    monkeypatch.chdir(folder / "below")
    assert mllint("..").exit_code == 0
    assert mllint("..", "--no-config").exit_code == 1


def test_a_new_baseline_holds_what_the_old_one_held(folder):
    mllint("--write-baseline", "known.json")
    first = (folder / "known.json").read_text()
    (folder / "mllint.toml").write_text('baseline = "known.json"\n')
    mllint("--write-baseline", "known.json")
    assert (folder / "known.json").read_text() == first


def test_known_findings_are_not_fixed(folder):
    mllint("--write-baseline", "known.json")
    (folder / "Dockerfile").write_text(BAD + "RUN y && bad\n")
    assert mllint("--baseline", "known.json", "--fix").exit_code == 1
    assert (folder / "Dockerfile").read_text() == BAD + "RUN y && good\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "the baseline cannot be read: no such file or directory; --write-baseline"),
        ("{", "1: the baseline is not valid JSON"),
        ("[]", 'the baseline has no "version": 1'),
        ('{"version": 2}', 'the baseline has no "version": 1'),
        ('{"version": 1}', 'the baseline has no list of "findings"'),
        ('{"version": 1, "findings": [1]}', "finding 1 of the baseline is no object"),
        ('{"version": 1, "findings": [{}]}', "finding 1 of the baseline has no proper 'rule'"),
        ("\udcff", "the baseline is not JSON in UTF-8"),
        ("[" * 100_000, "the baseline is not"),
    ],
)
def test_a_broken_baseline_is_one_clear_error(folder, text, message):
    if text is not None:
        (folder / "known.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    result = mllint("--baseline", "known.json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("mllint: known.json:")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_count_of_nothing_is_refused(folder):
    mllint("--write-baseline", "known.json")
    text = (folder / "known.json").read_text().replace('"count": 2', '"count": true')
    (folder / "known.json").write_text(text)
    assert "has no proper 'count'" in mllint("--baseline", "known.json").stderr


def test_a_baseline_that_cannot_be_written(folder):
    result = mllint("--write-baseline", "nowhere/known.json")
    assert result.exit_code == 2
    assert result.stderr == (
        "mllint: nowhere/known.json: cannot be written: No such file or directory\n"
    )
