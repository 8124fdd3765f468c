"""What compose and bake files say, as values: services, the images that they build, GPU requests.

`services.py` and `bake.py` fill them; knows no file format.
"""

from enum import Enum
from pathlib import Path

from mllint.facts.commands.variables import Value
from mllint.facts.compose.tree import Node
from mllint.facts.unknown import Unknown
from mllint.finding import Unchecked
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location


class Setting(NamedTuple):
    """A variable of `environment` or a build argument; value None: that of the shell, if any.

    location: where its name stands; value_location: where its value stands. chosen: a variable
    takes part, so that the file does not say what it is.
    """

    name: str
    value: Value | None
    location: Location
    value_location: Location
    chosen: bool


class Words(NamedTuple):
    """A `command` or `entrypoint`: its words, Unknown when a variable may be any number of them.

    chosen: a variable with a default takes part. places: where each word stands.
    """

    words: tuple[str, ...] | Unknown
    location: Location
    places: tuple[Location, ...]
    chosen: bool = False

    @property
    def known(self) -> tuple[str, ...]:
        """The words; () when they are not known."""
        return () if isinstance(self.words, Unknown) else self.words


class Mount(NamedTuple):
    """A volume, bind mount or tmpfs; kind is Compose's own word."""

    kind: str
    target: Value
    location: Location


class GpuWay(Enum):
    """How a service asks for a GPU."""

    RESERVATION = "deploy.resources.reservations.devices"
    GPUS = "gpus"
    RUNTIME = "runtime"
    DEVICE = "devices"
    GENERIC = "generic_resources"  # of a swarm


class GpuRequest(NamedTuple):
    """That a service asks for GPUs; number: how many, None for all or not known.

    nvidia: it is certainly NVIDIA's that it asks for: `/dev/dri` may be any. ids: those named.
    """

    way: GpuWay
    location: Location
    number: int | None = None
    nvidia: bool = True
    ids: tuple[str, ...] = ()


class DeviceFault(Enum):
    """What Compose refuses in a request for devices."""

    NO_CAPABILITIES = "missing property 'capabilities'"
    CAPABILITIES_TEXT = "capabilities must be a list"
    COUNT_AND_IDS = '"count" and "device_ids" attributes are exclusive'
    COUNT_WORD = "the only value allowed is 'all' or a number"
    MISPLACED = "additional properties not allowed"
    GPUS_WORD = "value must be 'all'"


class FaultyRequest(NamedTuple):
    """A request that Compose refuses; what: the key or value at fault."""

    fault: DeviceFault
    location: Location
    what: str


class ImageBuild(NamedTuple):
    """What a service or a bake target says about the image that it builds.

    dockerfile: absolute; None when it is written in the file itself (`inline`: its lines), or is
    elsewhere. args: value None: that of the shell. contexts: what a named context is: a folder,
    `docker-image://…`, `target:…`. shm_size: the text for the build, not for the container.
    """

    context: Path | Unknown
    dockerfile: Path | None
    inline: tuple[Location, str] | None
    target: Value | None
    platform: str | None
    args: tuple[Setting, ...]
    contexts: tuple[tuple[str, Value], ...]
    shm_size: Location | None

    @property
    def identity(self) -> tuple[object, ...]:
        """What two builds of one Dockerfile have to share to give one image."""
        args = tuple(sorted((arg.name, str(arg.value)) for arg in self.args))
        named = tuple(sorted((name, str(value)) for name, value in self.contexts))
        file = str(self.dockerfile)
        return file, str(self.context), str(self.target or ""), self.platform, args, named


class Service(NamedTuple):
    """A service of a merged compose model.

    image: the reference, with its place; image_chosen: a variable takes part in it. complete:
    False when a file that it extends could not be read, so that what is missing may be there.
    env_files: variables come from files too. stack: keys that only a swarm reads are there.
    """

    name: str
    location: Location
    complete: bool
    image: tuple[Value, Location] | None
    image_chosen: bool
    build: ImageBuild | None
    command: Words | None
    entrypoint: Words | None
    environment: tuple[Setting, ...]
    env_files: bool
    mounts: tuple[Mount, ...]
    gpus: tuple[GpuRequest, ...]
    faults: tuple[FaultyRequest, ...]
    runtime: tuple[Value, Location] | None
    shm_size: tuple[Value, Location] | None
    ipc: Value | None
    working_dir: Value | None
    pull_policy: Value | None
    profiles: tuple[str, ...]
    stack: bool

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the image that it builds from all others of a run."""
        return () if self.build is None else (self.name, self.location, self.build.identity)

    def setting(self, name: str) -> Setting | None:
        """The variable of that name; None when `environment` does not set it."""
        return next((item for item in self.environment if item.name == name), None)


class ComposeFile(NamedTuple):
    """One file of a model: its path as shown, and its `version`, from the key to the value's end.

    version_lines: what goes when it is deleted; None when other text stands beside it.
    """

    path: str
    version: Location | None
    version_lines: Location | None


class Compose(NamedTuple):
    """A merged compose model; services in the order of the files.

    stack: it is meant for a swarm. included: the paths of the files that it includes as a whole.
    tree: all that the files say.
    """

    path: str
    files: tuple[ComposeFile, ...]
    services: tuple[Service, ...]
    unchecked: tuple[Unchecked, ...]
    stack: bool
    included: frozenset[str]
    tree: Node


class Builder(NamedTuple):
    """Who builds an image: a service, or a bake target (then `service` is None)."""

    label: str
    location: Location
    build: ImageBuild
    service: Service | None = None

    def __str__(self) -> str:
        """`service train (compose.yaml:2), target gpu, with CUDA_VERSION`; values may be secret."""
        target = f", target {self.build.target}" if self.build.target is not None else ""
        names = " ".join(arg.name for arg in self.build.args)
        where = f"{self.location.path}:{self.location.span.line}"
        return f"{self.label} ({where}){target}" + (f", with {names}" if names else "")

    @property
    def key(self) -> tuple[object, ...]:
        """What tells the image that it builds from all others of a run."""
        if self.service is not None:
            return self.service.key
        return (self.label, self.location, self.build.identity)
