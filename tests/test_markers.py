"""Markers on an image: as packaging evaluates them, and Unknown only where it matters."""

import itertools

import pytest
from packaging.markers import Marker, UndefinedComparison
from packaging.version import Version

from mllint.facts.images.base_image import Origin, Python
from mllint.facts.installs.markers import Markers
from mllint.facts.unknown import Unknown

PARTS = [
    "python_version < '3.11'",
    "'3.10' <= python_version",
    "python_full_version >= '3.10.4'",
    "python_version == '3.10.*'",
    "python_version in '3.9 3.10'",
    "sys_platform == 'linux'",
    "sys_platform != 'win32'",
    "platform_machine == 'x86_64'",
    'platform_machine not in "aarch64 arm64"',
    "os_name == 'nt'",
    "'linux' in sys_platform",
    "platform_python_implementation == 'CPython'",
]
MARKERS = [
    *PARTS,
    *(f"{a} and {b}" for a, b in itertools.pairwise(PARTS)),
    *(f"{a} or {b} and {c}" for a, b, c in zip(PARTS, PARTS[3:], PARTS[5:], strict=False)),
    *(f"({a} or {b}) and ({c})" for a, b, c in zip(PARTS, PARTS[2:], PARTS[4:], strict=False)),
]


@pytest.mark.parametrize("version", ["3.9.18", "3.10.4", "3.12.1"])
@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
@pytest.mark.parametrize("text", MARKERS)
def test_as_packaging_says(text, platform, version):
    python = Python(Version(version), "/usr", Origin.IMAGE, externally_managed=False)
    environment = {
        "os_name": "posix",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_machine": {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}[platform],
        "python_version": ".".join(version.split(".")[:2]),
        "python_full_version": version,
    }
    try:
        expected = Marker(text).evaluate(environment)
    except UndefinedComparison:
        expected = None
    assert Markers(python, platform).holds(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("python_version < '3.11'", None, id="unknown-python"),
        pytest.param("python_version < '3.11' and os_name == 'nt'", False, id="false-all-the-same"),
        pytest.param("python_version < '3.11' or os_name == 'posix'", True, id="true-all-the-same"),
        pytest.param("platform_machine == 'x86_64'", None, id="unknown-machine"),
        pytest.param("platform_release > '5'", None, id="kernel"),
        pytest.param("extra == 'gpu'", True, id="extra"),
        pytest.param("extra != 'gpu' or extra == 'CPU'", False, id="no-such-extra"),
        pytest.param("'gpu' in extras and 'dev' not in dependency_groups", True, id="sets"),
        pytest.param("os.name == 'posix' and sys.platform == 'linux'", True, id="old-spelling"),
        pytest.param("'a' == 'a'", True, id="two-texts"),
        pytest.param("os_name", None, id="no-comparison"),
        pytest.param("os_name == 'posix' ; x", None, id="no-marker"),
        pytest.param("(" * 500 + "os_name == 'nt'" + ")" * 500, None, id="deep"),
    ],
)
def test_what_is_not_known_stays_so_only_where_it_matters(text, expected):
    markers = Markers(Unknown("why not"), Unknown("where"), frozenset({"gpu"}))
    assert markers.holds(text) is expected
