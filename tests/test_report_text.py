"""What a person reads: excerpt, marks, summary; and that no file steers the terminal."""

import unicodedata
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_samples import EMPTY, HIDDEN, MISMATCH, REPORT, at, finding

from mllint.finding import Failure, Finding, Fix, Problem, Report, Severity, Unchecked
from mllint.parse.source import Location, Span
from mllint.report.excerpt import excerpt
from mllint.report.text import TextStyle, failure_line, render
from mllint.report.visible import visible


def test_a_report():
    assert render(REPORT, TextStyle()) == (
        """\
Dockerfile:3:17: error[torch-cuda-mismatch] torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8
  |
3 | RUN pip install torch==2.1.0
  |                 ^^^^^^^^^^^^
Dockerfile:1:6: note: nvcc 11.8 comes with this image
  |
1 | FROM nvidia/cuda:11.8.0-devel-ubuntu22.04
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
help: install torch==2.1.0+cu118

Dockerfile:4:5: warning[three-lines] message
  |
4 | RUN a && \\
  |     ^^^^^^
...
6 |     c
  |     ^
help: help

1 error, 1 warning in 1 file (2 checked), 1 ignored, 1 thing not checked (see --verbose)
1 can be fixed with --fix --unsafe-fixes
"""
    )


@pytest.mark.parametrize(
    ("fixes", "fixed", "last"),
    [
        ((True, True), None, "2 can be fixed with --fix"),
        ((True, False), None, "1 can be fixed with --fix, 1 more with --fix --unsafe-fixes"),
        ((False,), 2, "1 can be fixed with --fix --unsafe-fixes"),
        ((), 2, "no findings (1 file checked), 2 fixed"),
        ((), 0, "no findings (1 file checked), 0 fixed"),
    ],
)
def test_how_much_can_be_and_was_fixed(fixes, fixed, last):
    edit = MISMATCH.problem.fix.edits
    findings = tuple(
        MISMATCH._replace(problem=MISMATCH.problem._replace(fix=Fix("pin", edit, safe)))
        for safe in fixes
    )
    made = None if fixed is None else (MISMATCH,) * fixed
    ignored = HIDDEN._replace(problem=HIDDEN.problem._replace(fix=Fix("pin", edit, True)))
    text = render(Report(("Dockerfile",), findings, fixed=made), TextStyle())
    assert text.split("\n")[-2] == last
    text = render(Report(("Dockerfile",), (*findings, ignored), fixed=made), TextStyle())
    assert text.split("\n")[-2].replace(", 1 ignored", "") == last.replace(", 1 ignored", "")


def test_what_is_said_of_one_line_again_and_again_is_shown_once():
    alike = [finding("r", Severity.ERROR, at("Dockerfile", 4, n, 4, n + 1)) for n in (5, 7, 9)]
    other = finding("r", Severity.ERROR, at("Dockerfile", 5, 5, 5, 6))
    report = REPORT._replace(findings=(*alike, other))
    text = render(report, TextStyle())
    assert text.count("error[r] message") == 2
    assert "Dockerfile:4:5: error[r] message (3 times in this line)\n" in text
    assert "\n4 errors in 1 file" in text
    assert render(report, TextStyle(quiet=True)).count("error[r] message\n") == 4


def test_what_was_fixed_is_told_by_file_and_rule():
    other = finding("b-rule", Severity.ERROR, at("a/Dockerfile", 1, 1, 1, 2))
    text = render(Report(("Dockerfile",), fixed=(MISMATCH, other, MISMATCH)), TextStyle())
    assert text == (
        "fixed 3 findings in 2 files:\n  Dockerfile: 2 torch-cuda-mismatch\n"
        "  a/Dockerfile: 1 b-rule\n\nno findings (1 file checked), 3 fixed\n"
    )


def test_quiet_is_one_line_for_each_finding():
    assert render(REPORT, TextStyle(quiet=True)) == (
        "Dockerfile:3:17: error[torch-cuda-mismatch] "
        "torch 2.1.0 is built for CUDA 12.1; nvcc is 11.8\n"
        "Dockerfile:4:5: warning[three-lines] message\n"
    )
    assert render(EMPTY, TextStyle(quiet=True)) == ""


def test_verbose_lists_what_was_not_checked():
    text = render(REPORT, TextStyle(verbose=True))
    assert "\nnot checked:\n  Dockerfile:2:1: the script is not in the context\n" in text


def test_what_was_not_checked_for_one_reason_is_one_line():
    places = [at(path, line, 1, line, 2) for path in ("a", "b") for line in (1, 2)]
    for number, said in ((3, "a:1:1, 2:1, b:1:1: r"), (4, "a:1:1, 2:1, b:1:1 and 1 more: r")):
        unchecked = tuple(Unchecked(place, "r") for place in places[:number])
        text = render(Report(("a",), unchecked=unchecked), TextStyle(verbose=True))
        assert f"not checked:\n  {said}\n\n" in text


def test_the_summary_has_one_bracket_in_a_row():
    info = finding("rule", Severity.INFO, at("a", 1, 1, 1, 2))
    text = render(Report(("a",), (info,)), TextStyle())
    assert text.endswith("\n1 info finding in 1 file (1 checked; see --verbose)\n")


def test_suppressed_findings_are_shown_on_demand():
    text = render(REPORT, TextStyle(show_suppressed=True))
    assert text.startswith(
        "Dockerfile:2:5: info[hidden-rule] (ignored by comment: we know) message\n"
    )
    assert "(2 checked), 1 ignored, 1 thing not checked (see --verbose)\n" in text


def test_a_clean_run_says_so():
    assert render(EMPTY, TextStyle()) == "no findings (1 file checked)\n"


def test_colour_changes_nothing_but_colour():
    from click import unstyle

    coloured = render(REPORT, TextStyle(color=True))
    assert "\x1b[31m" in coloured
    assert unstyle(coloured) == render(REPORT, TextStyle())


def test_a_failure_is_one_line():
    assert failure_line(Failure("a\nb", 3, "no\x1b[2J")) == "mllint: a\\nb:3: no\\x1b[2J"


HOSTILE = "\x1b]0;title\x07 \x9b2J \u202eevil \u2028 \ud800 \r tab\t"


def test_no_text_of_a_file_steers_the_terminal():
    report = Report(
        ("x",),
        (finding("rule", Severity.ERROR, at(HOSTILE, 1, 1, 1, 9), HOSTILE, HOSTILE),),
        sources={HOSTILE: HOSTILE},
    )
    text = render(report, TextStyle())
    text.encode("utf-8")
    assert all(char == "\n" or char.isprintable() for char in text)
    assert r"\x1b]0;title\x07 \x9b2J \u202eevil \u2028 \ud800 \r" in text


def test_visible_keeps_what_can_be_printed():
    assert visible("größe 日本 ok") == "größe 日本 ok"


def drawn(line, start, end):
    return [text for _, text, _ in excerpt([line], Span(1, start, 1, end))][1:]


@pytest.mark.parametrize(
    ("line", "start", "end", "expected"),
    [
        pytest.param("RUN x", 5, 6, ["RUN x", "    ^"], id="plain"),
        pytest.param("\tRUN x", 6, 7, ["    RUN x", "        ^"], id="tab-before"),
        pytest.param("a\tb", 2, 3, ["a    b", " ^^^^"], id="tab-marked"),
        pytest.param("日本 x", 4, 5, ["日本 x", "     ^"], id="wide-before"),
        pytest.param("x 日本", 3, 5, ["x 日本", "  ^^^^"], id="wide-marked"),
        pytest.param("e\u0301 x", 4, 5, ["e\u0301 x", "  ^"], id="combining"),
        pytest.param("\x1b x", 3, 4, ["\\x1b x", "     ^"], id="control"),
        pytest.param("abc", 4, 4, ["abc", "   ^"], id="empty-span-at-end"),
        pytest.param("abc", 9, 12, ["abc", "   ^"], id="span-behind-the-line"),
        pytest.param("", 1, 1, ["", "^"], id="empty-line"),
    ],
)
def test_marks_stand_under_the_span(line, start, end, expected):
    assert drawn(line, start, end) == expected


def test_of_a_long_line_the_part_around_the_span_is_shown():
    line = "x" * 500 + "HERE" + "y" * 500
    shown, marks = drawn(line, 501, 505)
    assert shown.startswith("...x") and shown.endswith("y...")
    assert len(shown) < 130
    assert shown[marks.index("^") :][:4] == "HERE" and marks.count("^") == 4


def test_a_span_longer_than_the_window_is_marked_to_its_edge():
    shown, marks = drawn("x" * 1000, 1, 1001)
    assert len(marks) <= len(shown) <= 130


def test_two_lines_have_nothing_between_them():
    lines = ["RUN a \\", "  b", "FROM c"]
    parts = [text for _, text, _ in excerpt(lines, Span(1, 1, 2, 4))]
    assert parts == ["", "RUN a \\", "^^^^^^^", "  b", "  ^"]
    # A span that ends before the first character of a line does not reach into it.
    assert len(list(excerpt(lines, Span(2, 3, 3, 1)))) == 3


def test_line_numbers_are_aligned():
    gutters = [gutter for gutter, _, _ in excerpt(["x"] * 12, Span(9, 1, 12, 2))]
    assert gutters == ["  ", " 9", "  ", "...", "12", "  "]


@pytest.mark.parametrize("span", [Span(5, 1, 5, 2), Span(0, 1, 0, 2)])
def test_a_line_that_is_not_there_gives_no_excerpt(span):
    assert not list(excerpt(["x"], span))


def test_a_line_of_a_megabyte_costs_little():
    start = perf_counter()
    for char in "x\t日\x1b":
        drawn(char * 1_000_000, 500_000, 900_000)
    assert perf_counter() - start < 1


@given(st.text(max_size=300), *[st.integers(0, 310)] * 2, *[st.integers(0, 6)] * 2)
def test_any_text_and_any_span_give_lines_that_can_be_printed(text, start, end, first, last):
    location = at("f", first, start, last, end)
    report = Report(
        ("f",), (finding("a", Severity.INFO, location, text, text),), sources={"f": text}
    )
    rendered = render(report, TextStyle())
    rendered.encode("utf-8")
    assert not any(unicodedata.category(char) in ("Cc", "Cs") for char in rendered if char != "\n")


def test_a_credential_is_not_printed_by_any_finding_of_its_line():
    place = Location("Dockerfile", Span(1, 5, 1, 15))
    secret = Problem(place, "m", "h", hidden=(Location("Dockerfile", Span(1, 9, 1, 15)),))
    findings = tuple(
        Finding(rule, Severity.ERROR, "", problem)
        for rule, problem in (("a", secret), ("b", secret._replace(hidden=())))
    )
    report = Report(("Dockerfile",), findings, sources={"Dockerfile": "ENV KEY=s3cr3t A=1\n"})
    text = render(report, TextStyle())
    assert text.count("1 | ENV KEY=****** A=1") == 2
    assert "s3cr3t" not in text
