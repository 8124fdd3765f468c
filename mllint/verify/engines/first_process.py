"""A running container in, whether its first process heeds a signal out, as the kernel has it.

The kernel gives the first process of a container no default action: a signal that it neither
catches nor waits for does nothing. That can be read, and ten seconds need not be waited.
"""

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROC = Path("/proc")


def handles_signal(identity: str, state: Mapping[str, Any], name: str) -> bool | None:
    """Whether the first process catches the signal; None where this machine does not tell.

    identity: of the container; state: what the engine says of it. name: `SIGTERM`, `TERM`, `15`.
    """
    number, place = _number(name), _PROC / str(state.get("Pid") or 0)
    try:
        # The engine may live in a virtual machine, where the number is that of another process.
        if number is None or identity not in (place / "cgroup").read_text():
            return None
        status, waits_in = (place / "status").read_text(), (place / "wchan").read_text()
    except OSError:
        return None
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    if fields.get("NSpid", "").split()[-1:] != ["1"]:
        return None  # in the process namespace of another one it has the default action
    # Blocked: it is read by signalfd(2). While sigwait(3) waits for one, as that of tini does, no
    # mask shows it: where the process waits in the kernel has to be known, too.
    heeded = int(fields["SigCgt"], 16) | int(fields["SigBlk"], 16)
    if heeded >> (number - 1) & 1 or "sigtimedwait" in waits_in:
        return True
    return False if waits_in.strip("0\n") else None


def _number(name: str) -> int | None:
    if name.isdigit():
        return int(name) or None
    word = name.upper()
    found = signal.Signals.__members__.get(word if word.startswith("SIG") else f"SIG{word}")
    return None if found is None else int(found)
