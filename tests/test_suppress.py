"""Which findings an ignore comment covers, in Dockerfiles and in other files."""

from dataclasses import dataclass
from time import perf_counter

import pytest

from mllint.finding import Finding, Problem, Severity
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.source import Location, SourceFile, Span
from mllint.suppress import (
    dockerfile_ignores,
    mark_ignored,
    reasonless_problems,
    text_ignores,
    unused_problems,
)

RULES = ("one", "two")


def explain(slug):
    return None if slug in RULES else f"unknown rule {slug!r}"


def read(text, path="Dockerfile"):
    source = SourceFile(path, text)
    if path == "Dockerfile":
        return dockerfile_ignores(source, parse_dockerfile(source), explain)
    return text_ignores(source, explain)


def finding(line, rule="one", path="Dockerfile", column=1):
    place = Location(path, Span(line, column, line, column + 1))
    return Finding(rule, Severity.ERROR, "", Problem(place, "message", "help"))


def covered_lines(text, path="Dockerfile", rule="one"):
    """The lines of `text` on which a finding of the rule is ignored."""
    ignores = read(text, path)
    assert not ignores.failures
    findings = [finding(line, rule, path) for line in range(1, text.count("\n") + 2)]
    marked, _ = mark_ignored(findings, ignores.valid)
    return [each.problem.location.span.line for each in marked if each.suppressed]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("# mllint: ignore[one]\nFROM a\nRUN b", [2], id="above"),
        pytest.param("# mllint: ignore[one]\nRUN a \\\n  b \\\n  c\nRUN d", [2, 3, 4], id="whole"),
        pytest.param("# mllint: ignore[one]\n# why\nRUN a", [3], id="comment-between"),
        pytest.param("# why\n# mllint: ignore[one]\nRUN a", [3], id="comment-above"),
        pytest.param("# mllint: ignore[one]\n\nRUN a", [2], id="blank-line-between-covers-nothing"),
        pytest.param("RUN a \\\n# mllint: ignore[one]\n  b \\\n  c", [3], id="in-continuation"),
        pytest.param("RUN a \\\n  # mllint: ignore[one]\n  # x\n  b", [4], id="in-continuation-2"),
        pytest.param("RUN a # mllint: ignore[one]\nRUN b", [1], id="end-of-run"),
        pytest.param("RUN a \\\n  b # mllint: ignore[one]", [2], id="end-of-run-lines"),
        pytest.param("ONBUILD RUN a # mllint: ignore[one]", [1], id="onbuild"),
        pytest.param('RUN ["a"] # mllint: ignore[one]', [1], id="bad-json-is-shell"),
        pytest.param("ENV a # mllint: ignore[one]", [], id="end-of-env-is-no-comment"),
        pytest.param("FROM a # mllint: ignore[one]", [], id="end-of-from-is-no-comment"),
        pytest.param("RUN a # mllint: ignore[one] \\\n  b", [], id="joined-by-docker"),
        pytest.param("RUN <<E\n# mllint: ignore[one]\na\nb\nE", [3], id="heredoc-above"),
        pytest.param("RUN <<E\na # mllint: ignore[one]\nb\nE", [2], id="heredoc-end"),
        pytest.param("COPY <<E /x\n# mllint: ignore[one]\na\nE", [], id="heredoc-of-copy"),
        pytest.param("#mllint:ignore[ two , one ]--x\nRUN a", [2], id="glued-reason"),
        pytest.param("#mllint:ignore[ two , one ] --x\nRUN a", [2], id="no-blanks"),
        pytest.param("## mllint: ignore[one]  \r\nRUN a\r", [2], id="crlf"),
        pytest.param("# x # mllint: ignore[one] # y\nRUN a", [2], id="among-others"),
        pytest.param("RUN a\n# mllint: ignore-file[one]\nRUN b", [1, 2, 3], id="file"),
        pytest.param("# mllint: ignore[one]", [], id="nothing-below"),
        pytest.param("# see mllint: ignore[one]\nRUN a", [], id="prose"),
        pytest.param("# mllint: skip[one]\nRUN a", [], id="other-word"),
    ],
)
def test_dockerfile(text, lines):
    assert covered_lines(text) == lines


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        pytest.param("a\n# mllint: ignore[one]\nb\nc", [3], id="above"),
        pytest.param("a # mllint: ignore[one] -- x\nb", [1], id="end"),
        pytest.param("a  # x  # mllint: ignore[one]\nb", [1], id="behind-another"),
        pytest.param("a# mllint: ignore[one]\nb", [], id="no-comment-for-pip"),
        pytest.param("# mllint: ignore[one]\na \\\n  --hash=x\nb", [2, 3], id="above-joined"),
        pytest.param("a \\\n  --hash=x # mllint: ignore[one]\nb", [1, 2], id="end-of-joined"),
        pytest.param("# mllint: ignore-file[one]\na\nb", [1, 2, 3], id="file"),
        pytest.param("a\n# mllint: ignore[one]\\", [2], id="backslash-at-the-end"),
    ],
)
def test_requirements_and_yaml(text, lines):
    if text.endswith("]\\"):
        assert read(text, "r.txt").failures
    else:
        assert covered_lines(text, "r.txt") == lines


def test_only_the_named_rules_are_ignored():
    text = "# mllint: ignore[two]\nRUN a"
    assert covered_lines(text, rule="one") == []
    assert covered_lines(text, rule="two") == [2]


def test_a_finding_in_another_file_is_not_ignored():
    ignores = read("# mllint: ignore-file[one]\nFROM a")
    marked, used = mark_ignored([finding(2, path="other")], ignores.valid)
    assert marked[0].suppressed is None
    assert not used


def test_the_reason_is_kept():
    ignores = read("# mllint: ignore[one] -- base image -- has it\nFROM a")
    marked, _ = mark_ignored([finding(2)], ignores.valid)
    assert marked[0].suppressed.kind == "comment"
    assert marked[0].suppressed.reason == "base image -- has it"
    assert marked[0].suppressed.location.span == Span(1, 3, 1, 46)


@pytest.mark.parametrize(
    ("comment", "message"),
    [
        ("# mllint: ignore[nope]", "unknown rule 'nope'"),
        ("# mllint: ignore[one, nope]", "unknown rule 'nope'"),
        ("# mllint: ignore", 'write "# mllint: ignore[rule] -- reason"'),
        ("# mllint: ignore one", 'write "# mllint: ignore[rule] -- reason"'),
        ("# mllint: ignore[]", 'write "# mllint: ignore[rule] -- reason"'),
        ("# mllint: ignore[one", 'write "# mllint: ignore[rule] -- reason"'),
        ("# mllint: ignore[one] because", 'write "# mllint: ignore[rule] -- reason"'),
        ("# mllint: ignore-file", 'write "# mllint: ignore-file[rule] -- reason"'),
    ],
)
@pytest.mark.parametrize("path", ["Dockerfile", "r.txt"])
def test_a_comment_that_cannot_be_read_is_told_with_its_line(comment, message, path):
    ignores = read(f"FROM a\n{comment}\nRUN b", path)
    assert not ignores.valid
    (failure,) = ignores.failures
    assert (failure.path, failure.line) == (path, 2)
    assert message in failure.message


@dataclass
class Unused:
    text: str
    found: tuple
    messages: tuple


@pytest.mark.parametrize(
    "case",
    [
        Unused("# mllint: ignore[one]\nRUN a", (), ("delete the comment",)),
        Unused("# mllint: ignore[one, two]\nRUN a", ("one",), ("delete two from the comment",)),
        Unused("# mllint: ignore[one]\nRUN a", ("one",), ()),
        Unused(
            "# mllint: ignore[one]\n# mllint: ignore[one]\nRUN a", ("one",), ("delete the comment",)
        ),
    ],
)
def test_unused_comments(case):
    ignores = read(case.text).valid
    line = case.text.count("\n") + 1
    _, used = mark_ignored([finding(line, rule) for rule in case.found], ignores)
    problems = unused_problems(ignores, used, {"one", "two"})
    assert tuple(problem.help for problem in problems) == case.messages


def test_a_comment_for_a_rule_that_did_not_run_is_not_unused():
    ignores = read("# mllint: ignore[one]\nRUN a").valid
    assert not list(unused_problems(ignores, frozenset(), {"two"}))


def test_comments_without_reason():
    ignores = read("# mllint: ignore[one]\nRUN a\n# mllint: ignore[two] -- why\nRUN b\n").valid
    (problem,) = reasonless_problems(ignores)
    assert problem.location.span.line == 1


@pytest.mark.parametrize("path", ["Dockerfile", "r.txt"])
@pytest.mark.parametrize(
    "text",
    [
        "# mllint: ignore[one]\n" * 20_000 + "RUN a\n",
        "RUN a \\\n" + "# mllint: ignore[one]\nb \\\n" * 10_000 + "c\n",
        "# mllint: ignore[" + "one," * 100_000 + "]\nRUN a\n",
        "# mllint: " + "# " * 100_000 + "mllint: ignore[one\n",
        "# mllint: ignore[one]" + " " * 100_000 + "x\n",
    ],
    ids=["stacked", "continuation", "slugs", "marks", "blanks"],
)
def test_time_is_linear(text, path):
    start = perf_counter()
    ignores = read(text, path)
    mark_ignored([finding(line) for line in range(1, text.count("\n"))], ignores.valid)
    assert perf_counter() - start < 5
