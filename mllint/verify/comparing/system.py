"""A stage and the measured container in: distribution, C library, Python, CUDA, cuDNN, out."""

from collections.abc import Iterator

from mllint.facts.cuda.toolkit import unseen_source
from mllint.facts.environments.environment import Environment
from mllint.facts.images.base_image import Cuda, Distro, Python
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.verify.comparing.chosen_environment import (
    NO_PROBE,
    environment_of,
    expected_prefix,
    first_prefix,
)
from mllint.verify.comparing.comparison import Measured, Pair, begins, equal, judged
from mllint.verify.probing.image_facts import ImageFacts, System

_SYSTEM_FOLDERS = frozenset({"/usr/lib/", "/usr/local/lib/"})


def system_pairs(project: Project, stage: Stage, facts: ImageFacts) -> Iterator[Pair]:
    """What the base image is said to bring, and the Python that the start command finds."""
    place = project.root(stage).location
    yield from _system(stage, facts.system, project)
    yield from _python(project, stage, facts)
    cuda = _cuda(facts)
    brought = _brought_later(project, stage, "cuda", "nvcc")
    predicted = stage.base.cuda
    version = predicted.version if isinstance(predicted, Cuda) else predicted
    yield begins("CUDA", brought or version, cuda, place)
    cudnn = _brought_later(project, stage, "cudnn", "cuda")
    yield begins("cuDNN", cudnn or stage.base.cudnn, _cudnn(facts), place)


def _system(stage: Stage, system: System | None, project: Project) -> Iterator[Pair]:
    place = project.root(stage).location
    base, distro = stage.base, stage.base.distro
    measured = Measured(None, NO_PROBE)
    if system is not None and system.distro:
        measured = Measured(f"{system.distro} {system.release}".strip())
    named = f"{distro.name} {distro.release}" if isinstance(distro, Distro) else distro
    yield begins("OS", named, measured, place)
    libc = base.libc
    told: object = libc
    if not isinstance(libc, Unknown):
        told = f"{libc.name} {libc.version or ''}".strip()
    measured = Measured(None, NO_PROBE)
    if system is not None and system.libc:
        # musl does not say its version.
        measured = Measured(f"{system.libc} {system.libc_version}".strip())
        if not system.libc_version and not isinstance(libc, Unknown):
            told = libc.name
    yield begins("C library", told, measured, place)


def _python(project: Project, stage: Stage, facts: ImageFacts) -> Iterator[Pair]:
    interpreter = facts.interpreter
    prefix = expected_prefix(stage)
    environment = environment_of(stage, facts)
    place = _made(environment, project, stage)
    measured = Measured(None, facts.failed("interpreter") or NO_PROBE)
    if interpreter is not None:
        measured = Measured(first_prefix(interpreter))
    yield equal("Python's folder", prefix, measured, place)
    if environment is None:
        return
    python = environment.python
    told = python.version if isinstance(python, Python) else python
    found = Measured(interpreter.version) if interpreter is not None else measured
    yield begins("Python", told, found, place)
    if isinstance(python, Python) and interpreter is not None:
        managed = interpreter.externally_managed
        shown = Measured("yes" if managed else "no")
        predicted = python.externally_managed
        said = predicted if isinstance(predicted, Unknown) else ("yes" if predicted else "no")
        yield judged("externally managed Python", said, shown, predicted == managed, place)


def _made(environment: Environment | None, project: Project, stage: Stage) -> Location:
    if environment is not None and environment.created is not None:
        return environment.created
    return project.root(stage).location


def _brought_later(project: Project, stage: Stage, *names: str) -> Unknown | None:
    """Why the stage may hold more of the toolkit than its base image brings; None: it does not."""
    for package in stage.packages:
        if not package.removed and any(name in package.name for name in names):
            return Unknown(f"{package.name} is installed, too")
    return unseen_source(project, stage, *names)


def _cuda(facts: ImageFacts) -> Measured:
    if facts.failed("leftovers") or facts.interpreter is None:
        return Measured(None, facts.failed("leftovers") or NO_PROBE)
    if facts.toolkit is None or facts.toolkit.home is None:
        return Measured(None)  # an nvcc alone is conda's, or that of a distribution package
    version = facts.toolkit.version or facts.toolkit.nvcc
    return Measured(version, None if version else "its version stands nowhere")


def _cudnn(facts: ImageFacts) -> Measured:
    """The cuDNN outside of the wheels, by its headers or the name of its library."""
    if facts.failed("libraries") or facts.interpreter is None:
        return Measured(None, facts.failed("libraries") or NO_PROBE)
    if facts.toolkit is not None and facts.toolkit.cudnn_headers:
        return Measured(facts.toolkit.cudnn_headers)
    # What conda brings lies in its prefix: that is no library of the system.
    own = f"{facts.interpreter.prefix}/lib/"
    versions = {
        library.version
        for library in facts.cuda_libraries
        if library.name == "cudnn"
        and library.owner is None
        and library.version
        and not (library.path.startswith(own) and own not in _SYSTEM_FOLDERS)
    }
    if len(versions) > 1:
        return Measured(None, f"there are {', '.join(sorted(versions))}")
    return Measured(next(iter(versions), None))
