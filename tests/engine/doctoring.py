"""`mllint doctor` as a user calls it, for the tests."""

import json

from building import connected
from click.testing import CliRunner

from mllint.cli import commands
from mllint.verify.engines.cleanup import leftovers


def doctor(daemon, *arguments: str, code: int = 0, **environment: str) -> dict[str, str]:
    """What it says, `outcome: detail` by the name of the check; it has to end with `code`."""
    before = {**(getattr(daemon, "cli", {}) if daemon is not None else {}), **environment}
    words = ["doctor", "--format", "json", *arguments]
    done = CliRunner().invoke(commands, words, prog_name="mllint", env=before)
    assert done.exit_code == code, done.output
    told = json.loads(done.stdout)
    assert told["ready"] is (code == 0)
    if daemon is not None:
        with connected(daemon) as engine:
            assert not tuple(leftovers(engine))
    return {each["name"]: f"{each['outcome']}: {each['detail']}" for each in told["checks"]}
