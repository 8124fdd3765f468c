"""The command line in, an exit code and output out; each command only calls what does the work.

Exit codes: 0 clean or below the fail level, 1 findings at or above it, 2 usage, configuration,
unreadable input or a check that crashed, 3 nothing to check.
"""

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mllint import __version__
from mllint.build_options import build_options, complete_rules, form_option, refuse_empty
from mllint.check_options import change_options, choice_options, resolve_options
from mllint.errors import InputError, MllintError, explained

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mllint.finding import Failure

_APART = {"doctor": "engine_cli", "lock": "lock_cli", "verify": "engine_cli"}
"""The commands that other modules define, so that a check does not wait for them."""


class _Failure(click.ClickException):
    """An error of ours as click reports it: one line, exit code 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:  # noqa: ANN401 - click's own signature
        from mllint.facts.secrets.redaction import redacted
        from mllint.report.visible import visible

        click.echo(f"mllint: {visible(redacted(self.message))}", file=file, err=True)


class Command(click.Command):
    """A command that takes no empty text for a path, a name or a value."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What click leaves of the words; raises BadParameter for an empty value."""
        rest = super().parse_args(ctx, args)
        refuse_empty(ctx, self)
        return rest


class _Commands(click.Group):
    """The one place that turns an MllintError into a line and an exit code."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *_APART})

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in _APART:
            from importlib import import_module

            found: click.Command = import_module(f"mllint.{_APART[name]}").COMMANDS[name]
            return found
        return super().get_command(ctx, name)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (MllintError, RecursionError, MemoryError) as error:
            raise _Failure(explained("this run failed", error)) from error
        except KeyboardInterrupt:
            from mllint.signals import INTERRUPTED

            echo_notes(["stopped"])
            ctx.exit(INTERRUPTED)


def main() -> None:
    """Run the command line of this process."""
    # A run on one file makes hardly any garbage: looking for it, also at the very end, would take a
    # fifth of its time. On thousands of files it is still collected.
    gc.set_threshold(50_000, 20, 20)
    try:
        commands(prog_name="mllint")
    finally:
        gc.freeze()


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mllint", message="%(prog)s %(version)s")
def commands() -> None:
    """Say what will break in a machine-learning image before it is built."""


@commands.command(short_help="Check Dockerfiles, and the files that go with them.")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@choice_options
@form_option("text", "json", "sarif", "github")
@click.option("--allow-empty", is_flag=True, help="Exit code 0 when there is nothing to check.")
@click.option("--output", metavar="FILE", help="Write the output to a file.")
@click.option("-q", "--quiet", is_flag=True, help="One line for each finding, nothing else.")
@click.option(
    "-v", "--verbose", is_flag=True, help="Show infos in full; list what was not checked."
)
@click.option("--show-suppressed", is_flag=True, help="Also show findings that are ignored.")
@click.option(
    "--color",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colours in text output.",
)
@change_options
@click.option(
    "--resolve",
    is_flag=True,
    help="Ask the indexes whether what is installed can be, and which versions pip takes (needs"
    " uv; nothing is downloaded but metadata).",
)
@resolve_options
@build_options
@click.pass_context
def check(ctx: click.Context, /, paths: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    """Check Dockerfiles with the requirement files they install, and compose files.

    PATH is a file or a folder to search; "-" reads a Dockerfile from standard input; the default
    is the working folder. Exit code 0: nothing found at the fail level; 1: findings, or files were
    changed; 2: an error; 3: nothing to check.
    """
    from mllint.command import check_settings
    from mllint.outcome import outcome

    cwd = Path.cwd()
    done = outcome(paths or (".",), cwd, check_settings(cwd, options), options)
    echo_failures(done.failures)
    echo_notes(done.notes)
    if done.code == 3:
        places = " ".join(paths) or "."
        echo_notes([f"nothing to check: no Dockerfile or compose file in {places}"])
    write_output(done.output, options["output"], options["form"])
    ctx.exit(0 if done.code == 3 and options["allow_empty"] else done.code)


@commands.command(short_help="Show what each stage of a Dockerfile will hold.")
@click.argument("dockerfile")
@form_option("text", "json")
@click.option(
    "--all", "every_package", is_flag=True, help="Show every package, of locks and of --resolve."
)
@click.option(
    "--resolve",
    is_flag=True,
    help="Ask the indexes for every package that is installed, and how large it is (needs uv).",
)
@resolve_options
@build_options
@click.pass_context
def plan(ctx: click.Context, /, dockerfile: str, form: str, **options: Any) -> None:  # noqa: ANN401
    """Show what each stage of a Dockerfile will hold; "-" reads it from standard input."""
    from mllint.command import build_settings, refuse_without_resolve
    from mllint.loader import load_project
    from mllint.redact import project_redactor, redacted_failures

    cwd = Path.cwd()
    refuse_without_resolve(options)
    settings = build_settings(cwd, options)
    project = load_project(dockerfile, cwd, settings, allow_outside=options["allow_outside"])
    redact, contents = project_redactor(project), None
    if options["resolve"]:
        from mllint.resolve.planning import resolved_plan

        project, contents = resolved_plan(project, options)
    echo_failures(redacted_failures(project.failures, redact))
    if form == "json":
        from mllint.report.plan_json import plan_json

        write_output(plan_json(project, redact, contents), None, form)
    else:
        from mllint.report.plan import plan_text

        text = plan_text(project, redact, contents, every_package=options["every_package"])
        write_output(text, None, form)
    ctx.exit(2 if project.failures else 0)


@commands.command()
@click.argument("rule", shell_complete=complete_rules)
def explain(rule: str) -> None:
    """Show the page of a rule."""
    from mllint.catalog import page
    from mllint.rule_names import require_known

    found = page(require_known(rule))
    click.echo(f"{found.reading_text}\nup to {found.severity} · {found.category} · {found.url}")


@commands.command(short_help="List the rules, or the tables of facts.")
@click.option(
    "--tables", is_flag=True, help="List the tables of facts instead: date, rows, sources."
)
@form_option("text", "json")
def rules(tables: bool, form: str) -> None:
    """List the rules: name, highest severity, category, * for those with a safe fix, summary."""
    from mllint import listing

    as_json = form == "json"
    if tables:
        write_output(listing.tables_json() if as_json else listing.tables_text(), None, form)
    else:
        write_output(listing.rules_json() if as_json else listing.rules_text(), None, form)


@commands.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    bash, zsh: eval "$(mllint completion bash)". fish: mllint completion fish | source.
    """
    from click.shell_completion import get_completion_class

    completer = get_completion_class(shell)
    if completer is not None:
        click.echo(completer(commands, {}, "mllint", "_MLLINT_COMPLETE").source())


def echo_failures(failures: "Iterable[Failure]") -> None:
    """Tell each on standard error, with file and line."""
    from mllint.report.text import failure_line

    for failure in failures:
        click.echo(failure_line(failure), err=True)


def echo_notes(notes: "Iterable[str]") -> None:
    """Tell each on standard error, a line each."""
    echo_lines(f"mllint: {note}" for note in notes)


def echo_lines(lines: "Iterable[str]") -> None:
    """The same without the name of the program, as for what has a file and a line."""
    from mllint.report.visible import visible

    for line in lines:
        click.echo(visible(line), err=True)


def write_output(text: str | bytes, path: str | None, form: str) -> None:
    """Write to a file or standard output; what a program reads is always UTF-8."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "backslashreplace")
    if path is not None:
        try:
            Path(path).write_bytes(data)
        except OSError as error:
            raise InputError(f"cannot be written: {error.strerror}", path) from error
        return
    try:
        if form == "text" and isinstance(text, str):
            encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
            shown = data.decode("utf-8").encode(encoding, "backslashreplace").decode(encoding)
            click.echo(shown, nl=False, color=True)
        else:
            click.echo(data, nl=False)
    except BrokenPipeError:
        raise
    except OSError as error:  # a disk that is full
        raise InputError(f"cannot be written: {error.strerror}", "standard output") from error
