"""The options that say how the image would be built, and what is read for it."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any] | click.Command)


def build_options(command: Any) -> Any:  # noqa: ANN401 - decorators of click are untyped here
    """Platform, context, target, build arguments and the configuration."""
    for option in (
        click.option(
            "--platform",
            metavar="OS/ARCH",
            callback=_platform,
            help="Platform of the image: linux/arm64 or [linux/amd64].",
        ),
        click.option(
            "--context",
            metavar="DIR",
            help="Build context; default: the nearest folder, from the Dockerfile's own upwards,"
            " that holds what it copies.",
        ),
        click.option("--target", metavar="STAGE", help="Stage to build [the last one]."),
        click.option(
            "--build-arg",
            "build_args",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_pairs,
            help="Build argument; NAME alone takes it from the environment. Repeatable.",
        ),
        click.option(
            "--config",
            metavar="FILE",
            help="Configuration file; default: the nearest mllint.toml or pyproject.toml with"
            " [tool.mllint], from the working folder up to the root of the repository.",
        ),
        click.option("--no-config", is_flag=True, help="Use no configuration file."),
        click.option(
            "--allow-outside", is_flag=True, help="Also read files outside the project folder."
        ),
    ):
        command = option(command)
    return command


def form_option(*forms: str) -> Callable[[_Decorated], _Decorated]:
    """`--format`: one of these, the first where none is named."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        help=f"Form of the output [{forms[0]}].",
    )


def split(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Any:  # noqa: ANN401
    """The words of a repeatable option whose values may hold several, comma-separated."""
    words = []
    for value in values:
        named = [word for part in value.split(",") if (word := part.strip())]
        if not named:
            raise click.BadParameter(f"{value!r} names nothing")
        words.extend(named)
    return tuple(words)


def complete_rules(_context: click.Context, _option: click.Parameter, incomplete: str) -> list[str]:
    """The rules that a shell offers for what has been typed."""
    from mllint.catalog import known_slugs

    return [slug for slug in known_slugs() if slug.startswith(incomplete)]


def complete_groups(
    _context: click.Context, _option: click.Parameter, incomplete: str
) -> list[str]:
    """The rules and groups of rules that a shell offers for the last word of a list."""
    from mllint.catalog import known_slugs
    from mllint.rule_names import groups

    before, comma, begun = incomplete.rpartition(",")
    names = (*groups(), *known_slugs())
    return [f"{before}{comma}{name}" for name in names if name.startswith(begun)]


def refuse_empty(context: click.Context, command: click.Command) -> None:
    """Raise BadParameter for an option or argument that was given as the empty text."""
    for parameter in command.params:
        value = context.params.get(parameter.name or "")
        if value == "" or (isinstance(value, tuple) and "" in value):
            raise click.BadParameter("the value is empty", context, parameter)


def _pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Any:  # noqa: ANN401
    """The build arguments; a bare NAME takes its value from the environment, as for Docker."""
    import os

    pairs = {}
    for value in values:
        name, equals, text = value.partition("=")
        if not name:
            raise click.BadParameter(f"{value!r} is not NAME=VALUE")
        if equals or name in os.environ:
            pairs[name] = text if equals else os.environ[name]
    return pairs


def _platform(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """The platform as images name it."""
    from mllint.config import PLATFORMS, parse_platform

    platform = parse_platform(value) if value else value
    if value and platform is None:
        raise click.BadParameter(f"{value!r} is not a platform that is known: {PLATFORMS}")
    return platform
