"""An environment marker and where it is to hold in, whether it holds out."""

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import Requirement

from mllint.facts.commands.variables import Value
from mllint.facts.images.base_image import Python
from mllint.facts.unknown import Unknown

# Machine as images name it -> what `uname -m` prints there.
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "ppc64le": "ppc64le"}


def marker_applies(
    requirement: Requirement, python: Python | Unknown | None, platform: Value
) -> bool | None:
    """Whether the marker holds on that Linux with that Python; None when that is not known."""
    marker = requirement.marker
    if marker is None:
        return True
    text = str(marker)
    environment = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }
    parts = () if isinstance(platform, Unknown) else platform.split("/")[1:]
    machine = _MACHINES.get(parts[0]) if parts else None
    if machine is not None:
        environment["platform_machine"] = machine
    elif "platform_machine" in text:
        return None
    if isinstance(python, Python):
        version = python.version
        environment["python_version"] = f"{version.major}.{version.minor}"
        environment["python_full_version"] = f"{version}" if version.micro else f"{version}.0"
    elif "python" in text.replace("platform_python_implementation", ""):
        return None
    if "platform_release" in text or "platform_version" in text:
        return None
    try:
        return marker.evaluate(environment)
    except (UndefinedComparison, UndefinedEnvironmentName):
        return None
