"""A compose model with what its services run: what rules about compose files look at."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mllint.facts.commands.variables import Value
from mllint.facts.compose.model import Compose, Service
from mllint.facts.images.base_image import BaseImage
from mllint.facts.images.described import named_image
from mllint.facts.images.reference import ImageReference, parse_reference
from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.tables import Tables


class ComposeProject(NamedTuple):
    """A merged model, and the project of each image that a service of it builds.

    projects: by the name of the service; only those whose Dockerfile was read. made: the projects
    by the name of the image, where `image` gives one. elsewhere: the services that another model
    of the same folder has: `compose.gpu.yaml` beside `compose.yaml`.
    """

    compose: Compose
    projects: Mapping[str, Project]
    made: Mapping[Value, Project]
    elsewhere: tuple[Service, ...] = ()

    @property
    def services(self) -> tuple[Service, ...]:
        """The services of the model."""
        return self.compose.services

    def built(self, service: Service) -> Project | None:
        """The project of the image that the service builds, or that another one builds for it."""
        if service.build is None and service.image is not None:
            return self.made.get(service.image[0])
        return self.projects.get(service.name)

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
    compose: Compose, projects: Mapping[str, Project], elsewhere: tuple[Service, ...] = ()
) -> ComposeProject:
    """The model with the projects of its services, by their names."""
    made = {
        service.image[0]: projects[service.name]
        for service in compose.services
        if service.image is not None and service.name in projects
    }
    return ComposeProject(compose, projects, made, elsewhere)


def _reference(service: Service) -> ImageReference | None:
    if service.image is None or isinstance(service.image[0], Unknown):
        return None
    reference = parse_reference(service.image[0])
    return None if isinstance(reference, Unknown) else reference
