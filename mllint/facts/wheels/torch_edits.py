"""A companion beside a torch that it does not fit in, the edit that writes the fitting one out."""

from packaging.version import Version

from mllint.facts.installs.requirement_edits import ask_for
from mllint.facts.wheels.torch_pairs import OddPair
from mllint.finding import Edit


def fitting_edit(pair: OddPair, fitting: Version) -> Edit | None:
    """Let the companion be of version `fitting`; None unless torch is pinned to the letter.

    `torch==${TORCH}` may be another one tomorrow. None as well for a build that torch is not of:
    whether there is that build is not known.
    """
    torch, companion = pair.beside.exact, pair.asked.exact
    literal = pair.beside.written is not None and pair.beside.written.text is not None
    if torch is None or pair.pulls or not literal:
        return None
    local = companion.local if companion is not None else None
    return ask_for(pair.asked, fitting) if local in (None, torch.local) else None
