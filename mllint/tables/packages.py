"""A role in (a compiler, a user of nvcc, a heavy package…), the packages that have it out."""

from enum import Enum
from functools import cached_property
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import read_rows


class Role(Enum):
    """What a package is to an image."""

    COMPILER = "compiler"
    HEADERS = "headers"
    LOGIN = "login"
    COMPILES_C = "compiles-c"  # when it runs
    COMPILES_CUDA = "compiles-cuda"  # when it runs: nvcc, ptxas or libnvvm
    DRIVES_JIT = "drives-jit"  # serves to compile torch extensions on first use
    TRITON = "triton"
    LOADS_CUDA = "loads-cuda"
    HEAVY = "heavy"


class PackageSource(Enum):
    """Who installs it."""

    PYTHON = "python"
    SYSTEM = "system"


class PackageRole(NamedTuple):
    """A package that has a role; the name of a distribution's package may hold one `*`."""

    package: str
    role: Role
    installer: PackageSource


class PackageTable:
    """packages.csv; a package without a row may still have the role."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _names(self) -> dict[tuple[Role, PackageSource], list[str]]:
        found: dict[tuple[Role, PackageSource], list[str]] = {}
        for row in read_rows(self._folder / "packages.csv", PackageRole):
            found.setdefault((row.role, row.installer), []).append(row.package)
        return found

    def python(self, role: Role) -> frozenset[str]:
        """The Python distributions, and conda packages, with that role; canonical names."""
        return frozenset(self._names.get((role, PackageSource.PYTHON), ()))

    def is_system(self, name: str, role: Role) -> bool:
        """Whether a package of a distribution (`gcc-12`, `libpq-dev`) has that role."""
        patterns = self._names.get((role, PackageSource.SYSTEM), ())
        return any(_fits(name, pattern) for pattern in patterns)


def _fits(name: str, pattern: str) -> bool:
    """Whether the name is that of the pattern, where one `*` stands for any characters."""
    start, star, end = pattern.partition("*")
    if not star:
        return name == pattern
    long_enough = len(name) >= len(start) + len(end)
    return long_enough and name.startswith(start) and name.endswith(end)
