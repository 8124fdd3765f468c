"""A wildcard pattern in, whether it matches a path out, in time linear in both.

Each set of reachable places in the path is one integer, moved along by one pattern token at a
time: no pattern makes it backtrack. Knows no file of patterns.
"""

from enum import Enum

from mllint.named_tuple import NamedTuple


class Wildcard(Enum):
    """A token that stands for more than one text."""

    ANY = "one character but /"
    STAR = "any characters but /"
    FOLDERS = "nothing, or anything that ends with /"
    ALL = "anything"


class CharacterClass(NamedTuple):
    """`[a-z_]` or `[^…]`: characters and ranges, matched as they stand."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool

    def holds(self, char: str) -> bool:
        """Whether `char` is one of the class."""
        return any(low <= char <= high for low, high in self.ranges) != self.negated


Token = str | Wildcard | CharacterClass
"""A text that stands for itself, or what stands for more than one."""


class Path:
    """A path prepared for many patterns: bit i of a mask tells of the character at i."""

    __slots__ = ("_masks", "end", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 1 << len(text)
        self._masks: dict[str, int] = {}

    @property
    def masks(self) -> dict[str, int]:
        """Where each character stands; worked out when a wildcard first asks."""
        if not self._masks:
            for at, char in enumerate(self.text):
                self._masks[char] = self._masks.get(char, 0) | 1 << at
        return self._masks

    def at(self, char: str) -> int:
        """Where `char` stands."""
        return self.masks.get(char, 0)

    def at_class(self, wanted: CharacterClass) -> int:
        """Where a character of the class stands."""
        return sum(mask for char, mask in self.masks.items() if wanted.holds(char))

    @property
    def inside_names(self) -> int:
        """Where anything but a slash stands."""
        return (self.end - 1) & ~self.at("/")


def matches(tokens: tuple[Token, ...], path: Path) -> bool:
    """Whether the tokens match the whole path."""
    last = tokens[-1]
    if isinstance(last, str):  # `build`, `*.log`: most lines are such
        if len(tokens) == 1:
            return path.text == last
        if not path.text.endswith(last):
            return False
        if len(tokens) == 2 and tokens[0] is Wildcard.STAR:
            return "/" not in path.text[: -len(last)]
    reached = 1
    for token in tokens:
        reached = _past(token, reached, path)
        if not reached:
            return False
    return bool(reached & path.end)


def can_match_below(tokens: tuple[Token, ...], folder: Path) -> bool:
    """Whether the tokens match some path that begins with `folder` (which ends with a slash)."""
    reached = 1
    for token in tokens:
        if not reached or reached & folder.end:
            break
        if isinstance(token, str) and any(
            folder.text[at:] and token.startswith(folder.text[at:]) for at in _bits(reached)
        ):
            return True
        reached = _past(token, reached, folder)
    return bool(reached & folder.end)


def _bits(mask: int) -> list[int]:
    return [at for at, bit in enumerate(reversed(f"{mask:b}")) if bit == "1"]


def _past(token: Token, reached: int, path: Path) -> int:
    """The places that can be reached behind the token."""
    if isinstance(token, str):
        if reached == 1:
            return 1 << len(token) if path.text.startswith(token) else 0
        for char in token:
            reached = (reached & path.at(char)) << 1
        return reached
    if isinstance(token, CharacterClass):
        return (reached & path.at_class(token)) << 1
    return _past_wildcard(token, reached, path)


def _past_wildcard(wildcard: Wildcard, reached: int, path: Path) -> int:
    names = path.inside_names
    if wildcard is Wildcard.ANY:
        return (reached & names) << 1
    if wildcard is Wildcard.STAR:
        # The carry of the addition runs on to the end of each name that is reached.
        return (((reached & names) + names) ^ names) | reached
    first = reached & -reached
    later = (path.end << 1) - first
    if wildcard is Wildcard.ALL:
        return later
    return reached | (path.at("/") << 1 & later & ~first)
