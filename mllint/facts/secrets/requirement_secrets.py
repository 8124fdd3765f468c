"""A project in, the addresses with a password in its requirements files out.

They become a layer with the COPY that brings the file. Tells where and which host, never the value.
"""

from collections.abc import Iterator

from mllint.facts.commands.mounts import bind_mounts
from mllint.facts.project import Project
from mllint.facts.secrets.exposures import Exposure, ExposureKind
from mllint.facts.secrets.values import address_with_password
from mllint.parse.requirements import parse_requirements
from mllint.parse.source import Location


def requirement_addresses(project: Project) -> Iterator[Exposure]:
    """One exposure for each option or requirement whose address holds a password.

    None where a bind mount may be what the file is read from: it leaves no layer behind.
    """
    if project.context is None or any(_mounts(project)):
        return
    files = project.context.files
    for path in project.read_files:
        if not path.endswith((".txt", ".in")):
            continue
        source = files.read(files.absolute(path))
        if "://" not in source.text or "@" not in source.text:
            continue
        parsed = parse_requirements(source)
        for text, span in (
            *((option.value, option.span) for option in parsed.options),
            *((line.text, line.span) for line in parsed.requirements),
        ):
            host = address_with_password(text)
            if host is not None:
                yield Exposure(ExposureKind.ADDRESS, host, Location(path, span))


def _mounts(project: Project) -> Iterator[bool]:
    for stage in project.judged:
        for run in stage.runs:
            yield bool(run.executions) and any(bind_mounts(run.executions[0].instruction))
