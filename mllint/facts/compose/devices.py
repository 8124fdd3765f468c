"""A service in its long form in, its requests for GPUs out, and those that Compose refuses.

https://docs.docker.com/compose/how-tos/gpu-support/ and what Compose 2.40 answers.
"""

from collections.abc import Iterator

from mllint.facts.compose.model import DeviceFault, FaultyRequest, GpuRequest, GpuWay
from mllint.facts.compose.tree import Node

_PLACE = ("deploy", "resources", "reservations", "devices")
_MISPLACED = (
    ("deploy", "resources", "limits", "devices"),
    ("deploy", "resources", "devices"),
    ("deploy", "devices"),
    ("deploy", "reservations"),
)
_NVIDIA_DRIVERS = frozenset({"nvidia", "cdi"})


def gpu_requests(service: Node) -> Iterator[GpuRequest]:
    """How the service asks for GPUs, in whichever of the ways."""
    for item in service.items_at(*_PLACE):
        yield _request(GpuWay.RESERVATION, item)
    gpus = service.at("gpus")
    if gpus is not None and gpus.scalar is not None:
        yield GpuRequest(GpuWay.GPUS, gpus.place)
    for item in service.items_at("gpus"):
        yield _request(GpuWay.GPUS, item)
    runtime = service.at("runtime")
    if runtime is not None and runtime.scalar is not None:
        certain = runtime.text == "nvidia"
        if certain or runtime.text is None:
            yield GpuRequest(GpuWay.RUNTIME, runtime.place, nvidia=certain)
    for item in service.items_at("devices"):
        yield from _device(item)
    for item in service.items_at("deploy", "resources", "reservations", "generic_resources"):
        yield GpuRequest(GpuWay.GENERIC, item.location, nvidia=False)


def _request(way: GpuWay, item: Node) -> GpuRequest:
    capabilities = [node.text for node in item.items_at("capabilities")]
    driver, count = item.at("driver"), item.at("count")
    named = driver.text if driver is not None else None
    nvidia = named in _NVIDIA_DRIVERS or (named is None and "gpu" in capabilities)
    number = count.text if count is not None and not count.chosen else None
    wanted = int(number) if number is not None and number.isdecimal() else None
    ids = item.at("device_ids")
    named_ids = tuple(node.text for node in item.items_at("device_ids") if node.text is not None)
    if ids is not None and ids.items:
        wanted = len(ids.items)
    return GpuRequest(way, item.location, wanted, nvidia or way is GpuWay.GPUS, named_ids)


def _device(item: Node) -> Iterator[GpuRequest]:
    """`/dev/nvidia0:/dev/nvidia0`, `nvidia.com/gpu=all`, `/dev/kfd`, `/dev/dri`."""
    source = item.at("source") or item
    if source.scalar is None:
        return
    text = source.written
    if "nvidia" in text:
        yield GpuRequest(GpuWay.DEVICE, item.location)
    elif source.text is None or any(part in text for part in ("/kfd", "/dri", "gpu", "/dxg")):
        yield GpuRequest(GpuWay.DEVICE, item.location, nvidia=False)


def faulty_requests(service: Node) -> Iterator[FaultyRequest]:
    """The requests that Compose refuses before it starts anything."""
    for item in service.items_at(*_PLACE):
        yield from _faults(item, needs_capabilities=True)
    gpus = service.at("gpus")
    if gpus is not None and gpus.text is not None and not gpus.chosen and gpus.text != "all":
        yield FaultyRequest(DeviceFault.GPUS_WORD, gpus.location, gpus.text)
    for item in service.items_at("gpus"):
        yield from _faults(item, needs_capabilities=False)
    for path in _MISPLACED:
        node = service.at(*path)
        if node is not None:
            yield FaultyRequest(DeviceFault.MISPLACED, node.place, ".".join(path))


def _faults(item: Node, *, needs_capabilities: bool) -> Iterator[FaultyRequest]:
    if not isinstance(item.value, dict):
        return
    capabilities = item.at("capabilities")
    count, ids = item.at("count"), item.at("device_ids")
    if capabilities is None:
        if needs_capabilities:
            yield FaultyRequest(DeviceFault.NO_CAPABILITIES, item.location, "")
    elif capabilities.scalar is not None and not capabilities.chosen:
        what = capabilities.text or ""
        yield FaultyRequest(DeviceFault.CAPABILITIES_TEXT, capabilities.place, what)
    if count is not None and count.scalar is not None and ids is not None and ids.items:
        yield FaultyRequest(DeviceFault.COUNT_AND_IDS, count.place, "")
    elif count is not None and not count.chosen and _is_no_count(count.text):
        yield FaultyRequest(DeviceFault.COUNT_WORD, count.location, count.text or "")


def _is_no_count(text: str | None) -> bool:
    return text not in (None, "all") and not str(text).lstrip("-").isdecimal()
