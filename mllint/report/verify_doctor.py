"""What `mllint doctor` found in, text for a terminal or JSON out."""

from mllint import __version__
from mllint.report.json import dump
from mllint.report.verify_text import check_lines, plain, styled
from mllint.report.visible import visible
from mllint.verify.smoke.checks import Check, Outcome


def doctor_text(checks: tuple[Check, ...], *, color: bool = False) -> str:
    """A line for each check, and what to type below those that failed."""
    style = styled if color else plain
    lines = [line for check in checks for line in check_lines(check, style, verbose=False)]
    count = sum(check.outcome is Outcome.FAIL for check in checks)
    end = "ready to build and run" if not count else f"{count} to mend"
    return "".join(f"{line}\n" for line in (*lines, "", end))


def doctor_json(checks: tuple[Check, ...]) -> str:
    """Version 1: `checks`, each with name, outcome, detail and help; `ready`."""
    return dump(
        {
            "version": 1,
            "tool": {"name": "mllint", "version": __version__},
            "ready": not any(check.outcome is Outcome.FAIL for check in checks),
            "checks": [
                {
                    "name": check.name,
                    "outcome": check.outcome.value,
                    "detail": visible(check.detail),
                    "help": visible(check.help),
                }
                for check in checks
            ],
        }
    )
