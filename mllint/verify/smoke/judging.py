"""What the containers of one image told in, the smoke test's checks and its verdict out.

Pure: what was measured is all there is. That a GPU works is said only where one computed.
"""

from collections.abc import Collection
from enum import Enum

from mllint.named_tuple import NamedTuple
from mllint.tables import Tables
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.smoke.checks import Check, Outcome, not_measured
from mllint.verify.smoke.container import container_checks
from mllint.verify.smoke.gpu import gpu_checks
from mllint.verify.smoke.imports import import_checks
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.python import python_checks
from mllint.verify.smoke.service import service_checks
from mllint.verify.smoke.volumes import volume_checks


class GpuState(Enum):
    """What the smoke test knows of the GPU."""

    PROVEN = "a GPU computed what the CPU computes"
    FAILED = "a GPU was there, and something on it failed"
    UNPROVEN = "a GPU was there, and nothing was computed on it"
    NOT_SEEN = "no GPU was seen"


class SmokeTest(NamedTuple):
    """The checks in the order in which they are told, and what they say together.

    unseen: no probe told anything, no command of the user was run, nothing was written.
    """

    checks: tuple[Check, ...]
    gpu: GpuState
    unseen: bool = False

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that found the image at fault."""
        return tuple(check for check in self.checks if check.outcome is Outcome.FAIL)

    @property
    def ok(self) -> bool:
        """Whether none failed; what was not measured does not count."""
        return not self.failed

    @property
    def gpu_shown(self) -> bool:
        """Whether the GPU was shown to work: what `--require-gpu` asks for."""
        return self.gpu is GpuState.PROVEN


def smoke_test(given: SmokeInput, tables: Tables) -> SmokeTest:
    """All checks, with and without a GPU."""
    facts = given.facts
    checks = list(container_checks(given))
    if given.service is not None:
        checks += volume_checks(given.volumes, given.service)
        checks += service_checks(given.service)
    if facts is None:
        checks.append(not_measured("Python", given.no_probe or _probe_fault(given)))
    else:
        checks.extend(python_checks(given, facts))
        checks.extend(import_checks(facts, given.only_conda, tables))
    graphics = tuple(gpu_checks(given.gpu, facts, given.targets, tables))
    checks.extend(graphics)
    if facts is not None:
        checks.extend(_faults(facts))
    told = (each for each in given.volumes if not each.unseen)
    written = any(e.written or (e.written is False and not e.doubt) for e in told)
    unseen = facts is None and not given.commands and not written
    return SmokeTest(tuple(checks), gpu_state(facts, graphics), unseen)


def gpu_state(facts: ImageFacts | None, checks: Collection[Check]) -> GpuState:
    """PROVEN only where nvidia-smi lists a GPU and every computation on one was right."""
    seen = facts is not None and facts.nvidia is not None and facts.nvidia.ok and facts.gpus
    if facts is None or not seen:
        return GpuState.NOT_SEEN
    if any(check.outcome is Outcome.FAIL for check in checks):
        return GpuState.FAILED
    computed = any(each.ok is True and each.device is not None for each in facts.computations)
    return GpuState.PROVEN if computed else GpuState.UNPROVEN


def _probe_fault(given: SmokeInput) -> str:
    return f"the probe {given.probe.why}" if given.probe is not None else "no probe was run"


def _faults(facts: ImageFacts) -> list[Check]:
    """What the probe could not tell: a check each, so that silence is not taken for soundness."""
    return [not_measured(f"probe: {fault.probe}", fault.reason) for fault in facts.faults]
