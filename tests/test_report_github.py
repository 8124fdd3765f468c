"""What GitHub Actions reads, and that no file can write a command of its own."""

from report_samples import REPORT, at, finding

from mllint.finding import Report, Severity
from mllint.report.github import render


def test_a_report():
    assert render(REPORT) == (
        "::error file=Dockerfile,line=3,col=17,endLine=3,endColumn=29,"
        "title=mllint[torch-cuda-mismatch]::torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8"
        "%0Ahelp: install torch==2.1.0+cu118\n"
        "::warning file=Dockerfile,line=4,col=5,endLine=6,endColumn=6,"
        "title=mllint[three-lines]::message%0Ahelp: help\n"
        "::error file=b/Dockerfile,title=mllint::cannot be read\n"
        "::error file=c,line=7,title=mllint::unknown rule 'x'\n"
    )


def test_infos_are_notices():
    report = Report((), (finding("a", Severity.INFO, at("f", 1, 1, 1, 2)),))
    assert render(report).startswith("::notice file=f,")


def test_nothing_ends_a_command_or_begins_another():
    report = Report(
        (), (finding("a", Severity.ERROR, at("a:b,c%\n::d", 1, 1, 1, 2), "x%0A\n\r::stop\x1b"),)
    )
    text = render(report)
    assert text.count("\n") == 1
    assert "file=a%3Ab%2Cc%25%0A%3A%3Ad,line" in text
    assert "::x%250A%0A%0D::stop\\x1b%0Ahelp" in text
