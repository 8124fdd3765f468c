"""The options of `mllint verify`: which engine, how to build, what to test, what to print."""

from typing import Any

import click

from mllint.build_options import form_option


def verify_options(command: Any) -> Any:  # noqa: ANN401 - decorators of click are untyped here
    """All but those that `mllint plan` has too."""
    for option in reversed((*_ENGINE, *_BUILD, *_TEST)):
        command = option(command)
    return command


def _gpus(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    from mllint.config_verify import is_gpus

    if value is not None and not is_gpus(value):
        raise click.BadParameter(f"{value!r} is none of auto, none, all and device=ID,…")
    return value


def _size(_context: click.Context, _option: click.Parameter, value: str | None) -> int | None:
    from mllint.parse.compose.short_forms import parse_size

    size = None if value is None else parse_size(value)
    if value is not None and not size:
        raise click.BadParameter(f"{value!r} is no size such as 512m or 2g")
    return size


_ENGINE = (
    click.option(
        "--host",
        metavar="URL",
        help="Engine to use, such as unix:///var/run/docker.sock or ssh://USER@HOST; default:"
        " DOCKER_HOST, the docker command's context, the usual sockets.",
    ),
    click.option(
        "--clean",
        is_flag=True,
        help="Remove what killed runs left on the engine, and nothing else.",
    ),
)
_BUILD = (
    click.option("--builder", metavar="NAME", help="Builder of docker buildx to use."),
    click.option(
        "--secret",
        "secrets",
        multiple=True,
        metavar="SPEC",
        help="Secret for the build, as for docker build: id=ID,src=FILE. Repeatable.",
    ),
    click.option("--no-cache", is_flag=True, help="Build every step again."),
    click.option("--pull", is_flag=True, help="Look for newer base images."),
    click.option("--build-network", metavar="MODE", help="Network of the RUN steps."),
    click.option(
        "--build-timeout",
        type=click.FloatRange(min=0, min_open=True),
        default=3600,
        metavar="SECONDS",
        help="Time for the build [3600].",
    ),
    click.option(
        "--keep",
        is_flag=True,
        help="Keep the image that was built, and the container that looked into it.",
    ),
)
_TEST = (
    click.option(
        "--service",
        metavar="NAME",
        help="Service of a compose file to build and run; needed where it has several.",
    ),
    click.option(
        "--gpus",
        metavar="WHICH",
        callback=_gpus,
        help="GPUs for the containers: auto (when the image wants one and the engine has one),"
        " none, all or device=ID,… [auto].",
    ),
    click.option("--require-gpu", is_flag=True, help="Exit code 6 unless a GPU was shown to work."),
    click.option(
        "--import",
        "imports",
        multiple=True,
        metavar="MODULE",
        help="Also import this module. Repeatable.",
    ),
    click.option(
        "--run",
        "commands",
        multiple=True,
        metavar="COMMAND",
        help="Also run this command by the image's /bin/sh: it has to succeed. Repeatable.",
    ),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Time for each import and each command [120].",
    ),
    click.option(
        "--user",
        metavar="UID[:GID]",
        help="Also look whether this user may write where the packages have to.",
    ),
    click.option(
        "--shm-size", metavar="SIZE", callback=_size, help="Size of /dev/shm in the test: 2g."
    ),
    click.option(
        "--memory",
        metavar="SIZE",
        callback=_size,
        help="Memory of each container of the test [half of the engine's, at least 4g].",
    ),
    click.option("--network", default="none", metavar="MODE", help="Network of the tests [none]."),
    click.option(
        "--fail-level",
        type=click.Choice(("info", "warning", "error", "none")),
        help="Lowest severity of a finding with exit code 1 [warning].",
    ),
    form_option("text", "json", "junit", "sarif"),
    click.option("--html", metavar="FILE", help="Also write a page to look at."),
    click.option("--output", metavar="FILE", help="Write the output to a file."),
    click.option("-q", "--quiet", is_flag=True, help="Only what failed, and the last line."),
    click.option("-v", "--verbose", is_flag=True, help="All that was seen."),
    click.option(
        "--color",
        type=click.Choice(("auto", "always", "never")),
        default="auto",
        help="Colours in text output.",
    ),
)
