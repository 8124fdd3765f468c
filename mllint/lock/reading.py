"""A lock that was written in, what it says out; any requirements file will do."""

from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.errors import InputError
from mllint.lock.pylock import pylock_hashes, pylock_versions
from mllint.lock.writing import MADE
from mllint.named_tuple import NamedTuple
from mllint.parse.files import decode, read_bytes
from mllint.parse.source import SourceFile

_FACTS = ("# image: ", "# python: ", "# platform: ")
_OPTIONS = ("--index-url ", "--extra-index-url ", "--find-links ", "--no-index")


class Written(NamedTuple):
    """What a lock says. facts, options: its lines; made: by this program.

    versions, hashes: by name.
    """

    facts: tuple[str, ...]
    options: tuple[str, ...]
    versions: dict[str, Version]
    hashes: dict[str, frozenset[str]]
    made: bool


def read_file(path: Path, shown: str) -> SourceFile | None:
    """The text of the file, None where there is none; raises InputError."""
    if not path.exists():
        return None
    return decode(shown, read_bytes(str(path), shown))


def read_written(source: SourceFile, *, pylock: bool) -> Written:
    """What the text says; raises InputError for a pylock file that is no TOML."""
    lines = source.text.splitlines()
    facts = tuple(line for line in lines if line.startswith(_FACTS))
    made = source.text.startswith(MADE)
    if pylock:
        versions = pylock_versions(source)
        hashes = {name: frozenset(each) for name, each in pylock_hashes(source).items()}
        return Written(facts, (), versions, hashes, made)
    options = tuple(line for line in lines if line.startswith(_OPTIONS))
    pins = list(_pins(source.text))
    versions = {name: version for name, version, _ in pins}
    return Written(facts, options, versions, {name: each for name, _, each in pins}, made)


def _pins(text: str) -> Iterator[tuple[str, Version, frozenset[str]]]:
    """Name, version and hashes of each line that holds a package to one version."""
    for line in text.replace("\r\n", "\n").replace("\\\n", " ").splitlines():
        words, _, _ = line.partition(" #")
        said, *options = words.split(" --hash=")
        try:
            requirement = Requirement(said.strip())
            specifiers = list(requirement.specifier)
            if len(specifiers) == 1 and specifiers[0].operator == "==":
                version = Version(specifiers[0].version)
                found = frozenset(option.strip() for option in options)
                yield str(canonicalize_name(requirement.name)), version, found
        except (InvalidRequirement, InvalidVersion):
            continue


def refuse_input(source: SourceFile | None, read: tuple[str, ...], written: Written | None) -> None:
    """Raise InputError for a file of `read` that a person wrote; an empty one is free."""
    if source is None or written is None or written.made or not source.text.strip():
        return
    if source.path in read:
        raise InputError("is read for this lock: name another file", source.path)
