"""How a service is run in, what the smoke test's containers and image are with it, out."""

from mllint.facts.compose.container import GpuWish, ServiceContainer
from mllint.named_tuple import NamedTuple
from mllint.verify.engines.container_spec import ContainerSpec, Gpus
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.services.mounting import StandIns

_LONGEST_GRACE_S = 60.0


class Serving(NamedTuple):
    """A service as the smoke test runs its image."""

    container: ServiceContainer
    stand_ins: StandIns = StandIns()

    def spec(self, spec: ContainerSpec) -> ContainerSpec:
        """The container as the service has it, but for its mounts; limits and GPUs stay."""
        of = self.container
        return spec._replace(
            command=of.command,
            entrypoint=of.entrypoint,
            user=of.user,
            workdir=of.working_dir,
            environment=of.environment,
            init=of.init,
            groups=of.groups,
            stop_signal=of.stop_signal,
            capabilities=tuple(name for name in spec.capabilities if self._leaves(name)),
        )

    def image(self, image: ImageInfo) -> ImageInfo:
        """The image with what the service says instead of it."""
        of = self.container
        own = image.command if of.entrypoint is None else None  # a new entrypoint takes no old CMD
        return image._replace(
            entrypoint=image.entrypoint if of.entrypoint is None else of.entrypoint,
            command=own if of.command is None else of.command,
            user=of.user or image.user,
            workdir=of.working_dir or image.workdir,
            environment={**image.environment, **of.environment},
        )

    def grace_s(self, usual: float) -> float:
        """How long it is given to end; a test waits a minute for it at most."""
        grace = self.container.stop_grace_s
        return usual if grace is None else min(max(grace, 1.0), _LONGEST_GRACE_S)

    def _leaves(self, capability: str) -> bool:
        """Whether root keeps it: `cap_drop: [ALL]` with `cap_add: [CHOWN]` leaves one."""
        plain = [name.upper().removeprefix("CAP_") for name in self.container.dropped]
        added = [name.upper().removeprefix("CAP_") for name in self.container.added]
        return capability in added or not {"ALL", capability}.intersection(plain)


def gpus_of(wish: GpuWish, every: Gpus) -> Gpus:
    """The GPUs that a service asks for, in the engine's words; every: how it gives them all."""
    if every.driver == "cdi":
        ids = tuple(each if "=" in each else f"nvidia.com/gpu={each}" for each in wish.ids)
        return every._replace(device_ids=ids) if ids else every
    cdi = any("=" in each for each in wish.ids)
    return Gpus(wish.ids, wish.number, "cdi" if cdi else "")
