"""Measures `mllint verify` beside `docker build` and one `docker run` of the imports; a table out.

The engine is one of the tests' own (root on Debian, see CONTRIBUTING.md): no engine of yours is
used. It judges nothing: a busy machine is no failure.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests/engine")]

import apt  # noqa: E402 - the tests' own
from conftest import NEW, NEW_PACKAGES, Rig, lacking  # noqa: E402
from daemon import sweep  # noqa: E402
from speed import Row, print_table  # noqa: E402
from test_verify_costs import NOISE, made_since, read_beside  # noqa: E402
from verifying import VENV, make_wheel  # noqa: E402

MODULES = 12
TAG = "mllint-benchmark:1"
MODULE = """\
import decimal, email, http.client, json, sqlite3, ssl, unittest
data = list(range(200_000))
"""
COMPUTE = """\
import sys, time
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    sum(range(10_000))
"""
SERVE = """\
import time
time.sleep(600)
"""
"""A service without a handler of SIGTERM, as most are: verify has to end it."""


class Run(NamedTuple):
    """What one side took: wall time, and the containers that it started."""

    seconds: float
    starts: int


class Case(NamedTuple):
    """What is built: the text of the Dockerfile, and what is imported of it."""

    dockerfile: str
    modules: Sequence[str]
    build_options: Sequence[str]


def main() -> None:
    """Bring up an engine, measure, and print the table; 1 only when something cannot be run."""
    options = _options()
    reason = lacking()
    if reason is not None:
        raise SystemExit(f"no engine can be brought up here: {reason}")
    sweep()
    rig = Rig()
    try:
        root = rig.old if options.engine == "old" else apt.unpacked(NEW, NEW_PACKAGES, rig.cache)
        daemon = rig.engine(root)
        with tempfile.TemporaryDirectory() as name:
            case = _case(Path(name), options.seconds, options.package)
            rows = [*beside_docker(daemon, Path(name), case, options.runs)]
            rows.append(memory(daemon, Path(name)))
    finally:
        rig.stop()
    print_table(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--engine", choices=("old", "new"), default="new", help="its age [new]")
    parser.add_argument("--seconds", type=float, default=60, metavar="N", help="of one RUN [60]")
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="of each side [3]")
    parser.add_argument(
        "--package",
        metavar="NAME==VERSION",
        help="install a real one, by the index of this machine's pip, in place of made ones",
    )
    return parser.parse_args()


def _case(folder: Path, seconds: float, package: str | None) -> Case:
    """A virtual environment, packages that import much, and a step that computes."""
    (folder / "compute.py").write_text(COMPUTE)
    (folder / "serve.py").write_text(SERVE)
    names = [package.partition("==")[0]] if package else [f"part{n}" for n in range(MODULES)]
    (folder / "wheels").mkdir()
    if package:
        _download(folder / "wheels", package)
    for name in () if package else names:
        make_wheel(folder / "wheels", name, "1.0", MODULE)
    wanted = [package] if package else [f"{name}==1.0" for name in names]
    (folder / "requirements.txt").write_text("".join(f"{each}\n" for each in wanted))
    text = (
        f"{VENV}COPY . /app/\nWORKDIR /app\n"
        "RUN pip install --no-index --find-links wheels -r requirements.txt\n"
        f'RUN python compute.py {seconds:g}\nCMD ["python", "serve.py"]\n'
    )
    return Case(text, names, ("--no-cache",))


def _download(folder: Path, package: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "-q", "--dest", str(folder), package]
    # The image's own Python, whatever this one is.
    command += ["--python-version", "3.11", "--only-binary=:all:"]
    subprocess.run(command, check=True)


def beside_docker(daemon: Any, folder: Path, case: Case, runs: int) -> Sequence[Row]:
    """Both sides by turns, so that a slow spell of the machine meets both."""
    (folder / "Dockerfile").write_text(case.dockerfile)
    environ = {**os.environ, **daemon.cli, "PYTHONPATH": str(ROOT), "DOCKER_BUILDKIT": "1"}
    verify = [[sys.executable, "-m", "mllint", "verify", "Dockerfile", *case.build_options, "-q"]]
    build = ["docker", "build", "-q", *case.build_options, "-t", TAG, "."]
    imports = f"import {', '.join(case.modules)}"
    docker = [build, ["docker", "run", "--rm", "--network=none", TAG, "python", "-c", imports]]
    pairs = [
        (measured(daemon, verify, folder, environ), measured(daemon, docker, folder, environ))
        for _ in range(runs)
    ]
    ours, theirs = (
        statistics.median(each.seconds for each in side) for side in zip(*pairs, strict=True)
    )
    starts = [max(run.starts for run in side) for side in zip(*pairs, strict=True)]
    return (
        Row(
            "wall time more than docker's",
            "<= 10 %",
            f"{(ours / theirs - 1) * 100:.1f} %",
            f"{ours:.1f} s / {theirs:.1f} s",
        ),
        Row(
            "container starts more",
            "<= 2",
            str(starts[0] - starts[1]),
            f"{starts[0]} / {starts[1]}",
        ),
    )


def measured(
    daemon: Any, commands: Sequence[Sequence[str]], cwd: Path, environ: Mapping[str, str]
) -> Run:
    """The commands, one after the other; ends the benchmark when one fails."""
    since, begun = time.time(), time.monotonic()
    for command in commands:
        done = subprocess.run(command, cwd=cwd, env=environ, capture_output=True, text=True)
        if done.returncode:
            said = (done.stdout + done.stderr)[-2000:]
            raise SystemExit(f"{' '.join(command[:4])} … ended with {done.returncode}:\n{said}")
    seconds = time.monotonic() - begun
    return Run(seconds, len(made_since(daemon, since)))


def memory(daemon: Any, folder: Path) -> Row:
    """The most that mllint holds at once while a build prints 100 MB, and a container as much."""
    place = folder / "noise"
    place.mkdir()
    (place / "Dockerfile").write_text(NOISE)
    words = ["verify", "Dockerfile", "--no-cache", "--output", "report.txt", "--run", "true"]
    process = subprocess.Popen(
        [sys.executable, "-m", "mllint", *words],
        cwd=place,
        env={**os.environ, **daemon.cli, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    told, peak = read_beside(process)
    if process.returncode:
        raise SystemExit(f"mllint verify ended with {process.returncode}:\n{told[-2000:]}")
    detail = f"told {len(told) / 1e6:.1f} MB of it"
    return Row("peak memory, 100 MB of output", "< 120 MiB", f"{peak / 1024:.0f} MiB", detail)


if __name__ == "__main__":
    main()
