"""Builds by mllint's own builders, for the tests."""

import os
import time
from pathlib import Path

from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.source import SourceFile
from mllint.verify.building.builds import Builder, Kind, build, choose_builder
from mllint.verify.building.docker_cli import find_cli
from mllint.verify.building.events import BuildRequest
from mllint.verify.engines.cleanup import new_run
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.hosts import Endpoint


def connected(daemon) -> Engine:
    return Engine(Endpoint(daemon.url, "a test"))


def environment(daemon) -> dict[str, str]:
    return {**os.environ, **daemon.cli}


def wanted(folder: Path, text: str, run=None, timeout_s: float = 60, **options) -> BuildRequest:
    path = folder / "Dockerfile"
    path.write_text(text)
    run = run or new_run()
    return BuildRequest(
        parse_dockerfile(SourceFile("Dockerfile", text)),
        path,
        text.encode(),
        folder,
        run.image,
        time.monotonic() + timeout_s,
        timeout_s,
        run.build_labels,
        **options,
    )


def builder(daemon, kind: str) -> Builder:
    if kind == "cli":
        return Builder(Kind.CLI, find_cli(environment(daemon)))
    return Builder(Kind(kind) if kind != "classic" else Kind.CLASSIC)


__all__ = ["build", "builder", "choose_builder", "connected", "environment", "wanted"]
