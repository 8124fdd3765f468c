"""Parts of a `Verification` in, the words that every report of it has for them out."""

from collections.abc import Iterator

from mllint.finding import Finding, Severity
from mllint.report.text import place_text, plural
from mllint.report.visible import visible
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.comparing.plan import REFUTED
from mllint.verify.smoke.checks import Outcome
from mllint.verify.smoke.judging import GpuState
from mllint.verify.verification import FOUND, INCOMPLETE, PASSED, Kept, Verification, count_checks

UNSEEN = "nothing in the image was tested but that it starts"
UNSEEN_HELP = "name a command that has to succeed: --run CMD"
_VERDICTS = {PASSED: "passed", FOUND: "passed, with findings", INCOMPLETE: "incomplete"}


def verdict_text(of: Verification, exit_code: int) -> str:
    """`passed`, `the build failed`…: what the run ended with, in a few words."""
    if of.tested is None:
        return "the build failed"
    return _VERDICTS.get(exit_code, "the smoke test failed")


def counts_text(of: Verification) -> str:
    """`12 passed, 0 failed, 1 warning, 3 not made`."""
    passed, failed, warned = (
        count_checks(of, outcome) for outcome in (Outcome.PASS, Outcome.FAIL, Outcome.WARNING)
    )
    other = len(of.checks) - passed - failed - warned
    warnings = f"{plural(warned, 'warning')}, " if warned else ""
    return f"{passed} passed, {failed} failed, {warnings}{other} not made"


def gpu_text(of: Verification) -> str:
    """What is known of the GPU; that one works is said only where one computed."""
    gpu = of.tested.gpu if of.tested is not None else None
    if of.gpu is GpuState.NOT_SEEN and gpu is not None:
        reason = visible(gpu.said or gpu.reason) if gpu.asked else gpu.reason
        return f"no GPU was seen: {reason}"
    return of.gpu.value


def kept_lines(kept: Kept) -> Iterator[str]:
    """What stays, and what to type to look into it and to remove it."""
    if kept.image is not None:
        yield f"the image stays as {kept.image}"
        yield f"  look into it: docker run --rm -it --entrypoint sh {kept.image}"
    if kept.container is not None:
        yield f"the probe's container stays as {kept.container}"
        yield f"  list its files: docker export {kept.container} | tar t"
    removing = [f"docker rm {kept.container}"] if kept.container is not None else []
    removing += [f"docker rmi {kept.image}"] if kept.image is not None else []
    if removing:
        yield f"  remove: {' && '.join(removing)}, or mllint verify --clean"


def pair_text(pair: Pair) -> str:
    """A prediction and what became of it, on one line."""
    return visible(_told(pair))


def _told(pair: Pair) -> str:
    where = place_text(pair.location)
    if pair.verdict is Verdict.NOT_PREDICTED:
        return f"{pair.fact}: {pair.measured}, not predicted: {pair.reason or ''} ({where})"
    if pair.verdict is Verdict.NOT_MEASURED:
        return f"{pair.fact}: predicted {pair.predicted}, not measured: {pair.reason or ''}"
    if pair.verdict is Verdict.CONFIRMED:
        return f"{pair.fact}: {pair.measured}"
    return f"{pair.fact}: the plan says {pair.predicted}, the image has {pair.measured} ({where})"


def finding_of(pair: Pair, of: Verification) -> Finding | None:
    """The finding about a prediction that does not hold; None where none is wanted of it."""
    if pair.verdict is not Verdict.REFUTED:
        return None
    for finding in of.findings:
        problem = finding.problem
        if finding.rule == REFUTED and problem.message.startswith(f"{pair.fact}: "):
            return finding
    return None


def counts(finding: Finding | None, fail_level: Severity | None) -> bool:
    """Whether the finding fails the run."""
    if finding is None or fail_level is None or finding.suppressed is not None:
        return False
    return finding.severity >= fail_level
