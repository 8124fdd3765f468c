"""The parsers of project files and locks: odd forms of each, and no text that makes them crash."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.errors import InputError
from mllint.parse.conda import read_conda_environment
from mllint.parse.locks import read_lock
from mllint.parse.pipfile import read_pipfile
from mllint.parse.pyproject import read_pyproject
from mllint.parse.pyproject.poetry_versions import poetry_specifier
from mllint.parse.requirements import BadLine
from mllint.parse.setup_cfg import read_setup_cfg
from mllint.parse.source import SourceFile
from tests import test_project_sources as samples
from tests.test_lock_oracles import LOCK


@pytest.mark.parametrize(
    ("written", "specifier"),
    [
        ("*", ""),
        ("", ""),
        ("1.2.3", "==1.2.3"),
        ("=1.2", "==1.2"),
        ("==1.2.*", "==1.2.*"),
        ("1.*", "==1.*"),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("^1", ">=1,<2"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        (">=1.2,<2.0", ">=1.2,<2.0"),
        (">=1.2 <2.0", ">=1.2,<2.0"),
        (" >= 1.2, != 1.5 ", ">=1.2,!=1.5"),
        ("(==2.7.1+cu126)", "==2.7.1+cu126"),
        ("^2.1rc1", ">=2.1rc1,<3"),
        ("^1 || ^2", None),
        ("latest", None),
        ("^latest", None),
        (">=", None),
    ],
)
def test_constraints_of_poetry(written, specifier):
    assert poetry_specifier(written) == specifier


def pyproject(text):
    return read_pyproject(SourceFile("pyproject.toml", text))


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        pytest.param("[project]\ndependencies = 'torch'\n", "no list", 2, id="text-for-a-list"),
        pytest.param("[project]\ndependencies = [1]\n", "no requirement", 2, id="number"),
        pytest.param(
            "[project]\ndependencies = [\n 'torch',\n 'a b',\n]\n", "", 4, id="no-requirement"
        ),
        pytest.param(
            "[tool.poetry.dependencies]\na = '^1 || ^2'\n", "more than one range", 2, id="union"
        ),
        pytest.param(
            "[tool.poetry.dependencies]\na = {path = '../a'}\n", "is the project in", 2, id="path"
        ),
    ],
)
def test_what_is_no_requirement_is_told_with_its_line(text, message, line):
    (bad,) = (e for e in pyproject(text).dependencies if isinstance(e, BadLine))
    assert message in bad.message
    assert bad.span.line == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "project = 1\n",
        "[project]\nname = 3\ndynamic = 'x'\noptional-dependencies = []\n",
        "tool = []\n",
        "[tool]\nuv = 1\npoetry = 'x'\n",
        "[tool.uv]\nindex = 3\nsources = 1\ndefault-groups = 'x'\nworkspace = 1\n",
        "[tool.uv.sources]\ntorch = 'x'\nb = [1]\n",
        "[tool.poetry]\ndependencies = 1\ngroup = []\nextras = 1\nsource = 'x'\n",
        "[tool.poetry.group]\ndev = 1\n",
        "[tool.poetry.dependencies]\npython = 3\na = 1\nb = []\nc = [[]]\nd = {version = 1}\n",
        "[dependency-groups]\ndev = 1\n[tool.pdm.dev-dependencies]\nx = [1]\n",
    ],
)
def test_wrong_types_do_not_crash(text):
    assert pyproject(text).path == "pyproject.toml"


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml"])
@pytest.mark.parametrize(
    "text",
    [
        "package = 1\npackages = 'x'\nmanifest = []\nextras = 1\nmetadata = 1\n",
        "[[package]]\n[[packages]]\n",
        "[[package]]\nname = 1\nversion = 'x y'\nsource = 'x'\ndependencies = 1\ngroups = [1]\n",
        "[[package]]\nname = 'a'\ndependencies = [1, {}]\nextras = {x = [1, '=']}\nmarkers = 1\n",
        "[[package]]\nname = 'a'\nsource = {}\noptional-dependencies = 1\nfiles = [1]\n",
        "[[package]]\nname = 'a'\n[package.dependencies]\nb = 1\nc = [1, {}]\nd = 'latest'\n",
        "  [[package]]\nname = 'a'\n[package.source]\ntype = 'git'\n",
    ],
)
def test_odd_locks_do_not_crash(name, text):
    assert read_lock(SourceFile(name, text)).path == name


@pytest.mark.parametrize(
    "text", ["[]", "1", '{"_meta": 1, "default": []}', '{"default": {"a": 1}}']
)
def test_odd_locks_of_pipenv_do_not_crash(text):
    read_lock(SourceFile("Pipfile.lock", text))


def test_a_broken_lock_of_pipenv_names_its_line():
    with pytest.raises(InputError) as raised:
        read_lock(SourceFile("Pipfile.lock", '{\n"default": {,}\n}'))
    assert raised.value.line == 2


def test_the_line_of_an_error_counts_the_files_of_a_lock():
    text = 'a = [\n    { url = "x", hash = "y" },\n    {file = "x", hash = "y"},\n]\nb = \n'
    with pytest.raises(InputError) as raised:
        read_lock(SourceFile("uv.lock", text))
    assert raised.value.line == 5


def test_files_of_a_lock_are_passed_over_and_lines_stay():
    text = (
        '[[package]]\nname = "a"\nwheels = [\n    { url = "x", hash = "sha256:0" },\n]\n\n'
        '[[package]]\nname = "b"\n'
    )
    spans = [package.span.line for package in read_lock(SourceFile("uv.lock", text)).packages]
    assert spans == [2, 8]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param("[options]\ninstall_requires = a; b\n", None, id="semicolon"),
        pytest.param("[options]\ninstall_requires = torch==2.4\n", [("torch", 2)], id="one-line"),
        pytest.param("[options]\ninstall_requires:\n\ttorch\n", [("torch", 3)], id="colon-tab"),
        pytest.param(
            "[options]\ninstall_requires =\n  a\n\n  ; no\n  b\nother = c\n",
            [("a", 3), ("b", 6)],
            id="blank-and-comment",
        ),
        pytest.param("  torch\n[other]\ninstall_requires = a\n", [], id="other-section"),
        pytest.param("[options]\r\ninstall_requires =\r\n  a\r\n", [("a", 3)], id="crlf"),
    ],
)
def test_setup_cfg(text, expected):
    found = read_setup_cfg(SourceFile("setup.cfg", text)).dependencies
    if expected is None:
        assert [type(line) for line in found] == [BadLine]
    else:
        assert [(line.name, line.span.line) for line in found] == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("- a\n", 1, id="list"),
        pytest.param("name: x\ndependencies:\n  a: b\n", 2, id="mapping-for-a-list"),
    ],
)
def test_what_is_no_conda_environment(text, line):
    with pytest.raises(InputError) as raised:
        read_conda_environment(SourceFile("environment.yml", text))
    assert raised.value.line == line


@pytest.mark.parametrize(
    ("text", "specs", "pip"),
    [
        pytest.param("name: x\n", [], None, id="no-dependencies"),
        pytest.param("dependencies:\n", [], None, id="null"),
        pytest.param("dependencies: [a, 3, {pip: [b]}]\n", ["a", "3"], "b", id="flow"),
        pytest.param("dependencies:\n - pip:\n", [], None, id="empty-pip"),
        pytest.param("dependencies:\n - pip: x\n - {npm: [y]}\n", [], None, id="no-list"),
        pytest.param("dependencies:\n - pip:\n   - |\n     a\n     b\n", [], "a b", id="block"),
    ],
)
def test_sections_of_a_conda_environment(text, specs, pip):
    found = read_conda_environment(SourceFile("environment.yml", text))
    assert [spec.text for spec in found.specs] == specs
    assert (found.pip.text.strip() if found.pip else None) == pip


SAMPLES = [
    ("pyproject.toml", samples.PYPROJECT + samples.UV_SOURCES.replace("[project]", "[x]")),
    ("pyproject.toml", samples.POETRY),
    ("uv.lock", LOCK),
    ("poetry.lock", samples.POETRY_LOCK),
    ("pdm.lock", samples.PDM_LOCK),
    ("pylock.toml", samples.PYLOCK),
    ("Pipfile.lock", samples.PIPFILE_LOCK),
    ("Pipfile", samples.PIPFILE),
    ("setup.cfg", samples.SETUP_CFG),
    ("environment.yml", samples.ENVIRONMENT),
]
READERS = {
    "pyproject.toml": read_pyproject,
    "Pipfile": read_pipfile,
    "setup.cfg": read_setup_cfg,
    "environment.yml": read_conda_environment,
}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SAMPLES), st.data())
def test_no_text_crashes_a_parser(sample, data):
    name, text = sample
    lines = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place] = data.draw(
            st.sampled_from(["", "[", "a = 1\n", "  - x\n", lines[-1], lines[place][::2], "é\0\n"])
        )
    try:
        READERS.get(name, read_lock)(SourceFile(name, "".join(lines)))
    except InputError as error:
        assert error.path == name
