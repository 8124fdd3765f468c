"""What `mllint verify` found out in, one self-contained HTML page out.

It loads nothing and runs nothing, and says so to the browser; its one style is named there by its
digest. All of its text is put in as text, so that none of it can be markup.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import Element, tostring

from mllint import __version__
from mllint.report.markup import element
from mllint.report.page.checks import (
    check_list,
    findings,
    help_line,
    pill,
    place,
    predictions,
    section,
)
from mllint.report.page.space import space_sections
from mllint.report.page.stack import clashes, stack, stack_picture
from mllint.report.page.stages import stage_graph, stage_picture
from mllint.report.text import plural
from mllint.report.verify_redacted import redacted
from mllint.report.verify_words import (
    UNSEEN,
    UNSEEN_HELP,
    counts_text,
    gpu_text,
    kept_lines,
    verdict_text,
)
from mllint.verify.verification import (
    FOUND,
    INCOMPLETE,
    PASSED,
    BuildFailure,
    Verification,
)

_KINDS = {PASSED: "pass", FOUND: "warn", INCOMPLETE: "warn"}


def verify_html(of: Verification, exit_code: int, redact: Callable[[str], str] = str) -> str:
    """The page, ending with a newline."""
    of = redacted(of, redact)
    style = Path(__file__).with_name("page").joinpath("style.css").read_text("utf-8")
    body = element("body", _header(of, exit_code), *_sections(of, redact), _footer())
    page = element("html", _head(of, style), body, attributes={"lang": "en"})
    return f"<!DOCTYPE html>\n{tostring(page, encoding='unicode', method='html')}\n"


def _head(of: Verification, style: str) -> Element:
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    sheet = element("style")
    sheet.text = style  # is no text of others, and is not to be escaped
    return element(
        "head",
        element("meta", attributes={"charset": "utf-8"}),
        element("meta", attributes={"http-equiv": "Content-Security-Policy", "content": policy}),
        element(
            "meta",
            attributes={"name": "viewport", "content": "width=device-width, initial-scale=1"},
        ),
        element("meta", attributes={"name": "color-scheme", "content": "light dark"}),
        element("title", f"mllint verify: {of.title}"),
        sheet,
    )


def _header(of: Verification, exit_code: int) -> Element:
    kind = _KINDS.get(exit_code, "fail")
    facts = [("Engine", f"{of.engine}, {of.platform}")]
    if of.build is not None:
        verb = "failed after" if of.build.failure is not None else "took"
        facts.append(("Build", f"{verb} {of.build.seconds:.0f} s, by {of.build.builder}"))
    if of.tested is not None:
        facts.append(("Image", of.tested.image.id))
        facts.append(("Checks", counts_text(of)))
        if of.unseen:
            facts.append(("Not tested", f"{UNSEEN}; {UNSEEN_HELP}"))
        facts.append(("GPU", f"{gpu_text(of)}{' (required)' if of.gpu_required else ''}"))
    facts += [("Kept", line) for line in kept_lines(of.kept)]
    facts += [("Could not be removed", left) for left in of.left]
    terms = [each for name, told in facts for each in (element("dt", name), element("dd", told))]
    return element(
        "header",
        pill(verdict_text(of, exit_code), kind),
        element("h1", of.title),
        element("dl", *terms, attributes={"class": "facts"}),
        attributes={"class": kind},
    )


def _sections(of: Verification, redact: Callable[[str], str]) -> Iterator[Element]:
    failure = of.build.failure if of.build is not None else None
    if failure is not None:
        yield section("The build failed", *_failure(failure))
    yield element("div", *_pictures(of, redact), attributes={"class": "pair"})
    if of.checks:
        yield section("Checks", check_list(of.checks))
    if of.findings:
        yield section("Findings", findings(of.findings))
    if of.pairs:
        yield section("Predictions of the plan", *predictions(of.pairs))
    if of.tested is not None:
        yield from space_sections(of.tested.sizes, built=of.project is not None)


def _failure(failure: BuildFailure) -> Iterator[Element]:
    known = failure.known
    what = known.message if known is not None else failure.message
    where = f"{place(failure.location)}: " if failure.location is not None else ""
    yield element("p", where, element("b", what))
    if failure.step:
        yield element("p", "in ", element("code", failure.step))
    if failure.output:
        yield element("pre", "\n".join(failure.output))
    if known is not None and known.message != failure.message:
        note = f"the builder says: {failure.message}"
        yield element("p", note, attributes={"class": "note"})
    advice = known.help if known is not None else failure.help
    if advice:
        yield help_line(advice)
    if known is not None and known.rule is not None:
        yield help_line(f"mllint explain {known.rule}", "more")


def _pictures(of: Verification, redact: Callable[[str], str]) -> Iterator[Element]:
    parts = redacted(stack(of), redact)
    names = ("CUDA", "cuDNN")
    twice = [name for name, differs in zip(names, clashes(parts), strict=True) if differs]
    notes = [f"{name} is there in more than one major version" for name in twice]
    if of.tested is None:
        notes.append("as far as the plan knows: no image was made")
    told = [element("p", note, attributes={"class": "note"}) for note in notes]
    yield section("Stack", stack_picture(parts), *told)
    if of.project is not None and of.project.stages:
        graph = redacted(stage_graph(of.project), redact)
        told = [element("p", "solid: FROM, dashed: COPY --from", attributes={"class": "note"})]
        if graph.left_out:
            more = f"{plural(graph.left_out, 'stage')} not shown"
            told.append(element("p", more, attributes={"class": "note"}))
        yield section("Stages", stage_picture(graph), *(told if graph.edges else told[1:]))


def _footer() -> Element:
    return element("footer", f"mllint {__version__}")
