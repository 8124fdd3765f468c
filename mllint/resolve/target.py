"""A stage and its environment in, the Python and platform to resolve for out."""

from packaging.version import Version

from mllint.facts.commands.variables import Value
from mllint.facts.environments.environment import Environment
from mllint.facts.images.base_image import Libc, Python
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

_MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64", "linux/arm64/v8": "aarch64"}
_GLIBC = tuple(Version(f"2.{minor}") for minor in (17, 28, *range(31, 41)))
"""The C libraries that uv has a name for: `x86_64-manylinux_2_28`."""


class Target(NamedTuple):
    """What wheels have to fit. python: `3.10` or `3.10.13`; machine: as `uname -m` prints it.

    glibc: the newest that uv knows and the image has; None for musl.
    """

    python: Version
    machine: str
    glibc: Version | None

    @property
    def platform(self) -> str:
        """As uv's `--python-platform` takes it."""
        if self.glibc is None:
            return f"{self.machine}-unknown-linux-musl"
        return f"{self.machine}-manylinux_{self.glibc.major}_{self.glibc.minor}"

    @property
    def words(self) -> str:
        """`x86_64 with glibc 2.36`."""
        return f"{self.machine} with {'musl' if self.glibc is None else f'glibc {self.glibc}'}"

    @property
    def full(self) -> str:
        """As uv's `--python-version` takes it.

        Of an image whose patch release is not known, one that no `>=3.8.1` refuses.
        """
        return str(self.python) if len(self.python.release) > 2 else f"{self.python}.99"

    @property
    def minor(self) -> str:
        """`3.10`."""
        return f"{self.python.major}.{self.python.minor}"


def find_target(environment: Environment, stage: Stage, platform: Value) -> Target | Unknown:
    """What the packages of the environment are to run on; `platform`: as Docker names it."""
    if isinstance(platform, Unknown):
        return platform
    machine = _MACHINES.get(platform)
    if machine is None:
        return Unknown(f"for {platform} nothing is resolved")
    python, libc = environment.python, stage.base.libc
    if isinstance(python, Unknown):
        return python
    if not isinstance(python, Python):
        return Unknown("there is no Python in the environment")
    if isinstance(libc, Unknown):
        return libc
    glibc = _newest_glibc(libc)
    return glibc if isinstance(glibc, Unknown) else Target(python.version, machine, glibc)


def _newest_glibc(libc: Libc) -> Version | Unknown | None:
    if libc.name == "musl":
        return None
    if libc.version is None:
        return Unknown("which C library the image has is not known")
    fitting = [each for each in _GLIBC if each <= libc.version]
    return fitting[-1] if fitting else Unknown(f"glibc {libc.version} is older than wheels need")
