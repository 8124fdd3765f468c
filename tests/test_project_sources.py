"""What installs from project files and locks bring: pip, uv, poetry, pdm, pipenv and conda."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from mllint.facts.images.base_image import Python
from tests import projects

SLIM = "FROM python:3.11-slim-bookworm\nWORKDIR /app\nCOPY . .\n"
PYPROJECT = """\
[project]
name = "Demo_App"
requires-python = ">=3.10"
dependencies = [
    "torch==2.4.0",  # the reason
    "tomli>=2; python_version < '3.11'",
]

[project.optional-dependencies]
gpu = ["flash-attn==2.6.3"]
all = ["demo-app[gpu]", "einops"]

[dependency-groups]
dev = ["pytest>=8"]
docs = [{include-group = "dev"}, "sphinx"]
loop = [{include-group = "loop"}, "ruff"]
"""


def project_of(dockerfile, files, **options):
    with TemporaryDirectory() as folder:
        return projects.project_of(Path(folder), dockerfile, files, **options)


def installed(dockerfile, files, **options):
    """(text, path, line) of each install that is not opaque, by environment; and the reasons."""
    project = project_of(SLIM + dockerfile, files, **options)
    lines, reasons = [], []
    for environment in project.target.environments:
        for install in environment.installs:
            if install.opaque is not None:
                reasons.append(install.opaque)
            elif install.uninstall:
                lines.append(f"-{install.text}")
            else:
                place = "" if install.file is None else f" {install.file}:"
                line = install.location.span.line if place else ""
                maybe = "?" if install.conditional else ""
                lines.append(f"{install.text}{maybe}{place}{line}")
    return lines, reasons


def names(dockerfile, files):
    lines, reasons = installed(dockerfile, files)
    assert reasons == []
    return [line.split(" ")[0] for line in lines]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("pip install .", [".", "torch==2.4.0"], id="project"),
        pytest.param("pip install -e .", [".", "torch==2.4.0"], id="editable"),
        pytest.param("pip install /app", ["/app", "torch==2.4.0"], id="absolute"),
        pytest.param("cd / && pip install ./app", ["./app", "torch==2.4.0"], id="below"),
        pytest.param("pip install --no-deps .", ["."], id="without-dependencies"),
        pytest.param(
            "pip install '.[gpu]'", [".[gpu]", "torch==2.4.0", "flash-attn==2.6.3"], id="extra"
        ),
        pytest.param(
            "pip install '.[all]'",
            [".[all]", "torch==2.4.0", "einops", "flash-attn==2.6.3"],
            id="extra-of-extras",
        ),
        pytest.param("uv pip install --system .", [".", "torch==2.4.0"], id="uv"),
        pytest.param(
            "uv pip install --system -r pyproject.toml", ["torch==2.4.0"], id="requirements-alone"
        ),
        pytest.param(
            "uv pip install --system -r pyproject.toml --extra gpu",
            ["torch==2.4.0", "flash-attn==2.6.3"],
            id="requirements-and-extra",
        ),
        pytest.param(
            "uv pip install --system -r pyproject.toml --all-extras",
            ["torch==2.4.0", "einops", "flash-attn==2.6.3"],
            id="requirements-and-all-extras",
        ),
        pytest.param("pip install --group dev", ["pytest>=8"], id="group"),
        pytest.param("pip install --group pyproject.toml:docs", ["sphinx", "pytest>=8"], id="file"),
        pytest.param("pip install --group loop", ["ruff"], id="group-in-itself"),
        pytest.param("uv sync --no-dev", ["torch==2.4.0"], id="sync-without-a-lock"),
        pytest.param("uv sync", ["torch==2.4.0", "pytest>=8"], id="sync-takes-dev"),
        pytest.param("uv sync --only-group docs", ["sphinx", "pytest>=8"], id="sync-only-group"),
        pytest.param(
            "uv sync --no-default-groups --extra=gpu",
            ["torch==2.4.0", "flash-attn==2.6.3"],
            id="sync-extra",
        ),
        pytest.param("cd / && uv --directory /app sync --no-dev", ["torch==2.4.0"], id="directory"),
        pytest.param("cd / && uv sync --project app --no-dev", ["torch==2.4.0"], id="in-project"),
    ],
)
def test_a_pyproject_is_read(command, expected):
    assert names(f"RUN {command}\n", {"pyproject.toml": PYPROJECT}) == expected


def test_requirements_of_a_project_stand_where_they_are_written():
    lines, _ = installed("RUN pip install '.[gpu]'\n", {"pyproject.toml": PYPROJECT})
    assert lines == [
        ".[gpu]",
        "torch==2.4.0 pyproject.toml:5",
        "flash-attn==2.6.3 pyproject.toml:10",
    ]


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param({}, "the dependencies of . are not known", id="nothing-there"),
        pytest.param(
            {"setup.py": "setup(install_requires=['torch'])"},
            "the dependencies of . are not known: setup.py decides what is required",
            id="code",
        ),
        pytest.param(
            {"pyproject.toml": "[project]\nname = 'a'\ndynamic = ['dependencies']\n"},
            "the dependencies of . are not known: pyproject.toml leaves what is required to code",
            id="dynamic",
        ),
        pytest.param(
            {"pyproject.toml": "[build-system]\nrequires = []\n", "setup.py": "x_requires = 1"},
            "the dependencies of . are not known: setup.py decides what is required",
            id="build-system-alone",
        ),
        pytest.param(
            {"setup.cfg": "[options]\ninstall_requires = file: requirements.txt\n"},
            "the dependencies of . are not known: setup.cfg does not list what is required",
            id="file-of-setup-cfg",
        ),
    ],
)
def test_what_code_decides_stays_unknown(files, reason):
    _, reasons = installed("RUN pip install .\n", files)
    assert reasons == [reason]


def test_two_projects_that_name_each_other_end():
    files = {
        "pyproject.toml": "[project]\nname='a'\ndependencies=['b @ file:///app/b']\n",
        "b/pyproject.toml": "[project]\nname='b'\ndependencies=['a @ file:///app', 'c']\n",
    }
    assert "c" in names("RUN pip install .\n", files)


def test_dynamic_dependencies_of_setuptools_are_followed():
    files = {
        "pyproject.toml": (
            "[project]\nname = 'a'\ndynamic = ['dependencies']\n"
            "[tool.setuptools.dynamic]\ndependencies = {file = ['requirements/base.txt']}\n"
        ),
        "requirements/base.txt": "torch==2.4.0\n",
    }
    lines, reasons = installed("RUN pip install .\n", files)
    assert lines == [".", "torch==2.4.0 requirements/base.txt:1"]
    assert reasons == []


SETUP_CFG = """\
[metadata]
name = demo
[options]
packages = find:
install_requires =
    torch>=2.1  # not pinned
    # a comment
    numpy<2; python_version >= "3.8"
[options.extras_require]
gpu =
    flash-attn
"""


def test_setup_cfg_is_read():
    files = {"setup.cfg": SETUP_CFG, "setup.py": "from setuptools import setup\nsetup()\n"}
    lines, reasons = installed("RUN pip install -e '.[gpu]'\n", files)
    assert reasons == []
    assert lines == [
        ".[gpu]",
        "torch>=2.1 setup.cfg:6",
        'numpy<2; python_version >= "3.8" setup.cfg:8',
        "flash-attn setup.cfg:11",
    ]


POETRY = """\
[tool.poetry]
name = "demo"
[tool.poetry.dependencies]
python = "~3.11"
torch = {version = "^2.4", source = "pytorch"}
tomli = {version = "*", python = "<3.11"}
requests = [
    {version = "2.32.3", markers = "sys_platform == 'linux'"},
    {version = "^1", markers = "sys_platform == 'win32'"},
]
onnx = {version = "~1.16", optional = true}
wide = "^1 || ^2"
[tool.poetry.extras]
export = ["onnx"]
[tool.poetry.group.dev.dependencies]
pytest = "^8.0"
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
sphinx = "*"
[[tool.poetry.source]]
name = "pytorch"
url = "https://download.pytorch.org/whl/cu124/"
priority = "explicit"
"""
MAIN = ["torch>=2.4,<3", "requests==2.32.3;"]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("poetry install", [*MAIN, "pytest>=8.0,<9"], id="default"),
        pytest.param("poetry install --only main", MAIN, id="only-main"),
        pytest.param("poetry install --no-dev", MAIN, id="old-option"),
        pytest.param("poetry install --without=dev", MAIN, id="without"),
        pytest.param(
            "poetry install --with docs --without dev", [*MAIN, "sphinx"], id="optional-group"
        ),
        pytest.param(
            "poetry install --only main -E export", [*MAIN, "onnx>=1.16,<1.17"], id="extra"
        ),
        pytest.param(
            "cd / && poetry -C /app install --only main --all-extras",
            [*MAIN, "onnx>=1.16,<1.17"],
            id="folder",
        ),
        pytest.param("poetry install --dry-run", [], id="dry-run"),
    ],
)
def test_poetry_without_a_lock(command, expected):
    dockerfile = f"ENV POETRY_VIRTUALENVS_CREATE=false\nRUN {command}\n"
    lines, reasons = installed(dockerfile, {"pyproject.toml": POETRY})
    assert [line.split(" ")[0] for line in lines] == expected
    assert reasons == ([] if not expected else ["wide: ^1 || ^2 is more than one range"])


def test_a_source_of_poetry_is_the_index_of_its_package():
    project = project_of(
        SLIM + "ENV POETRY_VIRTUALENVS_CREATE=false\nRUN poetry install\n",
        {"pyproject.toml": POETRY},
    )
    (torch,) = project.target.environments[0].of("torch")
    assert torch.indexes.urls == ("https://download.pytorch.org/whl/cu124",)
    assert torch.location.span.line == 5


POETRY_LOCK = """\
[[package]]
name = "filelock"
version = "3.16.1"
optional = false
files = [{file = "x", hash = "sha256:00"}]

[[package]]
name = "onnx"
version = "1.16.2"
optional = true

[[package]]
name = "pytest"
version = "8.3.4"

[[package]]
name = "requests"
version = "2.32.3"

[[package]]
name = "torch"
version = "2.4.1+cu124"
[package.dependencies]
filelock = "*"
triton = {version = "3.0.0", markers = "platform_machine == \\"x86_64\\""}
[package.source]
type = "legacy"
url = "https://download.pytorch.org/whl/cu124"
reference = "pytorch"

[[package]]
name = "torch"
version = "2.4.1"

[[package]]
name = "triton"
version = "3.0.0"
"""


def test_a_lock_of_poetry_gives_what_the_command_reaches():
    files = {"pyproject.toml": POETRY, "poetry.lock": POETRY_LOCK}
    lines, reasons = installed(
        "ENV POETRY_VIRTUALENVS_CREATE=0\nRUN poetry install --only main --no-root\n", files
    )
    assert reasons == []
    assert lines == [
        "filelock==3.16.1 poetry.lock:2",
        "requests==2.32.3 poetry.lock:17",
        "torch==2.4.1+cu124 poetry.lock:21",
        "triton==3.0.0 poetry.lock:36",
    ]


UV_LOCK = """\
version = 1
requires-python = ">=3.10"

[[package]]
name = "demo-app"
source = { editable = "." }
dependencies = [
    { name = "tomli", marker = "python_full_version < '3.11'" },
    { name = "torch", marker = "sys_platform == 'linux'" },
]

[package.optional-dependencies]
gpu = [
    { name = "flash-attn", extra = ["fast"], marker = "extra == 'extra-8-demo-app-gpu'" },
]

[package.dev-dependencies]
dev = [
    { name = "pytest" },
]

[[package]]
name = "flash-attn"
version = "2.6.3"
source = { registry = "https://mirror.example.com/simple" }
dependencies = [{ name = "torch" }]

[package.optional-dependencies]
fast = [{ name = "ninja" }]

[[package]]
name = "ninja"
version = "1.11"
source = { git = "https://example.com/ninja?rev=1#1" }

[[package]]
name = "pytest"
version = "8.3.4"

[[package]]
name = "tomli"
version = "2.0.1"

[[package]]
name = "torch"
version = "2.4.0"
"""
LOCKED = {"pyproject.toml": PYPROJECT, "uv.lock": UV_LOCK}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("uv sync --frozen --no-dev", ["demo-app", "torch==2.4.0"], id="no-dev"),
        pytest.param("uv sync", ["demo-app", "pytest==8.3.4", "torch==2.4.0"], id="default"),
        pytest.param(
            "uv sync --locked --no-install-project --no-default-groups", ["torch==2.4.0"], id="deps"
        ),
        pytest.param("uv sync --frozen --only-group dev", ["pytest==8.3.4"], id="only-group"),
        pytest.param("uv sync --frozen --only-dev", ["pytest==8.3.4"], id="only-dev"),
        pytest.param(
            "uv sync --frozen --no-dev --extra gpu",
            ["demo-app", "flash-attn==2.6.3", "ninja", "torch==2.4.0"],
            id="extra-with-an-extra",
        ),
        pytest.param(
            "uv sync --no-dev --all-extras --no-install-package ninja --no-extra x",
            ["demo-app", "flash-attn==2.6.3", "torch==2.4.0"],
            id="package-left-out",
        ),
        pytest.param("UV_NO_DEV=1 uv sync", ["demo-app", "torch==2.4.0"], id="variable"),
    ],
)
def test_uv_sync_installs_what_the_lock_reaches(command, expected):
    assert names(f"RUN {command}\n", LOCKED) == expected


def test_packages_of_a_lock_know_their_line_and_index():
    project = project_of(SLIM + "RUN uv sync --frozen --extra gpu\n", LOCKED)
    environment = next(e for e in project.target.environments if e.prefix == "/app/.venv")
    (flash,) = environment.of("flash-attn")
    assert (flash.location.path, flash.location.span.line) == ("uv.lock", 23)
    assert flash.indexes.urls == ("https://mirror.example.com/simple",)
    assert flash.locked
    assert not next(environment.of("ninja")).direct
    assert isinstance(environment.python, Python)
    assert str(environment.python.version) == "3.11"
    assert set(project.read_files) == {"pyproject.toml", "uv.lock"}


def test_a_sync_takes_out_what_the_lock_does_not_hold():
    dockerfile = "RUN uv venv && uv pip install torchvision pip && uv sync --frozen --no-dev{}\n"
    lines, _ = installed(dockerfile.format(""), LOCKED)
    assert "-torchvision" in lines
    assert "-pip" not in lines
    lines, _ = installed(dockerfile.format(" --inexact"), LOCKED)
    assert "-torchvision" not in lines


@pytest.mark.parametrize(
    ("dockerfile", "files", "reason"),
    [
        pytest.param("RUN uv sync\n", {}, "no pyproject.toml in /app is copied", id="nothing"),
        pytest.param(
            "RUN uv sync --frozen\n",
            {"pyproject.toml": PYPROJECT},
            "no uv.lock in /app is copied",
            id="no-lock",
        ),
        pytest.param(
            "ARG X\nRUN uv sync --frozen --extra $X\n", LOCKED, "ARG X has no default", id="arg"
        ),
        pytest.param(
            "RUN sed -i s/a/b/ uv.lock && uv sync\n", LOCKED, "is written by sed", id="written"
        ),
        pytest.param(
            "RUN uv sync\n",
            {**LOCKED, "uv.lock": "version = 1\n"},
            "uv.lock does not hold the project",
            id="another-lock",
        ),
    ],
)
def test_a_sync_that_is_not_known_says_why(dockerfile, files, reason):
    _, reasons = installed(dockerfile, files)
    assert len(reasons) == 1
    assert reason in reasons[0]


@pytest.mark.parametrize(
    ("files", "place"),
    [
        pytest.param({"pyproject.toml": "a = [\n"}, ("pyproject.toml", 2), id="pyproject"),
        pytest.param({**LOCKED, "uv.lock": "a = 1\nb\n"}, ("uv.lock", 2), id="lock"),
    ],
)
def test_a_broken_file_is_one_failure(files, place):
    project = project_of(SLIM + "RUN uv sync --frozen\nRUN uv sync --frozen\n", files)
    assert [(failure.path, failure.line) for failure in project.failures] == [place]


def test_a_broken_environment_file_is_one_failure():
    project = project_of(
        "FROM condaforge/miniforge3:24.9.2-0\nCOPY . .\nRUN conda env create -f environment.yml\n",
        {"environment.yml": "name: x\ndependencies:\n  - a: [\n"},
    )
    assert [failure.path for failure in project.failures] == ["environment.yml"]


UV_SOURCES = """\
[project]
name = "demo"
requires-python = "==3.12.*"
dependencies = ["torch==2.6.0", "torchvision==0.21.0", "tool", "mirrored"]
[tool.uv]
constraint-dependencies = ["numpy==1.26.4"]
override-dependencies = ["mirrored==1.0"]
[[tool.uv.index]]
name = "cu124"
url = "https://download.pytorch.org/whl/cu124"
explicit = true
[[tool.uv.index]]
name = "ours"
url = "https://mirror.example.com/simple"
default = true
[tool.uv.sources]
torch = [
    {index = "missing", marker = "sys_platform == 'darwin'"},
    {index = "cu124", marker = "sys_platform == 'linux'"},
]
torchvision = {index = "missing"}
tool = {git = "https://example.com/tool.git"}
"""


@pytest.mark.parametrize("command", ["uv sync", "uv pip install --system ."])
def test_sources_and_indexes_of_uv(command):
    project = project_of(SLIM + f"RUN {command}\n", {"pyproject.toml": UV_SOURCES})
    found = {i.name: i for _, _, i in project.installs}
    assert found["torch"].indexes.urls == ("https://download.pytorch.org/whl/cu124",)
    assert not found["torchvision"].indexes.is_known
    assert found["tool"].url == "git+https://example.com/tool.git"
    assert found["mirrored"].indexes.urls == ("https://mirror.example.com/simple",)
    assert str(found["mirrored"].pinned) == "1.0"


def test_pip_does_not_read_the_sources_of_uv():
    project = project_of(SLIM + "RUN pip install .\n", {"pyproject.toml": UV_SOURCES})
    assert all(i.indexes.is_default for _, _, i in project.installs)


@pytest.mark.parametrize(
    ("base", "dockerfile", "files", "version"),
    [
        pytest.param("python:3.11", "RUN uv sync", {}, "3.11", id="found-on-path"),
        pytest.param("python:3.11", "RUN uv sync --python 3.12", {}, "3.12", id="option"),
        pytest.param("python:3.11", "RUN UV_PYTHON=3.13 uv sync", {}, "3.13", id="variable"),
        pytest.param(
            "python:3.11", "RUN uv sync", {".python-version": "# x\n3.12\n"}, "3.12", id="file"
        ),
        pytest.param("python:3.9", "RUN uv sync", {}, None, id="too-old-so-downloaded"),
        pytest.param("ubuntu:24.04", "RUN uv sync", {}, None, id="none-there"),
        pytest.param(
            "python:3.11", "RUN uv python install 3.12 && uv sync", {}, "3.12", id="managed"
        ),
        pytest.param(
            "ubuntu:24.04",
            "RUN uv sync",
            {"pyproject.toml": PYPROJECT.replace(">=3.10", ">=3.12,<3.13")},
            "3.12",
            id="only-one-left",
        ),
    ],
)
def test_the_python_of_a_uv_project(base, dockerfile, files, version):
    text = f"FROM {base}\nWORKDIR /app\nCOPY . .\n{dockerfile}\n"
    project = project_of(text, {"pyproject.toml": PYPROJECT, **files})
    environment = next(e for e in project.target.environments if e.prefix == "/app/.venv")
    python = environment.python
    assert (str(python.version) if isinstance(python, Python) else None) == version


PDM_LOCK = """\
[metadata]
groups = ["default", "dev"]

[[package]]
name = "pytest"
version = "8.3.4"
groups = ["dev"]

[[package]]
name = "tomli"
version = "2.0.1"
groups = ["default"]
marker = "python_version < \\"3.11\\""

[[package]]
name = "torch"
version = "2.4.0"
groups = ["default"]
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param("pdm sync --prod", ["torch==2.4.0"], id="production"),
        pytest.param("pdm install", ["pytest==8.3.4", "torch==2.4.0"], id="default"),
        pytest.param("pdm sync --prod --no-default -G dev", ["pytest==8.3.4"], id="group-alone"),
    ],
)
def test_pdm(command, expected):
    files = {"pyproject.toml": PYPROJECT, "pdm.lock": PDM_LOCK}
    assert names(f"RUN {command}\n", files) == expected


def test_a_lock_of_pdm_without_groups_is_walked():
    lock = "\n".join(line for line in PDM_LOCK.split("\n") if not line.startswith("groups"))
    files = {"pyproject.toml": PYPROJECT, "pdm.lock": lock}
    assert names("RUN pdm sync --prod\n", files) == ["torch==2.4.0"]


PIPFILE_LOCK = json.dumps(
    {
        "_meta": {
            "sources": [{"name": "pypi", "url": "x"}, {"name": "t", "url": "https://t.test"}]
        },
        "default": {
            "torch": {"index": "t", "version": "==2.4.0", "hashes": ["sha256:00"]},
            "colorama": {"version": "==0.4.6", "markers": "sys_platform == 'win32'"},
        },
        "develop": {"pytest": {"version": "==8.3.4"}},
    },
    indent=4,
)
PIPFILE = """\
[[source]]
url = "https://t.test/simple"
[packages]
torch = "==2.4.0"
numpy = "*"
"""


@pytest.mark.parametrize(
    ("command", "files", "expected"),
    [
        pytest.param(
            "pipenv install --deploy --system",
            {"Pipfile.lock": PIPFILE_LOCK},
            ["torch==2.4.0 Pipfile.lock:15"],
            id="locked",
        ),
        pytest.param(
            "pipenv sync --system --dev",
            {"Pipfile.lock": PIPFILE_LOCK},
            ["torch==2.4.0 Pipfile.lock:15", "pytest==8.3.4 Pipfile.lock:28"],
            id="dev",
        ),
        pytest.param(
            "pipenv install --system --skip-lock",
            {"Pipfile": PIPFILE},
            ["torch==2.4.0 Pipfile:4", "numpy Pipfile:5"],
            id="no-lock",
        ),
    ],
)
def test_pipenv(command, files, expected):
    lines, reasons = installed(f"RUN {command}\n", files)
    assert (lines, reasons) == (expected, [])


PYLOCK = """\
lock-version = "1.0"
default-groups = []
[[packages]]
name = "torch"
version = "2.4.0+cu124"
index = "https://download.pytorch.org/whl/cu124"
[[packages]]
name = "pytest"
version = "8.3.4"
marker = "'dev' in dependency_groups"
[[packages]]
name = "onnx"
version = "1.16.2"
marker = "'export' in extras and python_version >= '3.8'"
"""


def test_pylock():
    files = {"pylock.toml": PYLOCK}
    assert names("RUN uv pip install --system -r pylock.toml\n", files) == ["torch==2.4.0+cu124"]
    lines, _ = installed("RUN uv pip install --system -r pylock.toml --extra export\n", files)
    assert lines == ["torch==2.4.0+cu124 pylock.toml:4", "onnx==1.16.2 pylock.toml:12"]


ENVIRONMENT = """\
name: demo
channels: [conda-forge, pytorch]
dependencies:
  - python=3.10
  - pytorch::pytorch=2.1.0=py3.10_cuda12.1  # the build
  - numpy 1.26.4
  - "scipy>=1.11,<2"
  - pip
  - pip:
      - -r requirements.txt
      - --extra-index-url https://download.pytorch.org/whl/cu121
      - 'torchvision==0.16.0+cu121'
"""


def test_a_conda_environment_file_is_read():
    project = project_of(
        "FROM condaforge/miniforge3:24.9.2-0\nCOPY . /src/\n"
        "RUN conda env create -f /src/environment.yml\n",
        {"environment.yml": ENVIRONMENT, "requirements.txt": "einops==0.8.0\n"},
    )
    (environment,) = (e for e in project.target.environments if str(e.prefix).endswith("/demo"))
    assert isinstance(environment.python, Python)
    assert str(environment.python.version) == "3.10"
    found = {i.name: (str(i.specifier), i.file, i.location.span.line) for i in environment.installs}
    assert found == {
        "python": ("==3.10.*", "environment.yml", 4),
        "pytorch": ("==2.1.0.*", "environment.yml", 5),
        "numpy": ("==1.26.4", "environment.yml", 6),
        "scipy": ("<2,>=1.11", "environment.yml", 7),
        "pip": ("", "environment.yml", 8),
        "einops": ("==0.8.0", "requirements.txt", 1),
        "torchvision": ("==0.16.0+cu121", "environment.yml", 12),
    }
    (vision,) = environment.of("torchvision")
    assert vision.indexes.urls == ("https://download.pytorch.org/whl/cu121",)


@pytest.mark.parametrize(
    "command",
    [
        "conda env update -n base -f env.yaml",
        "mamba env create --file=env.yaml -p /opt/x",
        "micromamba install -y -n base -f env.yaml",
        "micromamba create -f env.yaml",
    ],
)
def test_commands_that_read_an_environment_file(command):
    project = project_of(
        f"FROM mambaorg/micromamba:2.3.3-debian12-slim\nCOPY env.yaml .\nRUN {command}\n",
        {"env.yaml": "name: x\ndependencies: [pytorch=2.1]\n"},
    )
    assert any(e.first("pytorch") for e in (e.history for e in project.target.environments))


def test_no_reader_is_imported_where_none_is_needed(tmp_path):
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.11\nCOPY r.txt .\nRUN pip install -r r.txt -e . && apt-get install -y git\n"
    )
    (tmp_path / "r.txt").write_text("torch==2.4.0\n")
    command = [sys.executable, "-X", "importtime", "-m", "mllint", "check", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode < 2
    modules = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "mllint.facts.installs.pip_installs" in modules
    readers = ("tomllib", "yaml", "mllint.parse.pyproject", "mllint.parse.conda")
    assert not modules.intersection((*readers, "mllint.parse.locks", "mllint.parse.setup_cfg"))


def test_the_plan_shows_the_main_packages_of_a_long_lock(tmp_path):
    from mllint.report.plan import plan_text
    from mllint.report.plan_json import plan_json

    many = [f"p{number}" for number in range(40)]
    needs = "".join(f'{{ name = "{name}" }},' for name in [*many, "torch"])
    lock = f'[[package]]\nname = "demo"\nsource = {{ virtual = "." }}\ndependencies = [{needs}]\n'
    for name in [*many, "torch"]:
        lock += f'[[package]]\nname = "{name}"\nversion = "1.0"\n'
    project = projects.project_of(
        tmp_path,
        SLIM + "RUN uv sync --frozen\nRUN uv sync --frozen\n",
        {"pyproject.toml": "[project]\nname = 'demo'\n", "uv.lock": lock},
    )
    text = plan_text(project)
    assert "    uv sync, uv.lock\n" in text
    assert "  torch==1.0\n" in text
    assert text.count("  40 more packages (see --all)\n") == 1
    assert "p7==1.0" not in text
    assert len(json.loads(plan_json(project))["stages"][0]["environments"][1]["installs"]) == 82


def test_pip_takes_a_pyproject_for_a_requirements_file():
    lines, reasons = installed("RUN pip install -r pyproject.toml\n", {"pyproject.toml": PYPROJECT})
    assert not lines
    assert reasons  # pip stops at the first line


def test_uv_pip_looks_where_the_project_around_it_says():
    project = project_of(
        SLIM + "RUN uv pip install --system mirrored numpy\n", {"pyproject.toml": UV_SOURCES}
    )
    found = {i.name: i for _, _, i in project.installs}
    assert found["mirrored"].indexes.urls == ("https://mirror.example.com/simple",)
    assert str(found["numpy"].pinned) == "1.26.4"


@pytest.mark.parametrize(
    "files",
    [
        {"pyproject.toml": "[tool.uv.pip]\nindex-url = 'https://x.test'\n"},
        {"uv.toml": "[[index]]\nurl = 'https://x.test'\n"},
    ],
)
def test_settings_of_uv_that_are_not_read_leave_the_indexes_open(files):
    project = project_of(SLIM + "RUN uv pip install --system torch\n", files)
    (install,) = (i for _, _, i in project.installs)
    assert not install.indexes.complete
