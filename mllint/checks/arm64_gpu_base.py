"""arm64-gpu-base: an image, or a wheel, that is not for the platform the stage is built for."""

from collections.abc import Iterator

from mllint.facts.images.platforms import PlatformFault, WrongPlatform, wrong_platforms
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such stage."""
    for found in wrong_platforms(project, tables):
        likely = found.fault in (PlatformFault.BUILDPLATFORM, PlatformFault.JETSON_TORCH)
        yield Problem(
            location=found.location,
            message=_message(found),
            help=_help(found),
            severity=Severity.WARNING if likely else None,
            stage=found.stage.label,
        )


def _message(found: WrongPlatform) -> str:
    match found.fault:
        case PlatformFault.AMD64_IMAGE:
            return f"{found.what} is published for x86-64 only; the target is {found.platform}"
        case PlatformFault.FIXED:
            return f"FROM fixes {found.what}; the target is {found.platform}"
        case PlatformFault.BUILDPLATFORM:
            return (
                "the stage that ships is of BUILDPLATFORM, the machine that builds: "
                f"with another --platform it still holds {found.what} of that machine"
            )
        case PlatformFault.JETSON_TORCH:
            return f"{found.what} of this index has no CUDA on arm64, and the image is for a Jetson"


def _help(found: WrongPlatform) -> str:
    match found.fault:
        case PlatformFault.AMD64_IMAGE:
            return "choose the image by TARGETARCH: `FROM base-${TARGETARCH}`, with one for arm64"
        case PlatformFault.FIXED | PlatformFault.BUILDPLATFORM:
            return "leave `--platform` out: FROM takes the platform that is built for"
        case PlatformFault.JETSON_TORCH:
            return (
                "take NVIDIA's wheel for that JetPack, or an image that holds torch (l4t-pytorch)"
            )
