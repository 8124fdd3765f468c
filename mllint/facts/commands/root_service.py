"""A stage in, the instruction that leaves what it starts with the rights of root, out."""

from mllint.facts.commands.entry import is_workplace, starts_script
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.tables import Tables

_ROOT = frozenset({"root", "0"})
# Programs by which a command gives up the rights of root itself.
_DROPPING = ("gosu", "su-exec", "setpriv", "su", "runuser", "s6-setuidgid", "chpst", "sudo")


class RootService(NamedTuple):
    """The instruction by which a program starts as root; start: "CMD" or "ENTRYPOINT"."""

    instruction: Instruction
    start: str


def root_service(stage: Stage, tables: Tables) -> RootService | None:
    """The last USER root, or the CMD or ENTRYPOINT of a stage without USER; None: not root.

    None as well when it is not known, for an image that people work in, where a script starts that
    may change the user, and without EXPOSE: a job that is run by hand is nobody's way in.
    """
    if all(each.keyword != "EXPOSE" for each in stage.instructions):
        return None
    if isinstance(stage.user, Unknown) or stage.user not in _ROOT:
        return None
    users = [each for each in stage.instructions if each.keyword == "USER"]
    if not users and isinstance(stage.base.user, Unknown):
        return None
    if is_workplace(stage, tables) or starts_script(stage):
        return None
    entries = [entry for entry in stage.entry if entry.keyword != "HEALTHCHECK"]
    if any(name in entry.text.replace('"', " ").split() for entry in entries for name in _DROPPING):
        return None
    return RootService(users[-1] if users else entries[-1], entries[0].keyword)
