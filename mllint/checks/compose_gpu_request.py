"""compose-gpu-request: a service needs a GPU and gets none, or Compose refuses how it asks."""

from collections.abc import Iterator

from mllint.facts.compose.model import DeviceFault, FaultyRequest, Service
from mllint.facts.compose.project import ComposeProject
from mllint.facts.cuda.gpu_evidence import GpuEvidence
from mllint.facts.cuda.service_gpus import gpu_needs, runtime_without_devices
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

_ASK = (
    "add `deploy: {resources: {reservations: {devices: [{driver: nvidia, count: all,"
    " capabilities: [gpu]}]}}}`"
)
_HELP = {
    DeviceFault.NO_CAPABILITIES: "add `capabilities: [gpu]`",
    DeviceFault.CAPABILITIES_TEXT: "write `capabilities: [gpu]`",
    DeviceFault.COUNT_AND_IDS: "delete one of both",
    DeviceFault.COUNT_WORD: "write `count: all`, or a number",
    DeviceFault.MISPLACED: "move the devices to `deploy.resources.reservations.devices`",
    DeviceFault.GPUS_WORD: "write `gpus: all`, or `gpus: [{count: 1}]`",
}


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """One problem for each faulty request; at most one a service about what is missing."""
    for service in project.services:
        for fault in service.faults:
            yield _refused(fault)
        alone = runtime_without_devices(project, service, tables)
        if alone is not None:
            yield _without_devices(service, alone)
        elif not service.gpus and not service.faults:
            signs = gpu_needs(project, service, tables)
            if signs:
                yield _not_asked(service, signs)


def _refused(fault: FaultyRequest) -> Problem:
    what = f" ({fault.what})" if fault.what else ""
    return Problem(
        fault.location,
        f"Compose refuses this request for devices: {fault.fault.value}{what}",
        _HELP[fault.fault],
    )


def _without_devices(service: Service, place: Location) -> Problem:
    return Problem(
        place,
        f"{service.name} runs with the runtime nvidia, but neither it nor its image sets"
        " NVIDIA_VISIBLE_DEVICES: the container gets no GPU",
        "add `NVIDIA_VISIBLE_DEVICES: all` to `environment`",
        severity=Severity.WARNING,
    )


def _not_asked(service: Service, signs: tuple[GpuEvidence, ...]) -> Problem:
    return Problem(
        service.location,
        f"{service.name} asks for no GPU, but {signs[0].what}",
        _ASK,
        related=tuple(Related(sign.location, sign.what) for sign in signs[:1]),
        severity=Severity.WARNING,
    )
