"""What resolving says is held against pip itself: pip installs the same commands one by one.

The commands run in a virtual environment of this Python, from the indexes of the test.
"""

import platform
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from local_index import PYTORCH

from mllint.config import Settings
from mllint.loader import load_project

MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"
CU118 = f"--index-url {PYTORCH}/cu118"
BOTH = f"--extra-index-url {PYTORCH}/cu118"
SEQUENCES = {
    "one command": ["torch==2.1.0 torchvision==0.16.0"],
    "a range": ['"transformers<4.40" numpy'],
    "a later command keeps what fits": ["numpy==1.26.4", "pandas"],
    "a later command replaces what does not fit": ["tokenizers==0.19.1", "transformers==4.30.0"],
    "the build of another index stays": [f"torch==2.1.1 {CU118}", "xformers==0.0.23"],
    "the build of another index goes": [f"torch==2.0.1 {CU118}", "xformers==0.0.23"],
    "two indexes, the higher release": [f"torch torchvision {BOTH}"],
    "two indexes, one build": [f"torch==2.0.1 torchvision {BOTH}"],
    "an upgrade": ["numpy==1.23.5 pandas==2.0.0", "-U numpy"],
    "an upgrade of what depends": ["pandas==2.0.0 numpy==1.23.5", "-U pandas"],
    "without dependencies": ["numpy==1.23.5", "--no-deps timm==0.9.12"],
    "a withdrawn release": ["jsonschema==4.0.0"],
    "nothing but a withdrawn release is left out": ["jsonschema"],
    "an uninstall": ["numpy==1.23.5", "pandas", "uninstall -y numpy", "pandas numpy"],
}
pytestmark = pytest.mark.skipif(
    platform.machine() != "x86_64" or MINOR not in ("3.11", "3.12"),
    reason="the wheels of the test's indexes are for Python 3.11 and 3.12 on x86-64",
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A virtual environment in which nothing is installed, not even pip."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


@pytest.mark.parametrize("name", SEQUENCES)
def test_pip_installs_what_resolving_says(name, tmp_path, template, indexes, resolving):
    commands = SEQUENCES[name]
    project = resolving.resolve(plan_of(commands, tmp_path))
    told: dict[str, str] = {}
    for answer in project.answers.by_group.values():
        assert not (answer.refusals or answer.unchecked)
        told |= {each.name: str(each.version) for each in answer.chosen}
    told = {name: version for name, version in told.items() if is_held(project, name)}
    assert told == installed_by_pip(commands, indexes, template)


def is_held(project, name):
    environment = next(each for each in project.target.environments if each.installs)
    return environment.effective(name) is not None


def plan_of(commands, folder):
    runs = [each if each.startswith("uninstall") else f"install {each}" for each in commands]
    lines = [f"FROM python:{MINOR}-slim-bookworm", *(f"RUN pip {each}" for each in runs)]
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    return load_project("Dockerfile", folder, Settings(folder), allow_outside=False)


def installed_by_pip(commands, indexes, venv: Path):
    python = venv / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--isolated"]
    pip += ["--disable-pip-version-check"]

    def run(*words):
        done = subprocess.run([*pip, *words], check=False, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    before = run("freeze", "--all").split()
    if before:
        run("uninstall", "-q", "-y", *(line.partition("==")[0] for line in before))
    for command in commands:
        words = shlex.split(command)
        if words[0] == "uninstall":
            run(*words)
            continue
        words = [dict(indexes.mapped).get(word, word) for word in words]
        if "--index-url" not in words:
            words += ["--index-url", f"{indexes.url}/default"]
        run("install", "-q", "--no-cache-dir", *words)
    return dict(line.split("==") for line in run("freeze", "--all").split())
