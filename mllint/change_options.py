"""The options of `mllint check` that change files, or what counts as a finding."""

from typing import Any

import click


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
