"""Locks and constraints against those who know them: uv, packaging and poetry's own core."""

import itertools
import subprocess

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mllint.parse.pyproject.poetry_versions import poetry_specifier
from tests.projects import project_of

uv = pytest.importorskip("uv")
constraints = pytest.importorskip("poetry.core.constraints.version")
pylock = pytest.importorskip("packaging.pylock")

PYPROJECT = """\
[project]
name = "demo"
version = "1.0"
requires-python = ">=3.10"
dependencies = ["numpy", "rich", "colorama; sys_platform == 'win32'"]
[project.optional-dependencies]
cpu = ["torch==2.8.0"]
gpu = ["torch==2.8.0", "flash-attn"]
all = ["demo[plots]"]
plots = ["seaborn[stats]"]
[dependency-groups]
dev = ["pytest", {include-group = "lint"}]
lint = ["ruff"]
[tool.uv]
conflicts = [[{ extra = "cpu" }, { extra = "gpu" }]]
"""
CPU, GPU = "extra == 'extra-4-demo-cpu'", "extra == 'extra-4-demo-gpu'"
PUBLIC = '{ registry = "https://packages.example.com/simple" }'
INDEX = '{{ registry = "https://download.pytorch.org/whl/{0}" }}'


def package(name, version, needs="", source=PUBLIC, more=""):
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {source}\n'
        f"dependencies = [{needs}]\n{more}\n"
    )


def need(name, **more):
    parts = [f'name = "{name}"']
    parts += [f"{key} = {value}" for key, value in more.items()]
    return "{ " + ", ".join(parts) + " },"


NUMPIES = need(
    "numpy", version='"2.2.6"', source=PUBLIC, marker="\"python_full_version < '3.11'\""
) + need("numpy", version='"2.3.5"', source=PUBLIC, marker="\"python_full_version >= '3.11'\"")


def torch(variant, extra):
    version, source = f'"2.8.0+{variant}"', INDEX.format(variant)
    return need("torch", version=version, source=source, marker=f'"{extra} or ({CPU} and {GPU})"')


SEABORN = need("seaborn", extra='["stats"]')
LOCK = "".join(
    [
        'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n',
        'conflicts = [[{ package = "demo", extra = "cpu" },'
        ' { package = "demo", extra = "gpu" }]]\n',
        package("colorama", "0.4.6"),
        package(
            "demo",
            "1.0",
            NUMPIES + need("rich") + need("colorama", marker="\"sys_platform == 'win32'\""),
            '{ editable = "." }',
            "[package.optional-dependencies]\n"
            f"cpu = [{torch('cpu', CPU)}]\n"
            f"gpu = [{torch('cu128', GPU)}{need('flash-attn')}]\n"
            f"all = [{SEABORN}]\n"
            f"plots = [{SEABORN}]\n"
            "[package.dev-dependencies]\n"
            f"dev = [{need('pytest')}{need('ruff')}]\nlint = [{need('ruff')}]\n",
        ),
        package("flash-attn", "2.8.3", torch("cpu", CPU) + torch("cu128", GPU)),
        package("iniconfig", "2.1.0"),
        package("numpy", "2.2.6"),
        package("numpy", "2.3.5"),
        package(
            "pytest",
            "8.4.2",
            need("iniconfig") + need("tomli", marker=("\"python_full_version < '3.11'\"")),
        ),
        package("rich", "14.2.0", need("rich-loop")),
        package("rich-loop", "1.0", need("rich")),
        package("ruff", "0.14.5"),
        package(
            "seaborn",
            "0.13.2",
            NUMPIES,
            more=f"[package.optional-dependencies]\nstats = [{need('statsmodels')}]\n",
        ),
        package("statsmodels", "0.14.5"),
        package("tomli", "2.3.0"),
        package("torch", "2.8.0+cpu", source=INDEX.format("cpu")),
        package(
            "torch",
            "2.8.0+cu128",
            need("triton", marker="\"platform_machine == 'x86_64'\""),
            INDEX.format("cu128"),
        ),
        package("triton", "3.4.0"),
    ]
)

CHOICES = [
    "",
    "--no-dev",
    "--no-default-groups --extra gpu",
    "--extra cpu",
    "--extra all --no-dev",
    "--extra plots --extra gpu --no-group dev",
    "--only-group lint",
    "--only-group dev",
    "--only-dev",
    "--group lint --no-dev",
    "--all-groups",
]


@pytest.mark.parametrize("choice", CHOICES)
@pytest.mark.parametrize(
    ("python", "platform"),
    [*itertools.product(["3.10", "3.12"], ["linux/amd64", "linux/arm64"])],
)
def test_uv_exports_what_we_read(tmp_path, choice, python, platform):
    files = {"pyproject.toml": PYPROJECT, "uv.lock": LOCK}
    text = f"FROM python:{python}\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen {choice}\n"
    project = project_of(tmp_path, text, files, platform=platform)
    found = {
        (install.name, str(install.exact))
        for _, _, install in project.installs
        if install.name != "demo"
    }
    assert not [install for _, _, install in project.installs if install.conditional]
    assert found == set(exported(tmp_path, choice, python, platform))


MEMBERS = {
    "pyproject.toml": """\
[tool.uv.workspace]
members = ["packages/*"]
[dependency-groups]
dev = ["ruff"]
""",
    "packages/a/pyproject.toml": """\
[project]
name = "a"
version = "1"
requires-python = ">=3.10"
dependencies = ["b", "rich"]
[project.optional-dependencies]
x = ["pytest"]
[tool.uv.sources]
b = { workspace = true }
""",
    "packages/b/pyproject.toml": """\
[project]
name = "b"
version = "1"
requires-python = ">=3.10"
dependencies = ["tomli"]
[dependency-groups]
dev = ["triton"]
""",
    "uv.lock": 'version = 1\nrevision = 3\nrequires-python = ">=3.10"\n'
    '[manifest]\nmembers = ["a", "b"]\n'
    f"[manifest.dependency-groups]\ndev = [{need('ruff')}]\n"
    + package(
        "a",
        "1",
        need("b") + need("rich"),
        '{ editable = "packages/a" }',
        f"[package.optional-dependencies]\nx = [{need('pytest')}]\n",
    )
    + package(
        "b",
        "1",
        need("tomli"),
        '{ editable = "packages/b" }',
        f"[package.dev-dependencies]\ndev = [{need('triton')}]\n",
    )
    + "".join(package(name, "1.0") for name in ("pytest", "rich", "ruff", "tomli", "triton")),
}


@pytest.mark.parametrize(
    "choice",
    [
        "",
        "--no-dev",
        "--package b",
        "--package a --extra x",
        "--all-packages --all-extras",
        "--package a --no-dev --all-extras",
        "--only-group dev",
        "--no-emit-project",
    ],
)
def test_members_of_a_workspace(tmp_path, choice):
    sync = choice.replace("--no-emit-project", "--no-install-project")
    text = f"FROM python:3.12\nWORKDIR /app\nCOPY . .\nRUN uv sync --frozen {sync}\n"
    project = project_of(tmp_path, text, MEMBERS)
    found = {(i.name, str(i.exact)) for _, _, i in project.installs if i.name not in ("a", "b")}
    assert found == set(exported(tmp_path, choice, "3.12", "linux/amd64"))


@pytest.mark.parametrize(
    ("choice", "members"),
    [
        ("", {"a", "b"}),
        ("--no-install-project", {"b"}),
        ("--no-install-workspace", set()),
        ("--no-install-local", set()),
    ],
)
def test_what_is_left_out_of_a_workspace(tmp_path, choice, members):
    text = f"FROM python:3.12\nCOPY . /app\nWORKDIR /app/packages/a\nRUN uv sync {choice}\n"
    project = project_of(tmp_path, text, MEMBERS)
    assert {i.name for _, _, i in project.installs if i.url} == members


def exported(folder, choice, python, platform):
    """(name, version) of what uv lists for that Python and platform."""
    command = [uv.find_uv_bin(), "export", "--frozen", "--offline", "--no-hashes", "--no-header"]
    command += ["--no-annotate", "--no-emit-workspace", *choice.split()]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    environment = {
        "sys_platform": "linux",
        "platform_machine": {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[platform],
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    for line in done.stdout.splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (version,) = requirement.specifier
            yield canonicalize_name(requirement.name), version.version


PYLOCK_PACKAGES = {
    "torch": "",
    "tomli": "python_version < '3.11'",
    "pywin32": "sys_platform == 'win32'",
    "pytest": "'dev' in dependency_groups",
    "onnx": "'export' in extras",
    "both": "'export' in extras and 'dev' in dependency_groups",
}


@pytest.mark.parametrize("python", ["3.10", "3.12"])
@pytest.mark.parametrize("extras", [[], ["export"]])
def test_packaging_selects_what_we_read(tmp_path, python, extras):
    if not hasattr(pylock.Pylock, "select"):
        pytest.skip("this packaging selects nothing")
    text = 'lock-version = "1.0"\ncreated-by = "hand"\nextras = ["export"]\n'
    text += 'dependency-groups = ["dev"]\ndefault-groups = ["dev"]\n'
    for name, marker in PYLOCK_PACKAGES.items():
        wheel = f'{{name = "{name}-1.0-py3-none-any.whl", url = "https://x.test/{name}", '
        text += f'[[packages]]\nname = "{name}"\nversion = "1.0"\n'
        text += f'marker = "{marker}"\n' if marker else ""
        text += f'wheels = [{wheel}hashes = {{sha256 = "00"}}}}]\n'
    options = " ".join(f"--extra {extra}" for extra in extras)
    dockerfile = f"FROM python:{python}\nCOPY . .\n"
    dockerfile += f"RUN uv pip install --system -r pylock.toml {options}\n"
    project = project_of(tmp_path, dockerfile, {"pylock.toml": text})
    found = {install.name for _, _, install in project.installs}
    import tomllib

    lock = pylock.Pylock.from_dict(tomllib.loads(text))
    environment = {
        "sys_platform": "linux",
        "python_version": python,
        "python_full_version": f"{python}.0",
    }
    selected = lock.select(environment=environment, extras=extras)
    assert found == {package.name for package, _ in selected}


VERSIONS = ["0", "0.0.1", "0.1", "0.2", "0.2.3", "0.3", "1", "1.0.0", "1.1", "1.2", "1.2.3"]
VERSIONS += ["1.2.9", "1.3", "1.9", "2", "2.0.1", "2.1", "3.0"]


@pytest.mark.parametrize("version", ["0.0", "0.0.3", "0.2", "0.2.3", "1", "1.2", "1.2.3", "2.0"])
@pytest.mark.parametrize("operator", ["^", "~", "", "=", "==", ">=", "<", "<=", ">", "!="])
def test_a_constraint_allows_what_poetry_allows(operator, version):
    written = operator + version
    specifier = SpecifierSet(poetry_specifier(written))
    theirs = constraints.parse_constraint(written)
    for each in VERSIONS:
        allowed = theirs.allows(constraints.Version.parse(each))
        assert specifier.contains(each, prereleases=True) == allowed, each
