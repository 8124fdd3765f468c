"""All that the containers of one image told, as a value: what the smoke test judges by."""

from collections.abc import Collection

from mllint.facts.compose.container import ServiceContainer
from mllint.named_tuple import NamedTuple
from mllint.verify.comparing.comparison import Pair
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import GpuStart, RunResult, StopResult
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.requirement_conflicts import Conflict


class SmokeInput(NamedTuple):
    """All that was measured; None: that container was not run.

    probe: how the container with the probe ended, facts: what it told (None: an image without
    Python, `no_probe` says so). other_user: what a probe under another user id told. start: with
    the image's own start command, for a while; stop: how that one ended when it was told to, with
    `grace_s` until it would have been killed; graceful_stop: it has to end before. commands: what
    the user wants run. gpu: whether the probe's container got a GPU. pairs: predictions and
    measurements. base_conflicts: requirements that hold as little in the base image. only_conda:
    wanted packages that conda alone installs. wanted_shm_bytes: what the container was given.
    targets: capabilities (86 is 8.6) to run on.
    service: the one that the image is run as, and its volumes; image: then with what it sets.
    """

    image: ImageInfo
    probe: RunResult | None = None
    facts: ImageFacts | None = None
    no_probe: str | None = None
    other_user: ImageFacts | None = None
    start: RunResult | None = None
    stop: StopResult | None = None
    grace_s: float = 10.0
    commands: tuple[tuple[str, RunResult], ...] = ()
    gpu: GpuStart = GpuStart()
    pairs: tuple[Pair, ...] = ()
    base_conflicts: Collection[Conflict] = ()
    only_conda: frozenset[str] = frozenset()
    wanted_shm_bytes: int | None = None
    targets: tuple[int, ...] = ()
    service: ServiceContainer | None = None
    volumes: tuple[VolumeSeen, ...] = ()
    graceful_stop: bool = False
