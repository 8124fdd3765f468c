"""An execution in, what its `git clone` takes and makes out."""

import posixpath

from mllint.facts.commands.executions import Execution
from mllint.named_tuple import NamedTuple

_VALUED = frozenset(
    {"-b", "--branch", "--depth", "-j", "--jobs", "-o", "--origin", "-c", "--config", "--filter"}
    | {"--reference", "--reference-if-able", "--revision", "-u", "--upload-pack", "--template"}
    | {"--shallow-since", "--shallow-exclude", "--separate-git-dir", "--server-option"}
    | {"--bundle-uri", "--ref-format"}
)


class Clone(NamedTuple):
    """A `git clone`.

    address: as expanded; of an unknown one the known beginning. branch: a tag as well, None for
    the default one. folder: as given, else the one that git names after the repository.
    """

    address: str
    branch: str | None
    folder: str

    @property
    def name(self) -> str:
        """`flash-attention` of `https://github.com/Dao-AILab/flash-attention.git`."""
        last = posixpath.basename(self.address.rstrip("/"))
        return last.rpartition(":")[2].removesuffix(".git")


def read_clone(execution: Execution) -> Clone | None:
    """None for other commands, and where no address is given."""
    words = execution.words
    if execution.program != "git" or words[:1] != ("clone",):
        return None
    branch: str | None = None
    plain: list[str] = []
    pending = ""
    for word in words[1:]:
        if pending:
            branch = word if pending in ("-b", "--branch") else branch
            pending = ""
        elif word.startswith("--branch="):
            branch = word.partition("=")[2]
        elif word.startswith("-"):
            pending = word if word in _VALUED else ""
        else:
            plain.append(word)
    if not plain:
        return None
    clone = Clone(plain[0], branch, "")
    return clone._replace(folder=plain[1] if len(plain) > 1 else clone.name)
