"""What was measured and planned in, the picture of the stack out: which CUDA and cuDNN each brings.

From the packages down to the driver. A part is marked where a check of it failed, a version where
the image holds that library in two major versions; nothing else is judged here.
"""

from collections.abc import Iterable, Iterator, Sequence
from xml.etree.ElementTree import Element

from packaging.version import Version

from mllint.facts.environments.environment import Held
from mllint.facts.images.base_image import Cuda, Python
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.report.markup import Child
from mllint.report.page.drawing import WIDTH, box, group, label, picture
from mllint.report.size import size_text
from mllint.verify.comparing.chosen_environment import expected_environment
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.smoke.checks import Check, Outcome
from mllint.verify.verification import Verification

_ROW = 50
_HEAD = 18
_CELL = 66
_FRAMEWORKS = ("torch", "tensorflow", "jax", "onnxruntime", "onnxruntime-gpu")
_DRIVER_CHECKS = ("nvidia-smi", "driver library", "driver", "GPU")


class Part(NamedTuple):
    """A part of the stack. note: more about it; cuda, cudnn: versions, "" for none.

    fault: what failed of it. serves: it brings no CUDA, but says which ones run on it.
    """

    name: str
    note: str = ""
    cuda: str = ""
    cudnn: str = ""
    fault: str = ""
    serves: bool = False


def stack(of: Verification) -> tuple[Part, ...]:
    """The parts, the uppermost first."""
    facts = of.tested.facts if of.tested is not None else None
    stage = of.project.target if of.project is not None else None
    parts: list[Part] = []
    if facts is not None:
        parts += [*_frameworks(facts, of.checks), *_wheels(facts)]
        if facts.interpreter is not None:
            parts.append(Part(f"Python {facts.interpreter.version}", facts.interpreter.prefix))
    elif stage is not None and of.tested is None:
        parts += _planned(stage)
    base = _base(of, facts, stage)
    return (*parts, base, _driver(of, facts))


def clashes(parts: Iterable[Part]) -> tuple[bool, bool]:
    """Whether CUDA, and cuDNN, is there in more than one major version."""
    brought = [part for part in parts if not part.serves]
    return _differ(part.cuda for part in brought), _differ(part.cudnn for part in brought)


def stack_picture(parts: Sequence[Part]) -> Element:
    """The drawing."""
    cuda, cudnn = clashes(parts)
    cuda_x, cudnn_x = WIDTH - 2 * _CELL - 6, WIDTH - _CELL
    rows = [
        group(
            _told(part),
            box(0.5, y, WIDTH - 1, _ROW - 6, "part bad" if part.fault else "part"),
            label(
                10,
                y + (18 if part.note or part.fault else 26),
                part.name,
                "strong",
                most=int(_room(part) / 1.4),
            ),
            label(
                10,
                y + 34,
                part.fault or part.note,
                "alarm" if part.fault else "small",
                most=_room(part),
            ),
            *_cell(cuda_x, y, part.cuda, cuda and not part.serves),
            *_cell(cudnn_x, y, part.cudnn, cudnn),
        )
        for y, part in ((_HEAD + number * _ROW, part) for number, part in enumerate(parts))
    ]
    heads = (label(cuda_x, 12, "CUDA", "small"), label(cudnn_x, 12, "cuDNN", "small"))
    return picture(
        "The stack, from the packages to the driver", _HEAD + len(rows) * _ROW, *heads, *rows
    )


def _room(part: Part) -> int:
    """How many small letters stand beside the versions."""
    return 46 if part.cuda or part.cudnn else 68


def _told(part: Part) -> str:
    brings = [f"CUDA {part.cuda}" if part.cuda else "", f"cuDNN {part.cudnn}" if part.cudnn else ""]
    return ", ".join(each for each in (part.name, part.note, *brings, part.fault) if each)


def _cell(x: float, y: float, version: str, clash: bool) -> Iterator[Child]:
    if version:
        yield box(x, y + 10, _CELL - 6, 24, "version two" if clash else "version")
        yield label(x + 6, y + 26, version, "code", most=9)


def _differ(versions: Iterable[str]) -> bool:
    majors = {
        version.partition(".")[0]
        for told in versions
        for version in told.split(", ")
        if version[:1].isdigit()
    }
    return len(majors) > 1


def _frameworks(facts: ImageFacts, checks: Iterable[Check]) -> Iterator[Part]:
    failed = [check for check in checks if check.outcome is Outcome.FAIL]
    for each in facts.frameworks:
        own = next((check for check in failed if each.framework in _words(check.name)), None)
        fault = f"{own.name}: {own.detail}" if own is not None else ""
        if not each.ok and not fault:
            fault = f"{each.error}: {each.message}"
        kind = f"ROCm {each.hip}" if each.hip else ""
        name = f"{each.framework} {each.version or ''}".rstrip()
        yield Part(name, kind, each.cuda or "", each.cudnn or "", fault)


def _words(name: str) -> list[str]:
    """Those of `import torch`, `torch: matmul on GPU 0`, `torch's code for GPU 0`."""
    return name.replace("'", " ").replace(":", " ").split()


def _wheels(facts: ImageFacts) -> list[Part]:
    """The CUDA libraries that Python packages bring, as one part."""
    brought = [library for library in facts.cuda_libraries if library.owner is not None]
    if not brought:
        return []
    size = size_text(sum(library.size_bytes for library in brought))

    def versions(name: str) -> str:
        found = {library.version for library in brought if library.name == name}
        return ", ".join(sorted(version for version in found if version))

    note = f"{len(brought)} libraries, {size}"
    return [Part("CUDA libraries in packages", note, versions("cudart"), versions("cudnn"))]


def _planned(stage: Stage) -> Iterator[Part]:
    """The frameworks and the Python that the image was to have."""
    environment = expected_environment(stage)
    if environment is None:
        return
    for name in _FRAMEWORKS:
        held = environment.effective(name)
        if isinstance(held, Held):
            version = held.version if isinstance(held.version, Version) else ""
            yield Part(f"{name} {version}".rstrip(), "as planned")
    if isinstance(environment.python, Python):
        yield Part(f"Python {environment.python.version}", "as planned")


def _base(of: Verification, facts: ImageFacts | None, stage: Stage | None) -> Part:
    told = {pair.fact: pair.measured or pair.predicted for pair in of.pairs}
    cuda, cudnn, os = told.get("CUDA"), told.get("cuDNN"), told.get("OS")
    if facts is not None and facts.toolkit is not None and not of.pairs:
        cuda = facts.toolkit.version or facts.toolkit.nvcc
        cudnn = facts.toolkit.cudnn_headers
    if facts is not None and facts.system is not None:
        os = facts.system.name
    if stage is None:
        return Part(of.subject, os or "", _version(cuda), _version(cudnn))
    base = stage.base
    if of.tested is None:
        cuda = str(base.cuda.version) if isinstance(base.cuda, Cuda) else None
        cudnn = str(base.cudnn) if isinstance(base.cudnn, int) else None
    note = ", ".join(each for each in ("base image", os) if each)
    return Part(base.reference.text, note, _version(cuda), _version(cudnn))


def _version(text: str | None) -> str:
    return text if text and text[:1].isdigit() else ""


def _driver(of: Verification, facts: ImageFacts | None) -> Part:
    nvidia = facts.nvidia if facts is not None else None
    failed = (check for check in of.checks if check.outcome is Outcome.FAIL)
    own = next((check for check in failed if check.name in _DRIVER_CHECKS), None)
    fault = f"{own.name}: {own.detail}" if own is not None else ""
    if facts is None or nvidia is None or not nvidia.ok:
        return _no_gpu(of, fault)
    gpus = ", ".join(dict.fromkeys(gpu.name for gpu in facts.gpus))
    cuda = f"≤ {nvidia.cuda}" if nvidia.cuda else ""
    return Part(f"driver {nvidia.driver}", gpus, cuda, "", fault, serves=True)


def _no_gpu(of: Verification, fault: str) -> Part:
    if of.tested is None:
        return Part("no GPU", "no image was tested", serves=True)
    start = of.tested.gpu
    if start.fault is not None:
        fault = f"{start.fault.value}: {start.said}"
    return Part("no GPU", "" if start.asked else start.reason, fault=fault, serves=True)
