"""How often uv is called: once a command where all goes well, once for equal questions."""

import pytest
from click.testing import CliRunner

from mllint.cli import commands
from mllint.resolve.uv_program import find_uv


@pytest.fixture
def calls(instead_of_uv):
    """The words of each call."""
    read = instead_of_uv(f'echo "$@" >> $LOG\nexec {find_uv("this test")} "$@"')
    return lambda: read().splitlines()


def run(indexes, *arguments):
    return CliRunner().invoke(commands, [*arguments, *indexes.options], prog_name="mllint")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("RUN pip install torch==2.1.0 torchvision numpy==1.26.4", 1),
        ("RUN pip install torch==2.1.0\nRUN pip install torchvision", 2),
        ("RUN pip install torch==2.1.0 && pip install numpy==1.26.4", 2),
        ("RUN pip install torch==2.1.0 --index-url https://download.pytorch.org/whl/cu118", 1),
        ("RUN apt-get update", 0),
        # The environment that is copied is the end of two chains.
        (
            "RUN python -m venv /opt/v && /opt/v/bin/pip install torch==2.1.0\n"
            "FROM python:3.10-slim\nCOPY --from=0 /opt/v /opt/v",
            1,
        ),
    ],
)
def test_one_call_for_each_command(text, number, folder, indexes, calls):
    (folder / "Dockerfile").write_text(f"FROM python:3.10-slim\n{text}\n")
    run(indexes, "check", "--resolve")
    assert len(calls()) == number


def test_an_added_index_costs_no_call(folder, indexes, calls, monkeypatch):
    """Where the default index is, the answer itself tells."""
    config = folder.parent / "uv.toml"
    config.write_text(f'[[index]]\nurl = "{indexes.url}/default"\ndefault = true\n')
    monkeypatch.setenv("UV_CONFIG_FILE", str(config))
    (folder / "Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install filelock acme-core"
        " --extra-index-url https://pypi.acme.example/simple\n"
    )
    acme = f"--index-map=https://pypi.acme.example/simple={indexes.url}/acme"
    arguments = ["check", "--resolve", "-v", acme]
    told = CliRunner().invoke(commands, arguments, prog_name="mllint")
    assert "not resolved" not in told.output
    assert len(calls()) == 1


def test_a_plan_asks_once_more_for_the_sizes(folder, indexes, calls):
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN pip install torch==2.1.0\n")
    run(indexes, "plan", "Dockerfile", "--resolve")
    assert ["--output-file pylock.toml" in words for words in calls()] == [False, True]


def test_equal_questions_of_several_dockerfiles_are_asked_once(folder, indexes, calls):
    for name, wanted in (("a", "torch pandas"), ("b", "torch pandas"), ("c", "pandas torch")):
        (folder / f"{name}.Dockerfile").write_text(
            f"FROM python:3.10-slim\nRUN pip install {wanted}\n"
        )
    (folder / "d.Dockerfile").write_text("FROM python:3.11-slim\nRUN pip install torch pandas\n")
    run(indexes, "check", "--resolve", ".")
    assert len(calls()) == 3, "the order of requirements and the Python make a question another one"


def test_an_error_is_the_answer_of_each_that_asks(monkeypatch, tmp_path):
    from packaging.version import Version

    from mllint.resolve.request import Manner, Question, Sources
    from mllint.resolve.target import Target
    from mllint.resolve.uv_calls import Caller

    caller = Caller(Manner(str(tmp_path / "none")))
    question = Question(Target(Version("3.10"), "x86_64", Version("2.28")), Sources(), ("torch",))
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            caller.ask(question)
