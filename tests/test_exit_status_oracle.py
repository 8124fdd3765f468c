"""Which failures fail a RUN, held against what bash does."""

import shutil
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mllint.facts.commands.exit_status import failure_counts, masked_failures
from tests.projects import project_of

STEP = st.sampled_from(["true"] * 4 + ["STEP"])
OPTION = st.sampled_from(
    ["set -e", "set +e", "set -o errexit", "set -o pipefail", "set +o pipefail", "set -eo pipefail"]
)
JOINS = st.sampled_from(["; ", "; ", " && ", " || ", " | "])
SCRIPTS = st.recursive(
    st.one_of(STEP, STEP, OPTION),
    lambda inner: st.one_of(
        st.builds("{}{}{}".format, inner, JOINS, inner),
        inner.map("( {} )".format),
        inner.map("{{ {}; }}".format),
        inner.map("if true; then {}; fi".format),
        st.sampled_from(["{ ! STEP; }", "V=$(STEP)", "echo $(STEP) >/dev/null"]),
        inner.filter(lambda text: "'" not in text).map("bash -c '{}'".format),
        inner.filter(lambda text: "'" not in text).map("bash -ec '{}'".format),
    ),
    max_leaves=7,
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("statuses")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@settings(deadline=None, max_examples=250)
@given(SCRIPTS)
@example("STEP; true")
@example("set -e; STEP && true; true")
@example("set -e; ( STEP; true ) && true")
@example("( set -e; STEP; true ); true")
@example("set -o pipefail; STEP | true; true")
@example("bash -ec 'STEP; true'; true")
@example("set -e; set +e; STEP; true")
@example("set -e; bash -c 'STEP; true'")
@example("bash -ec 'STEP | { ! STEP; }'")
def test_a_failure_that_counts_fails_the_script(folder, script):
    """One command fails, all others succeed: we say that it counts, or that it is lost, or none.

    `{ ! true; }` fails by itself; behind it nothing is seen of a status that is lost.
    """
    succeeds = status_of(script.replace("STEP", "true")) == 0
    for number in range(script.count("STEP")):
        pieces = script.split("STEP")
        words = ["true"] * (len(pieces) - 1)
        words[number] = "false"
        text = "".join(a + b for a, b in zip(pieces, [*words, ""], strict=True))
        shell = 'SHELL ["/bin/bash", "-c"]\n'
        (stage,) = project_of(folder, f"FROM debian:12\n{shell}RUN {text}\n").stages
        (run,) = stage.runs
        counts = failure_counts(run)
        failing = [each for each in run.executions if each.program == "false"]
        if len(failing) != 1:
            continue
        status = status_of(text)
        if counts(failing[0]):
            assert status != 0, text
        if succeeds and failing[0] in [masked.execution for masked in masked_failures(run)]:
            assert status == 0, text


def status_of(text):
    return subprocess.run(["bash", "-c", text], capture_output=True, check=False).returncode
