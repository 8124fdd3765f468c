"""An image and what is wanted of it in, what its containers told out: the input of the smoke test.

Two containers of its own, the probe and the start command; one for each command of the user, for
another user, and for the base image where a requirement does not hold.
"""

from collections.abc import Mapping
from types import MappingProxyType

from mllint.named_tuple import NamedTuple
from mllint.verify.engines.container_spec import ContainerSpec, Gpus
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import ImageMissing
from mllint.verify.engines.image_info import ImageInfo, read_image
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.engines.starts import GRACE_S, run_command, start_and_stop
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.probing.probe_run import probe_image
from mllint.verify.probing.probe_script import ProbeOrder, new_token
from mllint.verify.services.keeping import keep_volumes
from mllint.verify.services.serving import Serving
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.requirement_conflicts import Conflict, requirement_conflicts

_LEAST_MEMORY_BYTES = 4 * 1024**3
_SHORT_S = 60.0
# What root needs to be what root is in images: to read what belongs to others, to give files away,
# and to go on as another user, as entrypoints do. Docker leaves it these and nine more.
CAPABILITIES = ("CHOWN", "DAC_OVERRIDE", "FOWNER", "SETGID", "SETUID")


class Wanted(NamedTuple):
    """What is wanted of an image.

    distributions, modules_of, imports, system_packages: as in ProbeOrder. only_conda, targets,
    graceful_stop: as in SmokeInput. commands: to be run by the image's shell. timeout_s: for each
    import and each command. gpus: None: none, `no_gpu` says why. network: `none`, or that of
    `--network`. user: another one to look at folders for. base: the image that it was built from,
    where known. keep_as: a name for the container of the probe, None: it is removed.
    labels: those of the run. serving: the service that the image is run as.
    """

    distributions: tuple[str, ...] = ()
    modules_of: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    only_conda: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    timeout_s: float = 120.0
    gpus: Gpus | None = None
    no_gpu: str = "none was asked for"
    targets: tuple[int, ...] = ()
    memory_bytes: int | None = None
    shm_bytes: int | None = None
    network: str = "none"
    user: str | None = None
    graceful_stop: bool = False
    base: str | None = None
    labels: Mapping[str, str] = MappingProxyType({})
    platform: str | None = None
    serving: Serving | None = None
    keep_as: str | None = None


def run_smoke(engine: Engine, image: ImageInfo, wanted: Wanted) -> tuple[SmokeInput, GpuStart]:
    """What the containers of the image told, and what became of the GPU."""
    serving = wanted.serving
    image = image if serving is None else serving.image(image)
    plain = spec = _spec(engine, image, wanted)
    volumes: tuple[VolumeSeen, ...] = ()
    grace_s = GRACE_S
    if serving is not None:
        spec, grace_s = serving.spec(plain), serving.grace_s(GRACE_S)
        serving.stand_ins.fill(engine, plain)
        volumes = keep_volumes(engine, image, spec, serving.stand_ins)
        spec = serving.stand_ins.given(spec)
    # With an init, a program that is not there ends a container that has started.
    probed = probe_image(engine, image, _order(wanted), spec._replace(init=False), wanted.keep_as)
    gpu = probed.gpu if probed.gpu.asked else GpuStart(reason=wanted.no_gpu)
    spec = spec._replace(gpus=wanted.gpus if gpu.asked and gpu.fault is None else None)
    start, stop = start_and_stop(engine, image, spec, grace_s, wanted.graceful_stop)
    ran = (run_command(engine, spec, text, wanted.timeout_s) for text in wanted.commands)
    given = SmokeInput(
        image,
        probed.result,
        probed.facts,
        probed.reason,
        _other_user(engine, image, wanted, spec),
        start,
        stop,
        grace_s,
        tuple(zip(wanted.commands, ran, strict=True)),
        gpu,
        base_conflicts=_base_conflicts(engine, probed.facts, wanted, plain),
        only_conda=wanted.only_conda,
        wanted_shm_bytes=wanted.shm_bytes,
        graceful_stop=wanted.graceful_stop,
        targets=wanted.targets,
        service=None if serving is None else serving.container,
        volumes=volumes,
    )
    return given, gpu


def _spec(engine: Engine, image: ImageInfo, wanted: Wanted) -> ContainerSpec:
    return ContainerSpec(
        image.id,
        labels=wanted.labels,
        network=wanted.network,
        memory_bytes=wanted.memory_bytes or max(_LEAST_MEMORY_BYTES, engine.info.memory_bytes // 2),
        shm_bytes=wanted.shm_bytes,
        gpus=wanted.gpus,
        platform=wanted.platform,
        capabilities=_powers(image.user),
    )


def _powers(user: str) -> tuple[str, ...]:
    """The capabilities for what begins as this user."""
    # Podman leaves them to other users than root, too, who may then write everywhere.
    return CAPABILITIES if user.partition(":")[0] in ("", "0", "root") else ()


def _order(wanted: Wanted) -> ProbeOrder:
    return ProbeOrder(
        new_token(),
        wanted.distributions,
        wanted.modules_of,
        wanted.imports,
        wanted.timeout_s,
        system_packages=wanted.system_packages,
    )


def _other_user(
    engine: Engine, image: ImageInfo, wanted: Wanted, spec: ContainerSpec
) -> ImageFacts | None:
    """What the folders of the image are to the other user; None where none is asked for."""
    if wanted.user is None:
        return None
    probes = ("interpreter", "system", "distributions")
    order = ProbeOrder(new_token(), total_s=_SHORT_S, probes=probes)
    spec = spec._replace(user=wanted.user, gpus=None, capabilities=_powers(wanted.user))
    return probe_image(engine, image, order, spec).facts


def _base_conflicts(
    engine: Engine, facts: ImageFacts | None, wanted: Wanted, spec: ContainerSpec
) -> tuple[Conflict, ...]:
    """The requirements that hold as little in the base image, where the engine has it."""
    if facts is None or wanted.base is None or not requirement_conflicts(facts):
        return ()
    try:
        base = read_image(engine, wanted.base)
    except ImageMissing:
        return ()
    order = ProbeOrder(new_token(), total_s=_SHORT_S, probes=("interpreter", "distributions"))
    spec = spec._replace(image=base.id, gpus=None, capabilities=_powers(base.user))
    found = probe_image(engine, base, order, spec).facts
    return requirement_conflicts(found) or () if found is not None else ()
