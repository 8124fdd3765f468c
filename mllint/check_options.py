"""The options of `mllint check`: what counts, what changes files, what asks indexes."""

from typing import Any

import click

from mllint.build_options import complete_groups, split

_LEVELS = ("info", "warning", "error")
_RULES: dict[str, Any] = {
    "multiple": True,
    "metavar": "RULE,…",
    "callback": split,
    "shell_complete": complete_groups,
}


def choice_options(command: Any) -> Any:  # noqa: ANN401 - decorators of click are untyped here
    """Rules, files and severities."""
    for option in reversed(
        (
            click.option(
                "--select",
                **_RULES,
                help="Run only these rules: names, categories (pin, cuda…), patterns (compose-*) or"
                " ALL. Comma-separated, repeatable.",
            ),
            click.option(
                "--ignore",
                **_RULES,
                help="Leave these rules out; as for --select.",
            ),
            click.option(
                "--exclude",
                multiple=True,
                metavar="GLOB",
                help="Files and folders to leave out, as in .gitignore. Repeatable.",
            ),
            click.option(
                "--fail-level",
                type=click.Choice((*_LEVELS, "none")),
                help="Lowest severity with exit code 1 [warning].",
            ),
            click.option(
                "--min-level",
                type=click.Choice(_LEVELS),
                help="Lowest severity that is shown [info].",
            ),
        )
    ):
        command = option(command)
    return command


def change_options(command: Any) -> Any:  # noqa: ANN401 - decorators of click are untyped here
    """Fixes, ignore comments and baselines."""
    for option in reversed(
        (
            click.option("--fix", is_flag=True, help="Make the safe fixes; exit code 1 if any."),
            click.option(
                "--unsafe-fixes",
                is_flag=True,
                help="With --fix or --diff: also fixes that may change what a good image holds.",
            ),
            click.option(
                "--diff", is_flag=True, help="Print what --fix would change, and write nothing."
            ),
            click.option(
                "--add-ignores",
                is_flag=True,
                help='Ignore each finding at the fail level by a comment with the reason "REASON".',
            ),
            click.option(
                "--baseline", metavar="FILE", help="Known findings, which do not count any more."
            ),
            click.option(
                "--write-baseline", metavar="FILE", help="Write all findings to a baseline."
            ),
        )
    ):
        command = option(command)
    return command


def resolve_options(command: Any) -> Any:  # noqa: ANN401 - decorators of click are untyped here
    """How indexes are asked."""
    for option in reversed(
        (
            click.option("--offline", is_flag=True, help="Ask no index: use uv's cache alone."),
            click.option(
                "--allow-builds",
                is_flag=True,
                help="Let uv build source distributions to learn what they require: runs their"
                " code on this machine.",
            ),
            click.option(
                "--index-map",
                multiple=True,
                metavar="OLD=NEW",
                callback=_pairs,
                help="Ask the index NEW in the place of OLD; OLD is an address, or `default`."
                " Repeatable.",
            ),
            click.option(
                "--resolve-timeout",
                type=click.FloatRange(min=1),
                metavar="SECONDS",
                help="Longest time for the requirements of one command [60].",
            ),
        )
    ):
        command = option(command)
    return command


def _pairs(_context: click.Context, _option: click.Parameter, values: tuple[str, ...]) -> Any:  # noqa: ANN401
    pairs = []
    for value in values:
        old, equals, new = value.rpartition("=")
        if not equals or not (old == "default" or "://" in old) or "://" not in new:
            from mllint.facts.secrets.redaction import redacted

            shown = redacted(repr(value))
            raise click.BadParameter(f"{shown} is not OLD=NEW: an address or `default`, an address")
        pairs.append((old, new))
    return tuple(pairs)
