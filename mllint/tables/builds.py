"""Python packages that are compiled on install, in; what their build needs, out."""

from enum import Enum
from functools import cached_property
from pathlib import Path

from packaging.version import Version

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, read_rows


class Need(Enum):
    """Whether a build needs something; CONDITIONAL: on a matching wheel, an option or a version."""

    YES = "yes"
    NO = "no"
    CONDITIONAL = "conditional"


class WheelSource(Enum):
    """Where ready-made wheels are, for some torch, CUDA and Python."""

    PYPI = "pypi"  # the default index: an install by name needs no build
    GITHUB_RELEASE = "github-release"  # setup.py fetches one that matches the installed torch
    FIND_LINKS = "find-links"  # a page given with -f


class BuildSystem(Enum):
    """What the package's pyproject.toml asks for while it is built."""

    TORCH = "torch"  # torch: pip puts some torch into the build's own environment
    WITHOUT_TORCH = "without-torch"
    NONE = "none"  # there is no such file: old releases of pip then build without isolation
    TORCH_LATER = "torch-later"  # none in the releases, torch in newer sources


class BuildNeeds(NamedTuple):
    """What a build from source needs; distribution is the canonical name.

    torch_first: setup.py imports torch, or the package runs on it. no_build_isolation: it needs
    pip's `--no-build-isolation`. build_requires: distributions that must then be installed before.
    repositories: where its source is, as `owner/name` on GitHub. source_if, nvcc_if, nvcc_unless:
    switches, `FORCE_CUDA=1` or `--cuda_ext`, that make it compile, call nvcc, or leave nvcc out.
    build_system: None when not known. arch_variables: what names the GPUs to compile for, where the
    build has no list of its own and otherwise asks the GPU that is there.
    """

    distribution: str
    compiler: Need
    nvcc: Need
    torch_first: Need
    no_build_isolation: Need
    build_requires: tuple[str, ...]
    wheels: WheelSource | None
    repositories: tuple[str, ...]
    source_if: tuple[str, ...]
    nvcc_if: tuple[str, ...]
    nvcc_unless: tuple[str, ...]
    build_system: BuildSystem | None
    arch_variables: tuple[str, ...]
    confidence: Confidence


class ExtensionWheels(NamedTuple):
    """The ready-made wheels of one release of an extension, on GitHub, for Linux x86-64.

    torch, pythons: minor releases. cuda_majors: of torch's CUDA. complete: no more will be added.
    """

    package: str
    version: Version
    torch: tuple[Version, ...]
    cuda_majors: tuple[str, ...]
    pythons: tuple[Version, ...]
    complete: bool
    confidence: Confidence

    def may_fit(self, torch: Version, cuda: Version | None, python: Version | None) -> bool:
        """Whether a wheel may fit; False where there certainly is none."""
        minor = Version(f"{torch.major}.{torch.minor}")
        if not self.complete:
            return minor >= self.torch[0]
        if minor not in self.torch or (cuda and str(cuda.major) not in self.cuda_majors):
            return False
        return python is None or Version(f"{python.major}.{python.minor}") in self.pythons


class BuildTable:
    """package_builds.csv and extension_wheels.csv."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _distributions(self) -> dict[str, BuildNeeds]:
        rows = read_rows(self._folder / "package_builds.csv", BuildNeeds)
        return {row.distribution: row for row in rows}

    @cached_property
    def _repositories(self) -> dict[str, BuildNeeds]:
        return {
            repository.lower(): row
            for row in self._distributions.values()
            for repository in row.repositories
        }

    @cached_property
    def _wheels(self) -> dict[tuple[str, Version], ExtensionWheels]:
        rows = read_rows(self._folder / "extension_wheels.csv", ExtensionWheels)
        return {(row.package, row.version): row for row in rows}

    def ready_made(self, distribution: str, version: Version) -> ExtensionWheels | None:
        """The wheels that setup.py of a release may fetch, or None when they are not known."""
        return self._wheels.get((distribution, version))

    def needs(self, distribution: str) -> BuildNeeds | None:
        """What the build of a distribution needs, or None when it is not known."""
        return self._distributions.get(distribution)

    def from_repository(self, repository: str) -> BuildNeeds | None:
        """What the build of a GitHub repository `owner/name` (in any case) needs, or None."""
        return self._repositories.get(repository.lower())
