"""What `mllint verify` found out in, a SARIF log out: its findings, and what failed besides.

A build that failed for a known reason is a result of that rule, at the step; other failures have
no line of a file, and are notifications of the run.
"""

from collections.abc import Callable, Iterator, Mapping

from mllint.catalog import RulePage
from mllint.finding import Failure, Finding, Problem, Report
from mllint.report.sarif import render
from mllint.report.verify_redacted import redacted
from mllint.report.verify_words import UNSEEN, UNSEEN_HELP, gpu_text
from mllint.verify.smoke.checks import Outcome
from mllint.verify.verification import Verification


def verify_sarif(
    of: Verification,
    page_of: Callable[[str], RulePage],
    exit_code: int,
    redact: Callable[[str], str] = str,
    sources: Mapping[str, str] | None = None,
) -> str:
    """The log as JSON text; sources: the texts of the files, by which results are known again."""
    of = redacted(of, redact)
    told = _build_finding(of, page_of)
    findings = (*of.findings, *((told,) if told is not None else ()))
    report = Report(
        files=(of.subject,),
        findings=tuple(sorted(findings, key=lambda each: each.sort_key)),
        failures=_failures(of, told),
        warnings=tuple(_check_texts(of, Outcome.WARNING)),
        sources=sources or {},
    )
    return render(report, {each.rule: page_of(each.rule) for each in findings}, exit_code)


def _build_finding(of: Verification, page_of: Callable[[str], RulePage]) -> Finding | None:
    failure = of.build.failure if of.build is not None else None
    if failure is None or failure.location is None or failure.known is None:
        return None
    known = failure.known
    if known.rule is None:
        return None
    page = page_of(known.rule)
    problem = Problem(failure.location, f"the build failed: {known.message}", known.help)
    return Finding(page.slug, page.severity, page.url, problem)


def _failures(of: Verification, told: Finding | None) -> tuple[Failure, ...]:
    found = []
    failure = of.build.failure if of.build is not None else None
    if failure is not None and told is None:
        place = failure.location
        path, line = (place.path, place.span.line) if place is not None else ("", None)
        known = failure.known
        why = known.message if known is not None else failure.message
        found.append(Failure(path, line, f"the build failed: {why}"))
    service = of.service
    path, line = (service.path, service.line) if service is not None else ("", None)
    before = f"service {service.name}: " if service is not None else ""
    found += [
        Failure(path, line, f"{before}{check.name}: {check.detail}")
        for check in of.checks
        if check.outcome is Outcome.FAIL
    ]
    if of.tested is not None and of.gpu_missing:
        found.append(Failure("", None, f"a GPU was required: {gpu_text(of)}"))
    if of.unseen:
        found.append(Failure("", None, f"{UNSEEN}; {UNSEEN_HELP}"))
    return tuple(found)


def _check_texts(of: Verification, outcome: Outcome) -> Iterator[str]:
    return (f"{each.name}: {each.detail}" for each in of.checks if each.outcome is outcome)
