"""base-image-unavailable: the base image, or where it gets its packages, is no longer there."""

from collections.abc import Iterator

from mllint.facts.images.base_availability import Gone, Loss, loss_of
from mllint.facts.images.base_uses import BaseUse, base_uses
from mllint.facts.images.nearest_tag import nearest_tag
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each base image of which something is gone that this build asks for."""
    for use in base_uses(project):
        loss = loss_of(project, use, tables)
        if loss is not None:
            yield Problem(
                location=use.location,
                message=_message(use, loss),
                help=_help(use, loss, tables),
                related=tuple(_related(use, loss)),
                severity=None if loss.certain else Severity.WARNING,
                stage=use.stages[0].label,
            )


def _message(use: BaseUse, loss: Loss) -> str:
    image = use.image
    if loss.gone is Gone.TAG:
        removed = f"the tag {loss.subject} of {image.reference.name} was removed from the registry"
        if image.reference.digest is not None:
            return f"{removed}; its digest is there only as long as the registry keeps it"
        return removed
    line = loss.location.span.line
    if loss.gone is Gone.SERVERS:
        return (
            f"the package servers that {use.name} asks no longer have {image.distro}; "
            f"`{loss.subject}` on line {line} fails"
        )
    return (
        f"line {line} installs {loss.subject}, which deleted its packages for {image.distro}, "
        f"the system of {use.name}"
    )


def _help(use: BaseUse, loss: Loss, tables: Tables) -> str:
    if loss.gone is Gone.TAG:
        name = use.image.reference.name
        tag = nearest_tag(name, loss.subject, tables) or nearest_tag(
            name, f"{tables.cuda_images.newest}-devel", tables
        )
        return f"write `{name}:{tag}` or another tag that is there"
    if loss.gone is Gone.SERVERS:
        return "take an image on a supported release, or point its package lists at the archive"
    return "take an image whose distribution has that Python, or install it with uv or conda"


def _related(use: BaseUse, loss: Loss) -> Iterator[Related]:
    if loss.location != use.word:
        what = "asks those servers" if loss.gone is Gone.SERVERS else "installs it"
        yield Related(loss.location, what)
    yield from use.related()
