"""Whether a GPU was given, and what was seen and computed on it, in; the checks of it out."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from mllint.report.text import plural
from mllint.tables import Tables
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.probing.gpu_facts import Child, Computation, Framework
from mllint.verify.probing.image_facts import ImageFacts, parse_version
from mllint.verify.smoke.checks import Check, failed, not_measured, passed, skipped

_GPU = "GPU"
ON_GPU = frozenset({"child_kernels", "child_nccl", "child_compile", "child_extension"})
"""The processes of the probe that are started only where there is a GPU."""


def gpu_checks(
    start: GpuStart, facts: ImageFacts | None, targets: tuple[int, ...], tables: Tables
) -> Iterator[Check]:
    """The checks that need a GPU, or the one that says why they were not made."""
    torch = facts.framework("torch") if facts is not None else None
    if torch is not None and targets:
        yield from _targets(torch, targets)
    if start.fault is not None:
        yield not_measured(_GPU, f"{start.fault.value}: {start.said}", start.help)
        return
    if not start.asked:
        yield skipped(_GPU, f"GPU checks skipped: {start.reason}")
        return
    if facts is None or facts.nvidia is None:
        yield not_measured(_GPU, "no probe ran in the container with the GPU")
        return
    smi = _nvidia_smi(facts)
    yield smi
    if not facts.nvidia.ok:
        return
    yield from _library(facts)
    yield from _driver(facts, tables)
    for framework in facts.frameworks:
        yield from _devices(framework, facts)
    yield from _archs(facts)
    yield from _computations(facts)
    yield from crashes(child for child in facts.children if child.name in ON_GPU)


def _nvidia_smi(facts: ImageFacts) -> Check:
    nvidia = facts.nvidia
    assert nvidia is not None
    name = "nvidia-smi"
    if nvidia.path is None:
        return failed(
            name,
            "is not in the container, although a GPU was asked for",
            help="set NVIDIA_DRIVER_CAPABILITIES=compute,utility in the image",
        )
    if nvidia.timed_out:
        return failed(name, "does not answer")
    if not nvidia.ok:
        how = f"signal {nvidia.signal}" if nvidia.signal else f"status {nvidia.status}"
        return failed(name, f"ends with {how}: {nvidia.said}")
    gpus = ", ".join(gpu.name for gpu in facts.gpus)
    serves = f", CUDA up to {nvidia.cuda}" if nvidia.cuda else ""
    return passed(name, f"{gpus}; driver {nvidia.driver}{serves}")


def _library(facts: ImageFacts) -> Iterator[Check]:
    """That the driver starts for a program: the most that is known without a framework."""
    name, driver = "driver library", facts.driver
    if driver is None:
        return
    if not driver.there:
        hint = "set NVIDIA_DRIVER_CAPABILITIES=compute,utility in the image"
        yield not_measured(name, f"no program can use the GPU: {driver.message}", hint)
    elif not driver.ok:
        hint = "take an own libcuda.so.1, as of cuda-compat, out of LD_LIBRARY_PATH"
        yield failed(name, driver.message or "it fails", help=hint)
    elif driver.devices:
        devices = plural(driver.devices, "device")
        yield passed(name, f"starts, with {devices}; that a kernel runs is not shown by this")
    elif _visible(facts):
        yield failed(name, f"starts, and lets programs see none of {len(facts.gpus)}")


def _driver(facts: ImageFacts, tables: Tables) -> Iterator[Check]:
    """The driver against the floor of torch's CUDA; what was computed outweighs the table."""
    torch = facts.framework("torch")
    driver = parse_version(facts.nvidia.driver if facts.nvidia else None)
    cuda = parse_version(torch.cuda if torch is not None else None)
    row = tables.gpus.driver(cuda) if cuda is not None else None
    if driver is None or row is None or row.compatible_driver is None:
        return
    floor = row.compatible_driver
    detail = f"{driver}; CUDA {cuda} runs on {floor} and later"
    if driver >= floor or _computed(facts):
        yield passed("driver", detail)
    else:
        yield failed("driver", detail, help="update the driver, or install wheels of an older CUDA")


def _computed(facts: ImageFacts) -> bool:
    return any(each.ok is True and each.device is not None for each in facts.computations)


def _devices(framework: Framework, facts: ImageFacts) -> Iterator[Check]:
    name = f"GPUs that {framework.framework} sees"
    if not framework.ok:
        yield failed(name, f"it cannot be asked: {framework.error}: {framework.message}")
        return
    seen, there = framework.device_count, _visible(facts)
    if seen is None:
        return
    if not there:
        hint = "take the variable out of the image"
        yield failed(name, "none: CUDA_VISIBLE_DEVICES hides all of them", help=hint)
    elif seen == there:
        yield passed(name, f"{seen} of {there}")
    elif _is_for_gpu(framework, facts):
        yield failed(name, f"{seen} of {there}")
    else:
        built = f"{framework.framework} {framework.version} is built without CUDA"
        others = any(each.device_count for each in facts.frameworks)
        # A second framework may be for the CPU alone, as the one that reads the data.
        yield skipped(name, built) if others else failed(name, f"none of {there}: {built}")


def _visible(facts: ImageFacts) -> int:
    """How many of the GPUs the image shows to programs: CUDA_VISIBLE_DEVICES may name some."""
    variables = dict(facts.interpreter.variables) if facts.interpreter is not None else {}
    chosen = variables.get("CUDA_VISIBLE_DEVICES")
    if chosen is None:
        return len(facts.gpus)
    named = [each for each in chosen.split(",") if each.strip() not in ("", "-1")]
    return min(len(named), len(facts.gpus))


def _is_for_gpu(framework: Framework, facts: ImageFacts) -> bool:
    """Whether that build of the framework can use a GPU at all."""
    if framework.framework == "jax":
        library = facts.distribution("jaxlib")
        plugin = any(each.key.startswith("jax-cuda") for each in facts.distributions)
        return plugin or (library is not None and "cuda" in library.version)
    return bool(framework.cuda or framework.hip)


def _targets(torch: Framework, targets: tuple[int, ...]) -> Iterator[Check]:
    for capability in targets:
        name = f"torch's code for compute capability {_dotted(capability)}"
        if torch.archs:
            yield _arch_check(name, torch, capability)
        else:
            yield not_measured(name, f"torch {torch.version} does not tell what it is built for")


def _archs(facts: ImageFacts) -> Iterator[Check]:
    torch = facts.framework("torch")
    for gpu in facts.gpus:
        version = parse_version(gpu.capability)
        if torch is not None and torch.archs and version is not None:
            capability = version.major * 10 + version.minor
            name = f"torch's code for GPU {gpu.number}"
            yield _arch_check(name, torch, capability, gpu.name)


def _arch_check(name: str, torch: Framework, capability: int, gpu: str = "") -> Check:
    kind = runs_on(torch.archs, capability)
    who = f"{gpu} ({_dotted(capability)})" if gpu else _dotted(capability)
    if kind is None:
        built = " ".join(torch.archs)
        return failed(name, f"torch {torch.version} has {built}, which does not run on {who}")
    return passed(name, f"{kind} runs on {who}")


def runs_on(archs: tuple[str, ...], capability: int) -> str | None:
    """What of `sm_80 compute_90` runs on a GPU of that capability (86 is 8.6); None: nothing.

    Compiled code runs within its major version; PTX on all that is newer, and is compiled first.
    """
    fitting: list[tuple[int, str]] = []
    later: list[tuple[int, str]] = []
    for arch in archs:
        kind, _, digits = arch.partition("_")
        exact = digits[-1:].isalpha()  # sm_90a: for that very capability
        number = digits.rstrip("af")
        if not number.isdigit():
            continue
        value = int(number)
        if kind == "sm" and value // 10 == capability // 10 and value <= capability:
            if not exact or value == capability or digits.endswith("f"):
                fitting.append((value, arch))
        elif kind == "compute" and value <= capability:
            later.append((value, f"{arch}, compiled at the start,"))
    best = max(fitting, default=None) or max(later, default=None)
    return best[1] if best is not None else None


def _dotted(capability: int) -> str:
    return f"{capability // 10}.{capability % 10}"


def _computations(facts: ImageFacts) -> Iterator[Check]:
    """One check for an operation on a device; its kinds of numbers are told together."""
    on_devices = [each for each in facts.computations if each.device is not None]
    if not on_devices:
        yield not_measured("computation on the GPU", "no framework that mllint knows is installed")
    on_devices.sort(key=lambda each: (each.framework, each.device or 0, each.operation))
    for (framework, device, operation), group in groupby(
        on_devices, key=lambda each: (each.framework, each.device, each.operation)
    ):
        yield _computation(f"{framework}: {operation} on GPU {device}", list(group))


def _computation(name: str, tried: list[Computation]) -> Check:
    wrong = [each for each in tried if each.ok is False]
    kinds = ", ".join(each.dtype for each in tried if each.dtype)
    if wrong:
        first = wrong[0]
        of = f"{first.dtype}: " if first.dtype else ""
        return failed(name, f"{of}{first.error or 'wrong'}: {first.message}")
    if all(each.ok is None for each in tried):
        return skipped(name, tried[0].message or "could not be tried")
    return passed(name, kinds or "right")


def crashes(children: Iterable[Child]) -> Iterator[Check]:
    """A process that was killed has told only a part of what it was to find out."""
    for child in children:
        how = _end(child)
        if how is not None:
            part = child.name.removeprefix("child_")
            itself = part == child.framework
            name = "what it tells of itself" if itself else part
            yield failed(f"{child.framework}: {name}", how)


def _end(child: Child) -> str | None:
    if child.reason is not None:
        return None
    if child.timed_out:
        return f"took longer than {child.limit_s or 0:g} s"
    if child.signal is not None:
        return f"was ended by signal {child.signal}"
    if child.status:
        return f"ended with status {child.status}: {child.said}"
    return None
