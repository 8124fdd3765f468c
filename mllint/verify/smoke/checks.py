"""A check of the smoke test and what came of it, as values; judges nothing."""

from enum import Enum

from mllint.named_tuple import NamedTuple


class Outcome(Enum):
    """What came of a check.

    WARNING: it costs something, and fails no run. SKIPPED: it does not apply. NOT_MEASURED: it
    could not be made.
    """

    PASS = "pass"
    FAIL = "fail"
    WARNING = "warning"
    SKIPPED = "skipped"
    NOT_MEASURED = "not measured"


class Check(NamedTuple):
    """One check: its name, what came of it, and what was seen (of a check not made: why not).

    notes: what else is worth knowing, a line each. help: what to do about a failure.
    """

    name: str
    outcome: Outcome
    detail: str
    notes: tuple[str, ...] = ()
    help: str = ""


def passed(name: str, detail: str, notes: tuple[str, ...] = ()) -> Check:
    """A check that went well."""
    return Check(name, Outcome.PASS, detail, notes)


def failed(name: str, detail: str, notes: tuple[str, ...] = (), help: str = "") -> Check:
    """A check that found the image at fault."""
    return Check(name, Outcome.FAIL, detail, notes, help)


def warned(name: str, detail: str, help: str) -> Check:
    """A check that found what is worth mending; the run does not fail by it."""
    return Check(name, Outcome.WARNING, detail, help=help)


def skipped(name: str, reason: str) -> Check:
    """A check that does not apply."""
    return Check(name, Outcome.SKIPPED, reason)


def not_measured(name: str, reason: str, help: str = "") -> Check:
    """A check that could not be made."""
    return Check(name, Outcome.NOT_MEASURED, reason, help=help)
