"""A compose model with what its services run: what rules about compose files look at."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mllint.facts.commands.variables import Value
from mllint.facts.compose.model import Compose, Service
from mllint.facts.images.base_image import BaseImage
from mllint.facts.images.described import named_image
from mllint.facts.images.reference import ImageReference, parse_reference
from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.tables import Tables

_TESTS = frozenset({"test", "tests", "testing", "ci", "e2e", "integration"})


@dataclass(frozen=True, slots=True)
class ComposeProject:
    """A merged model, and the project of each image that a service of it builds.

    projects: by the name of the service; only those whose Dockerfile was read. made: the projects
    by the name of the image, where `image` gives one. with_gpu: the names of images, and the
    projects by their id, that a service runs which asks for a GPU; gpu_services: the services to
    which any file of the same folder gives one: `compose.gpu.yaml` beside `compose.yaml`.
    """

    compose: Compose
    projects: Mapping[str, Project]
    made: Mapping[Value, Project]
    with_gpu: frozenset[Value | int]
    gpu_services: frozenset[str]

    @property
    def services(self) -> tuple[Service, ...]:
        """The services of the model."""
        return self.compose.services

    @property
    def is_for_tests(self) -> bool:
        """Whether the name of the file or its folder says that nothing of it is to be kept."""
        words = re.split(r"[/._-]", self.compose.path.lower())
        return not _TESTS.isdisjoint(words)

    def built(self, service: Service) -> Project | None:
        """The project of the image that the service builds, or that another one builds for it."""
        if service.build is None and service.image is not None:
            return self.made.get(service.image[0])
        return self.projects.get(service.name)

    def asks_elsewhere(self, service: Service) -> bool:
        """Whether this service gets a GPU in another model, or its image in another service."""
        built = self.built(service)
        image = service.image[0] if service.image is not None else None
        return (
            service.name in self.gpu_services
            or image in self.with_gpu
            or (built is not None and id(built) in self.with_gpu)
        )

    def image(self, service: Service, tables: Tables) -> BaseImage | None:
        """What the image of a service that builds none holds; None when it names none."""
        if service.build is not None or service.image is None or self.built(service) is not None:
            return None
        return named_image(service.image[0], tables)

    def pulled(self) -> Iterator[tuple[Service, ImageReference]]:
        """The services whose image comes from a registry, with its reference.

        An image that a service builds is none, nor one that is never pulled.
        """
        made = {
            reference.name
            for service in self.services
            if service.build is not None and (reference := _reference(service)) is not None
        }
        for service in self.services:
            reference = _reference(service)
            if service.build is not None or reference is None or reference.name in made:
                continue
            if service.pull_policy in (None, "always", "missing", "if_not_present", "daily"):
                yield service, reference


def compose_project(
    compose: Compose, built: Mapping[tuple[object, ...], Project], gpu_services: frozenset[str]
) -> ComposeProject:
    """The model with the projects of its services, out of those in `built`, by `Service.key`.

    gpu_services: those to which any compose file of the folder gives a GPU.
    """
    projects = {s.name: built[s.key] for s in compose.services if s.key in built}
    made = {
        s.image[0]: projects[s.name] for s in compose.services if s.image and s.name in projects
    }
    asking = [service for service in compose.services if service.gpus]
    with_gpu: set[Value | int] = {s.image[0] for s in asking if s.image is not None}
    with_gpu |= {id(projects[s.name]) for s in asking if s.name in projects}
    return ComposeProject(compose, projects, made, frozenset(with_gpu), gpu_services)


def _reference(service: Service) -> ImageReference | None:
    if service.image is None or isinstance(service.image[0], Unknown):
        return None
    reference = parse_reference(service.image[0])
    return None if isinstance(reference, Unknown) else reference
