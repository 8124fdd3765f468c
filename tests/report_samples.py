"""One report with a bit of everything, which each reporter's test prints."""

from mllint.finding import (
    Edit,
    Failure,
    Finding,
    Fix,
    Problem,
    Related,
    Report,
    Severity,
    Suppression,
    Unchecked,
)
from mllint.parse.source import Location, Span

DOCKERFILE = """\
FROM nvidia/cuda:11.8.0-devel-ubuntu22.04
RUN apt-get update
RUN pip install torch==2.1.0
RUN a && \\
    b && \\
    c
"""


def at(path, line, column, end_line, end_column):
    return Location(path, Span(line, column, end_line, end_column))


def finding(rule, severity, location, message="message", help_="help", suppressed=None, **more):
    url = f"https://example.org/{rule}"
    return Finding(rule, severity, url, Problem(location, message, help_, **more), suppressed)


MISMATCH = finding(
    "torch-cuda-mismatch",
    Severity.ERROR,
    at("Dockerfile", 3, 17, 3, 29),
    "torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8",
    "install torch==2.1.0+cu118",
    related=(Related(at("Dockerfile", 1, 6, 1, 42), "nvcc 11.8 comes with this image"),),
    fix=Fix("pin the variant", (Edit(at("Dockerfile", 3, 29, 3, 29), "+cu118"),), safe=False),
    stage="0",
)
LONG = finding("three-lines", Severity.WARNING, at("Dockerfile", 4, 5, 6, 6))
HIDDEN = finding(
    "hidden-rule",
    Severity.INFO,
    at("Dockerfile", 2, 5, 2, 19),
    suppressed=Suppression("comment", "we know"),
)
REPORT = Report(
    ("Dockerfile", "requirements.txt"),
    (HIDDEN, MISMATCH, LONG),
    (Unchecked(at("Dockerfile", 2, 1, 2, 2), "the script is not in the context"),),
    (Failure("b/Dockerfile", None, "cannot be read"), Failure("c", 7, "unknown rule 'x'")),
    {"Dockerfile": DOCKERFILE},
)
EMPTY = Report(("Dockerfile",))
