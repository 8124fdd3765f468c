"""Checks, predictions and findings in, the lists and tables that tell of them out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from mllint.finding import Finding, Severity
from mllint.parse.source import Location
from mllint.report.markup import Child, element
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.smoke.checks import Check, Outcome

_OUTCOMES = {
    Outcome.PASS: "pass",
    Outcome.FAIL: "fail",
    Outcome.WARNING: "warn",
    Outcome.NOT_MEASURED: "warn",
}
_SEVERITIES = {Severity.ERROR: "fail", Severity.WARNING: "warn"}


def pill(text: str, kind: str | None = None) -> Element:
    """A word of a verdict; kind: pass, fail or warn."""
    name = f"pill {kind}" if kind else "pill"
    return element("span", text, attributes={"class": name})


def section(title: str, *children: Child) -> Element:
    """A part of the page under a heading."""
    return element("section", element("h2", title), *children)


def help_line(text: str, word: str = "help") -> Element:
    """What to do next."""
    return element("p", element("b", f"{word}: "), text, attributes={"class": "help"})


def check_list(checks: Sequence[Check]) -> Element:
    """The failed checks, then the others, each group in the order in which they are told."""
    order = sorted(checks, key=lambda check: check.outcome is not Outcome.FAIL)
    return element("ul", *map(_check, order), attributes={"class": "checks"})


def _check(check: Check) -> Element:
    detail = f": {check.detail}" if check.detail else ""
    told: list[Element] = [element("div", element("b", check.name), detail)]
    notes = [element("div", note, attributes={"class": "note"}) for note in check.notes]
    if check.outcome is Outcome.FAIL or len(notes) < 2:
        told += notes
    else:
        told.append(folded(f"{len(notes)} notes", *notes))
    if check.help and check.outcome is not Outcome.PASS:
        told.append(help_line(check.help))
    return element(
        "li",
        element("div", pill(check.outcome.value, _OUTCOMES.get(check.outcome))),
        element("div", *told, attributes={"class": "told"}),
    )


def folded(summary: str, *children: Child) -> Element:
    """What is shown when it is asked for."""
    return element("details", element("summary", summary), *children)


def predictions(pairs: Sequence[Pair]) -> Iterator[Element]:
    """The predictions that do not hold, and behind a fold the others."""
    wrong = [pair for pair in pairs if pair.verdict is Verdict.REFUTED]
    others = [pair for pair in pairs if pair.verdict is not Verdict.REFUTED]
    numbers = Counter(pair.verdict for pair in pairs)
    counted = [f"{numbers[each]} {each.value}" for each in Verdict if numbers[each]]
    yield element("p", ", ".join(counted))
    if wrong:
        yield _pair_table(wrong)
    if others:
        yield folded("the others" if wrong else "all of them", _pair_table(others))


def _pair_table(pairs: Iterable[Pair]) -> Element:
    rows = [
        (
            pill(pair.verdict.value, _kind(pair)),
            pair.fact,
            pair.predicted if pair.predicted is not None else f"not known: {pair.reason or ''}",
            pair.measured if pair.measured is not None else f"not known: {pair.reason or ''}",
            place(pair.location),
        )
        for pair in pairs
    ]
    return table(("", "", "plan", "image", "from"), rows)


def _kind(pair: Pair) -> str | None:
    """Of what the project does not ask for it may be the plan that is wrong."""
    if pair.verdict is Verdict.REFUTED:
        return "fail" if pair.declared else "warn"
    return "pass" if pair.verdict is Verdict.CONFIRMED else None


def table(heads: Sequence[str], rows: Iterable[Sequence[Child]]) -> Element:
    """A table; a head may be "". On a narrow page each cell says its own head."""
    head = element("tr", *(element("th", name) for name in heads))
    body = [
        element(
            "tr",
            *(
                element("td", cell, attributes={"data-head": name or None})
                for name, cell in zip(heads, row, strict=True)
            ),
        )
        for row in rows
    ]
    return element("table", element("thead", head), element("tbody", *body))


def findings(found: Iterable[Finding]) -> Element:
    """The findings, those that are ignored last."""
    order = sorted(found, key=lambda finding: (finding.suppressed is not None, -finding.severity))
    return element("ul", *map(_finding, order), attributes={"class": "checks"})


def _finding(finding: Finding) -> Element:
    problem, suppressed = finding.problem, finding.suppressed
    page = finding.url if finding.url.startswith("https://") else None
    rule = element("a", finding.rule, attributes={"href": page})
    reason = f": {suppressed.reason}" if suppressed and suppressed.reason else ""
    told = [
        element("div", f"{place(problem.location)}: {problem.message} (", rule, ")"),
        help_line(problem.help),
    ]
    kind = None if suppressed else _SEVERITIES.get(finding.severity)
    word = f"ignored by {suppressed.kind}{reason}" if suppressed else str(finding.severity)
    if suppressed:
        told.append(element("div", word, attributes={"class": "note"}))
    mark = pill("ignored" if suppressed else str(finding.severity), kind)
    return element("li", element("div", mark), element("div", *told, attributes={"class": "told"}))


def place(location: Location) -> str:
    """`Dockerfile:3`."""
    return f"{location.path}:{location.span.line}"
