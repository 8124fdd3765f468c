"""An environment in, whether its pip may be one that refuses no conflict, out.

Before 20.3 pip takes the first release that it finds for each name, tells of a conflict in red,
and ends with status 0.
"""

from collections.abc import Mapping

from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.images.contents import Origin, Python
from mllint.facts.resolution import Refusal, RefusalKind
from mllint.resolve.commands import Command
from mllint.resolve.request import Held

_FIRST_TO_REFUSE = Version("20.3")
REASON = "its pip may be older than 20.3, which installs what does not go together"

_FIRST_OF_DISTRO = Version("3.9")
"""Ubuntu 20.04 has Python 3.8 and pip 20.0.2, Debian 11 has Python 3.9 and pip 20.3.4."""
_LAST_OF_IMAGE = {(3, 5): 10, (3, 6): 11, (3, 7): 8, (3, 8): 6, (3, 9): 0}
"""The patch releases whose official images were last built in 2020; `python:3.8` is a later one."""


def is_old_at_first(environment: Environment) -> bool:
    """Whether pip may be older, as long as nothing installs another one."""
    python = environment.python
    if not isinstance(python, Python):
        return False
    release = python.version.release
    if python.origin is Origin.DISTRO:
        return python.version < _FIRST_OF_DISTRO
    if python.origin is Origin.IMAGE and len(release) > 2:
        return release[2] <= _LAST_OF_IMAGE.get((release[0], release[1]), -1)
    return False


def is_old_after(command: Command, held: Mapping[str, Held], before: bool) -> bool:
    """Whether the pip that the next command runs may be older; held: after this one."""
    for install in command.installs:
        if install.name == "pip" and not install.uninstall:
            found = held.get("pip")
            version = install.fixed if found is None else found.version
            return version is not None and version < _FIRST_TO_REFUSE
    return before


def is_passed_over(command: Command, refusal: Refusal) -> bool:
    """Whether an older pip installs all the same."""
    return refusal.kind is RefusalKind.CONFLICT and not command.installs[0].installer.is_uv
