"""signal-handling: the program is a child of a shell that passes no signal on."""

import json
from collections.abc import Iterator

from mllint.facts.commands.shell_starts import shell_start
from mllint.facts.project import Project
from mllint.finding import Problem
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for the command in shell form that the image starts."""
    stage = project.target
    start = shell_start(stage) if stage is not None else None
    if stage is None or start is None:
        return
    keyword = start.instruction.keyword
    if start.several:  # `CMD umask 002 && python serve.py`
        advice = f"write `exec` before the last command of {keyword}"
    else:
        form = f"exec {start.instruction.text}"
        if start.words:
            form = json.dumps(list(start.words), ensure_ascii=False)
        advice = f"write `{keyword} {form}`"
    if start.script is not None:
        advice += f", and `exec` before the last command of {start.script}"
    yield Problem(
        project.at(start.instruction),
        f"{keyword} goes through /bin/sh, which does not pass SIGTERM on: `docker stop` kills the "
        "program without notice",
        advice,
        stage=stage.label,
    )
