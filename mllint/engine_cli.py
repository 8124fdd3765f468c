"""The commands that need a container engine; `cli.py` imports them when one is asked for."""

import sys
from pathlib import Path
from typing import Any

import click

from mllint.build_options import build_options, form_option
from mllint.cli import Command, echo_notes, write_output
from mllint.verify_options import verify_options

_INTERRUPTED = 130


@click.command(cls=Command, short_help="Build an image, test it, and compare it with the plan.")
@click.argument("subject", metavar="DOCKERFILE|IMAGE|COMPOSE", required=False)
@verify_options
@build_options
@click.pass_context
def verify(ctx: click.Context, /, subject: str | None, **options: Any) -> None:  # noqa: ANN401
    """Build a Dockerfile with a Docker engine, test the image, and compare it with the plan.

    An image that is there is tested only. A service of a compose file is built and run as it
    says, with new volumes in place of its own: they are written by its user and read back.
    Exit code 0: all went as predicted; 1: findings at the
    fail level; 2: an error of use; 5: the build or a test failed; 6: it could not be told: no
    engine answers or can build it, a GPU was required and none was shown to work, or there is
    no Python in the image and no --run; 130, 143: stopped by Ctrl-C, by SIGTERM.
    """
    from mllint.verify import command
    from mllint.verify.engines.failures import EngineError

    if subject is None and not options["clean"]:
        raise click.UsageError("Missing argument 'DOCKERFILE|IMAGE|COMPOSE'.")
    try:
        if subject is None or options["clean"]:
            done = command.remove_leftovers(options)
        else:
            done = command.verify(subject, Path.cwd(), options)
    except EngineError as error:
        echo_notes(
            [error.message, *([f"help: {error.help}"] if error.help else []), *_notes(error)]
        )
        ctx.exit(error.ends_with)
    except KeyboardInterrupt as error:
        echo_notes(["stopped", *_notes(error)])
        ctx.exit(_INTERRUPTED)
    except SystemExit as error:
        echo_notes(_notes(error))
        raise
    echo_notes(done.notes)
    if done.page is not None:
        write_output(done.page, options["html"], "html")
    write_output(done.output, options["output"], options["form"])
    ctx.exit(done.code)


@click.command(cls=Command, short_help="Say whether this machine can build and run ML images.")
@click.option("--host", metavar="URL", help="Engine to look at; default: as for verify.")
@click.option("--pull", is_flag=True, help="Fetch busybox where no image is there to try.")
@form_option("text", "json")
@click.pass_context
def doctor(ctx: click.Context, /, host: str | None, pull: bool, form: str) -> None:
    """Say whether this machine can build and run machine-learning images.

    Looks at the engine, the docker command, BuildKit, disk, NVIDIA driver and container toolkit,
    and runs a container of an image that is there. Exit code 0: ready; 6: something is to mend.
    """
    import os

    from mllint.command import wants_color
    from mllint.report.verify_doctor import doctor_json, doctor_text
    from mllint.verify.doctor import doctor_checks
    from mllint.verify.examining import examine
    from mllint.verify.smoke.checks import Outcome

    checks = doctor_checks(examine(host, pull))
    color = wants_color("auto", os.environ, sys.stdout.isatty())
    text = doctor_json(checks) if form == "json" else doctor_text(checks, color=color)
    write_output(text, None, form)
    ctx.exit(6 if any(check.outcome is Outcome.FAIL for check in checks) else 0)


def _notes(error: BaseException) -> list[str]:
    """What could not be removed, and how to remove it later."""
    notes = list(getattr(error, "__notes__", ()))
    return [*notes, "help: when the engine answers again: mllint verify --clean"] if notes else []


COMMANDS = {command.name: command for command in (doctor, verify)}
