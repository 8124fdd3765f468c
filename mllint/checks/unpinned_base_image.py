"""unpinned-base-image: a base image without tag or digest, or with a tag that never was."""

from collections.abc import Iterator

from mllint.facts.images.base_availability import loss_of
from mllint.facts.images.base_image import TagState
from mllint.facts.images.base_uses import BaseUse, base_uses
from mllint.facts.images.nearest_tag import nearest_tag
from mllint.facts.project import Project
from mllint.finding import Problem, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """At most one problem for each base image; none where base-image-unavailable speaks."""
    for use in base_uses(project):
        if use.is_placeholder and use.image.reference.name not in tables.base_images.official:
            continue
        if use.image.reference.digest is None and loss_of(project, use, tables) is None:
            severity, message, advice = _judge(use, tables)
            yield Problem(
                location=use.location,
                message=message,
                help=advice,
                related=tuple(use.related()),
                severity=severity,
                stage=use.stages[0].label,
            )


def _judge(use: BaseUse, tables: Tables) -> tuple[Severity, str, str]:
    reference = use.image.reference
    name, tag = reference.text, reference.tag
    if tag is None:
        return (
            Severity.WARNING,
            f"{name} names no tag, so each build takes the latest image of its day",
            f"write `{name}:TAG`, best with its digest: `{name}:TAG@sha256:…`",
        )
    if use.image.tag_state is TagState.NEVER:
        nearest = nearest_tag(reference.name, tag, tables)
        advice = f"write `{reference.name}:{nearest}`" if nearest else "write a tag that exists"
        return Severity.ERROR, f"{reference.name} has no tag {tag} and never had it", advice
    if "latest" in tag.split("-"):
        return (
            Severity.WARNING,
            f"the tag {tag} of {reference.name} moves: each build takes the image of its day",
            "write the tag of one release, best with its digest",
        )
    return (
        Severity.INFO,
        f"{name} has no digest: the tag may come to name another image",
        f"write `{name}@sha256:…`; `docker buildx imagetools inspect {name}` prints the digest",
    )
