"""A project in, the images in FROM whose names the builder refuses out.

Messages are BuildKit's (frontend/dockerfile/dockerfile2llb/convert.go, github.com/moby/buildkit)
and those of the reference grammar (github.com/distribution/reference), both read 2026-11-25.
"""

import json
from collections.abc import Iterator

from mllint.facts.commands.variables import Value, expand_docker
from mllint.facts.images.reference import reference_refusal
from mllint.facts.project import Project
from mllint.facts.reading.build import predefined
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.syntax import is_docker_grammar
from mllint.parse.dockerfile.template import has_mark
from mllint.parse.source import Location

# Automatic ARGs whose value the machine that builds decides.
_AUTOMATIC = frozenset({"TARGETSTAGE", "TARGETOSVERSION", "BUILDOSVERSION"})


class RefusedName(NamedTuple):
    """A name in FROM that no image can have; help: what to type."""

    location: Location
    message: str
    help: str


def refused_names(project: Project) -> Iterator[RefusedName]:
    """Each such name: a blank one in any stage, a malformed one where the image is needed."""
    if project.dockerfile.templated or not is_docker_grammar(project.dockerfile.syntax):
        return
    judged = {stage.index for stage in project.judged}
    contexts = {name.lower().removesuffix(":latest") for name in project.options.contexts}
    for stage in project.stages:
        words = list(stage.instruction.words())
        if stage.parent is not None or not words:
            continue
        unset: list[str] = []
        written = words[0].text
        name = _expanded(project, written, unset)
        if not isinstance(name, str) or name.lower().removesuffix(":latest") in contexts:
            continue
        if not name or stage.index in judged:
            place = Location(project.path, words[0].span(0, len(written)))
            yield from _refused(place, written, name, unset)


def _refused(place: Location, written: str, name: str, unset: list[str]) -> Iterator[RefusedName]:
    declare = f"write `ARG {unset[0]}=…` with a default above the first FROM" if unset else ""
    if not name:
        message = f"base name ({written}) should not be blank"
        yield RefusedName(place, message, declare or "write the name of an image behind FROM")
        return
    refusal = None if _is_placeholder(name) else reference_refusal(name)
    if refusal is not None:
        quoted = json.dumps(name, ensure_ascii=False)
        message = f"failed to parse stage name {quoted}: {refusal}"
        lower = f"write `{name.lower()}`" if reference_refusal(name.lower()) is None else ""
        yield RefusedName(place, message, declare or lower or "write NAME:TAG, or NAME@sha256:…")


def _is_placeholder(name: str) -> bool:
    """Whether a script puts the image in its place: `FROM BASE_IMAGE`, `ARG BASE={base}`."""
    return name.partition(":")[0].isupper() or has_mark(name)


def _expanded(project: Project, text: str, unset: list[str]) -> Value:
    """The name as the builder gets it; `unset` are the variables that are certainly empty."""

    def look(name: str) -> Value | None:
        if name in project.global_args:
            value = project.global_args[name][0]
            return Unknown(f"ARG {name} has no default") if value is None else value
        automatic = Unknown(f"{name} is set by the builder") if name in _AUTOMATIC else None
        return predefined(name, project.options.platform) or automatic

    return expand_docker(text, look, project.dockerfile.escape, unset.append)
