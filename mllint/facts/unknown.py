"""`Unknown`: the value of a fact that cannot be had from the files, with the reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands where a fact is not known; a check skips it, `--verbose` prints the reason."""

    reason: str

    def __str__(self) -> str:
        """The reason, for messages."""
        return self.reason


@dataclass(frozen=True, slots=True)
class PerhapsUnset(Unknown):
    """Stands for a variable that a base image may set, of which few set it."""
