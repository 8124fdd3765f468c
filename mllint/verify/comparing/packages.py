"""The installs of the plan and the distributions of the image in, a pair for each package out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.verify.comparing.chosen_environment import NO_PROBE, environment_of
from mllint.verify.comparing.comparison import Measured, Pair, judged
from mllint.verify.probing.image_facts import ImageFacts, parse_version


def package_pairs(
    project: Project, stage: Stage, facts: ImageFacts, tables: Tables
) -> Iterator[Pair]:
    """Each package that an install names or the base image is said to bring; then torch's build."""
    environment = environment_of(stage, facts)
    if environment is None:
        return
    place = project.root(stage).location
    named = [install.name for install in environment.installs if install.name]
    brought = environment.preinstalled
    if isinstance(brought, tuple):
        named = [package.name for package in brought] + named
    for name in dict.fromkeys(named):
        pair = _package(name, environment, facts, place)
        yield pair._replace(declared=_is_declared(environment, name))
    yield from _torch(environment, stage, facts, tables, place)


def _is_declared(environment: Environment, name: str) -> bool:
    """Whether an install of the project decides what is held of the package."""
    held = environment.effective(name)
    return isinstance(held, Held) and held.install is not None


def _package(name: str, environment: Environment, facts: ImageFacts, place: Location) -> Pair:
    held = environment.effective(name)
    last = _last(environment, name)
    where = last.location if last is not None else place
    measured = _measured(name, facts, last)
    if not isinstance(held, Held):
        # None: what was installed has been taken out again.
        return judged(name, held, measured, measured.value is None, where)
    if held.install is not None:
        where = held.install.location
    version = parse_version(measured.value)
    if isinstance(held.version, Version):
        holds = version is not None and _same(held.version, version)
        return judged(name, held.version, measured, holds, where)
    wanted = held.install if held.install is not None else last
    if wanted is None or wanted.url is not None or wanted.opaque is not None:
        return judged(name, held.version, measured, True, where)
    # No version is fixed, but that it is there, and within its range, is foretold.
    holds = version is not None and wanted.specifier.contains(version, prereleases=True)
    told = f"a version {wanted.specifier}" if wanted.specifier else "installed"
    return judged(name, told, measured, holds, where)


def _last(environment: Environment, name: str) -> Install | None:
    found = [install for install in environment.installs if install.name == name]
    return found[-1] if found else None


def _measured(name: str, facts: ImageFacts, last: Install | None) -> Measured:
    failed = facts.failed("distributions")
    if facts.interpreter is None or failed:
        return Measured(None, failed or NO_PROBE)
    if last is not None and last.installer is Installer.CONDA:
        package = next((p for p in facts.conda if p.name == name), None)
        if package is not None:
            return Measured(package.version)
    distribution = facts.distribution(name)
    return Measured(distribution.version if distribution is not None else None)


def _same(predicted: Version, measured: Version) -> bool:
    """`2.1.0` may be a build of its own there (`2.1.0+cu121`); a local part that is told counts.

    PyPI's torch says `+cu121` only once it is imported: its build is a pair of its own.
    """
    if predicted.public != measured.public:
        return False
    return predicted.local is None or measured.local in (None, predicted.local)


def _torch(
    environment: Environment, stage: Stage, facts: ImageFacts, tables: Tables, place: Location
) -> Iterator[Pair]:
    """The CUDA that torch is built for, as it says itself."""
    build = torch_build(environment, stage.base, place, tables)
    if build is None:
        return
    where = build.location if isinstance(build, WheelVariant) else place
    torch = facts.framework("torch")
    measured = Measured(None, facts.failed("frameworks") or NO_PROBE)
    if torch is not None and torch.ok:
        measured = Measured(_build_text(torch.cuda, torch.hip))
    elif facts.interpreter is not None:
        reason = torch.message if torch is not None else "it is not installed"
        measured = Measured(None, f"torch cannot be asked: {reason}")
    told: object = build
    if isinstance(build, WheelVariant):
        told = f"CUDA {build.cuda}" if build.cuda is not None else build.variant
    holds = isinstance(build, WheelVariant) and _is_build(build, measured.value or "")
    yield judged("torch's build", told, measured, holds, where)


def _build_text(cuda: str | None, hip: str | None) -> str:
    if cuda:
        return f"CUDA {cuda}"
    return f"rocm{hip}" if hip else "cpu"


def _is_build(build: WheelVariant, measured: str) -> bool:
    if build.cuda is not None:
        return measured == f"CUDA {build.cuda.major}.{build.cuda.minor}"
    if build.variant.startswith("rocm"):
        return measured.startswith(build.variant)
    return measured == "cpu" or isinstance(build.version, Unknown)
