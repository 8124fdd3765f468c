"""The text of a setup.cfg in, the requirements that setuptools reads from it out."""

import re
from collections.abc import Iterator

from packaging.utils import canonicalize_name

from mllint.named_tuple import NamedTuple
from mllint.parse.requirements import BadLine, RequirementLine, parse_requirement
from mllint.parse.source import MappedText, SourceFile
from mllint.regex import lazy

_SECTION = lazy(r"\[(?P<name>[^\]]+)\]\s*$")
_OPTION = lazy(r"(?P<name>[^\s=:#;\[][^=:]*?)\s*[=:]\s*(?P<value>.*)$")

Line = RequirementLine | BadLine


class SetupCfg(NamedTuple):
    """What a setup.cfg asks for.

    name: canonical, None when it has none. declared: it lists dependencies or a name. unread: the
    dependencies are those of another file (`file: requirements.txt`), as written.
    """

    path: str
    name: str | None
    declared: bool
    dependencies: tuple[Line, ...]
    extras: dict[str, tuple[Line, ...]]
    unread: str | None = None


def read_setup_cfg(source: SourceFile) -> SetupCfg:
    """The requirements of `[options]` and `[options.extras_require]`, each on its own line."""
    name: str | None = None
    unread: str | None = None
    dependencies: list[Line] = []
    extras: dict[str, tuple[Line, ...]] = {}
    declared = False
    for section, option, pieces in _options(source):
        written = " ".join(text for text, _, _ in pieces).strip()
        if (section, option) == ("metadata", "name") and written:
            name = canonicalize_name(written)
        elif (section, option) == ("options", "install_requires"):
            declared = True
            if written.startswith(("file:", "attr:")):
                unread = written
            else:
                dependencies += _requirements(pieces)
        elif section == "options.extras_require":
            extras[canonicalize_name(option)] = tuple(_requirements(pieces))
    return SetupCfg(source.path, name, declared or bool(name), tuple(dependencies), extras, unread)


_Piece = tuple[str, int, int]
"""The text of one line of a value, its 1-based line and column."""


def _options(source: SourceFile) -> Iterator[tuple[str, str, list[_Piece]]]:
    """(section, option, pieces of its value), comment lines left out; in order."""
    section, option = "", ""
    pieces: list[_Piece] = []
    for number, line in enumerate(source.lines, start=1):
        bare = line.strip()
        if not bare or bare.startswith(("#", ";")):
            continue
        if line[0].isspace():
            pieces.append((bare, number, line.index(bare) + 1))
            continue
        if option:
            yield section, option, pieces
        opened, given = _SECTION.match(line), _OPTION.match(line)
        option, pieces = "", []
        if opened:
            section = opened["name"].strip()
        elif given:
            option = given["name"].strip().lower()
            value = given["value"].strip()
            pieces = [(value, number, given.start("value") + 1)] if value else []
    if option:
        yield section, option, pieces


def _requirements(pieces: list[_Piece]) -> Iterator[Line]:
    """One requirement a line; a comment behind a blank ends it."""
    for text, line, column in pieces:
        text = re.split(r"\s#", text)[0].rstrip()
        yield parse_requirement(MappedText(text, (0,), ((line, column),)))
