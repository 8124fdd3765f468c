"""An index that asks for credentials: they are found where uv finds them, and told nowhere."""

import base64
import json

import pytest
from click.testing import CliRunner
from local_index import local_indexes

from mllint.cli import commands
from mllint.resolve.uv_program import find_uv

USER, PASSWORD = "joe", "Xk29vTzBq7Lm"
PLAIN = "FROM python:3.10-slim\nRUN pip install acme-models --index-url {index}\n"


@pytest.fixture
def locked():
    """An index of a company that wants to know who asks, also for the file itself."""
    with local_indexes() as found:
        said = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        found.releases["acme"] += tuple(
            each for each in found.releases["default"] if each.package == "acme-models"
        )
        found.locked["acme"] = f"Basic {said}"
        yield found


@pytest.fixture
def folder(folder, monkeypatch):
    (folder.parent / "home").mkdir()
    monkeypatch.setenv("HOME", str(folder.parent / "home"))
    return folder


def address(indexes, user=""):
    return f"{indexes.url}/acme".replace("://", f"://{user}@" if user else "://")


def written(indexes, folder, monkeypatch, tmp_path):
    (folder / "Dockerfile").write_text(
        PLAIN.format(index=address(indexes, f"{USER}:{PASSWORD}")),
    )


def argument(indexes, folder, monkeypatch, tmp_path):
    text = PLAIN.format(index=address(indexes, f"{USER}:$SECRET"))
    (folder / "Dockerfile").write_text(text.replace("RUN", f"ARG SECRET={PASSWORD}\nRUN"))


def variable(indexes, folder, monkeypatch, tmp_path):
    index = address(indexes, f"{USER}:{PASSWORD}")
    (folder / "Dockerfile").write_text(
        f"FROM python:3.10-slim\nENV PIP_INDEX_URL={index}\nRUN pip install acme-models\n"
    )


def build_argument(indexes, folder, monkeypatch, tmp_path):
    text = PLAIN.format(index=address(indexes, f"{USER}:$INDEX_TOKEN"))
    (folder / "Dockerfile").write_text(text.replace("RUN", "ARG INDEX_TOKEN\nRUN"))
    return ["--build-arg", f"INDEX_TOKEN={PASSWORD}"]


def mapped(indexes, folder, monkeypatch, tmp_path):
    (folder / "Dockerfile").write_text(PLAIN.format(index="https://pypi.acme.example/simple"))
    mirror = address(indexes, f"{USER}:{PASSWORD}")
    return ["--index-map", f"https://pypi.acme.example/simple={mirror}"]


def variable_of_uv(indexes, folder, monkeypatch, tmp_path):
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN pip install acme-models\n")
    monkeypatch.setenv("UV_INDEX_URL", address(indexes, f"{USER}:{PASSWORD}"))


def newer_variable_of_uv(indexes, folder, monkeypatch, tmp_path):
    variable_of_uv(indexes, folder, monkeypatch, tmp_path)
    monkeypatch.delenv("UV_INDEX_URL")
    monkeypatch.setenv("UV_DEFAULT_INDEX", address(indexes, f"{USER}:{PASSWORD}"))


def netrc(indexes, folder, monkeypatch, tmp_path):
    (folder / "Dockerfile").write_text(PLAIN.format(index=address(indexes)))
    place = tmp_path / "my-netrc"
    place.write_text(f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    place.chmod(0o600)
    monkeypatch.setenv("NETRC", str(place))


def keyring(indexes, folder, monkeypatch, tmp_path):
    (folder / "Dockerfile").write_text(PLAIN.format(index=address(indexes, USER)))
    program = tmp_path / "bin" / "keyring"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\n[ "$1 $3" = "get {USER}" ] && echo {PASSWORD}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")


WAYS = [
    *(written, argument, variable, build_argument, mapped),
    *(variable_of_uv, newer_variable_of_uv, netrc, keyring),
]


def run(*arguments):
    return CliRunner().invoke(commands, [*arguments], prog_name="mllint")


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_they_are_found_and_told_nowhere(way, locked, folder, monkeypatch, tmp_path):
    more = way(locked, folder, monkeypatch, tmp_path) or []
    planned = run("plan", "Dockerfile", "--resolve", "--format", "json", *more)
    (held,) = json.loads(planned.stdout)["resolved"]
    names = {package["name"]: package for package in held["packages"]}
    assert names.keys() == {"acme-models", "acme-core"}
    assert names["acme-core"]["download_bytes"], "the size of the file is asked for as well"
    outputs = [planned.output, run("plan", "Dockerfile", "--resolve", *more).output]
    for form in ("text", "json", "sarif", "github"):
        outputs.append(run("check", "-v", "--resolve", "--format", form, *more).output)
        assert "not resolved" not in outputs[-1]
    assert not [text for text in outputs if PASSWORD in text]
    assert not [text for text in outputs if locked.locked["acme"].split()[1] in text]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_what_that_index_lacks_is_certain(way, locked, folder, monkeypatch, tmp_path):
    """Who may ask learns that it is not there, and is not told that credentials are asked for."""
    more = way(locked, folder, monkeypatch, tmp_path) or []
    path = folder / "Dockerfile"
    path.write_text(path.read_text().replace("acme-models", "acme-absent==1.0"))
    planned = run("plan", "Dockerfile", "--resolve", *more)
    assert "acme-absent==1.0 cannot be installed: no index" in planned.output
    assert PASSWORD not in planned.output


def test_wrong_ones_are_no_proof_of_anything(locked, folder):
    wrong = "n0tThePassw0rd"
    text = PLAIN.format(index=address(locked, f"{USER}:{wrong}"))
    (folder / "Dockerfile").write_text(text)
    checked, planned = run("check", "-v", "--resolve"), run("plan", "Dockerfile", "--resolve")
    for output in (checked.output, planned.output):
        told = f"not resolved: index {address(locked)} asks for credentials, or refuses those"
        assert told in output
        assert wrong not in output


def test_uv_gets_them_in_a_folder_that_is_ours_alone(locked, folder, monkeypatch, tmp_path):
    log, program = tmp_path / "log", tmp_path / "uv"
    program.write_text(f'#!/bin/sh\necho "$@" >> {log}\nstat -c %a . >> {log}\nenv >> {log}\n')
    with program.open("a") as file:
        file.write(f'exec {find_uv("this test")} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setattr("mllint.resolve.session.find_uv", lambda asker: str(program))
    written(locked, folder, monkeypatch, tmp_path)
    assert "acme-core" in run("plan", "Dockerfile", "--resolve").output
    told = log.read_text()
    assert "pip compile" in told and "\n700\n" in told
    assert PASSWORD not in told


@pytest.mark.parametrize(
    "value", ["x", "=https://a.example", "a=b", "pypi=https://joe:Xk29vTzBq7Lm@a.example", "a="]
)
def test_a_map_that_is_none_is_refused_without_repeating_credentials(value, folder):
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\n")
    for command in (("check",), ("plan", "Dockerfile")):
        result = run(*command, "--resolve", "--index-map", value)
        assert result.exit_code == 2
        assert "is not OLD=NEW: an address or `default`, an address" in result.stderr
        assert PASSWORD not in result.output
