"""A predicted value and a measured one in, a `Pair` with its verdict out; knows neither side."""

from enum import Enum

from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.report.visible import visible

ABSENT = "none"


class Verdict(Enum):
    """What became of a prediction."""

    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    NOT_MEASURED = "not measured"
    NOT_PREDICTED = "not predicted"


class Pair(NamedTuple):
    """A fact as the plan has it and as the image has it.

    predicted, measured: text that is safe to print, None where that side does not tell; reason:
    why it does not.
    location: where the prediction comes from. declared: the project itself asks for a version of
    a package: where the image has another one, it is the image that is wrong.
    """

    fact: str
    predicted: str | None
    measured: str | None
    verdict: Verdict
    reason: str | None
    location: Location
    declared: bool = False


class Measured(NamedTuple):
    """A measured value as text (None: it is certainly absent), or why there is none."""

    value: str | None
    missing: str | None = None


def judged(
    fact: str, predicted: object, measured: Measured, holds: bool, location: Location
) -> Pair:
    """The pair; `holds`: whether the two agree, which counts only where both are told."""
    shown = None if measured.missing else visible(measured.value or ABSENT)
    if isinstance(predicted, Unknown):
        return Pair(fact, None, shown, Verdict.NOT_PREDICTED, str(predicted), location)
    told = ABSENT if predicted is None else visible(str(predicted))
    if measured.missing is not None:
        return Pair(fact, told, None, Verdict.NOT_MEASURED, measured.missing, location)
    verdict = Verdict.CONFIRMED if holds else Verdict.REFUTED
    return Pair(fact, told, shown, verdict, None, location)


def equal(fact: str, predicted: object, measured: Measured, location: Location) -> Pair:
    """The pair of two values that must be the same text."""
    told = None if predicted is None else str(predicted)
    return judged(fact, predicted, measured, told == measured.value, location)


def begins(fact: str, predicted: object, measured: Measured, location: Location) -> Pair:
    """The pair of a version and one that may say more: 12.1 and 12.1.105, 22.04 and 22.04."""
    if predicted is None or measured.value is None:
        holds = predicted is None and measured.value is None
    else:
        told = str(predicted).split(".")
        found = measured.value.split(".")
        length = min(len(told), len(found))
        holds = told[:length] == found[:length]
    return judged(fact, predicted, measured, holds, location)
