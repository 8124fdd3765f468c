"""What `mllint verify` found out in, JUnit XML out: a test case for each check and prediction.

The form is what Jenkins takes (junit-10.xsd of its xunit plugin), which others take as well. A
prediction fails where its finding fails the run; one that there is no value for is no test case.
"""

from collections.abc import Callable, Iterable, Iterator
from xml.etree.ElementTree import Element, indent, tostring

from mllint.finding import Finding, Severity
from mllint.report.markup import element
from mllint.report.verify_redacted import redacted
from mllint.report.verify_words import (
    UNSEEN,
    UNSEEN_HELP,
    counts,
    finding_of,
    gpu_text,
    pair_text,
)
from mllint.verify.comparing.comparison import Verdict
from mllint.verify.smoke.checks import Check, Outcome
from mllint.verify.verification import Build, BuildFailure, Verification

_COUNTED = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def verify_junit(
    of: Verification, fail_level: Severity | None, redact: Callable[[str], str] = str
) -> str:
    """The XML text, ending with a newline; fail_level: None, when no finding fails the run."""
    of = redacted(of, redact)
    suites = [
        _suite(of, name, cases)
        for name, cases in (
            ("build", [_build(of.build)] if of.build is not None else []),
            ("smoke test", list(_smoke(of))),
            ("plan", list(_plan(of, fail_level))),
        )
        if cases
    ]
    totals = {
        name: str(sum(int(suite.get(name, 0)) for suite in suites))
        for name in ("tests", "failures", "errors")
    }
    root = element("testsuites", *suites, attributes={"name": "mllint verify", **totals})
    indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(of: Verification, name: str, cases: list[Element]) -> Element:
    told = {"engine": of.engine, "platform": of.platform}
    if of.tested is not None:
        told |= {"image": of.tested.image.id, "gpu": gpu_text(of)}
    properties = [
        element("property", attributes={"name": key, "value": value}) for key, value in told.items()
    ]
    for case in cases:
        case.set("classname", f"mllint.{name.replace(' ', '-')}")
    seconds = of.build.seconds if name == "build" and of.build is not None else None
    return element(
        "testsuite",
        element("properties", *properties),
        *cases,
        attributes={
            "name": f"{of.title}: {name}",
            "tests": str(len(cases)),
            **{
                key: str(sum(case.find(tag) is not None for case in cases))
                for key, tag in _COUNTED.items()
            },
            "time": None if seconds is None else f"{seconds:.3f}",
        },
    )


def _case(name: str, *children: Element | None, seconds: float | None = None) -> Element:
    time = None if seconds is None else f"{seconds:.3f}"
    return element("testcase", *children, attributes={"name": name, "time": time})


def _told(tag: str, kind: str, message: str, lines: Iterable[str] = ()) -> Element:
    text = "\n".join((message, *lines))
    return element(tag, text, attributes={"type": kind, "message": message})


def _build(build: Build) -> Element:
    failure = build.failure
    if failure is None:
        return _case("build", element("system-out", build.builder), seconds=build.seconds)
    known = failure.known
    message = known.message if known is not None else failure.message
    told = _told("failure", "build-failed", message, _failure_lines(failure))
    return _case("build", told, seconds=build.seconds)


def _failure_lines(failure: BuildFailure) -> Iterator[str]:
    place = failure.location
    if place is not None:
        yield f"{place.path}:{place.span.line}"
    if failure.step:
        yield f"in {failure.step}"
    yield from failure.output
    yield failure.message
    help_text = failure.known.help if failure.known is not None else failure.help
    if help_text:
        yield f"help: {help_text}"


def _smoke(of: Verification) -> Iterator[Element]:
    for check in of.checks:
        yield _case(check.name, *_check(check))
    if of.tested is not None and of.gpu_missing:
        yield _case("GPU required", _told("error", "no-gpu", gpu_text(of)))
    if of.unseen:
        help_text = f"help: {UNSEEN_HELP}"
        yield _case("inside of the image", _told("error", "not-tested", UNSEEN, [help_text]))


def _check(check: Check) -> Iterator[Element]:
    lines = [*check.notes, *([f"help: {check.help}"] if check.help else [])]
    if check.outcome is Outcome.FAIL:
        yield _told("failure", "check-failed", check.detail, lines)
    elif check.outcome in (Outcome.PASS, Outcome.WARNING):
        word = "warning: " if check.outcome is Outcome.WARNING else ""
        yield element("system-out", "\n".join((f"{word}{check.detail}", *lines)))
    else:
        yield _told("skipped", check.outcome.value.replace(" ", "-"), check.detail, lines)


def _plan(of: Verification, fail_level: Severity | None) -> Iterator[Element]:
    for pair in of.pairs:
        text = pair_text(pair)
        if pair.verdict is Verdict.NOT_MEASURED:
            yield _case(pair.fact, _told("skipped", "not-measured", text))
            continue
        if pair.verdict is Verdict.NOT_PREDICTED:
            continue
        finding = finding_of(pair, of)
        if finding is not None and counts(finding, fail_level):
            yield _case(pair.fact, _refuted(finding))
        else:
            yield _case(pair.fact, element("system-out", text))


def _refuted(finding: Finding) -> Element:
    problem = finding.problem
    place = f"{problem.location.path}:{problem.location.span.line}"
    return _told("failure", finding.rule, problem.message, (place, f"help: {problem.help}"))
