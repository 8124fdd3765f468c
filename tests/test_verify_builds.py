"""Builds without an engine: what needs BuildKit, and what BuildKit's progress says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.source import SourceFile
from mllint.verify.building.builder_needs import buildkit_needs
from mllint.verify.building.buildkit_text import PlainProgress
from mllint.verify.building.classic_build import records
from mllint.verify.building.events import Step, StepOutput
from mllint.verify.building.steps import StepPlaces, Tails


def parsed(text: str):
    return parse_dockerfile(SourceFile("Dockerfile", text))


@pytest.mark.parametrize(
    ("line", "feature"),
    [
        pytest.param("RUN --mount=type=cache,target=/c true", "RUN --mount", id="mount"),
        pytest.param("RUN --network=none true", "RUN --network", id="network"),
        pytest.param("COPY --chmod=755 a b", "COPY --chmod", id="chmod"),
        pytest.param("COPY --link a b", "COPY --link", id="link"),
        pytest.param("RUN <<EOF\ntrue\nEOF", "RUN <<EOF", id="heredoc"),
        pytest.param("COPY <<a.txt /x\nhi\na.txt", "COPY <<a.txt", id="copied-heredoc"),
        pytest.param("ARG TARGETARCH", "ARG TARGETARCH", id="platform-argument"),
        pytest.param(
            "FROM --platform=$BUILDPLATFORM x", "FROM --platform=$BUILDPLATFORM", id="platform"
        ),
    ],
)
def test_what_needs_buildkit(line, feature):
    needs = buildkit_needs(parsed(f"FROM x\n\n{line}\n"))
    assert [(need.feature, need.span.line) for need in needs] == [(feature, 3)]


@pytest.mark.parametrize(
    "line",
    [
        "COPY --from=x --chown=1:1 a b",
        "ONBUILD RUN --mount=type=tmpfs,target=/t x",
        "ARG TARGETARCH=amd64",
        "FROM --platform=linux/amd64 x",
        "RUN make --mount=1",
        "HEALTHCHECK --interval=5s CMD true",
    ],
)
def test_what_every_builder_builds(line):
    assert buildkit_needs(parsed(f"FROM x\n{line}\n")) == ()


TWO_STAGES = parsed(
    "ARG V=1\nFROM busybox:1.36 AS build\nARG X=1\nRUN echo hi; \\\n    echo err >&2\n"
    "WORKDIR /a/$X\nRUN true\nRUN true\n\nFROM python:3.11-slim\n"
    "COPY --from=build /etc/passwd /tmp/$X\nCOPY --from=alpine:3 /a /b\nRUN exit 3\n"
)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        pytest.param("[build 1/5] FROM docker.io/library/busybox:1.36", 2, id="from"),
        pytest.param("[build 2/5] RUN echo hi;     echo err >&2", 4, id="continued"),
        pytest.param("[build 3/5] WORKDIR /a/1", 6, id="variable"),
        pytest.param("[build 4/5] RUN true", 7, id="first-of-two"),
        pytest.param("[build 5/5] RUN true", 8, id="second-of-two"),
        pytest.param("[linux/arm64 build 5/5] RUN true", 8, id="platform"),
        pytest.param("[stage-1 2/4] COPY --from=build /etc/passwd /tmp/", 11, id="unnamed"),
        pytest.param("[stage-1 4/4] RUN exit 3", 13, id="last"),
        pytest.param("[stage-1 9/9] RUN other", None, id="not-there"),
        pytest.param("[nosuch 2/4] RUN true", None, id="no-stage"),
        pytest.param("[internal] load build definition from Dockerfile", None, id="internal"),
        pytest.param("[internal] load metadata for docker.io/library/python:3.11-slim", 10, id="m"),
        pytest.param("[internal] load metadata for docker.io/library/alpine:3", 12, id="copied"),
        pytest.param("exporting to image", None, id="export"),
    ],
)
def test_step_of_buildkit_is_found(name, line):
    assert StepPlaces(TWO_STAGES).of_buildkit(name) == line


def test_steps_are_counted_as_buildkit_counts():
    places = StepPlaces(
        parsed(
            "FROM busybox:1.36 AS base\nARG V\nWORKDIR /\nRUN a $V && b ${W:-x}\nRUN a $V\n"
            "FROM base\nWORKDIR sub\nRUN echo\n"
        )
    )
    # Variables are written out, those without a value as nothing.
    assert places.of_buildkit("[base 2/3] RUN a 1 && b x") == 4
    assert places.of_buildkit("[base 2/3] RUN a && b") == 4
    assert places.of_buildkit("[base 3/3] RUN a 1") == 5
    # FROM a stage is no step.
    assert places.of_buildkit("[stage-1 1/2] WORKDIR /sub") == 7
    assert places.of_buildkit("[stage-1 2/2] RUN echo") == 8


def test_step_of_the_classic_builder_is_found():
    places = StepPlaces(TWO_STAGES)
    assert places.of_classic(1, "ARG V=1") == 1
    assert places.of_classic(4, "RUN echo hi;     echo err >&2") == 4
    # Podman counts within the stage.
    assert places.of_classic(4, "COPY --from=alpine:3 /a /b") == 12
    assert places.of_classic(99, "RUN nothing") is None


NEW = """\
#0 building with "default" instance using docker driver

#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 246B done
#1 DONE 0.0s

#7 [build 2/5] RUN echo hi;     echo err >&2
#7 0.140 hi

#8 [internal] load .dockerignore
#8 CACHED

#7 [build 2/5] RUN echo hi;     echo err >&2
#7 0.141
#7 0.142 #9 not a step
#7 DONE 0.2s

#10 [stage-1 4/4] RUN exit 3
#10 0.166 last words
#10 ERROR: process "/bin/sh -c exit 3" did not complete successfully: exit code: 3
------
 > [stage-1 4/4] RUN exit 3:
0.166 last words
------
Dockerfile:13
--------------------
  12 |     COPY --from=alpine:3 /a /b
  13 | >>> RUN exit 3
--------------------
ERROR: failed to solve: process "/bin/sh -c exit 3" did not complete successfully: exit code: 3
"""
OLD = """\
#1 [internal] load build definition from Dockerfile
#1 sha256:7691f3c254142cb9370f7f4141a9056c8b81d962b3f23cbbe9cdc7240d45648f
#1 DONE 0.0s

#10 [stage-1 4/4] RUN exit 3
#10 sha256:934f255b818164512a0780225c7f5b910705094cc2fe341823e5e2492bccd887
#10 0.166 last words
#10 ERROR: executor failed running [/bin/sh -c exit 3]: exit code: 3
------
 > [stage-1 4/4] RUN exit 3:
------
executor failed running [/bin/sh -c exit 3]: exit code: 3
"""


def progress_of(text: str):
    events = []
    progress = PlainProgress(StepPlaces(TWO_STAGES), events.append)
    for line in text.splitlines():
        progress.add(line)
    return progress, events


def test_progress_of_buildkit():
    progress, events = progress_of(NEW)
    step = "[build 2/5] RUN echo hi;     echo err >&2"
    assert [event for event in events if event.name == step] == [
        Step(step, 4, "running"),
        StepOutput(step, 4, "hi"),
        StepOutput(step, 4, ""),
        StepOutput(step, 4, "#9 not a step"),
        Step(step, 4, "done"),
    ]
    assert Step("[internal] load .dockerignore", None, "cached") in events
    failure = progress.failure()
    assert (failure.at_line, failure.status, failure.output) == (13, 3, ("last words",))
    assert failure.message.startswith('process "/bin/sh -c exit 3" did not complete')


TWO_AT_ONCE = """\
#5 [build 2/5] RUN echo hi;     echo err >&2
#5 ERROR: failed to compute cache key: "/a": not found

#6 [stage-1 4/4] RUN exit 3
#6 ERROR: failed to compute cache key: "/b": not found
------
Dockerfile:4
--------------------
   4 | >>> RUN echo hi; \\
--------------------
ERROR: failed to solve: failed to compute cache key: "/a": not found
"""


def test_step_that_is_told_is_that_of_the_line():
    failure = progress_of(TWO_AT_ONCE)[0].failure()
    assert (failure.at_line, failure.step) == (4, "[build 2/5] RUN echo hi;     echo err >&2")


def test_progress_of_an_old_buildkit():
    failure = progress_of(OLD)[0].failure()
    assert (failure.at_line, failure.status, failure.output) == (13, 3, ("last words",))
    assert failure.message == "executor failed running [/bin/sh -c exit 3]: exit code: 3"


def test_progress_that_is_cut_off():
    assert progress_of("")[0].failure().message == "the build ended without an image"
    failure = progress_of(OLD.partition("#10 ERROR")[0])[0].timed_out(5)
    assert (failure.at_line, failure.output) == (13, ("last words",))
    assert "longer than 5 s in the step [stage-1 4/4] RUN exit 3" in failure.message


def test_newer_words_around_the_error_are_left_out():
    said = 'ERROR: failed to build: failed to solve: process "x" did not complete: exit code: 3'
    assert progress_of(said)[0].failure().message.startswith('process "x" did not')


_PIECES = st.sampled_from(
    [
        "#1 ",
        "#2 ",
        "[build 2/5] RUN x",
        "0.1 ",
        "DONE 0.1s",
        "ERROR: ",
        "CACHED",
        "\n",
        "Dockerfile:3",
    ]
)


@given(st.lists(_PIECES | st.text(max_size=5), max_size=40).map("".join))
def test_progress_of_any_text(text):
    progress, _ = progress_of(text)
    assert progress.failure().message


@given(st.lists(st.binary(max_size=20) | st.just(b'{"stream":"a\\n"}'), max_size=20))
def test_records_of_any_bytes(pieces):
    assert all(isinstance(record, dict) for record in records(iter(pieces)))


def test_tails_are_bounded():
    tails = Tails()
    for number in range(100_000):
        tails.add("a", "x" * 10_000)
        tails.add(f"step {number}", "y")
    assert len(tails.of("step 99999")) == 1
    assert tails.of("step 0") == ()
    tails.add("b", "x" * 10_000)
    assert len(tails.of("b")[0]) < 3_000


def test_records_of_a_stream():
    letter = "é".encode()
    pieces = (
        b'{"stream":"a"}\r\n{"str',
        b'eam":"b"}{"stream":"' + letter[:1],
        letter[1:] + b'"}\n',
    )
    found = records(iter((*pieces, b"nonsense")))
    assert [record["stream"] for record in found] == ["a", "b", "é"]
