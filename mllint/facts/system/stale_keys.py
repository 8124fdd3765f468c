"""A base image's stages in, the command that asks NVIDIA's servers with a key of old, out."""

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import failure_counts
from mllint.facts.commands.filesystem import Copy
from mllint.facts.images.base_image import BaseImage
from mllint.facts.stage import Stage
from mllint.facts.system.system_packages import manager_verb
from mllint.tables import Tables

# In a word of a command: it changes keys or lists, or may do so.
_MENDS = (
    "keyring",
    "apt-key",
    "3bf863cc",
    "7fa2af80",
    "/etc/apt",
    "trusted.gpg",
    "gpg",
    "A4B469963",
)
_UNSIGNED = ("allow-unauthenticated", "allow-insecure", "AllowInsecure", "Dir::Etc")


def stale_key_request(
    image: BaseImage, stages: tuple[Stage, ...], tables: Tables
) -> Execution | None:
    """The first `apt-get update` of these stages, parents first, that certainly fails by the key.

    None when the image has today's key, or when a command before may have brought it.
    """
    reference = image.reference
    name = tables.base_images.original(reference.name) or reference.name
    if reference.tag is None or not tables.apt.has_stale_key(name, reference.tag):
        return None
    mended: set[int] = set()
    for stage in stages:
        if stage.parent in mended or any(map(_brings_lists, stage.copies)):
            mended.add(stage.index)
            continue
        for run in stage.runs:
            counts = failure_counts(run)
            for execution in run.executions:
                if _may_mend(execution):
                    mended.add(stage.index)
                elif stage.index not in mended and _asks(execution) and counts(execution):
                    return execution
    return None


def _may_mend(execution: Execution) -> bool:
    targets = (redirect.target.text for redirect in execution.command.redirects)
    words = (execution.program, *execution.words, *targets)
    if execution.shell_file is not None:
        return True
    return words[0].endswith((".sh", ".py")) or any(
        mark in word for mark in _MENDS for word in words
    )


def _brings_lists(copy: Copy) -> bool:
    return not isinstance(copy.destination, str) or copy.destination.startswith("/etc/apt")


def _asks(execution: Execution) -> bool:
    """Whether it is an `apt-get update` that fails without the key."""
    if execution.program not in ("apt-get", "apt") or manager_verb(execution) != "update":
        return False
    return not any(mark in word for mark in _UNSIGNED for word in execution.words)
