"""The reports of `mllint verify` on a real engine: each form, and the page beside it."""

import json
from xml.etree import ElementTree

import pytest
from verifying import INSTALL, make_wheel, nothing_left, verify


@pytest.fixture
def folder(tmp_path):
    make_wheel(tmp_path / "wheels", "broken", "1.0", "import no_such_module\n")
    (tmp_path / "requirements.txt").write_text("broken==1.0\n")
    (tmp_path / "Dockerfile").write_text(f"{INSTALL}RUN head -c 3000000 /dev/zero > /app/data\n")
    return tmp_path


def report(daemon, folder, form: str, code: int = 5, *arguments: str) -> str:
    words = ("--format", form, "--output", "out", "--html", "out.html", "-q", *arguments)
    done = verify(daemon, folder, *words)
    assert done.exit_code == code, done.output
    assert nothing_left(daemon)
    page = (folder / "out.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert page.endswith("</html>\n")
    return (folder / "out").read_text("utf-8")


def test_json(old_engine, folder):
    told = json.loads(report(old_engine, folder, "json"))
    assert (told["verdict"], told["exit_code"]) == ("the smoke test failed", 5)
    (check,) = (each for each in told["checks"] if each["name"] == "import broken")
    assert check["outcome"] == "fail"
    assert "No module named 'no_such_module'" in check["detail"]
    pair = next(each for each in told["predictions"] if each["fact"] == "broken")
    assert (pair["verdict"], pair["path"]) == ("confirmed", "requirements.txt")
    layer = next(each for each in told["sizes"]["layers"] if each["line"] == 8)
    assert layer["size_bytes"] >= 3_000_000


def test_junit(old_engine, folder):
    root = ElementTree.fromstring(report(old_engine, folder, "junit"))
    failed = [
        case.get("name") for case in root.iter("testcase") if case.find("failure") is not None
    ]
    assert failed == ["import broken"]


def test_sarif_of_a_build_that_fails(old_engine, folder):
    (folder / "Dockerfile").write_text("FROM python:3.11-slim-bookworm\nRUN nosuchprogram\n")
    (run,) = json.loads(report(old_engine, folder, "sarif"))["runs"]
    (invocation,) = run["invocations"]
    (note,) = invocation["toolExecutionNotifications"]
    assert invocation["exitCode"] == 5
    assert note["message"]["text"].startswith("the build failed: ")


def test_a_page_that_cannot_be_written_is_told_before_anything_is_built(old_engine, folder):
    done = verify(old_engine, folder, "--html", "no/such/page.html")
    assert done.exit_code == 2
    assert "no/such/page.html: there is no such folder to write into" in done.output
    assert "COPY" not in done.output
