"""hash-mode-broken: pip checks hashes, and a requirement of the same command has none."""

from collections.abc import Iterator

from mllint.facts.installs.hash_mode import Unhashed, unhashed
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

WORDS = ("hash",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each command that pip refuses for want of a hash."""
    for found in unhashed(project.installs):
        yield _problem(found)


def _problem(found: Unhashed) -> Problem:
    first, *others = found.installs
    source = first.editable or (first.url is not None and not first.url.endswith(".whl"))
    why = "--require-hashes is set"
    if found.cause is not None:
        why = f"{found.cause.text} has one, so pip asks for all of them"
    return Problem(
        location=first.location,
        message=f"{first.text} {'cannot have a' if source else 'has no'} hash, and {why}",
        help="install it in a command of its own" if source else "add its `--hash=sha256:…`",
        related=tuple(Related(each.location, f"nor has {each.text}") for each in others),
        severity=Severity.WARNING if all(each.conditional for each in found.installs) else None,
        stage=found.stage,
    )
