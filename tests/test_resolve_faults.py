"""Indexes, caches and programs that fail: one clear line, the rest goes on, its exit code."""

import json
import os
import subprocess
import time
from contextlib import nullcontext

import pytest
from click.testing import CliRunner
from faulty_index import CIRCLE, answering, closed, page, self_signed
from local_index import JSON_TYPE, local_indexes

from mllint.cli import commands
from mllint.resolve import uv_program
from mllint.resolve.failures import failure_text

DOCKERFILE = """\
FROM python:3.10-slim
RUN pip install filelock==3.13.0
RUN python -m venv /opt/a && /opt/a/bin/pip install --index-url {url} torch==2.1.0
RUN python -m venv /opt/b && /opt/b/bin/pip install torch==2.1.0 torchvision==0.15.2
"""
UNREACHABLE = [
    ("closed", closed, "did not answer: Connection refused (os error 111)"),
    ("silent", lambda: answering(None), "did not answer in 1 s"),
    (
        "no name",
        lambda: nullcontext("http://no-such-host.invalid/simple"),
        "did not answer: failed to lookup address information: Name or service not known",
    ),
    (
        "500",
        lambda: answering(page(b"", status="500 Internal Server Error")),
        "answers with an error: 500 Internal Server Error",
    ),
    (
        "401",
        lambda: answering(page(b"", status="401 Unauthorized")),
        "asks for credentials, or refuses those it got",
    ),
    (
        "403",
        lambda: answering(page(b"", status="403 Forbidden")),
        "asks for credentials, or refuses those it got",
    ),
    (
        "no JSON",
        lambda: answering(page(b"garbage {", JSON_TYPE)),
        "answers with what is no index: expected value at line 1 column 1",
    ),
    (
        "other JSON",
        lambda: answering(page(b'{"files": 5}', JSON_TYPE)),
        "answers with what is no index: ",
    ),
    (
        "no links",
        lambda: answering(page(b"<html><body>Welcome! <a href='/login'>Log in</a></body></html>")),
        "answers with a page that is none of an index",
    ),
    (
        "plain text",
        lambda: answering(page(b"hello", "text/plain")),
        'answers with what is no index: Unsupported `Content-Type` "text/plain"',
    ),
    (
        "truncated",
        lambda: answering(page(b"<html><body>", length=9_000)),
        "answers with what is no index: end of file before message length reached",
    ),
    ("no HTTP", lambda: answering(b"SSH-2.0-x\r\n\r\n"), "answers with what is no index: "),
    ("hangs up", lambda: answering(b""), "did not answer: connection closed"),
    ("circle", lambda: answering(CIRCLE), "answers with what is no index: "),
]


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")


def mllint(*arguments):
    return CliRunner().invoke(commands, [*arguments], prog_name="mllint")


def notes(result):
    """What was not checked, as (line, reason)."""
    unchecked = json.loads(result.stdout)["unchecked"]
    return [(note["line"], note["reason"]) for note in unchecked]


@pytest.mark.parametrize(
    ("index", "said"), [case[1:] for case in UNREACHABLE], ids=[case[0] for case in UNREACHABLE]
)
def test_an_index_that_fails_is_one_line_and_the_rest_goes_on(index, said, folder, indexes):
    with index() as url:
        (folder / "Dockerfile").write_text(DOCKERFILE.format(url=url))
        options = (*indexes.options, "--resolve-timeout", "10")
        checked = mllint("check", "--resolve", "--format", "json", *options)
        planned = mllint("plan", "Dockerfile", "--resolve", *options)
    assert checked.exit_code == 1, checked.output  # /opt/b: torchvision 0.15.2 wants torch 2.0.1
    findings = json.loads(checked.stdout)["findings"]
    assert "unresolvable-requirements" in {finding["rule"] for finding in findings}
    (line, reason), *more = [note for note in notes(checked) if "not resolved: " in note[1]]
    assert (line, more) == (3, [])
    assert reason.startswith(f"not resolved: index {url} {said}"), reason
    assert planned.exit_code == 0
    assert f"  Dockerfile:3: {reason}\n" in planned.stdout
    assert "resolved for /usr/local: 1 package" in planned.stdout
    assert "Traceback" not in checked.output + planned.output


def test_a_certificate_that_nobody_knows(folder, indexes, tmp_path):
    with answering(page(b""), self_signed(tmp_path)) as url:
        (folder / "Dockerfile").write_text(DOCKERFILE.format(url=url))
        checked = mllint("check", "--resolve", "--format", "json", *indexes.options)
    (_, reason), *more = [note for note in notes(checked) if "not resolved: " in note[1]]
    assert reason.startswith(f"not resolved: the certificate of index {url} is not accepted: ")
    assert not more


@pytest.mark.parametrize("status", [401, 403])
def test_an_added_index_that_refuses_is_not_passed_over_in_silence(status, folder):
    """uv and pip take such an index for one that has nothing; the image may have credentials."""
    with local_indexes() as found:
        found.broken["acme"] = status
        (folder / "Dockerfile").write_text(
            "FROM python:3.10-slim\nRUN pip install acme-utils"
            " --extra-index-url https://pypi.acme.example/simple\n"
        )
        checked = mllint("check", "--resolve", "--format", "json", *found.options)
    assert (
        2,
        "not resolved: index https://pypi.acme.example/simple asks for credentials,"
        " or refuses those it got",
    ) in notes(checked)


def test_an_index_that_is_silent_is_waited_for_no_longer_than_the_limit(folder, monkeypatch):
    monkeypatch.delenv("UV_HTTP_TIMEOUT")
    with answering(None) as url:
        (folder / "Dockerfile").write_text(
            f"FROM python:3.10-slim\nRUN pip install torch --index-url {url}\n"
        )
        started = time.monotonic()
        checked = mllint("check", "--resolve", "--format", "json", "--resolve-timeout", "5")
        assert time.monotonic() - started < 7
    assert (2, f"not resolved: index {url} did not answer in 1 s") in notes(checked)


def test_an_index_that_is_silent_is_waited_for_once(folder, indexes):
    with answering(None) as url:
        for number in range(4):
            (folder / f"{number}.Dockerfile").write_text(
                f"FROM python:3.10-slim\nRUN pip install torch==2.{number}.0 --index-url {url}\n"
            )
        started = time.monotonic()
        checked = mllint("check", "--resolve", "--format", "json", "--resolve-timeout", "10")
        assert time.monotonic() - started < 7  # four times would be 12 s
    reasons = [reason for _, reason in notes(checked)]
    assert reasons.count(f"not resolved: index {url} did not answer in 1 s") == 4


def test_links_that_are_silent_do_not_silence_the_default_index(folder, indexes):
    with answering(None) as url:
        (folder / "Dockerfile").write_text(
            f"FROM python:3.10-slim\nRUN pip install torch==2.1.0 --find-links {url}/page.html\n"
            "RUN python -m venv /opt/v && /opt/v/bin/pip install numpy==1.26.4\n"
        )
        planned = mllint("plan", "Dockerfile", "--resolve", *indexes.options)
    assert "numpy 1.26.4  18 MB" in planned.stdout
    assert f"Dockerfile:2: not resolved: index {url} did not answer in 1 s\n" in planned.stdout


def test_a_cache_that_cannot_be_written(folder, indexes, monkeypatch):
    monkeypatch.setenv("UV_CACHE_DIR", "/proc/none")
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN pip install filelock\n")
    checked = mllint("check", "--resolve", "--format", "json", *indexes.options)
    (note,) = [reason for _, reason in notes(checked) if "not resolved" in reason]
    assert note.startswith("not resolved: uv's cache cannot be used: /proc/none: ")
    assert note.endswith(": name another with UV_CACHE_DIR")


def test_a_cache_on_a_full_disk(folder, indexes, monkeypatch, tmp_path):
    place = tmp_path / "small"
    place.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(place)]
    if os.geteuid() or subprocess.run(mounted, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a small disk")
    try:
        monkeypatch.setenv("UV_CACHE_DIR", str(place))
        (place / "filler").write_bytes(b"x" * 40_000)
        (folder / "Dockerfile").write_text(
            "FROM python:3.10-slim\nRUN pip install torch==2.1.0 transformers timm pandas\n"
        )
        checked = mllint("check", "--resolve", "--format", "json", *indexes.options)
    finally:
        subprocess.run(["umount", str(place)], check=True)
    (note,) = [reason for _, reason in notes(checked) if "not resolved" in reason]
    assert note == (
        "not resolved: there is no space left for uv's cache: name another folder with UV_CACHE_DIR"
    )


PROGRAMS = [
    ("exit 2", "uv said nothing"),
    ("kill -9 $$", "uv was ended by signal 9"),
    (
        "echo \"thread 'main' panicked at src/lib.rs:1:\n  index out of bounds\" >&2; exit 101",
        "uv crashed: index out of bounds",
    ),
    ("echo 'error: what is this?' >&2; exit 2", "what is this?"),
]


@pytest.mark.parametrize(("script", "said"), PROGRAMS)
def test_a_uv_that_does_not_go_on(script, said, folder, monkeypatch, tmp_path):
    use(script, monkeypatch, tmp_path)
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN pip install torch==2.1.0\n")
    checked = mllint("check", "--resolve", "--format", "json")
    assert checked.exit_code in (0, 1)
    assert (2, f"not resolved: {said}") in notes(checked)


def use(script, monkeypatch, tmp_path):
    """Let the program be this script."""
    program = tmp_path / "uv"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setattr("mllint.resolve.session.find_uv", lambda asker: str(program))
    return program


def test_an_old_uv_is_told_once_and_the_rest_is_said(folder, monkeypatch, tmp_path):
    old = 'case $1 in --version) echo "uv 0.5.0 (x)";; *) echo "error: unexpected argument'
    program = use(f"{old} '--excludes' found\" >&2; exit 2;; esac", monkeypatch, tmp_path)
    for name in ("a.Dockerfile", "b.Dockerfile"):
        (folder / name).write_text("FROM python:3.10-slim\nRUN pip install torch>=2.1.0\n")
    checked = mllint("check", "--resolve", "-q")
    assert checked.exit_code == 2
    assert checked.stderr == (
        f"mllint: a.Dockerfile: uv 0.5.0 ({program}) is too old, {uv_program.OLDEST} is needed:"
        " pip install -U uv\n"
    )
    assert "error[unquoted-version-redirect]" in checked.stdout  # needs no index
    planned = mllint("plan", "a.Dockerfile", "--resolve")
    assert planned.exit_code == 2 and "is too old" in planned.stderr


def test_a_newer_uv_that_does_not_know_a_word_is_not_called_old(monkeypatch, tmp_path):
    program = use("echo 'uv 99.1.0'", monkeypatch, tmp_path)
    told = "error: unexpected argument '--excludes' found\n"
    assert uv_program.old_text(str(program), told) == (
        f"uv 99.1.0 ({program}) is not understood: error: unexpected argument '--excludes' found"
    )


@pytest.mark.parametrize("what", ["no program", "not executable"])
def test_a_uv_that_cannot_be_run(what, folder, monkeypatch, tmp_path):
    program = use("exit 0", monkeypatch, tmp_path)
    program.write_bytes(b"\0\1") if what == "no program" else program.chmod(0o644)
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN pip install torch>=2.1.0\n")
    checked = mllint("check", "--resolve", "-q")
    assert checked.exit_code == 2
    assert f"uv cannot be run: {program}: " in checked.stderr
    assert checked.stderr.count("\n") == 1
    assert "error[unquoted-version-redirect]" in checked.stdout


@pytest.mark.parametrize("command", [("check",), ("plan", "Dockerfile")])
def test_without_uv_one_line_says_how_to_get_it(command, folder, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    monkeypatch.setattr("uv.find_uv_bin", lambda: (_ for _ in ()).throw(FileNotFoundError()))
    monkeypatch.setattr("shutil.which", lambda name: None)
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\n")
    result = mllint(*command, "--resolve")
    assert result.exit_code == 2
    assert result.stderr == ("mllint: --resolve needs uv: pip install 'mllint-docker[resolve]'\n")


def test_the_oldest_uv_is_the_one_that_the_distribution_asks_for():
    from pathlib import Path

    text = (Path(__file__).parent.parent / "pyproject.toml").read_text()
    assert f'resolve = ["uv>={uv_program.OLDEST}"]' in text


@pytest.mark.parametrize(
    "told",
    [
        "error: Invalid URL in `asked.txt` at position 0: http://joe:S3cretPass@[::1/simple",
        "error: Failed to fetch: https://0123456789abcdef@host.example/simple/torch/\n"
        "  cause: client error (Connect)",
        "error: odd https://x:tok-S3cretPass@host.example/simple/",
    ],
)
def test_no_reason_names_credentials(told):
    text = failure_text(told)
    assert "S3cret" not in text and "0123456789abcdef" not in text and "@" not in text
