"""The flags of a RUN in, what its bind mounts make visible while it runs out."""

from collections.abc import Iterator
from typing import NamedTuple

from mllint.parse.dockerfile import Instruction


class BindMount(NamedTuple):
    """One `--mount=type=bind`: paths and the stage or image as written; `origin` None: context."""

    source: str
    target: str
    origin: str | None


def bind_mounts(instruction: Instruction) -> Iterator[BindMount]:
    """The bind mounts of a RUN; `bind` is the type when none is given."""
    for flag in instruction.flags:
        if flag.name != "mount" or not flag.value:
            continue
        options = dict(part.partition("=")[::2] for part in flag.value.split(",") if part)
        target = options.get("target") or options.get("dst") or options.get("destination")
        if options.get("type", "bind") == "bind" and target:
            source = options.get("source") or options.get("src") or "."
            yield BindMount(source, target, options.get("from"))
