"""The marker of an externally managed Python (PEP 668): which commands take it away, and how."""

from mllint.facts.commands.executions import Execution
from mllint.facts.environments.interpreters import Environments
from mllint.facts.images.base_image import Python
from mllint.facts.unknown import Unknown


def may_remove_marker(execution: Execution) -> bool:
    """Whether the marker may be gone behind it: `rm …/EXTERNALLY-MANAGED`, `rm $file`."""
    unknown = execution.program in ("rm", "mv") and any(
        isinstance(each.value, Unknown) and not each.prefix for each in execution.arguments
    )
    return unknown or any(
        "EXTERNALLY" in each.text + each.word.text for each in execution.arguments
    )


def remove_marker(environments: Environments) -> None:
    """Let no Python of the distribution refuse installs from here on."""
    for draft in environments.drafts.values():
        python = draft.python
        if isinstance(python, Python) and python.externally_managed is not False:
            draft.python = Python(python.version, python.prefix, python.origin, False)
    python = environments.distro_python
    if isinstance(python, Python):
        environments.distro_python = Python(python.version, python.prefix, python.origin, False)
