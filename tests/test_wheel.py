"""What users install: the wheel's content, and the commands from a fresh environment of its own.

In a checkout the rule pages lie beside the package, in the wheel inside it: only an installed wheel
shows that nothing is missing.
"""

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BINARIES = "Scripts" if os.name == "nt" else "bin"


def run(*command, cwd, check=True):
    """Run without the variables that would let the checkout shine through."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=600
    )
    assert not check or done.returncode == 0, done.stdout + done.stderr
    return done


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "-w", "--no-isolation", "-o", str(folder), ".", cwd=ROOT)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def names(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="session")
def mllint(wheel, tmp_path_factory):
    """The command of an environment that holds the wheel and what it depends on."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, with_pip=True)
    python = str(folder / BINARIES / "python")
    run(python, "-m", "pip", "install", "-q", str(wheel), cwd=folder)
    command = str(folder / BINARIES / "mllint")
    return lambda *arguments, cwd, check=True: run(command, *arguments, cwd=cwd, check=check)


def test_the_wheel_holds_every_module_page_and_table(names):
    modules = (*ROOT.glob("mllint/**/*.py"), *ROOT.glob("mllint/**/*.css"))
    for source in (ROOT / "mllint/py.typed", *modules):
        assert source.relative_to(ROOT).as_posix() in names
    for source in (*ROOT.glob("rules/*.md"), *ROOT.glob("rules/tables/*.*")):
        assert f"mllint/{source.relative_to(ROOT).as_posix()}" in names
    assert "mllint/report/page/style.css" in names
    assert any(name.endswith(".csv") for name in names)


def test_the_wheel_holds_nothing_else(names):
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"mllint", next(top for top in tops if top.endswith(".dist-info"))}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_the_installed_command_lists_and_explains_the_rules(mllint, tmp_path):
    told = json.loads(mllint("rules", "--format", "json", cwd=tmp_path).stdout)
    listed = {rule["rule"] for rule in told}
    assert listed == {page.stem for page in ROOT.glob("rules/*.md")}
    for rule in sorted(listed):
        assert mllint("explain", rule, cwd=tmp_path).stdout.startswith(f"# {rule}\n")


def test_the_installed_command_checks_from_any_folder(mllint, tmp_path):
    fixture = ROOT / "fixtures/rules/dockerfile-syntax/bad-unknown-instruction.Dockerfile"
    (tmp_path / "Dockerfile").write_bytes(fixture.read_bytes())
    result = mllint("check", cwd=tmp_path, check=False)
    assert (result.returncode, result.stderr) == (1, "")
    assert "error[dockerfile-syntax] unknown instruction" in result.stdout
    assert mllint("check", str(fixture), cwd=tmp_path / "..", check=False).returncode == 1
