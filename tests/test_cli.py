"""The command line as users see it: output, exit codes, one line for each error."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mllint import __version__, catalog
from mllint.cli import commands
from mllint.command import wants_color

ROOT = str(Path(__file__).parent.parent)
BAD = "FROM a\nRUNN b\n"
GOOD = "FROM a\nRUN b\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    # One rule and the built-in ones: what other rules say of these files does not matter here.
    monkeypatch.setattr(catalog, "slugs", lambda: ("dockerfile-syntax",))
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def mllint(*arguments, stdin=None):
    return CliRunner().invoke(commands, arguments, input=stdin, prog_name="mllint")


def test_findings_exit_1(folder):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("Dockerfile:2:1: error[dockerfile-syntax] unknown instruction")
    assert "1 error in 1 file (1 checked)" in result.stdout
    assert result.stderr == ""


def test_a_clean_run_exits_0(folder):
    (folder / "Dockerfile").write_text(GOOD)
    result = mllint("check", "--select", "dockerfile-syntax")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("no findings (1 file checked)")


def test_nothing_to_check_exits_3(folder):
    result = mllint("check")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "mllint: nothing to check: no Dockerfile or compose file in .\n"


def test_requirements_alone_do_not_fail_a_commit(folder):
    (folder / "requirements.txt").write_text("numpy\n")
    assert mllint("check", "requirements.txt").exit_code == 0


def test_what_cannot_be_read_exits_2_with_one_line(folder):
    result = mllint("check", "nowhere/Dockerfile")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("mllint: nowhere/Dockerfile: ")
    assert result.stderr.count("\n") == 1


def test_standard_input(folder):
    result = mllint("check", "-", stdin=BAD)
    assert result.exit_code == 1
    assert result.stdout.startswith("-:2:1: error[dockerfile-syntax]")


@pytest.mark.parametrize(
    ("level", "code"), [("info", 1), ("warning", 1), ("error", 0), ("none", 0)]
)
def test_the_fail_level(folder, level, code):
    (folder / "Dockerfile").write_text("# mllint: ignore[dockerfile-syntax]\nFROM a\n")
    result = mllint("check", "--fail-level", level)
    assert "warning[unused-ignore]" in result.stdout
    assert result.exit_code == code


def test_rules_can_be_selected_and_ignored(folder):
    (folder / "Dockerfile").write_text(BAD)
    assert mllint("check", "--ignore", "unused-ignore, dockerfile-syntax").exit_code == 0
    assert mllint("check", "--select=dockerfile-syntax,unused-ignore").exit_code == 1
    assert mllint("check", "--select", "unused-ignore").exit_code == 0


def test_rules_can_be_named_by_groups(folder):
    (folder / "Dockerfile").write_text(BAD)
    for group in ("ALL", "build", "docker*"):
        assert mllint("check", "--select", group).exit_code == 1
        assert mllint("check", f"--ignore=pin,{group}").exit_code == 0
    assert mllint("check", "--select", "security").exit_code == 0
    assert "no rule is named like 'x-*'" in mllint("check", "--ignore", "x-*").stderr


def test_what_is_below_the_level_is_counted_but_not_shown(folder, monkeypatch):
    monkeypatch.setattr(catalog, "slugs", lambda: ("dockerfile-syntax", "unpinned-base-image"))
    (folder / "Dockerfile").write_text("FROM python:3.12-slim\nRUN b\n")
    result = mllint("check", "--min-level", "warning", "--fail-level", "info")
    assert (result.exit_code, result.stdout) == (
        0,
        "no findings (1 file checked), 1 info finding not shown\n",
    )
    (folder / "mllint.toml").write_text("min-level = 'warning'\n")
    assert mllint("check", "-q").stdout == ""
    report = json.loads(mllint("check", "--format", "json").stdout)
    assert (report["findings"], report["summary"]["hidden"]) == ([], 1)
    assert "info[unpinned-base-image]" in mllint("check", "--min-level", "info").stdout


def test_a_secret_of_a_finding_that_is_not_shown_is_not_printed(folder, monkeypatch):
    monkeypatch.setattr(catalog, "slugs", lambda: ("base-image-unavailable", "secret-in-layer"))
    line = "ARG PASSWORD=hunter2-hunter2 IMAGE=debian:9\n"
    (folder / "Dockerfile").write_text(f"{line}FROM $IMAGE\nRUN apt-get update\n")
    for level in ("info", "error"):
        assert "hunter2" not in mllint("check", "--verbose", "--min-level", level).output


@pytest.mark.parametrize("option", ["--select", "--ignore"])
def test_an_unknown_rule_names_the_nearest(folder, option):
    result = mllint("check", option, "dockerfile-sintax")
    assert result.exit_code == 2
    assert result.stderr == (
        f"mllint: {option}: unknown rule 'dockerfile-sintax'; did you mean 'dockerfile-syntax'?\n"
    )


def test_the_command_line_overrides_the_configuration(folder):
    (folder / "Dockerfile").write_text(BAD)
    (folder / "mllint.toml").write_text("fail-level = 'none'\n")
    assert mllint("check").exit_code == 0
    assert mllint("check", "--fail-level", "error").exit_code == 1
    assert mllint("check", "--no-config").exit_code == 1
    (folder / "other.toml").write_text("ignore = ['dockerfile-syntax']\n")
    assert "no findings" in mllint("check", "--config", "other.toml").stdout


@pytest.mark.parametrize(
    ("config", "line"),
    [
        ("mllint.toml", "mllint: mllint.toml:2: unknown key 'selct'; did you mean 'select'?\n"),
        ("none.toml", "mllint: none.toml: cannot be read: No such file or directory\n"),
        ("pyproject.toml", "mllint: pyproject.toml: holds no [tool.mllint] table\n"),
    ],
)
def test_a_wrong_configuration_exits_2(folder, config, line):
    (folder / "mllint.toml").write_text("\nselct = []\n")
    (folder / "pyproject.toml").write_text("")
    result = mllint("check", "--config", config)
    assert (result.exit_code, result.stderr) == (2, line)


def test_wrong_usage_exits_2(folder):
    assert mllint("check", "--format", "xml").exit_code == 2
    assert mllint("check", "--build-arg", "=x").exit_code == 2
    assert mllint("chek").exit_code == 2


@pytest.mark.parametrize("form", ["json", "sarif"])
def test_machine_formats_are_json_whatever_happens(folder, form):
    (folder / "Dockerfile").write_text(BAD)
    value = json.loads(mllint("check", "--format", form).stdout)
    assert value["version"] in (1, "2.1.0")
    (folder / "Dockerfile").unlink()
    assert json.loads(mllint("check", "--format", form).stdout)


def test_github_annotations(folder):
    (folder / "Dockerfile").write_text(BAD)
    assert mllint("check", "--format", "github").stdout.startswith("::error file=Dockerfile,line=2")


def test_output_goes_to_a_file(folder):
    (folder / "Dockerfile").write_text(BAD)
    result = mllint("check", "--format", "json", "--output", "report.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert json.loads((folder / "report.json").read_text())["summary"]["errors"] == 1


def test_an_output_that_cannot_be_written(folder):
    (folder / "Dockerfile").write_text(GOOD)
    result = mllint("check", "--output", "no/such/folder")
    assert result.exit_code == 2
    assert result.stderr == "mllint: no/such/folder: cannot be written: No such file or directory\n"


def test_quiet_and_verbose(folder):
    (folder / "Dockerfile").write_text(BAD)
    assert mllint("check", "-q").stdout.count("\n") == 1
    assert "base image" in mllint("check", "-v").stdout.partition("not checked:")[2]


def test_suppressed_findings_are_shown_on_demand(folder):
    (folder / "Dockerfile").write_text("FROM a\n# mllint: ignore[dockerfile-syntax] -- x\nRUNN b\n")
    assert "RUNN" not in mllint("check").stdout
    assert "(ignored by comment: x)" in mllint("check", "--show-suppressed").stdout


def test_build_arguments_may_come_from_the_environment(folder, monkeypatch):
    (folder / "Dockerfile").write_text("ARG BASE\nFROM $BASE\n")
    monkeypatch.setenv("BASE", "python:3.12")
    assert "not checked" in mllint("check").stdout
    assert "not checked" not in mllint("check", "--build-arg", "BASE").stdout
    assert "not checked" not in mllint("check", "--build-arg", "BASE=python:3.12").stdout


def test_colour(folder):
    (folder / "Dockerfile").write_text(BAD)
    assert "\x1b[" not in mllint("check").stdout
    assert "\x1b[" in mllint("check", "--color", "always").stdout


@pytest.mark.parametrize(
    ("choice", "environ", "terminal", "colour"),
    [
        ("auto", {}, True, True),
        ("auto", {}, False, False),
        ("auto", {"NO_COLOR": "1"}, True, False),
        ("auto", {"NO_COLOR": ""}, True, True),
        ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ("auto", {"FORCE_COLOR": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "1"}, False, True),
        ("auto", {"CLICOLOR_FORCE": "0"}, False, False),
        ("auto", {"TERM": "dumb"}, True, False),
        ("always", {"NO_COLOR": "1"}, False, True),
        ("never", {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_when_to_colour(choice, environ, terminal, colour):
    assert wants_color(choice, environ, terminal) is colour


def test_explain_prints_the_page():
    result = mllint("explain", "dockerfile-syntax")
    assert result.stdout.startswith("# dockerfile-syntax\n")
    assert result.stdout.endswith(
        f"\nup to error · build · {catalog.page('dockerfile-syntax').url}\n"
    )
    assert mllint("explain", "nope").exit_code == 2


def test_rules_lists_every_rule():
    lines = mllint("rules").stdout.splitlines()
    assert [line.split()[0] for line in lines[:-2]] == list(catalog.known_slugs())
    assert lines[-2] == "" and lines[-1].startswith("The severity is the highest")
    listed = json.loads(mllint("rules", "--format", "json").stdout)
    assert [rule["rule"] for rule in listed] == list(catalog.known_slugs())


@pytest.mark.parametrize("shell", ["zsh", "fish", "bash"])
def test_completion(shell):
    assert "_MLLINT_COMPLETE" in mllint("completion", shell).stdout


def test_version():
    assert mllint("--version").stdout == f"mllint {__version__}\n"


def process(*arguments, **environ):
    return subprocess.run(
        [sys.executable, "-m", "mllint", *arguments],
        capture_output=True,
        check=False,
        env=os.environ | {"PYTHONPATH": ROOT} | environ,
    )


def test_a_reader_that_goes_away_is_no_error(folder):
    (folder / "Dockerfile").write_text("FROM a\n" + "RUNN b\n" * 20_000)
    command = [sys.executable, "-m", "mllint", "check", "-q"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": ROOT},
    ) as running:
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""


def test_a_terminal_that_knows_no_unicode(folder):
    (folder / "Dockerfile").write_text("FROM a\nRUNN größe 日本\n", encoding="utf-8")
    result = process("check", PYTHONIOENCODING="ascii")
    assert (result.returncode, result.stderr) == (1, b"")
    assert rb"RUNN gr\xf6\xdfe \u65e5\u672c" in result.stdout
    assert json.loads(process("check", "--format", "json", PYTHONIOENCODING="ascii").stdout)


def test_nothing_heavy_is_imported_to_check_one_file(folder):
    (folder / "Dockerfile").write_text(GOOD)
    result = process("check", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition(b"|")[2].strip() for line in result.stderr.splitlines()}
    assert b"click" in imported
    heavy = {"yaml", "docker", "rich", "difflib", "tomllib", "unicodedata", "asyncio"}
    assert not {name.decode() for name in imported} & heavy


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "Dockerfile", "--target", "nosuch"), "Dockerfile: no stage is named 'nosuch'"),
        (("check", "--context", "nope"), "--context: 'nope' is not a folder"),
        (("check", "--context", ".."), "is outside the project; --allow-outside reads it"),
        (("check", ""), "Invalid value for '[PATH]...': the value is empty"),
        (("check", "--target", ""), "Invalid value for '--target': the value is empty"),
        (("check", "--output", ""), "Invalid value for '--output': the value is empty"),
        (("check", "--select", ""), "Invalid value for '--select': '' names nothing"),
        (("check", "--ignore", " ,"), "Invalid value for '--ignore': ' ,' names nothing"),
        (("check", "--no-config", "--config", "a"), "--config does not go with --no-config"),
        (("plan", "requirements.txt"), "is not a Dockerfile but a requirements file"),
        (("plan", "."), ".: is a folder: name the Dockerfile in it"),
        (("check", "Dockerfile/"), "Dockerfile: is a file, not a folder"),
        (("plan", "notes"), "notes: is not a Dockerfile: it begins with neither FROM nor ARG"),
        (("plan", "fragment.Dockerfile"), "has no FROM, so it builds no stage"),
    ],
)
def test_an_option_that_names_nothing_is_an_error(folder, arguments, said):
    (folder / "Dockerfile").write_text(GOOD)
    (folder / "requirements.txt").write_text("numpy\n")
    (folder / "notes").write_text("Notes\n")
    (folder / "fragment.Dockerfile").write_text("RUN a\n")
    result = mllint(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr


def test_a_configured_stage_holds_where_there_is_one(folder):
    (folder / "mllint.toml").write_text('[target]\nstage = "serve"\n')
    (folder / "Dockerfile").write_text("FROM a AS serve\nRUN b\nFROM c\nRUNN d\n")
    (folder / "other.Dockerfile").write_text("FROM a\nRUN b\nFROM c\nRUN d\n")
    assert "stage serve, line 1 (ships)" in mllint("plan", "Dockerfile").stdout
    result = mllint("plan", "other.Dockerfile")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "stage 1, line 3 (ships)" in result.stdout
    assert "no stage is named 'serve', so the last one is taken" in result.stdout
    (folder / "Dockerfile").unlink()
    assert mllint("check").exit_code == 0
    result = mllint("check", "--target", "serve")
    assert (result.exit_code, result.stderr) == (2, "mllint: --target: no stage is named 'serve'\n")


def test_a_configured_context_is_named_with_its_file(folder):
    (folder / "mllint.toml").write_text('context = "nope"\n')
    result = mllint("check")
    assert result.exit_code == 2
    assert result.stderr.startswith("mllint: mllint.toml: context: ")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("unpinned", "did you mean 'unpinned-accelerator', 'unpinned-base-image', "),
        ("TORCH-FAMILY-MISMATCH", "did you mean 'torch-family-mismatch'?"),
        ("torch_family_mismatch", "did you mean 'torch-family-mismatch'?"),
        ("zzzz", "unknown rule 'zzzz'\n"),
    ],
)
def test_what_a_rule_name_may_have_meant(word, said):
    assert said in mllint("explain", word).stderr


@pytest.mark.parametrize("name", ["arm64", "aarch64", "linux/arm64", "Linux/AArch64"])
def test_a_platform_has_many_names(folder, name):
    (folder / "Dockerfile").write_text("FROM --platform=$TARGETPLATFORM a\n")
    result = mllint("plan", "Dockerfile", "--platform", name)
    assert "platform  linux/arm64\n" in result.stdout


@pytest.mark.parametrize("name", ["windows/amd64", "arm/v7", "linux", "linux/amd64,linux/arm64"])
def test_a_platform_that_no_fact_is_about_is_refused(folder, name):
    result = mllint("check", "--platform", name)
    assert result.exit_code == 2
    assert f"{name!r} is not a platform that is known: linux/amd64 or linux/arm64" in result.stderr


def test_the_plan_tells_of_a_python_that_nothing_installs(folder):
    base = "FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\n"
    (folder / "Dockerfile").write_text(base + "RUN pip install numpy\n")
    missing = "no Python in /usr: nothing installs the distribution's 3.10"
    assert missing in mllint("plan", "Dockerfile").stdout
    install = "RUN apt-get update && apt-get install -y python3-pip\n"
    (folder / "Dockerfile").write_text(base + install + "RUN pip install numpy\n")
    assert "Python 3.10 in /usr (distribution package)" in mllint("plan", "Dockerfile").stdout


def test_the_plan_shows_every_package_of_a_lock_on_demand(folder):
    numbers = range(30)
    needed = ", ".join(f'{{ name = "p{number}" }}' for number in numbers)
    held = (f'[[package]]\nname = "p{number}"\nversion = "1.{number}"\n' for number in numbers)
    own = f'name = "a"\nversion = "1"\nsource = {{ virtual = "." }}\ndependencies = [{needed}]\n'
    (folder / "uv.lock").write_text(f"version = 1\n[[package]]\n{own}{''.join(held)}")
    (folder / "pyproject.toml").write_text('[project]\nname = "a"\nversion = "1"\n')
    text = "FROM python:3.12\nCOPY . .\nRUN uv sync\n"
    (folder / "Dockerfile").write_text(text)
    assert "30 packages (see --all)\n" in mllint("plan", "Dockerfile").stdout
    everything = mllint("plan", "-", "--all", stdin=text).stdout
    assert "see --all" not in everything
    assert everything.count("==1.") == 30


def test_the_plan_gives_each_reason_once(folder):
    (folder / "Dockerfile").write_text("ARG BASE\nFROM $BASE\nRUN pip install -r /gone.txt\n")
    told = mllint("plan", "Dockerfile").stdout
    assert told.count("/gone.txt is not copied from the build context") == 1
    assert told.count("ARG BASE has no default") == 1


def test_a_pattern_that_matches_no_file_is_told_on_demand(folder):
    (folder / "mllint.toml").write_text(
        "[per-file-ignores]\n'old/*' = ['pin']\n'Dockerfile' = ['pin']\n"
    )
    (folder / "Dockerfile").write_text(GOOD)
    assert mllint("check").stderr == ""
    line = "mllint: mllint.toml: per-file-ignores 'old/*' matches no checked file\n"
    assert mllint("check", "--verbose").stderr == line
    assert mllint("check", "--verbose", "Dockerfile").stderr == ""


def test_a_page_is_shown_without_the_comments_of_its_tests():
    text = mllint("explain", "torch-family-mismatch").stdout
    assert "torchvision==0.15.2" in text
    assert "# expect:" not in text


def test_infos_take_one_line_each(folder, monkeypatch):
    monkeypatch.setattr(catalog, "slugs", lambda: ("dockerfile-syntax", "unpinned-base-image"))
    (folder / "Dockerfile").write_text("FROM python:3.12-slim\nRUNN b\n")
    info, *rest = mllint("check").stdout.split("\n")
    assert info.startswith("Dockerfile:1:6: info[unpinned-base-image] ")
    assert rest[:2] == ["", "Dockerfile:2:1: error[dockerfile-syntax] unknown instruction: RUNN"
                        " (did you mean RUN?)"]  # fmt: skip
    assert "1 | FROM python:3.12-slim" not in "\n".join(rest)
    assert "1 | FROM python:3.12-slim" in mllint("check", "--verbose").stdout


def test_the_tables_are_listed_with_date_rows_and_sources():
    tables = json.loads(mllint("rules", "--tables", "--format", "json").stdout)
    lines = mllint("rules", "--tables").stdout.splitlines()
    assert len(tables) == len(lines)
    for table, line in zip(tables, lines, strict=True):
        assert line.split()[:3] == [table["name"], table["retrieved"], str(table["rows"])]
        assert table["rows"] > 0
        assert table["sources"] > 0


def test_the_shell_completes_rules_of_a_list():
    words = "mllint check --select unused-ignore,dockerfile-"
    environ = {"_MLLINT_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "3"}
    result = CliRunner().invoke(commands, [], prog_name="mllint", env=environ)
    assert result.stdout == "plain,unused-ignore,dockerfile-syntax\n"
