"""What a user wants of a run in, the GPUs that its containers ask for out."""

from mllint.facts.compose.container import ServiceContainer
from mllint.facts.cuda.gpu_evidence import gpu_evidence
from mllint.facts.cuda.uses import cuda_wheels
from mllint.facts.project import Project
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables
from mllint.verify.engines.container_spec import Gpus
from mllint.verify.engines.engine_info import EngineInfo
from mllint.verify.engines.failures import Refused
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.services.serving import gpus_of

_NO_DEVICES = ("", "none", "void")


class Wishes(NamedTuple):
    """What the user wants of a run, beside what the image is.

    gpus: `auto`, `none`, `all` or `device=ID,ID`. build_*: as `docker build` takes them. keep: the
    image stays. network: of the smoke test. user: another one, for whom folders are looked at.
    graceful_stop: the start command has to end on its stop signal.
    """

    gpus: str = "auto"
    gpu_required: bool = False
    imports: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    timeout_s: float = 120.0
    shm_bytes: int | None = None
    memory_bytes: int | None = None
    user: str | None = None
    network: str = "none"
    keep: bool = False
    build_timeout_s: float = 3600.0
    build_network: str | None = None
    build_shm_bytes: int | None = None
    secrets: tuple[str, ...] = ()
    no_cache: bool = False
    pull: bool = False
    builder: str | None = None
    graceful_stop: bool = False


def choose_gpus(
    wishes: Wishes,
    engine: EngineInfo,
    image: ImageInfo,
    project: Project | None,
    tables: Tables,
    service: ServiceContainer | None = None,
) -> tuple[Gpus | None, str]:
    """The GPUs to ask for; None and the reason why none are asked for.

    service: the one that is run, whose own request then counts, and not what the image may want.
    """
    if wishes.gpus == "none":
        return None, "--gpus none"
    if engine.kind == "podman":
        # It takes the request, starts the container, and gives it none (4.3.1, 2026-11-23).
        return None, "Podman gives its containers none through this API"
    if wishes.gpus.startswith("device="):
        ids = tuple(wishes.gpus.removeprefix("device=").split(","))
        return Gpus(ids, driver="cdi" if any("=" in each for each in ids) else ""), ""
    found, wish = every_gpu(engine), service.gpus if service is not None else None
    if wish is not None and wishes.gpus == "auto":
        found = gpus_of(wish, found)
    if wishes.gpus == "all" or wishes.gpu_required:
        return found, ""
    if service is not None and wish is None:
        return None, f"the service {service.name} asks for none"
    if service is None and not _is_wanted(image, project, tables):
        return None, "nothing in the image asks for one"
    if "nvidia" not in engine.runtimes and found.driver != "cdi":
        return None, "the engine offers none: no runtime nvidia, no CDI device"
    return found, ""


def every_gpu(engine: EngineInfo) -> Gpus:
    """What asks for all GPUs: of the runtime where there is one, else by a CDI device."""
    device = next((each for each in engine.cdi_devices if each.endswith("gpu=all")), None)
    if device is None or "nvidia" in engine.runtimes:
        return Gpus()
    return Gpus((device,), driver="cdi")


def refuse_early(wishes: Wishes, engine: EngineInfo) -> None:
    """Raise for what cannot come true on this engine, before hours are spent on a build.

    Docker is not judged by what it says it offers: the hook of the older toolkit shows nowhere.
    """
    if wishes.gpu_required and engine.kind == "podman":
        message = "a GPU is required, and Podman gives its containers none through this API"
        raise Refused(message, "name a Docker engine: --host unix:///var/run/docker.sock")


def _is_wanted(image: ImageInfo, project: Project | None, tables: Tables) -> bool:
    """Whether the plan or the image itself is made for a GPU."""
    stage = project.target if project is not None else None
    if project is not None and stage is not None:
        root = project.root(stage).location
        if gpu_evidence(project, stage) or any(cuda_wheels(stage, root, tables)):
            return True
    return image.environment.get("NVIDIA_VISIBLE_DEVICES", "") not in _NO_DEVICES
