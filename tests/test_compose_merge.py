"""Merging as Docker Compose does it: https://docs.docker.com/reference/compose-file/merge/

The expected values are those of Docker Compose 2.40.3; where a `docker compose` is at hand, it is
asked again.
"""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from mllint.facts.compose.loading import Documents, load_compose
from mllint.facts.compose.model import Service, Words
from mllint.parse.compose.short_forms import parse_size
from mllint.parse.files import Files


@dataclass(frozen=True)
class Case:
    """What the service `a` is after `over` has been merged over `base`; both stand below `a:`."""

    name: str
    base: str
    over: str
    expected: dict


RESERVED = (
    "deploy: {{resources: {{reservations: {{devices: [{{count: {}, capabilities: [gpu]}}]}}}}}}"
)
CASES = [
    Case("scalar", "image: x:1", "image: x:2", {"image": "x:2"}),
    Case("kept", "image: x:1", "user: '1'", {"image": "x:1"}),
    Case("null-changes-nothing", "image: x:1", "image:", {"image": "x:1"}),
    Case(
        "command-replaced",
        "image: x\ncommand: [a, b]\nentrypoint: [e]",
        "command: c d",
        {"command": ["c", "d"], "entrypoint": ["e"]},
    ),
    Case(
        "environment-mappings",
        "image: x\nenvironment: {A: '1', B: '2'}",
        "environment: {B: '3', C: '4'}",
        {"environment": {"A": "1", "B": "3", "C": "4"}},
    ),
    Case(
        "environment-list-over-mapping",
        "image: x\nenvironment: {A: '1', B: '2'}",
        "environment: [B=3, C=x=y, D]",
        {"environment": {"A": "1", "B": "3", "C": "x=y", "D": None}},
    ),
    Case(
        "volumes-by-target",
        "image: x\nvolumes: ['./a:/a', './b:/b:ro']",
        "volumes: ['/elsewhere:/b', './c:/c']",
        {"mounts": ["/a", "/b", "/c"]},
    ),
    Case(
        "volume-long-over-short",
        "image: x\nvolumes: ['./a:/a', './b:/b']",
        "volumes: [{type: bind, source: ./z, target: /a}]",
        {"mounts": ["/a", "/b"]},
    ),
    Case("tmpfs", "image: x\ntmpfs: /t", "tmpfs: [/u, /t]", {"mounts": ["/t", "/u"]}),
    Case(
        "build-text-and-mapping",
        "build: .",
        "build: {target: gpu, args: {A: '1'}}",
        {"build": {"context": ".", "target": "gpu", "args": {"A": "1"}}},
    ),
    Case(
        "build-args",
        "build: {context: ., args: [A=1, B=2]}",
        "build: {args: {B: '3'}}",
        {"build": {"context": ".", "target": None, "args": {"A": "1", "B": "3"}}},
    ),
    Case(
        "build-context",
        "build: {context: one, dockerfile: a.Dockerfile, target: t}",
        "build: two",
        {"build": {"context": "two", "target": "t", "args": {}}},
    ),
    Case("profiles", "image: x\nprofiles: [p]", "profiles: [p, q]", {"profiles": ["p", "q"]}),
    Case("sizes", "image: x\nshm_size: 1g", "shm_size: 2g", {"shm_size": 2 * 1024**3}),
    Case(
        "devices-added",
        f"image: x\n{RESERVED.format(1)}",
        RESERVED.format(2),
        {"devices": [1, 2]},
    ),
    Case("gpus-added", "image: x\ngpus: [{count: 1}]", "gpus: [{count: 2}]", {"devices": [1, 2]}),
    Case(
        "reset",
        "image: x\nenvironment: {A: '1'}\ncommand: c\nshm_size: 1g",
        "environment: !reset {}\ncommand: !reset null\nshm_size: !reset 1g",
        {"environment": {}, "command": None, "shm_size": None},
    ),
    Case(
        "reset-of-one",
        "image: x\nenvironment: {A: '1', B: '2'}",
        "environment: {A: !reset null}",
        {"environment": {"B": "2"}},
    ),
    Case(
        "override",
        "image: x\nvolumes: ['./a:/a']\nenvironment: {A: '1'}",
        "volumes: !override ['./b:/b']\nenvironment: !override {B: '2'}",
        {"mounts": ["/b"], "environment": {"B": "2"}},
    ),
    Case(
        "merge-key",
        "image: x\nenvironment: &e {A: '1', B: '2'}\nlabels: {<<: *e}",
        "environment: {A: '3'}",
        {"environment": {"A": "3", "B": "2"}},
    ),
]


def write(folder: Path, case: Case) -> None:
    for name, body in (("compose.yaml", case.base), ("compose.override.yaml", case.over)):
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        (folder / name).write_text(f"services:\n  a:\n{lines}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_merging(case, tmp_path):
    write(tmp_path, case)
    paths = (tmp_path / "compose.yaml", tmp_path / "compose.override.yaml")
    (service,) = load_compose(paths, Documents(Files(tmp_path, tmp_path))).services
    assert shape(service, tmp_path, case.expected) == case.expected


def shape(service: Service, folder: Path, keys) -> dict:
    """Those facts of a service that a case is about."""
    build = service.build
    known = {
        "image": service.image and service.image[0],
        "command": words(service.command),
        "entrypoint": words(service.entrypoint),
        "environment": {item.name: item.value for item in service.environment},
        "mounts": sorted(mount.target for mount in service.mounts),
        "profiles": list(service.profiles),
        "shm_size": service.shm_size and parse_size(service.shm_size[0]),
        "devices": [request.number for request in service.gpus],
        "build": build
        and {
            "context": os.path.relpath(build.context, folder),
            "target": build.target,
            "args": {arg.name: arg.value for arg in build.args},
        },
    }
    return {key: known[key] for key in keys}


def words(command: Words | None):
    return None if command is None else list(command.words)


@cache
def compose() -> tuple[str, ...] | None:
    """The command of Docker Compose 2 on this machine; None when there is none."""
    for command in (("docker", "compose"), ("docker-compose",)):
        if shutil.which(command[0]):
            asked = subprocess.run([*command, "version", "--short"], capture_output=True, text=True)
            if asked.returncode == 0 and asked.stdout.lstrip("v").startswith("2."):
                return command
    return None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_docker_compose_merges_so(case, tmp_path):
    if compose() is None:
        pytest.skip("no Docker Compose 2 here")
    write(tmp_path, case)
    done = subprocess.run(
        [*compose(), "--profile", "*", "config", "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    service = json.loads(done.stdout)["services"]["a"]
    assert their_shape(service, tmp_path, case.expected) == case.expected


def their_shape(service: dict, folder: Path, keys) -> dict:
    """The same facts out of the model that Docker Compose prints."""
    reserved = service.get("deploy", {}).get("resources", {}).get("reservations", {})
    devices = (*reserved.get("devices", ()), *service.get("gpus", ()))
    build = service.get("build")
    known = {
        "image": service.get("image"),
        "command": service.get("command"),
        "entrypoint": service.get("entrypoint"),
        "environment": service.get("environment", {}),
        "mounts": sorted(
            [item["target"] for item in service.get("volumes", ())] + service.get("tmpfs", [])
        ),
        "profiles": service.get("profiles", []),
        "shm_size": int(service["shm_size"]) if "shm_size" in service else None,
        "devices": [item.get("count") for item in devices],
        "build": build
        and {
            "context": os.path.relpath(build["context"], folder),
            "target": build.get("target"),
            "args": build.get("args", {}),
        },
    }
    return {key: known[key] for key in keys}
