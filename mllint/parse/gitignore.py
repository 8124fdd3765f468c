"""Text of .gitignore files in, whether they ignore a path out.

Knows git's patterns and the folders they stand in; reads no file. (pathspec, the library for this,
judges whole paths, not a folder on the way down: of `*` and `!build` it takes the first for
`build/`. And its regular expressions backtrack: `*a*a*a*a*b` can keep it busy for hours.)
"""

from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.parse.glob import CharacterClass, Token, Wildcard, matches
from mllint.parse.glob import Path as GlobPath

_LINE_LIMIT = 5_000
_NAMED_CLASSES = {
    "alnum": (("0", "9"), ("A", "Z"), ("a", "z")),
    "alpha": (("A", "Z"), ("a", "z")),
    "digit": (("0", "9"),),
    "lower": (("a", "z"),),
    "upper": (("A", "Z"),),
    "space": (("\t", "\r"), (" ", " ")),
}


class Pattern(NamedTuple):
    """One line. by_name: it has no slash, so that the last part of a path alone is matched."""

    tokens: tuple[Token, ...]
    negated: bool
    folders_only: bool
    by_name: bool


class IgnoreRules(NamedTuple):
    """The patterns of nested folders, the innermost last; the last word is that of the innermost.

    Each level is a folder, written with a slash at its end, and its patterns, last line first.
    """

    levels: tuple[tuple[str, tuple[Pattern, ...]], ...] = ()

    def below(self, folder: Path, patterns: tuple[Pattern, ...]) -> "IgnoreRules":
        """These rules and the patterns that stand in `folder`."""
        if not patterns:
            return self
        level = (folder.as_posix().rstrip("/") + "/", patterns[::-1])
        return IgnoreRules((*self.levels, level))

    def ignores(self, path: Path, is_folder: bool) -> bool:
        """Whether `path` is ignored, going by its own name and not by the folders above it."""
        text = path.as_posix()
        name = GlobPath(path.name)
        for folder, patterns in reversed(self.levels):
            if not text.startswith(folder):
                continue
            below = GlobPath(text[len(folder) :])
            for pattern in patterns:
                if pattern.folders_only and not is_folder:
                    continue
                if matches(pattern.tokens, name if pattern.by_name else below):
                    return not pattern.negated
        return False


def read_patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of one file in order; lines that match nothing are left out, as git does."""
    lines = text.split("\n")[:_LINE_LIMIT]
    patterns = (_pattern(line.removesuffix("\r")) for line in lines if not line.startswith("#"))
    return tuple(pattern for pattern in patterns if pattern is not None)


def _pattern(line: str) -> Pattern | None:
    kept = line.rstrip(" ")
    escapes = len(kept) - len(kept.rstrip("\\"))
    if escapes % 2 and len(kept) < len(line):  # `name\ `: an escaped blank counts
        kept += " "
    negated = kept.startswith("!")
    text = kept[negated:]
    folders_only = text.endswith("/")
    text = text.removesuffix("/")
    by_name = "/" not in text
    tokens = _tokens(text.removeprefix("/"))
    return Pattern(tokens, negated, folders_only, by_name) if tokens else None


def _tokens(text: str) -> tuple[Token, ...] | None:
    """The tokens of a pattern; None when it is empty or matches nothing."""
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        token: Token | None
        if text.startswith("*", at):
            token, at = _stars(text, at)
        elif text[at] == "[":
            token, at = _class(text, at + 1)
        elif text[at] == "?":
            token, at = Wildcard.ANY, at + 1
        else:
            at += text[at] == "\\"
            token, at = text[at : at + 1] or None, at + 1
        if token is None:
            return None
        if isinstance(token, str) and tokens and isinstance(tokens[-1], str):
            tokens[-1] += token
        else:
            tokens.append(token)
    return tuple(tokens)


def _stars(text: str, at: int) -> tuple[Wildcard, int]:
    """What the stars at `at` stand for: `**` (or more) is special only as a whole part."""
    end = at
    while text.startswith("*", end):
        end += 1
    is_whole = end - at >= 2 and "/" in text and text[at - 1 : at] in ("", "/")
    if is_whole and end == len(text):
        return Wildcard.ALL, end
    if is_whole and text[end] == "/":
        return Wildcard.FOLDERS, end + 1
    return Wildcard.STAR, end


def _class(text: str, at: int) -> tuple[CharacterClass | None, int]:
    """The class whose first character is at `at`, and the offset behind its `]`."""
    negated = text[at : at + 1] in ("!", "^")
    at += negated
    ranges: list[tuple[str, str]] = []
    first = at
    while at < len(text) and (text[at] != "]" or at == first):
        end = text.find(":]", at)
        if end > at and text.startswith("[:", at) and text[at + 2 : end] in _NAMED_CLASSES:
            ranges.extend(_NAMED_CLASSES[text[at + 2 : end]])
            at = end + 2
            continue
        low, at = _class_character(text, at)
        high = low
        if text.startswith("-", at) and text[at + 1 : at + 2] not in ("", "]"):
            high, at = _class_character(text, at + 1)
        ranges.append((low, high))
    if at >= len(text):
        return None, at
    # a slash is matched by nothing but a slash
    ranges = [*ranges, ("/", "/")] if negated else ranges
    return CharacterClass(tuple(ranges), negated), at + 1


def _class_character(text: str, at: int) -> tuple[str, int]:
    at += text[at] == "\\" and at + 1 < len(text)
    return text[at], at + 1
