"""Environment markers in, whether they hold for one image out: yes, no, or not known.

Three-valued where packaging is two-valued: `sys_platform == 'win32' and python_version < '3.9'`
does not hold on Linux, whatever the Python is. Knows the markers of locks as well: sets of extras
and groups (PEP 751), and the extras that uv writes for conflicts (`extra-4-proj-gpu`).
"""

import re
from collections.abc import Iterator

from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion

from mllint.facts.commands.variables import Value
from mllint.facts.images.base_image import Python
from mllint.facts.unknown import Unknown
from mllint.regex import lazy

# Machine as images name it -> what `uname -m` prints there.
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "ppc64le": "ppc64le"}
_TOKEN = lazy(
    r"""
    \s* (?:
      (?P<bracket> [()] )
      | (?P<word> and | or ) \b
      | (?P<operator> not \s+ in \b | in \b | [<>=!~]=?=? )
      | (?P<text> '[^']*' | "[^"]*" )
      | (?P<name> [A-Za-z_][\w.]* )
    )
    """,
    re.VERBOSE,
)
_VERSIONS = frozenset({"python_version", "python_full_version", "implementation_version"})
_SETS = frozenset({"extra", "extras", "dependency_groups"})
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_DEPTH_LIMIT = 50


class Markers:
    """Evaluates markers for one Python, platform and set of extras; each text and part once."""

    def __init__(
        self,
        python: Python | Unknown | None,
        platform: Value,
        extras: frozenset[str] = frozenset(),
        groups: frozenset[str] = frozenset(),
    ) -> None:
        self._sets = {"extra": extras, "extras": extras, "dependency_groups": groups}
        self._values = {
            "os_name": "posix",
            "sys_platform": "linux",
            "platform_system": "Linux",
            "implementation_name": "cpython",
            "platform_python_implementation": "CPython",
        }
        parts = () if isinstance(platform, Unknown) else platform.split("/")[1:]
        machine = _MACHINES.get(parts[0]) if parts else None
        if machine is not None:
            self._values["platform_machine"] = machine
        if isinstance(python, Python):
            version = python.version
            self._values["python_version"] = f"{version.major}.{version.minor}"
            full = f"{version}" if len(version.release) > 2 else f"{version}.0"
            self._values["python_full_version"] = self._values["implementation_version"] = full
        self._known: dict[str, bool | None] = {}
        self._parts: dict[tuple[str, str, str], bool | None] = {}

    def with_sets(self, extras: frozenset[str], groups: frozenset[str] = frozenset()) -> "Markers":
        """The same Python and platform with other extras and groups."""
        twin = Markers(None, Unknown(""), extras, groups)
        twin._values = self._values
        return twin

    def holds(self, marker: str | None) -> bool | None:
        """Whether the marker holds; None when that depends on what is not known."""
        if marker is None:
            return True
        if marker not in self._known:
            self._known[marker] = _Evaluation(self, marker).result()
        return self._known[marker]

    def compare(self, left: str, operator: str, right: str) -> bool | None:
        """Whether one comparison holds; names without quotes, texts with them."""
        key = (left, operator, right)
        if key not in self._parts:
            self._parts[key] = self._compare(left, operator, right)
        return self._parts[key]

    def _compare(self, left: str, operator: str, right: str) -> bool | None:
        if left in _SETS or right in _SETS:
            name, text = (left, right) if left in _SETS else (right, left)
            found = canonicalize_name(text[1:-1]) in self._sets[name]
            return found if operator in ("==", "in") else not found
        if left[0] in "'\"" and right[0] in "'\"":
            return _compare_texts(left[1:-1], operator, right[1:-1])
        if left[0] in "'\"":
            value = self._values.get(_plain(right))
            if operator in ("in", "not in"):
                return None if value is None else (left[1:-1] in value) is (operator == "in")
            left, operator, right = right, _FLIPPED.get(operator, operator), left
        name = _plain(left)
        value = self._values.get(name)
        if value is None or right[0] not in "'\"":
            return None
        if name in _VERSIONS and operator not in ("in", "not in"):
            return _compare_versions(value, operator, right[1:-1])
        return _compare_texts(value, operator, right[1:-1])


def _plain(name: str) -> str:
    """`os.name`, `sys.platform` and `python_implementation` are older spellings."""
    plain = name.replace(".", "_")
    return {"python_implementation": "platform_python_implementation"}.get(plain, plain)


def _compare_versions(value: str, operator: str, text: str) -> bool | None:
    try:
        return Specifier(operator + text.strip()).contains(value, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _compare_texts(left: str, operator: str, right: str) -> bool | None:
    if operator in ("==", "===", "!="):
        return (left == right) is (operator != "!=")
    if operator in ("in", "not in"):
        return (left in right) is (operator == "in")
    return None


class _Evaluation:
    """One pass over a marker: `or` of `and`s of comparisons and brackets."""

    def __init__(self, markers: Markers, text: str) -> None:
        self._markers = markers
        self._tokens = list(_tokens(text))
        self._at = 0

    def result(self) -> bool | None:
        """The value of the marker; None as well for what is no marker."""
        try:
            found = self._either(0)
        except (IndexError, ValueError):
            return None
        return found if self._at == len(self._tokens) else None

    def _either(self, depth: int) -> bool | None:
        values = [self._both(depth)]
        while self._next("or"):
            values.append(self._both(depth))
        return True if True in values else None if None in values else False

    def _both(self, depth: int) -> bool | None:
        values = [self._one(depth)]
        while self._next("and"):
            values.append(self._one(depth))
        return False if False in values else None if None in values else True

    def _one(self, depth: int) -> bool | None:
        if self._next("("):
            if depth > _DEPTH_LIMIT:
                raise IndexError
            found = self._either(depth + 1)
            self._at += 1
            return found
        left, operator, right = self._tokens[self._at : self._at + 3]
        self._at += 3
        return self._markers.compare(left, operator, right)

    def _next(self, token: str) -> bool:
        found = self._at < len(self._tokens) and self._tokens[self._at] == token
        self._at += found
        return found


def _tokens(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            if text[at:].strip():
                yield "?"
            return
        at = match.end()
        if match["operator"]:
            yield " ".join(match["operator"].split())
        else:
            yield match.group().strip()
