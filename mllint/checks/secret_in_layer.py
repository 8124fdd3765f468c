"""secret-in-layer: the image keeps a credential for whoever can pull it."""

from collections.abc import Iterator

from mllint.facts.project import Project
from mllint.facts.secrets.exposures import Exposure, ExposureKind, exposures
from mllint.facts.secrets.requirement_secrets import requirement_addresses
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables

_MESSAGES = {
    ExposureKind.VALUE: "the value of {what} is written here and stays in the image",
    ExposureKind.STORED: "the build argument {what} becomes an ENV, which `docker inspect` shows",
    ExposureKind.ARGUMENT: "`docker history` shows the value that is given for the ARG {what}",
    ExposureKind.LOGIN: "`{what}` writes the token to a file, which stays in this layer",
    ExposureKind.ADDRESS: "the address of {what} holds a password, which stays in the image",
    ExposureKind.TOKEN: "a token is written in this {what} command, which `docker history` shows",
    ExposureKind.FILE: "{what} {holds} credentials and becomes a layer of the image",
}
_ELSEWHERE = "; this stage does not ship, its build cache does keep it"
_RUN_TIME = "give it when the container starts: `docker run -e {what}`"
_MOUNT = "mount it for the RUN that needs it: `RUN --mount=type=secret,id={id},env={what} …`"
_HELP = {
    ExposureKind.VALUE: "take it out of the file and revoke it; then give it to the container "
    "(`docker run -e {what}`) or to one RUN (`--mount=type=secret,id={id},env={what}`)",
    ExposureKind.STORED: _RUN_TIME,
    ExposureKind.ARGUMENT: _MOUNT,
    ExposureKind.LOGIN: "mount the token for the RUN that needs it: "
    "`RUN --mount=type=secret,id=hf_token,env=HF_TOKEN …`",
    ExposureKind.ADDRESS: "revoke it, and mount a netrc file: "
    "`RUN --mount=type=secret,id=netrc,target=/root/.netrc …`",
    ExposureKind.TOKEN: "revoke it, and mount it: `RUN --mount=type=secret,id=token,env=TOKEN …`",
    ExposureKind.FILE: "mount it for the RUN that needs it: "
    "`RUN --mount=type=secret,id=credentials,target=… …`",
}


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each credential that a stage leaves; a warning where the stage stays here."""
    if project.target is None:
        return
    shipped = {stage.index for stage in project.lineage(project.target)}
    for stage in project.judged:
        for exposure in exposures(stage, project.path, project.context):
            yield _problem(exposure, stage.label, ships=stage.index in shipped)
    for exposure in requirement_addresses(project):
        yield _problem(exposure, None, ships=True)


def _problem(exposure: Exposure, stage: str | None, *, ships: bool) -> Problem:
    kind, what = exposure.kind, exposure.what
    # What is written in the Dockerfile is given away wherever it stands.
    written = kind in (ExposureKind.VALUE, ExposureKind.ADDRESS, ExposureKind.TOKEN)
    grave = exposure.certain and (ships or written)
    related = () if exposure.use is None else (Related(exposure.use, "a RUN that takes it"),)
    return Problem(
        exposure.location,
        _MESSAGES[kind].format(what=what, holds="holds" if exposure.certain else "may hold")
        + ("" if ships or written else _ELSEWHERE),
        _HELP[kind].format(what=what, id=what.lower()),
        related=related,
        severity=None if grave else Severity.WARNING,
        stage=stage,
        hidden=exposure.hidden,
    )
