"""silent-cpu-build: an image for a GPU gets a framework that cannot use one."""

from collections.abc import Iterator

from mllint.facts.cuda.cpu_evidence import says_cpu
from mllint.facts.cuda.gpu_evidence import GpuEvidence, gpu_evidence, says_no_gpu
from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.cpu_builds import CpuBuild, Reason, cpu_builds
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

# Packages made for a GPU that are installed on CPUs as well.
_RUNS_ON_CPU = frozenset({"bitsandbytes", "xformers", "deepspeed", "apex", "unsloth"})


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such package of the stage that ships, once for each place."""
    stage = project.target
    if stage is None or says_no_gpu(stage) or says_cpu(project, stage):
        return
    told: set[Location] = set()
    for build in cpu_builds(project, stage, tables):
        signs = [sign for sign in gpu_evidence(project, stage) if _tells(sign, build)]
        # Without a sign of a GPU the CPU build is what people want, or nobody's concern.
        if build.location in told or not (signs or build.reason is Reason.AUTO):
            continue
        told.add(build.location)
        yield Problem(
            build.location,
            _message(build, signs),
            _help(build, tables),
            related=tuple(Related(sign.location, sign.what) for sign in signs[:2]),
            severity=_severity(build, signs),
            stage=stage.label,
        )


def _tells(sign: GpuEvidence, build: CpuBuild) -> bool:
    """Whether the sign is one of something else, and of something that is no use on a CPU."""
    return sign.location != build.location and sign.package not in _RUNS_ON_CPU


def _severity(build: CpuBuild, signs: list[GpuEvidence]) -> Severity | None:
    # Beside another user of the GPU, this one may be meant for the CPU; a package may be there
    # for images of both kinds.
    weak = bool(build.others) or all(sign.package for sign in signs)
    if build.reason in (Reason.EXTRA, Reason.DISTRIBUTION) and weak:
        return Severity.INFO
    if not signs:
        return Severity.INFO
    return Severity.WARNING if weak or build.reason is Reason.DISTRIBUTION else None


def _message(build: CpuBuild, signs: list[GpuEvidence]) -> str:
    version = "" if isinstance(build.version, Unknown) else str(build.version)
    package = f"{build.package} {version}".strip()
    match build.reason:
        case Reason.NAMED:
            source = f" ({build.source})" if build.source != version else ""
            text = f"{package} is the build without CUDA{source}"
        case Reason.AUTO:
            text = f"uv takes {package} without CUDA: no build has a driver for {build.source}"
        case Reason.ARM:
            text = f"{package} is {build.source}, which has no CUDA"
        case Reason.EXTRA:
            text = f"{package} without the extra {build.source} has no CUDA libraries"
        case Reason.DISTRIBUTION:
            text = f"{package} runs on the CPU only; the one with CUDA is {build.source}"
    return f"{text}, but {signs[0].what}" if signs else text


def _help(build: CpuBuild, tables: Tables) -> str:
    version = tables.torch.newest if isinstance(build.version, Unknown) else build.version
    default = tables.torch.default_variant(version)
    variant = default.variant if default else "cuNNN"
    match build.reason:
        case Reason.AUTO:
            return f"name the build: `--torch-backend={variant}`"
        case Reason.EXTRA:
            return f'ask for it: "{build.package}[{build.source}]"'
        case Reason.DISTRIBUTION:
            return f"install {build.source} instead"
        case Reason.NAMED if build.package == "pytorch":
            return "leave cpuonly out and name a pytorch-cuda"
        case Reason.NAMED if build.local:
            # No index gives another build than the one that the requirement names.
            index = tables.torch.index_url(variant)
            return f"write `{build.package}=={version.public}+{variant}` with `--index-url {index}`"
        case Reason.NAMED | Reason.ARM:
            return f"take a build with CUDA: `--index-url {tables.torch.index_url(variant)}`"
