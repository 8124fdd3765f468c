"""`mllint verify` as a user calls it, and what it is called on, for the tests."""

import contextlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from building import connected
from click.testing import CliRunner, Result

from mllint.cli import commands
from mllint.verify.engines.cleanup import leftovers
from mllint.verify.engines.failures import PermissionDenied

_BEFORE: dict[str, set[str]] = {}
PYTHON = "FROM python:3.11-slim-bookworm\n"
# The stand-in's own Python is in /usr, where the image of that name has it in /usr/local.
VENV = f"{PYTHON}RUN python3 -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
INSTALL = (
    f"{VENV}COPY wheels /wheels\nCOPY requirements.txt /app/\nWORKDIR /app\n"
    "RUN pip install --no-index --find-links /wheels -r requirements.txt\n"
)


def make_wheel(folder: Path, name: str, version: str, code: str = "", requires: str = "") -> None:
    """A wheel of one module, as pip takes it."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": code,
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**files, f"{info}/RECORD": record}.items():
            archive.writestr(path, text)


def verify(daemon, folder: Path, *arguments: str, file: str = "Dockerfile", path="") -> Result:
    """The command in this process, in that folder; `file` "" where the arguments name an image.

    daemon: None for no engine that is named. path: where the docker command is looked for.
    """
    _remember(daemon, arguments)
    words = ["verify", *([file] if file else []), *arguments]
    environment = {**(daemon.cli if daemon is not None else {}), **({"PATH": path} if path else {})}
    with contextlib.chdir(folder):
        return CliRunner().invoke(commands, words, prog_name="mllint", env=environment)


def spawn(daemon, folder: Path, *arguments: str, environment=None) -> "subprocess.Popen[str]":
    """The command in a process of its own, which may be ended in the middle."""
    _remember(daemon, arguments)
    changes = environment if environment is not None else getattr(daemon, "cli", {})
    return subprocess.Popen(
        [sys.executable, "-m", "mllint", "verify", *arguments],
        cwd=folder,
        env={**os.environ, **changes, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def nothing_left(daemon) -> bool:
    """Whether the engine holds nothing of runs but what it held before the last command."""
    return names(daemon) <= _BEFORE[daemon.url]


def _remember(daemon, arguments: tuple[str, ...]) -> None:
    """What builds of other tests left; `--clean` is held against what was before its cause."""
    if daemon is not None and "--clean" not in arguments:
        with contextlib.suppress(PermissionDenied):  # of a test's own making
            _BEFORE[daemon.url] = names(daemon)


def names(daemon) -> set[str]:
    """What runs left on the engine."""
    with connected(daemon) as engine:
        return {each.name for each in leftovers(engine)}
