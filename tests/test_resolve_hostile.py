"""What a Dockerfile may not make uv do: open files of this machine, clone, obey other folders."""

import json

import pytest
from click.testing import CliRunner

from mllint.cli import commands


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "project" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "project"


def resolve(folder, indexes, dockerfile):
    """What was not resolved, and all that was answered."""
    (folder / "Dockerfile").write_text(dockerfile)
    words = ["check", "--resolve", "--format", "json", *indexes.options]
    result = CliRunner().invoke(commands, words, prog_name="mllint", catch_exceptions=False)
    said = json.loads(result.stdout)
    reasons = [each["reason"] for each in said["unchecked"]]
    return [each for each in reasons if each.startswith("not resolved: ")], said["findings"]


IN_THE_IMAGE = "it looks in {}, a folder of the image"
NO_ADDRESS = "'{}' is no address of an index"
ADDRESSES = [
    ("--find-links /wheels", IN_THE_IMAGE.format("/wheels")),
    ("--find-links file:///wheels", IN_THE_IMAGE.format("file:///wheels")),
    ("--index-url file:///srv/simple", IN_THE_IMAGE.format("file:///srv/simple")),
    ("--extra-index-url ./simple", IN_THE_IMAGE.format("./simple")),
    ("--extra-index-url ftp://a.example/s", NO_ADDRESS.format("ftp://a.example/s")),
    (
        '--extra-index-url "https://joe:pw@a.example/s --find-links /etc"',
        NO_ADDRESS.format("https://a.example/s --find-links /etc"),
    ),
]


@pytest.mark.parametrize(("option", "reason"), ADDRESSES, ids=[case[0] for case in ADDRESSES])
def test_an_address_that_is_none_of_an_index_is_not_asked(option, reason, folder, indexes):
    dockerfile = f"FROM python:3.10-slim\nRUN pip install torch==9.9 {option}\n"
    reasons, findings = resolve(folder, indexes, dockerfile)
    assert reasons == [f"not resolved: {reason}"]
    assert "version-not-on-index" not in {each["rule"] for each in findings}


@pytest.mark.parametrize("url", ["git+https://a.example/x.git", "file:///etc/x-1-py3-none-any.whl"])
def test_the_address_of_a_constraint_is_not_opened(url, folder, indexes):
    (folder / "c.txt").write_text(f"filelock<4\nnumpy @ {url}\n")
    dockerfile = "FROM python:3.10-slim\nCOPY c.txt .\nRUN pip install numpy==1.26.4 -c c.txt\n"
    reasons, _ = resolve(folder, indexes, dockerfile)
    assert reasons == ["not resolved: a constraint file takes numpy from an address"]


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
