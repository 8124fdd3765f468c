"""What failed builds print is explained by the first row of the table that fits."""

import re
from pathlib import Path

import pytest

from mllint.tables import Tables
from mllint.tables.build_failures import BuildFailureRow
from mllint.tables.rows import read_rows

FOLDER = Path(__file__).parent.parent / "rules" / "tables"
TABLES = Tables(FOLDER)


@pytest.mark.parametrize(
    ("line", "name", "says"),
    [
        pytest.param(
            "ERROR: No matching distribution found for torch==2.1.0+cu118",
            "local-version",
            "no index of this install has torch==2.1.0+cu118",
            id="local-version-first",
        ),
        pytest.param(
            "ERROR: No matching distribution found for torch==2.1.0",
            "no-distribution",
            "the index has no torch==2.1.0 for this Python and platform",
            id="plain-version",
        ),
        pytest.param(
            "Reading state information...E: Unable to locate package libgl1-mesa-glx",
            "apt-package",
            "apt knows no package libgl1-mesa-glx: its lists are empty, or this release does not"
            " have it",
            id="two-streams-on-one-line",
        ),
        pytest.param(
            'failed to calculate checksum of ref a::b: "/requirements.txt": not found',
            "copy-absent-buildkit",
            "the build context holds no requirements.txt, or .dockerignore leaves it out",
            id="copy",
        ),
        pytest.param(
            "failed to compute cache key: failed to calculate checksum of ref a::b: failed to walk"
            " /d/tmp/buildkit-mount67/scripts: lstat /d/tmp/buildkit-mount67/scripts: no such file"
            " or directory",
            "copy-absent-walk",
            "the build context holds no scripts, or .dockerignore leaves it out",
            id="copy-below-an-absent-folder",
        ),
        pytest.param(
            "/bin/sh: 1: wget: not found",
            "shell-command",
            "there is no command wget in the image",
            id="command",
        ),
    ],
)
def test_failed_build_is_explained(line, name, says):
    known = TABLES.build_failures.explain(["Collecting torch", line])
    assert (known.name, known.message) == (name, says)


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        pytest.param(
            [
                "error: Failed to fetch: https://host/simple/absl-py/",
                "  cause: invalid peer certificate: UnknownIssuer",
            ],
            "certificate",
            id="certificate-as-uv-tells-it",
        ),
        pytest.param(
            [
                'Warning: Your Pipfile requires "python_version" 3.9, but you are using 3.11.2',
                "ERROR:: Aborting deploy",
            ],
            "pipenv-python",
            id="pipenv-of-another-python",
        ),
        pytest.param(
            [
                "Your Pipfile.lock (4a3c07) is out of date. Expected: (77b2f1).",
                "ERROR:: Aborting deploy",
            ],
            "pipenv-lock",
            id="pipenv-with-an-old-lock",
        ),
        pytest.param(
            [
                "WARNING: Retrying after connection broken by 'NewConnectionError(': Failed to"
                " establish a new connection: [Errno -3] Temporary failure in name resolution'",
                "ERROR: No matching distribution found for torch",
            ],
            "name-resolution",
            id="cause-before-effect",
        ),
        pytest.param(
            [
                "  python setup.py egg_info did not run",
                "ModuleNotFoundError: No module named 'torch'",
            ],
            "torch-absent-in-build",
            id="torch-in-an-isolated-build",
        ),
        pytest.param(
            ["import torch", "ModuleNotFoundError: No module named 'torch'"],
            "module-absent",
            id="torch-in-a-script",
        ),
        pytest.param(
            ["/bin/sh: 1: source: not found"], "bash-words", id="bash-word-before-command"
        ),
        pytest.param(
            ["c++: fatal error: Killed signal terminated program cc1plus", "error: command 'gcc'"],
            "compiler-killed",
            id="compiler-killed",
        ),
        pytest.param(
            ["ImportError: libcuda.so.1: cannot open shared object file: No such file"],
            "no-gpu",
            id="driver-library",
        ),
        pytest.param(
            ['WARNING: ReadTimeoutError("HTTPSConnectionPool")', "make: *** Error 2"],
            None,
            id="warning-that-was-overcome",
        ),
    ],
)
def test_first_row_that_fits_explains(lines, name):
    known = TABLES.build_failures.explain(lines)
    assert (known.name if known else None) == name


def test_network_is_named_by_the_option_of_verify():
    known = TABLES.build_failures.explain(["Temporary failure resolving 'deb.example.org'"])
    assert known.help.startswith("mllint verify --build-network host")


def test_failed_build_that_is_not_known():
    assert TABLES.build_failures.explain(["make: *** [all] Error 1"]) is None


def test_rows_about_failed_builds_fit_together():
    rows = read_rows(FOLDER / "build_failures.csv", BuildFailureRow)
    slugs = {path.stem for path in FOLDER.parent.glob("*.md")}
    for row in rows:
        groups = re.compile(row.pattern).groupindex
        re.compile(row.also or "")
        assert "{what}" not in row.message + row.help or "what" in groups, row.name
        assert row.rule is None or row.rule in slugs, row.name
