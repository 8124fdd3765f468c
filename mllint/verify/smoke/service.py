"""What a service has that its test did not in, checks that say so out."""

from collections.abc import Iterator

from mllint.facts.compose.container import ServiceContainer
from mllint.verify.smoke.checks import Check, skipped


def service_checks(of: ServiceContainer) -> Iterator[Check]:
    """Keys that no container of a test is given, and the services that were not started."""
    if of.refused:
        told = ", ".join(of.refused)
        yield skipped("not given", f"{told}: a test has no privileges and no part of the machine")
    if of.needs:
        yield skipped("other services", f"{', '.join(of.needs)}: only {of.name} was started")
