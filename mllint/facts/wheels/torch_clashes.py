"""An environment in, the companions that one command cannot install together out."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.environments.history import Held
from mllint.facts.installs.install import Install
from mllint.facts.wheels.torch_packages import PINNERS
from mllint.facts.wheels.torch_pairs import OddPair
from mllint.facts.wheels.torch_pulls import only_torch
from mllint.tables import Tables


def clashes(environment: Environment, tables: Tables) -> Iterator[OddPair]:
    """Companions of one command that need two torches: `torchvision==0.19.0 torchaudio==2.3.0`."""
    torch = environment.effective("torch")
    if isinstance(torch, Held) and isinstance(torch.version, Version) and torch.install is not None:
        return  # each is held against that torch
    first: dict[int, tuple[str, Version, Install]] = {}
    for install in environment.of(*PINNERS):
        if install.exact is None or install.options.no_deps or install.url is not None:
            continue
        release = tables.companions.release(install.name or "", install.exact)
        pin = only_torch(release.torch) if release is not None and release.torch else None
        if pin is None:
            continue
        text = f"{install.name} {install.exact}"
        name, needed, other = first.setdefault(install.group, (text, pin, install))
        if needed != pin:
            yield OddPair(
                install.name or "",
                text,
                install.location,
                f"{name}, which is made for torch=={needed}",
                None,
                other.location,
                f"torch=={pin}",
                together=True,
                pulls=False,
                certain=not (install.conditional or other.conditional),
                asked=install,
                beside=other,
            )
