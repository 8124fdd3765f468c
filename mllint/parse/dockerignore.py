"""Text of a .dockerignore file in, whether a path of the build context is left out out.

Matches as Docker's own matcher does: the last pattern that matches a path or a folder above it
decides. Knows no file system.
"""

import posixpath
from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.parse.glob import CharacterClass, Path, Token, Wildcard, can_match_below, matches


class Pattern(NamedTuple):
    """One line; `exception` for `!…`, which takes back what an earlier line left out."""

    text: str
    line: int
    exception: bool
    tokens: tuple[Token, ...]


class Dockerignore(NamedTuple):
    """The patterns in file order; `bad` holds the 1-based lines for which Docker ends the build."""

    patterns: tuple[Pattern, ...] = ()
    bad: tuple[int, ...] = ()

    def excluded(self, path: str) -> bool:
        """Whether the file or folder at `path` (relative to the context) is left out."""
        return self.deciding(path) is not None

    def excluded_with_contents(self, folder: str) -> bool:
        """Whether the folder is left out and no exception (`!…`) can keep a file below it."""
        folder = posixpath.normpath(f"/{folder}").lstrip("/")
        deciding = self.deciding(folder)
        if deciding is None:
            return False
        below = Path(f"{folder}/")
        later = self.patterns[self.patterns.index(deciding) + 1 :]
        return not any(p.exception and can_match_below(p.tokens, below) for p in later)

    def deciding(self, path: str) -> Pattern | None:
        """The pattern that leaves `path` out, None when it stays in."""
        path = posixpath.normpath(f"/{path}").lstrip("/")
        if not path:
            return None
        parts = [Path(above) for above in _with_parents(path)]
        last: Pattern | None = None
        for pattern in self.patterns:
            undecided = pattern.exception == (last is not None)
            if undecided and any(matches(pattern.tokens, part) for part in parts):
                last = None if pattern.exception else pattern
        return last


def parse_dockerignore(text: str) -> Dockerignore:
    """The patterns of `text`; what Docker refuses is in `bad`."""
    patterns, bad = [], []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("#"):
            continue
        written = line.strip()
        exception = written.startswith("!")
        pattern = written[1:].strip() if exception else written
        if not pattern:
            if exception:
                bad.append(number)
            continue
        tokens = _tokens(_clean(pattern))
        if tokens is None:
            bad.append(number)
        else:
            patterns.append(Pattern(written, number, exception, tokens))
    return Dockerignore(tuple(patterns), tuple(bad))


def _with_parents(path: str) -> Iterator[str]:
    """`a/b/c`, `a`, `a/b`."""
    yield path
    end = path.find("/")
    while end != -1:
        yield path[:end]
        end = path.find("/", end + 1)


def _clean(pattern: str) -> str:
    """The pattern without `.`, `..`, double, leading and trailing slashes, as Go's path.Clean."""
    clean = posixpath.normpath(pattern)
    return clean.lstrip("/") or "/"


def _tokens(pattern: str) -> tuple[Token, ...] | None:
    """The pattern's tokens, None when Docker calls it malformed."""
    tokens: list[Token] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        token: Token = char
        at += 1
        if pattern.startswith("**", at - 1):
            at += 2 if pattern.startswith("/", at + 1) else 1
            token = _double_star(pattern, at)
        elif char == "*":
            token = Wildcard.STAR
        elif char == "?":
            token = Wildcard.ANY
        elif char == "[":
            read = _class(pattern, at)
            if read is None:
                return None
            token, at = read
        elif char == "\\":
            if at == len(pattern):
                return None
            token = pattern[at]
            at += 1
        if isinstance(token, str) and tokens and isinstance(tokens[-1], str):
            tokens[-1] += token
        else:
            tokens.append(token)
    return tuple(tokens)


def _double_star(pattern: str, behind: int) -> Wildcard:
    """What a `**` that ends before offset `behind` stands for.

    `dir/**` takes everything, `**/x` whole folders. `**x` takes any name that ends with x, but
    only as long as no other wildcard follows: `**x*` takes names that begin with x.
    """
    if behind == len(pattern):
        return Wildcard.ALL
    is_suffix = behind == 2 and not any(char in pattern[behind:] for char in "*?[]\\")
    return Wildcard.ALL if is_suffix else Wildcard.FOLDERS


def _class(pattern: str, at: int) -> tuple[CharacterClass, int] | None:
    """The class whose first character is at `at`, and the offset behind its `]`."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        low = _class_character(pattern, at)
        if low is None:
            return None
        char, at = low
        last = char
        if pattern.startswith("-", at):
            high = _class_character(pattern, at + 1)
            if high is None:
                return None
            last, at = high
        ranges.append((char, last))
    return CharacterClass(tuple(ranges), negated), at + 1


def _class_character(pattern: str, at: int) -> tuple[str, int] | None:
    """One character of a class and the offset behind it; `-` and `]` only behind a backslash."""
    if pattern.startswith("\\", at):
        return (pattern[at + 1], at + 2) if at + 1 < len(pattern) else None
    return (pattern[at], at + 1) if at < len(pattern) and pattern[at] not in "-]" else None
