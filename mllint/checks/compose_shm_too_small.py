"""compose-shm-too-small: a training has 64 MB of shared memory, Docker's default."""

from collections.abc import Iterator

from mllint.facts.compose.project import ComposeProject
from mllint.facts.compose.shared_memory import Demand, demands, small_shared_memory
from mllint.finding import Problem, Related
from mllint.tables import Tables

_MIB = 1024**2


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each service that needs shared memory and gets less than 1 GiB."""
    for service in project.services:
        memory = small_shared_memory(service)
        if memory is None:
            continue
        demand = next(demands(service, project.built(service)), None)
        if demand is None:
            continue
        stack = " (a swarm ignores it: mount a tmpfs at /dev/shm)" if service.stack else ""
        size = f"{memory.size_bytes // _MIB} MiB"
        build = service.build.shm_size if service.build is not None else None
        why = "" if build is None else "; build.shm_size counts for the build only"
        yield Problem(
            memory.location or service.location,
            f"{demand.what}, and the container of {service.name} has {size} of shared memory{why}",
            f'add `shm_size: "8gb"` to the service{stack}',
            related=tuple(_related(demand, memory.location or service.location)),
        )


def _related(demand: Demand, place: object) -> Iterator[Related]:
    if demand.location != place:
        yield Related(demand.location, demand.what)
