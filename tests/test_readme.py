"""The samples of the README are what the command prints, and its links lead somewhere.

`pytest --update-golden` writes the samples anew.
"""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from mllint.cli import commands
from mllint.config import Settings, load_settings
from mllint.config_reader import TARGET_KEYS, TOP_KEYS
from mllint.config_verify import VERIFY_KEYS

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_SAMPLE = re.compile(
    r"""
    ^```console\n
    \$[ ]mllint[ ](?P<command>[^\n]+)\n
    (?P<output>.*?)
    ^```$
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)


def sample(match):
    """The block as it has to be, whatever output stands in it now."""
    result = CliRunner().invoke(commands, shlex.split(match["command"]), prog_name="mllint")
    return f"```console\n$ mllint {match['command']}\n{result.output}```"


def test_the_samples_are_real(monkeypatch, update_golden):
    monkeypatch.chdir(ROOT)
    text = README.read_text(encoding="utf-8")
    assert _SAMPLE.search(text)
    real = _SAMPLE.sub(sample, text)
    if update_golden:
        README.write_text(real, encoding="utf-8")
    assert real == README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_links_within_the_project(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (ROOT / target).exists(), target


def test_the_configuration_of_the_readme_is_one(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (block,) = re.findall(r"```toml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "mllint.toml").write_text(block)
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    result = CliRunner().invoke(commands, ["check"], prog_name="mllint")
    assert "mllint.toml" not in result.output


def test_the_readme_lists_every_key_with_an_example(tmp_path):
    text = README.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.-]+)` \|.*\| `([^`]*=[^`]*)` \|$", text, re.MULTILINE)
    keys = [key for key in TOP_KEYS if key not in ("target", "verify")]
    keys += [f"target.{key}" for key in TARGET_KEYS] + [f"verify.{key}" for key in VERIFY_KEYS]
    assert sorted(key for key, _ in rows) == sorted(keys)
    for key, example in rows:
        assert example.startswith(key)
        (tmp_path / "mllint.toml").write_text(example)
        settings = load_settings(tmp_path / "mllint.toml", tmp_path)
        assert settings != Settings(tmp_path, "mllint.toml")
