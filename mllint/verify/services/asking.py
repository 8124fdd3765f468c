"""A compose file and the name of a service in, what is to be verified of it out.

Merged as Docker Compose does it, with the variables of the shell. Builds and runs nothing.
"""

from collections.abc import Mapping
from pathlib import Path

from mllint.errors import InputError
from mllint.facts.compose.container import ServiceContainer, service_container
from mllint.facts.compose.folder import merged_files
from mllint.facts.compose.known import known_text, written, wrong
from mllint.facts.compose.loading import Documents, load_compose
from mllint.facts.compose.model import Builder, Compose, Service
from mllint.facts.compose.tree import Node
from mllint.facts.images.reference import parse_reference
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files
from mllint.parse.kinds import Kind, kind_by_name
from mllint.rule_names import nearest

_MOST_NAMED = 20


class AskedService(NamedTuple):
    """A service to verify. file: that was named, as shown; path, line: where the service stands.

    image: what it names; of one that is built, None. builder: who builds its image; build: the
    `build` of that one as written. secrets: those of the file, by their name.
    """

    name: str
    file: str
    path: str
    line: int
    container: ServiceContainer
    image: str | None
    builder: Builder | None
    build: Node | None
    secrets: Node | None
    files: Files


def is_compose_file(subject: str, cwd: Path, *, named: bool = False) -> bool:
    """Whether the word names a compose file, as `mllint check` tells one.

    named: whether a service of it is; then any YAML file is one, as for `docker compose -f`.
    """
    path = cwd / subject
    if not path.is_file():
        return False
    if named and path.suffix.lower() in (".yaml", ".yml"):
        return True
    return kind_by_name(path.name, path.parent.name) is Kind.COMPOSE


def ask_service(
    path: Path, name: str | None, files: Files, environ: Mapping[str, str]
) -> AskedService:
    """The service; raises InputError when it cannot be told which, or what it is."""
    documents = Documents(files)
    compose = load_compose(merged_files(path, documents), documents, environ)
    service = _chosen(compose, name, files.show(path))
    place = service.location
    builder = _builder(service, compose)
    image = None if builder is not None else _image(service, compose)
    owner = builder.service if builder is not None and builder.service is not None else service
    return AskedService(
        service.name,
        files.show(path),
        place.path,
        place.span.line,
        service_container(service, compose, files, environ),
        image,
        builder,
        compose.tree.at("services", owner.name, "build"),
        compose.tree.at("secrets"),
        files,
    )


def _chosen(compose: Compose, name: str | None, shown: str) -> Service:
    names = tuple(service.name for service in compose.services)
    listed = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
    if not names:
        raise InputError("has no services", shown)
    if name is None and len(names) > 1:
        raise InputError(f"has several services: name one with --service: {listed}", shown)
    found = next((each for each in compose.services if name in (None, each.name)), None)
    if found is None:
        told = nearest(name or "", names) or f"; it has {listed}"
        raise InputError(f"has no service {name!r}{told}", shown)
    if not found.complete:
        reason = next((each.reason for each in compose.unchecked), "a file cannot be read")
        place = found.location
        raise InputError(f"the service {found.name}: {reason}", place.path, place.span.line)
    return found


def _builder(service: Service, compose: Compose) -> Builder | None:
    """The service itself, or another one that builds the image that it names."""
    able = [service, *compose.services] if service.build is None else [service]
    for each in able:
        same = each is service or (service.image and each.image and _same(service, each))
        if each.build is not None and same:
            return Builder(f"service {each.name}", each.location, each.build, each)
    return None


def _same(one: Service, other: Service) -> bool:
    return one.image is not None and other.image is not None and one.image[0] == other.image[0]


def _image(service: Service, compose: Compose) -> str:
    node = compose.tree.at("services", service.name, "image")
    place = service.location
    if node is None or node.value is None:
        message = f"the service {service.name} builds no image and names none"
        raise InputError(message, place.path, place.span.line)
    text = known_text(node, "image")
    if isinstance(parse_reference(text), Unknown):
        raise wrong(node, f"image: this names none: {written(node, text)}")
    return text
