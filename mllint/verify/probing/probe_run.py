"""An engine, an image and what is to be found out in, what the probe told in a container out."""

from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible_lines
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import Container, container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import StartFailed, TimedOut, lacks_program
from mllint.verify.engines.gpu_start import gpu_start_failure
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import GpuStart, RunResult
from mllint.verify.inside.bundle import TOO_OLD
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.probing.probe_script import ProbeOrder, probe_script
from mllint.verify.probing.probes import read_probe
from mllint.verify.probing.start_python import start_pythons

_PLACE = "/mllint-probe.py"
_LOG_BYTES = 40_000_000
"""An image of a thousand packages is told of in 2 MB."""
_SAID_BYTES = 4_000
_GRACE_S = 60.0


class Probed(NamedTuple):
    """What came of the probe. result: how its container ended, None: none could be started.

    facts: None where nothing was told, `reason` then says why. gpu: whether there was a GPU; one
    that could not be had is told here, and the probe then runs without.
    """

    facts: ImageFacts | None
    result: RunResult | None
    gpu: GpuStart
    reason: str | None = None


def probe_image(
    engine: Engine,
    image: ImageInfo,
    order: ProbeOrder,
    spec: ContainerSpec,
    keep_as: str | None = None,
) -> Probed:
    """Run the probe with the Python that the image starts with, else with the first on PATH.

    spec: image, user, limits, and GPUs where there may be some; its command counts for nothing.
    keep_as: the name under which the container stays, where one could be started.
    """
    gpu = GpuStart(asked=True) if spec.gpus or spec.runtime else GpuStart()
    pythons = list(start_pythons(image))
    while pythons:
        try:
            return _run(engine, pythons[0], order, spec, gpu, keep_as)
        except StartFailed as error:
            said = error.message
        fault = None
        if lacks_program(said, pythons[0]):
            pythons.pop(0)
        elif (fault := gpu_start_failure(said)) and (spec.gpus or spec.runtime):
            gpu, spec = fault, spec._replace(gpus=None, runtime=None)
        else:
            reason = fault.fault.value if fault and fault.fault else visible_lines(said)
            failed = RunResult(start_error=visible_lines(said))
            return Probed(None, failed, fault or gpu, reason)
    return Probed(None, None, gpu, "the image has no Python")


def _run(
    engine: Engine,
    python: str,
    order: ProbeOrder,
    spec: ContainerSpec,
    gpu: GpuStart,
    keep_as: str | None,
) -> Probed:
    order = order._replace(gpu=gpu.asked and gpu.fault is None)
    spec = spec._replace(
        entrypoint=[python, _PLACE],
        command=[],
        environment={**spec.environment, **order.variables},
        log_bytes=_LOG_BYTES,
    )
    with container(engine, spec) as made:
        made.put(_PLACE, probe_script().encode("utf-8"))
        made.start()
        result = _ended(made, order.total_s + _GRACE_S)
        facts = read_probe(made.printed(), order.token)
        if keep_as is not None:
            made.keep(keep_as)
    if result.status == TOO_OLD:
        return Probed(None, result, gpu, f"its {python} is older than Python 3.6")
    if facts.interpreter is None and not facts.complete:
        return Probed(None, result, gpu, f"the probe {result.why}")
    return Probed(facts, result, gpu)


def _ended(made: Container, timeout_s: float) -> RunResult:
    """How the container ended; one that runs on is killed."""
    try:
        end = made.wait(timeout_s)
    except TimedOut:
        made.kill()
        return RunResult(timed_out=True, seconds=timeout_s)
    said = visible_lines(made.output(_SAID_BYTES).stderr.decode("utf-8", "replace"))
    return RunResult(end.code, end.out_of_memory, said=said)
