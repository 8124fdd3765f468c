"""compose-volatile-data: what a service writes goes when its container goes."""

from collections.abc import Iterator

from mllint.facts.compose.data_folders import DataFolder, database_folder, output_folder
from mllint.facts.compose.model import Service
from mllint.facts.compose.project import ComposeProject
from mllint.finding import Problem
from mllint.tables import Tables


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each database and each training without a volume for what it keeps."""
    if project.is_for_tests:
        return
    for service, reference in project.pulled():
        folder = database_folder(service, reference, tables)
        if folder is not None:
            yield _problem(service, folder, f"{reference.repository} keeps its data in")
    for service in project.services:
        folder = output_folder(service, _workdir(project, service))
        if folder is not None:
            yield _problem(service, folder, "the command writes its results to")


def _workdir(project: ComposeProject, service: Service) -> str | None:
    """The folder that the service starts in, where that is known."""
    built = project.built(service)
    target = built.target if built is not None else None
    given = service.working_dir if service.working_dir is not None else target and target.workdir
    return given if isinstance(given, str) else None


def _problem(service: Service, folder: DataFolder, what: str) -> Problem:
    return Problem(
        folder.location,
        f"{what} {folder.path}, and {service.name} mounts no volume there:"
        " `docker compose down` loses it",
        f"add `volumes: [{service.name}-data:{folder.path}]`, and {service.name}-data to the"
        " `volumes` of the file",
    )
