"""The command `lock`; `cli.py` imports it when it is asked for."""

from pathlib import Path
from typing import Any

import click

from mllint.build_options import build_options, form_option
from mllint.check_options import resolve_options
from mllint.cli import Command, echo_failures, echo_lines, echo_notes, write_output


@click.command(
    cls=Command, short_help="Write what an image installs as one file of exact versions."
)
@click.argument("dockerfile")
@click.option(
    "--hashes", is_flag=True, help="With the hashes of the files that fit; FILE keeps them."
)
@click.option(
    "--output",
    metavar="FILE",
    help="Write to FILE, and keep the versions in it that still fit. Several environments: one"
    " file each, with the prefix in its name.",
)
@form_option("requirements", "pylock")
@click.option("--upgrade", is_flag=True, help="Keep no version of FILE: take the newest.")
@click.option(
    "--check", is_flag=True, help="Write nothing; exit code 1 and a diff where FILE would change."
)
@click.option(
    "--environment", metavar="PREFIX", help="Lock this environment alone: /usr/local, /opt/venv."
)
@resolve_options
@build_options
@click.pass_context
def lock(ctx: click.Context, /, dockerfile: str, **options: Any) -> None:  # noqa: ANN401
    """Write the packages that a Dockerfile installs from indexes, each in its one version.

    They are resolved by uv for the Python and the platform of the image, in install order, and
    can be installed by one `pip install -r FILE` in the place of what installs them now. Exit code
    0: written, or as it is; 1: something is not settled (the reasons are told, nothing is
    written), or the file differs; 2: an error.
    """
    from mllint.lock import command

    if (options["check"] or options["upgrade"]) and options["output"] is None:
        raise click.UsageError("--check and --upgrade go with --output FILE.")
    done = command.lock(dockerfile, Path.cwd(), options)
    echo_failures(done.failures)
    echo_lines(done.reasons)
    echo_notes(done.notes)
    write_output(done.output, None, "text")
    ctx.exit(done.code)


COMMANDS = {"lock": lock}
