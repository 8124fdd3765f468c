"""An environment in, the majors of CUDA that it holds as packages, and who brings them, out."""

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.installs.install import Install
from mllint.facts.wheels.torch_packages import FAMILY
from mllint.named_tuple import NamedTuple


class CudaStack(NamedTuple):
    """The `nvidia-…-cu12` packages of one major that the environment ends up with.

    asker: the requirement that brings the first of them.
    """

    major: int
    packages: tuple[str, ...]
    asker: Install


def cuda_stacks(environment: Environment) -> tuple[CudaStack, ...]:
    """The stacks, that of torch and the largest first, without what the base image brings."""
    found: dict[int, list[Install]] = {}
    for name in dict.fromkeys(each.name for each in environment.installs if each.name):
        major = _major(name)
        held = environment.effective(name) if major is not None else None
        if major is not None and isinstance(held, Held) and held.install is not None:
            found.setdefault(major, []).append(held.install)
    stacks = (
        CudaStack(major, tuple(each.name or "" for each in held), _asker(held[0], environment))
        for major, held in found.items()
    )
    return tuple(sorted(stacks, key=lambda s: (s.asker.name not in FAMILY, -len(s.packages))))


def _major(name: str) -> int | None:
    """`nvidia-cublas-cu12` -> 12."""
    stem, _, major = name.rpartition("-cu")
    return int(major) if stem.startswith("nvidia-") and major.isdigit() else None


def _asker(brought: Install, environment: Environment) -> Install:
    """The requirement because of which a package is there: itself, if it is named."""
    for install in environment.installs if brought.is_brought else ():
        same = install.group == brought.group and install.location == brought.location
        if same and install.requirement is not None:
            return install
    return brought
