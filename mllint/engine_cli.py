"""The commands that need a container engine; `cli.py` imports them when one is asked for."""

from pathlib import Path
from typing import Any

import click

from mllint.build_options import build_options
from mllint.cli import Command, echo_notes, write_output
from mllint.verify_options import verify_options

_INTERRUPTED = 130


@click.command(cls=Command, short_help="Build an image, test it, and compare it with the plan.")
@click.argument("subject", metavar="DOCKERFILE|IMAGE", required=False)
@verify_options
@build_options
@click.pass_context
def verify(ctx: click.Context, /, subject: str | None, **options: Any) -> None:  # noqa: ANN401
    """Build a Dockerfile with a Docker engine, test the image, and compare it with the plan.

    An image that is there is tested only. Exit code 0: all went as predicted; 1: findings at the
    fail level; 2: an error of use; 5: the build or a test failed; 6: no engine answers, or a GPU
    was required and none was shown to work.
    """
    from mllint.verify import command
    from mllint.verify.failures import EngineError

    if subject is None and not options["clean"]:
        raise click.UsageError("Missing argument 'DOCKERFILE|IMAGE'.")
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
    write_output(done.output, options["output"], options["form"])
    if done.page is not None:
        write_output(done.page, options["html"], "html")
    ctx.exit(done.code)


def _notes(error: BaseException) -> list[str]:
    """What could not be removed."""
    return list(getattr(error, "__notes__", ()))


COMMANDS = {command.name: command for command in (verify,)}
