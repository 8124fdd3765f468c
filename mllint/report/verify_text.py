"""What `mllint verify` found out in, text for a terminal out; judges nothing."""

from collections.abc import Callable, Iterator
from textwrap import wrap

from mllint.report.size import size_text
from mllint.report.text import place_text, plural
from mllint.report.verify_redacted import redacted
from mllint.report.verify_words import (
    UNSEEN,
    UNSEEN_HELP,
    counts_text,
    gpu_text,
    kept_lines,
    pair_text,
)
from mllint.report.visible import commandless, visible
from mllint.verify.comparing.comparison import Verdict
from mllint.verify.comparing.sizes import ImageSizes, LayerSize
from mllint.verify.smoke.checks import Check, Outcome
from mllint.verify.verification import BuildFailure, Verification, count_checks, count_pairs

_MARKS = {
    Outcome.PASS: ("pass", "green"),
    Outcome.FAIL: ("FAIL", "red"),
    Outcome.WARNING: ("warn", "yellow"),
    Outcome.SKIPPED: ("skip", None),
    Outcome.NOT_MEASURED: ("?", "yellow"),
}
_WIDTH = 100
_INDENT = 6
_MOST_SHOWN = 5
_LAST_LINES = 15

Style = Callable[[str, str | None], str]


def verify_text(
    verification: Verification,
    redact: Callable[[str], str] = str,
    *,
    color: bool = False,
    verbose: bool = False,
    quiet: bool = False,
) -> str:
    """The whole report, or with `quiet` what failed and the last line only."""
    of = redacted(verification, redact)
    lines = _Lines(of, styled if color else plain, verbose=verbose, quiet=quiet).all()
    return commandless("".join(f"{line}\n" for line in lines))


class _Lines:
    """The lines of one report."""

    def __init__(
        self, verification: Verification, style: Style, *, verbose: bool, quiet: bool
    ) -> None:
        self._of = verification
        self._style = style
        self._verbose = verbose
        self._quiet = quiet

    def all(self) -> Iterator[str]:
        if not self._quiet:
            yield from self._head()
        failure = self._of.build.failure if self._of.build is not None else None
        if failure is not None:
            yield from self._failure(failure)
        for check in self._of.checks:
            if not self._quiet or check.outcome is Outcome.FAIL:
                yield from self._check(check)
        if self._of.tested is not None and not self._quiet:
            yield from self._predictions()
            yield from self._sizes(self._of.tested.sizes)
        yield from self._end()

    def _head(self) -> Iterator[str]:
        of = self._of
        yield f"{self._style(visible(of.title), None)} on {visible(of.engine)}, {of.platform}"
        if of.build is not None and of.build.failure is None:
            yield f"built in {of.build.seconds:.0f} s by {of.build.builder}"
        if of.project is not None and of.service is None:
            for builder in of.project.builders:
                yield f"with what is set for it by {visible(str(builder))}"
        yield ""

    def _failure(self, failure: BuildFailure) -> Iterator[str]:
        place = f"{place_text(failure.location)}: " if failure.location is not None else ""
        what = failure.known.message if failure.known is not None else failure.message
        yield f"{place}{self._style('the build failed', 'red')}: {visible(what)}"
        if failure.step:
            yield f"  in {visible(failure.step)}"
        shown = failure.output if self._verbose else failure.output[-_LAST_LINES:]
        for line in shown:
            yield f"  | {visible(line)}"
        if failure.known is not None and failure.known.message != failure.message:
            yield f"  the builder says: {visible(failure.message)}"
        if failure.help:
            yield f"{self._style('help', 'green')}: {visible(failure.help)}"
        if failure.known is not None and failure.known.rule is not None:
            yield f"      mllint explain {failure.known.rule}"
        if self._quiet:
            yield ""

    def _check(self, check: Check) -> Iterator[str]:
        return check_lines(check, self._style, verbose=self._verbose)

    def _predictions(self) -> Iterator[str]:
        confirmed = count_pairs(self._of, Verdict.CONFIRMED)
        wrong = [pair for pair in self._of.pairs if pair.verdict is Verdict.REFUTED]
        if not self._of.pairs:
            return
        yield ""
        told = plural(confirmed, "prediction")
        yield f"{told} of the plan confirmed, {len(wrong)} refuted" + (":" if wrong else "")
        for pair in self._of.pairs if self._verbose else wrong:
            yield f"  {pair_text(pair)}"

    def _sizes(self, sizes: ImageSizes) -> Iterator[str]:
        yield ""
        filled = [layer for layer in sizes.layers if layer.size_bytes]
        yield f"{size_text(sizes.total_bytes)} in {plural(len(filled), 'layer')}"
        for layer in sorted(filled, key=lambda layer: -layer.size_bytes)[:_MOST_SHOWN]:
            yield f"  {size_text(layer.size_bytes):>8}  {self._layer(layer)}"
        if sizes.packages:
            shown = ", ".join(
                f"{visible(each.name)} {size_text(each.size_bytes)}"
                for each in sizes.packages[:_MOST_SHOWN]
            )
            yield from wrapped(f"Python packages: {shown}", "  ")
        for twin in sizes.twins:
            copies = " and ".join(visible(copy.path) for copy in twin.copies)
            yield from wrapped(
                f"{visible(twin.name)} twice, {size_text(twin.extra_bytes)} more: {copies}", "  "
            )
        for left in sizes.leftovers[:_MOST_SHOWN]:
            yield f"  left by the build: {visible(left.path)} ({size_text(left.size_bytes)})"

    def _layer(self, layer: LayerSize) -> str:
        if layer.location is not None:
            return f"line {layer.location.span.line}: {_cut(layer.text)}"
        if self._of.project is None:
            return _cut(layer.text) or "a step that its history does not name"
        return f"base image: {_cut(layer.text)}" if layer.text else "base image"

    def _end(self) -> Iterator[str]:
        of = self._of
        if of.tested is not None and not self._quiet:  # a failure ends with a blank line of its own
            yield ""
        if of.tested is None:
            yield self._style("no image: nothing was tested", "red")
        else:
            color = "red" if count_checks(of, Outcome.FAIL) else "green"
            yield f"{self._style(counts_text(of), color)}; {gpu_text(of)}"
        if of.unseen:
            yield self._style(UNSEEN, "yellow")
            yield f"{self._style('help', 'green')}: {UNSEEN_HELP}"
        yield from kept_lines(of.kept)
        for left in of.left:
            yield f"could not be removed: {visible(left)}"


def check_lines(check: Check, style: Style, *, verbose: bool) -> Iterator[str]:
    """What came of a check; what else was seen of one that failed, or with `verbose`."""
    mark, color = _MARKS[check.outcome]
    detail = f": {visible(check.detail)}" if check.detail else ""
    yield from wrapped(f"{visible(check.name)}{detail}", f"{style(f'{mark:<4}', color)}  ")
    told = check.notes if verbose or check.outcome is Outcome.FAIL else ()
    for note in told:
        yield from wrapped(visible(note), " " * _INDENT)
    if check.help and check.outcome is not Outcome.PASS:
        yield from wrapped(f"help: {visible(check.help)}", " " * _INDENT)


def wrapped(text: str, first: str) -> Iterator[str]:
    """The text in lines, the first one behind `first`, the others as far in."""
    lines = wrap(text, _WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False)
    for number, line in enumerate(lines or [""]):
        yield f"{first if number == 0 else ' ' * _INDENT}{line}"


def _cut(text: str) -> str:
    text = visible(text)
    return text if len(text) <= _WIDTH - 30 else f"{text[: _WIDTH - 31]}…"


def plain(text: str, _color: str | None) -> str:
    """The text as it is: a Style without colours."""
    return text


def styled(text: str, color: str | None) -> str:
    """The text in bold, and in the colour: a Style for a terminal."""
    import click

    return click.style(text, fg=color, bold=True)
