"""An environment in, the companions of torch that are another build than its torch out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.wheels.torch_pulls import leaves_torch
from mllint.facts.wheels.wheel_variant import WheelVariant, held_variant
from mllint.named_tuple import NamedTuple
from mllint.tables import Tables

# torchtext holds no code for a GPU.
_COMPANIONS = ("torchvision", "torchaudio")


class OddBuilds(NamedTuple):
    """A companion built for another CUDA (or for none) than the torch beside it.

    certain: the import fails, or what runs on the GPU does.
    """

    companion: WheelVariant
    torch: WheelVariant
    certain: bool


def odd_builds(environment: Environment, tables: Tables) -> Iterator[OddBuilds]:
    """The companions built for another CUDA than torch, or one for CPU and one for CUDA."""
    torch = held_variant(environment, "torch", tables)
    if not isinstance(torch, WheelVariant) or torch.variant.startswith(("rocm", "xpu")):
        return
    for package in _COMPANIONS:
        companion = held_variant(environment, package, tables)
        if not isinstance(companion, WheelVariant) or companion.variant.startswith(("rocm", "xpu")):
            continue
        if not _lasts(environment, package, tables):
            continue
        audio = package == "torchaudio"
        if torch.cuda is None or companion.cuda is None:
            # A torchaudio without CUDA has all but a few operators.
            if torch.cuda != companion.cuda:
                yield OddBuilds(companion, torch, companion.cuda is not None or not audio)
        elif torch.cuda.major != companion.cuda.major or (
            # From 2.0 on torchaudio refuses another minor, too, when it is imported.
            audio
            and torch.cuda != companion.cuda
            and isinstance(companion.version, Version)
            and companion.version.major >= 2
        ):
            yield OddBuilds(companion, torch, certain=True)


def _lasts(environment: Environment, package: str, tables: Tables) -> bool:
    """Whether the two are the ones that meet: the companion may bring another torch along."""
    torch, companion = environment.effective("torch"), environment.effective(package)
    if not isinstance(torch, Held) or not isinstance(companion, Held):
        return False
    return leaves_torch(environment, companion, torch, tables)
