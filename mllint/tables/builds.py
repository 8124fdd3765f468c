"""Python packages that are compiled on install, in; what their build needs, out."""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class BuildNeeds:
    """What a build from source needs; distribution is the canonical name.

    torch_first: setup.py imports torch, or the package runs on it. no_build_isolation: it needs
    pip's `--no-build-isolation`. build_requires: distributions that must then be installed before.
    repositories: where its source is, as `owner/name` on GitHub. source_if, nvcc_if, nvcc_unless:
    switches, `FORCE_CUDA=1` or `--cuda_ext`, that make it compile, call nvcc, or leave nvcc out.
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
    confidence: Confidence


class BuildTable:
    """package_builds.csv."""

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

    def needs(self, distribution: str) -> BuildNeeds | None:
        """What the build of a distribution needs, or None when it is not known."""
        return self._distributions.get(distribution)

    def from_repository(self, repository: str) -> BuildNeeds | None:
        """What the build of a GitHub repository `owner/name` (in any case) needs, or None."""
        return self._repositories.get(repository.lower())
