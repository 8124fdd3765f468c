"""What programs read."""

import json

from report_samples import EMPTY, REPORT, at, finding

from mllint import __version__
from mllint.finding import Report, Severity
from mllint.report.json import render


def test_a_report():
    value = json.loads(render(REPORT))
    assert value["version"] == 1
    assert value["tool"] == {"name": "mllint", "version": __version__}
    assert value["files"] == ["Dockerfile", "requirements.txt"]
    hidden, mismatch, _ = value["findings"]
    assert mismatch == {
        "rule": "torch-cuda-mismatch",
        "severity": "error",
        "path": "Dockerfile",
        "line": 3,
        "column": 17,
        "end_line": 3,
        "end_column": 29,
        "message": "torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8",
        "help": "install torch==2.1.0+cu118",
        "url": "https://example.org/torch-cuda-mismatch",
        "stage": "0",
        "related": [
            {
                "path": "Dockerfile",
                "line": 1,
                "column": 6,
                "end_line": 1,
                "end_column": 42,
                "message": "nvcc 11.8 comes with this image",
            }
        ],
        "fix": {
            "description": "pin the variant",
            "safe": False,
            "edits": [
                {
                    "path": "Dockerfile",
                    "line": 3,
                    "column": 29,
                    "end_line": 3,
                    "end_column": 29,
                    "text": "+cu118",
                }
            ],
        },
        "suppressed": None,
    }
    assert hidden["suppressed"] == {"kind": "comment", "reason": "we know"}
    assert value["unchecked"] == [
        {"path": "Dockerfile", "line": 2, "reason": "the script is not in the context"}
    ]
    assert value["failures"] == [
        {"path": "b/Dockerfile", "line": None, "message": "cannot be read"},
        {"path": "c", "line": 7, "message": "unknown rule 'x'"},
    ]
    assert value["summary"] == {
        "errors": 1,
        "warnings": 1,
        "infos": 0,
        "suppressed": 1,
        "files": 2,
        "hidden": 0,
        "fixable": 0,
        "fixed": 0,
    }


def test_a_clean_report_has_the_same_keys():
    assert json.loads(render(EMPTY)).keys() == json.loads(render(REPORT)).keys()


def test_a_file_name_that_is_no_utf_8_can_be_written():
    report = Report((), (finding("a", Severity.INFO, at("\udcff", 1, 1, 1, 2)),))
    render(report).encode("utf-8")
