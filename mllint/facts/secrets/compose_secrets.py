"""A service in, the places of its compose file where a credential stands in plain text out.

Tells where and what kind, never the value.
"""

from collections.abc import Iterator
from enum import Enum

from mllint.facts.compose.model import Service, Setting
from mllint.facts.secrets.values import (
    address_with_password,
    holds_token,
    is_credential,
    is_exposed,
    is_password_name,
    is_secret_name,
)
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location


class PlainKind(Enum):
    """Where a credential stands."""

    ENVIRONMENT = "environment"
    ARGUMENT = "build.args"
    ADDRESS = "address"
    COMMAND = "command"


class PlainSecret(NamedTuple):
    """One credential; what: the variable, host or program. certain: it has the form of one.

    hidden: where its value stands, so that no output prints it.
    """

    kind: PlainKind
    what: str
    location: Location
    certain: bool
    hidden: Location


def plain_secrets(service: Service) -> Iterator[PlainSecret]:
    """What the service gives away: its variables, build arguments and the words it starts with."""
    yield from _settings(service, service.environment, PlainKind.ENVIRONMENT)
    if service.build is not None:
        yield from _settings(service, service.build.args, PlainKind.ARGUMENT)
    for words in (service.entrypoint, service.command):
        if words is None or words.chosen:
            continue
        program = next(iter(words.known), "")
        for word, place in zip(words.known, words.places, strict=False):
            host = address_with_password(word)
            if host is not None:
                yield PlainSecret(PlainKind.ADDRESS, host, place, False, place)
            elif holds_token(word):
                yield PlainSecret(PlainKind.COMMAND, program, place, True, place)


def _settings(
    service: Service, settings: tuple[Setting, ...], kind: PlainKind
) -> Iterator[PlainSecret]:
    # POSTGRES_USER: mlflow beside POSTGRES_PASSWORD: mlflow is a mere default.
    defaults = {service.name.lower()}
    for item in settings:
        if isinstance(item.value, str) and not is_secret_name(item.name):
            defaults.add(item.value.lower())
    for item in settings:
        value = item.value
        # `PASSWORD_FILE: /run/secrets/x` names no credential: its last word is not PASSWORD.
        if not isinstance(value, str) or item.chosen:
            continue
        host = address_with_password(value)
        if host is not None:
            yield PlainSecret(PlainKind.ADDRESS, host, item.location, False, item.value_location)
        elif is_exposed(item.name, value) and value.lower() not in defaults:
            certain = holds_token(value) or (
                is_credential(value) and not is_password_name(item.name)
            )
            yield PlainSecret(kind, item.name, item.location, certain, item.value_location)
