"""Builds on real engines by each builder: the image, the failing step, the time limit."""

import os
import resource
import time

import pytest
from building import build, builder, choose_builder, connected, environment, wanted

from mllint import catalog
from mllint.tables import Tables
from mllint.verify.building.builds import Kind
from mllint.verify.building.events import (
    BuilderMissing,
    BuildFailed,
    BuildTimedOut,
    Step,
    StepOutput,
)
from mllint.verify.engines.cleanup import leftovers, new_run, remove_run

TABLES = Tables(catalog.root() / "tables")
SILENT = pytest.param("FROM busybox:1.36\nRUN echo begun; sleep 300\n", id="silent")
LOUD = pytest.param("FROM busybox:1.36\nRUN echo begun; while :; do echo x; done\n", id="loud")


def failure_of(engine, chosen, asked, events=None):
    with pytest.raises(BuildFailed) as caught:
        build(engine, asked, chosen, (events if events is not None else []).append)
    return caught.value


def test_good_build_gives_an_image(built_by, tmp_path):
    engine, chosen = built_by
    (tmp_path / "main.py").write_text("print('hello')\n")
    (tmp_path / "secret.txt").write_text("hidden\n")
    (tmp_path / ".dockerignore").write_text("*.txt\n")
    text = (
        "FROM python:3.11-slim AS base\nARG WHO=nobody\nENV WHO=$WHO\n"
        'COPY . /app\nRUN echo "for $WHO"; ls -A /app\nUSER 1000\n'
        'CMD ["python", "/app/main.py"]\nFROM base AS other\nRUN exit 1\n'
    )
    run, events = new_run(), []
    asked = wanted(tmp_path, text, run, build_args={"WHO": "you"}, target="base")
    image = build(engine, asked, chosen, events.append)
    assert (image.user, image.command) == ("1000", ("python", "/app/main.py"))
    assert image.environment["WHO"] == "you"
    printed = [event.text for event in events if isinstance(event, StepOutput) and event.line == 5]
    assert "for you" in printed
    assert "main.py" in printed
    assert "secret.txt" not in printed
    states = {event.line: event.state for event in events if isinstance(event, Step)}
    assert (states[4], states[5]) == ("done", "done")
    assert 9 not in states
    assert remove_run(engine, run) == ()
    assert not tuple(leftovers(engine, run))


def test_failing_step_is_found_in_the_dockerfile(built_by, tmp_path):
    engine, chosen = built_by
    text = (
        "FROM busybox:1.36 AS build\nRUN true\n\n# a comment\n"
        "FROM busybox:1.36\nARG X=1\nRUN true\nWORKDIR /a/$X\n"
        "RUN echo one && \\\n    echo two >&2 && \\\n    exit 3\n"
    )
    failure = failure_of(engine, chosen, wanted(tmp_path, text))
    assert (failure.at_line, failure.status) == (9, 3)
    assert {"one", "two"} <= set(failure.output)


@pytest.mark.parametrize(
    ("text", "line", "explained"),
    [
        pytest.param(
            "FROM busybox:1.36\nFROM nosuch/thing:9\nRUN true\n",
            2,
            "registry-unreachable",
            id="base-missing",
        ),
        pytest.param("FROM busybox:1.36\n\nFOO bar\n", 3, None, id="syntax"),
        pytest.param(
            "FROM busybox:1.36\nCOPY nothere.txt /x\n", 2, "copy-absent", id="copy-absent"
        ),
        pytest.param(
            "FROM python:3.11-slim\nRUN pip install --no-index nosuch==1\n",
            2,
            "no-distribution",
            id="no-distribution",
        ),
        pytest.param(
            "FROM python:3.11-slim\nRUN apt-get install -y libnosuch1\n",
            2,
            "apt-package",
            id="apt-package",
        ),
        pytest.param(
            "FROM python:3.11-slim\nRUN touch $(python3 -c 'import sysconfig as s;"
            ' print(s.get_path("stdlib"))\')/EXTERNALLY-MANAGED && pip install nosuch\n',
            2,
            "externally-managed",
            id="externally-managed",
        ),
        pytest.param("FROM busybox:1.36\nRUN rsync a b\n", 2, "shell-command", id="command"),
    ],
)
def test_known_failures_are_explained(built_by, tmp_path, text, line, explained):
    engine, chosen = built_by
    failure = failure_of(engine, chosen, wanted(tmp_path, text))
    known = TABLES.build_failures.explain(failure.told)
    assert failure.at_line == line
    assert (known.name if known else None) in (explained, f"{explained}-buildkit")


@pytest.mark.parametrize("text", [SILENT, LOUD])
def test_build_that_takes_too_long_is_ended(built_by, tmp_path, text):
    engine, chosen = built_by
    run = new_run()
    begun = time.monotonic()
    with pytest.raises(BuildTimedOut) as caught:
        build(engine, wanted(tmp_path, text, run, timeout_s=4), chosen, lambda _: None)
    assert time.monotonic() - begun < 15
    assert caught.value.at_line == 2
    assert caught.value.output[0] in ("begun", "x")
    assert remove_run(engine, run) == ()
    eventually(lambda: not engine.read("", "GET", "/containers/json"))


def eventually(holds, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_much_output_takes_little_memory(built_by, tmp_path):
    engine, chosen = built_by
    text = (
        "FROM busybox:1.36\n"
        "RUN yes $(head -c 2000 /dev/zero | tr '\\000' x) | head -c 100000000; exit 5\n"
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = [0]

    def count(event):
        seen[0] += len(event.text) if isinstance(event, StepOutput) else 0

    with pytest.raises(BuildFailed) as caught:
        build(engine, wanted(tmp_path, text), chosen, count)
    assert caught.value.status == 5
    assert seen[0] > 100_000  # BuildKit leaves most of it out
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 30_000


def test_dockerfile_from_elsewhere(built_by, tmp_path):
    engine, chosen = built_by
    context = tmp_path / "context"
    context.mkdir()
    (context / "a").write_text("a")
    run, events = new_run(), []
    asked = wanted(tmp_path, "FROM busybox:1.36\nCOPY . /x\nRUN ls -A /x\n", run)
    build(engine, asked._replace(context=context), chosen, events.append)
    remove_run(engine, run)
    assert [e.text for e in events if isinstance(e, StepOutput)] == ["a"]


def test_buildkit_is_chosen_where_it_is(engine, tmp_path):
    asked = wanted(tmp_path, "FROM busybox:1.36\nRUN --mount=type=cache,target=/c true\n")
    with connected(engine) as connection:
        assert choose_builder(connection, asked, environment(engine)).kind is Kind.CLI


def test_what_needs_buildkit_is_refused_without(old_engine, tmp_path):
    asked = wanted(tmp_path, "FROM busybox:1.36\n\nRUN --mount=type=cache,target=/c true\n")
    plain = wanted(tmp_path, "FROM busybox:1.36\nRUN true\n")
    without = {**os.environ, "PATH": "/nowhere"}
    with connected(old_engine) as connection:
        with pytest.raises(BuilderMissing, match=r"^line 3: RUN --mount needs BuildKit, and there"):
            choose_builder(connection, asked, without)
        assert choose_builder(connection, plain, without).kind is Kind.CLASSIC
        newer = wanted(tmp_path, "FROM busybox:1.36\nRUN <<EOF\ntrue\nEOF\n")
        with pytest.raises(BuilderMissing, match="line 2: RUN <<EOF is newer than the engine"):
            choose_builder(connection, newer, environment(old_engine))


def test_secret_and_cache_reach_buildkit(new_engine, tmp_path, monkeypatch):
    for name, value in new_engine.cli.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "token").write_text("hush")
    text = (
        "FROM busybox:1.36\n"
        'RUN --mount=type=secret,id=t,target=/t test "$(cat /t)" = hush && echo works\n'
    )
    run, events = new_run(), []
    secret = f"id=t,src={tmp_path / 'token'}"
    asked = wanted(tmp_path, text, run, secrets=(secret,), no_cache=True, network="none")
    with connected(new_engine) as connection:
        build(connection, asked, builder(new_engine, "cli"), events.append)
        remove_run(connection, run)
    assert "works" in [e.text for e in events if isinstance(e, StepOutput)]
