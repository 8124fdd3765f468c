"""A stage in, the Pythons for which it runs a get-pip script that refuses them, out."""

import posixpath
from collections.abc import Iterator
from itertools import pairwise

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.exit_status import failure_counts
from mllint.facts.environments.venv_commands import positional
from mllint.facts.images.base_image import Python
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.get_pip import GetPipScript

# The addresses under which the newest script is; `…/pip/3.8/get-pip.py` is another.
_CURRENT = (
    "bootstrap.pypa.io/get-pip.py",
    "bootstrap.pypa.io/pip/get-pip.py",
    "raw.github.com/pypa/pip/master/contrib/get-pip.py",
)
_DOWNLOADERS = frozenset({"curl", "wget", "aria2c"})
_NAMED_BY = ("-o", "-O", "--output", "--output-document")


class Download(NamedTuple):
    """A get-pip script as it arrives: the file it becomes ("" in a pipe), and where that stands.

    current: it is the newest script. bare: the word at `location` is the address, maybe quoted.
    conditional: it may not come.
    """

    file: str
    current: bool
    location: Location
    bare: bool
    conditional: bool = False


class RefusedBootstrap(NamedTuple):
    """A get-pip script that ends with an error under the Python that runs it."""

    execution: Execution
    python: Python
    download: Download
    script: GetPipScript


def refused_bootstraps(stage: Stage, tables: Tables) -> Iterator[RefusedBootstrap]:
    """Each run of the newest get-pip script by a Python that it certainly refuses, in order."""
    if not stage.bootstraps:
        return
    downloads = list(_added(stage))
    pythons = {id(each.execution): each.python for each in stage.bootstraps}
    for run in stage.runs:
        counts = failure_counts(run)
        for execution in run.executions:
            downloads.extend(_downloads(execution))
            python = pythons.get(id(execution))
            if not isinstance(python, Python):
                continue
            script, used = tables.get_pip.script_for(python.version), _used(execution, downloads)
            if script and used and used.current and counts(execution):
                yield RefusedBootstrap(execution, python, used, script)


def _added(stage: Stage) -> Iterator[Download]:
    """What ADD downloads."""
    for copy in stage.copies:
        for source in copy.sources:
            if isinstance(source, str) and source.endswith("get-pip.py") and "://" in source:
                place = copy.destination if isinstance(copy.destination, str) else ""
                file = "get-pip.py" if place.endswith("/") else posixpath.basename(place)
                yield Download(file, source.endswith(_CURRENT), copy.location, bare=False)


def _downloads(execution: Execution) -> Iterator[Download]:
    if execution.program not in _DOWNLOADERS:
        return
    words = execution.words
    named = [word for option, word in pairwise(words) if option in _NAMED_BY]
    targets = [redirect.target.text for redirect in execution.command.redirects]
    for argument in execution.arguments:
        if "get-pip" not in argument.text or "://" not in argument.text:
            continue
        place = Location(execution.location.path, argument.word.span)
        file = posixpath.basename((*targets, *named, argument.text)[0])
        current = isinstance(argument.value, str) and argument.value.endswith(_CURRENT)
        bare = argument.word.text.strip("\"'") == argument.text
        yield Download(file, current, place, bare, execution.conditional)


def _used(execution: Execution, downloads: list[Download]) -> Download | None:
    """The download that a Python runs: by the file's name, or through a pipe the last one."""
    if execution.command.connector == "|":
        return downloads[-1] if downloads else None
    files = [posixpath.basename(word) for word in positional(execution.words)]
    found = [download for download in downloads if download.file in files]
    if found and found[-1].conditional and not all(download.current for download in found):
        return None  # if [ "$V" = 3.7 ]; then wget …/pip/3.7/get-pip.py; else wget …; fi
    return found[-1] if found else None
