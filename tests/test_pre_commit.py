"""The hooks as users run them: the real pre-commit, on a repository that names this one.

The hook is installed from a clone that holds the present state of the working tree.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mllint.parse.kinds import kind_by_name

ROOT = Path(__file__).parent.parent
GOOD = "FROM python:3.12-slim\nCOPY requirements.txt /\nRUN pip install -r /requirements.txt\n"
BAD = "FROM python:3.12-slim\nRUNN pip install numpy\n"


def run(*command, cwd, environ=None, check=True):
    return subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=check, timeout=600
    )


@pytest.fixture(scope="session")
def environ(tmp_path_factory):
    """What git and pre-commit need, and nothing of the repository that these tests run in."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@example.org"))
    }
    folder = tmp_path_factory.mktemp("pre-commit")
    return kept | identity | {"PRE_COMMIT_HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull}


@pytest.fixture(scope="session")
def hook_repository(tmp_path_factory, environ):
    """(path, commit) of a repository with the present files of this one, ignored ones left out."""
    folder = tmp_path_factory.mktemp("mllint")
    listed = run("git", "ls-files", "-coz", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    run("git", "init", "-q", cwd=folder, environ=environ)
    return folder, commit_all(folder, environ)


@pytest.fixture
def project(tmp_path, hook_repository, environ):
    """A repository whose Dockerfile is good, with the hook `mllint` in its configuration."""
    path, revision = hook_repository
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos: [{{repo: '{path}', rev: {revision}, hooks: [{{id: mllint}}]}}]\n"
    )
    (tmp_path / "Dockerfile").write_text(GOOD)
    (tmp_path / "requirements.txt").write_text("numpy==1.26.4\n")
    run("git", "init", "-q", cwd=tmp_path, environ=environ)
    commit_all(tmp_path, environ)
    return tmp_path


def commit_all(folder, environ):
    run("git", "add", "-A", cwd=folder, environ=environ)
    run("git", "commit", "-qm", "All", cwd=folder, environ=environ)
    return run("git", "rev-parse", "HEAD", cwd=folder, environ=environ).stdout.strip()


def pre_commit(folder, environ, *arguments):
    command = (sys.executable, "-m", "pre_commit", "run", *arguments)
    return run(*command, cwd=folder, environ=environ, check=False)


def stage(folder, environ, **texts):
    for name, text in texts.items():
        path = folder / name.replace("_txt", ".txt").replace("_yaml", ".yaml")
        path.write_text(text)
        run("git", "add", path.name, cwd=folder, environ=environ)


def test_a_good_repository_passes(project, environ):
    result = pre_commit(project, environ, "--all-files")
    assert "Passed" in result.stdout, result.stdout + result.stderr
    assert result.returncode == 0


def test_a_bad_dockerfile_fails(project, environ):
    stage(project, environ, Dockerfile=BAD)
    result = pre_commit(project, environ)
    assert result.returncode == 1
    assert "Dockerfile:2:1: error[dockerfile-syntax]" in result.stdout


def test_a_changed_requirements_file_fails_for_the_dockerfile_that_uses_it(project, environ):
    stage(project, environ, requirements_txt="torch==2.1.0+cu999\n")
    result = pre_commit(project, environ)
    assert result.returncode == 1
    assert "requirements.txt:1:" in result.stdout


def test_a_changed_compose_file_fails_for_the_dockerfile_that_it_builds(project, environ):
    (project / "Dockerfile").write_text(BAD)
    commit_all(project, environ)
    stage(project, environ, compose_yaml="services: {a: {build: .}}\n")
    result = pre_commit(project, environ)
    assert result.returncode == 1
    assert "Dockerfile:2:1: error[dockerfile-syntax]" in result.stdout


def test_other_files_are_no_business_of_the_hook(project, environ):
    stage(project, environ, train="print()\n")
    assert "(no files to check)" in pre_commit(project, environ).stdout


def test_the_whole_repository_is_checked_by_the_other_hook(project, environ):
    config = project / ".pre-commit-config.yaml"
    config.write_text(config.read_text().replace("id: mllint", "id: mllint-all"))
    (project / "gpu").mkdir()
    (project / "gpu" / "Dockerfile").write_text(BAD)
    commit_all(project, environ)
    stage(project, environ, train="print()\n")
    result = pre_commit(project, environ)
    assert result.returncode == 1
    assert "gpu/Dockerfile:2:1: error[dockerfile-syntax]" in result.stdout


def test_the_whole_of_a_repository_without_dockerfiles_passes(project, environ):
    config = project / ".pre-commit-config.yaml"
    config.write_text(config.read_text().replace("id: mllint", "id: mllint-all"))
    (project / "Dockerfile").unlink()
    commit_all(project, environ)
    result = pre_commit(project, environ)
    assert "Passed" in result.stdout, result.stdout + result.stderr


@pytest.mark.parametrize(
    "path",
    [
        "Dockerfile",
        "a b/Dockerfile.gpu",
        "gpu.Dockerfile",
        "docker/dockerfile-dev",
        "docker/CPUDockerfile",
        "DockerfileGPU",
        "dockerfile cpu",
        "Dockerfile.cpp",
        "Containerfile",
        "requirements.txt",
        "requirements-dev.in",
        "requirements/base.txt",
        "constraints.txt",
        "docker-compose.yml",
        "compose.gpu.yaml",
        "docker-bake.json",
        "ci/docker-bake.override.hcl",
        # of these mllint would say that they are none of its files
        "Dockerfile.md",
        "Dockerfile.j2",
        "Dockerfile~",
        "dockerfile.py",
        "Dockerfiles/train.py",
        "compose.py",
        "requirements.md",
        "base.txt",
        "mydockerfile",
    ],
)
def test_the_hook_takes_the_files_that_discovery_takes(path):
    import yaml  # noqa: TID251 - not mllint's: the hook's own file

    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    pattern = next(hook["files"] for hook in hooks if hook["id"] == "mllint")
    folder, _, name = path.rpartition("/")
    assert bool(re.search(pattern, path)) == (kind_by_name(name, folder) is not None)
