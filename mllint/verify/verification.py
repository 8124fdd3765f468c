"""All that one run of `mllint verify` found out, as a value: what its reports are made of."""

from mllint.facts.project import Project
from mllint.finding import Finding, Severity
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables.build_failures import KnownFailure
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.comparing.sizes import ImageSizes
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.checks import Check, Outcome
from mllint.verify.smoke.judging import GpuState, SmokeTest

PASSED, FOUND, SMOKE_FAILED, INCOMPLETE = 0, 1, 5, 6
"""Exit codes: as predicted; findings; a build or a check failed; it could not be told."""


class BuildFailure(NamedTuple):
    """A build without an image. location: of the step; output: its last lines, safe to print.

    known: what the table of failures says of it, None for one that it does not have. help: the
    next thing to type, "" where nothing is known of it.
    """

    message: str
    step: str
    location: Location | None
    output: tuple[str, ...]
    known: KnownFailure | None
    help: str = ""


class Build(NamedTuple):
    """How the image was built; failure: None when it was."""

    builder: str
    seconds: float
    failure: BuildFailure | None = None


class Tested(NamedTuple):
    """An image and what its containers told.

    facts: None for an image that no probe told of. probed: whether a container of it ran.
    """

    image: ImageInfo
    smoke: SmokeTest
    gpu: GpuStart
    pairs: tuple[Pair, ...]
    sizes: ImageSizes
    facts: ImageFacts | None = None
    volumes: tuple[VolumeSeen, ...] = ()
    probed: bool = False


class Kept(NamedTuple):
    """What stays by `--keep`, by name; None: there was none, or it was there before."""

    image: str | None = None
    container: str | None = None


class VerifiedService(NamedTuple):
    """The service that an image was run as, and where it stands.

    user, shm_bytes, memory_bytes: None where neither it nor the command line says anything.
    volumes: what stood in for its mounts.
    """

    name: str
    path: str
    line: int
    user: str | None
    shm_bytes: int | None
    memory_bytes: int | None
    volumes: tuple[VolumeSeen, ...] = ()


class Verification(NamedTuple):
    """One run. subject: the Dockerfile or compose file as shown, or the name of the image.

    engine: its kind, version and place. build: None for an image that was there. tested: None when
    there is no image. findings: those of the comparison, by the configuration. left: what could
    not be removed, with the reason.
    """

    subject: str
    engine: str
    platform: str
    project: Project | None
    build: Build | None
    tested: Tested | None
    findings: tuple[Finding, ...] = ()
    gpu_required: bool = False
    kept: Kept = Kept()
    left: tuple[str, ...] = ()
    service: VerifiedService | None = None

    @property
    def title(self) -> str:
        """What reports call it: with the service, where there is one."""
        return self.subject + (f", service {self.service.name}" if self.service is not None else "")

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks of the smoke test; none where no image was built."""
        return self.tested.smoke.checks if self.tested is not None else ()

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Predictions and measurements."""
        return self.tested.pairs if self.tested is not None else ()

    @property
    def gpu(self) -> GpuState:
        """What is known of the GPU."""
        return self.tested.smoke.gpu if self.tested is not None else GpuState.NOT_SEEN

    @property
    def gpu_missing(self) -> bool:
        """Whether a GPU was demanded that was not shown to work."""
        return self.gpu_required and self.gpu in (GpuState.NOT_SEEN, GpuState.UNPROVEN)

    @property
    def unseen(self) -> bool:
        """Whether all that is known of the image's inside is that it starts, if that."""
        return self.tested is not None and self.tested.smoke.ok and self.tested.smoke.unseen

    def exit_code(self, fail_level: Severity | None) -> int:
        """The worst of what was found; fail_level: None, when no finding is to fail the run."""
        if self.tested is None or not self.tested.smoke.ok:
            return SMOKE_FAILED
        if self.gpu_missing or self.unseen:
            return INCOMPLETE
        shown = (finding for finding in self.findings if finding.suppressed is None)
        failing = fail_level is not None and any(each.severity >= fail_level for each in shown)
        return FOUND if failing else PASSED


def count_checks(verification: Verification, outcome: Outcome) -> int:
    """How many checks came out so."""
    return sum(check.outcome is outcome for check in verification.checks)


def count_pairs(verification: Verification, verdict: Verdict) -> int:
    """How many predictions came out so."""
    return sum(pair.verdict is verdict for pair in verification.pairs)
