"""The option part of a requirements line in, options in their long form with positions out.

Reads quoting and abbreviations as pip does (shlex, optparse); knows which options pip takes in a
requirements file, not what they do.
"""

import re

from mllint.named_tuple import NamedTuple
from mllint.parse.source import MappedText, Span
from mllint.regex import lazy

_GLOBAL_WITH_VALUE = (
    # https://pip.pypa.io/en/stable/reference/requirements-file-format/ (2026-11)
    "--index-url --pypi-url --extra-index-url --find-links --requirement --constraint --editable"
    " --no-binary --only-binary --all-releases --only-final --trusted-host --use-feature"
)
_OWN_WITH_VALUE = (
    # of one requirement; the last three are those of older releases
    "--hash --config-settings --global-option --build-option --install-option"
)
_WITH_VALUE = frozenset(f"{_GLOBAL_WITH_VALUE} {_OWN_WITH_VALUE}".split())
_BARE = frozenset(
    ["--no-index", "--prefer-binary", "--require-hashes", "--no-require-hashes", "--pre"]
)
_SHORT = {
    "-i": "--index-url",
    "-f": "--find-links",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-C": "--config-settings",
}
_KNOWN = sorted(_WITH_VALUE | _BARE)
_LONGEST = 65_536
"""Characters of options on one line; two hundred hashes take a quarter of that."""
_STRONG_HASHES = ("sha256", "sha384", "sha512")

_WORD = lazy(
    r"""
    (?: [^ \t\r\n'"\\]+      # plain characters; shlex knows no other blanks
      | '[^']*'              # '…': nothing inside is special
      | "(?: [^"\\] | \\. )*"  # "…": a backslash may escape
      | \\.                  # an escaped character
    )+
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTING = lazy(
    r"""
      '(?P<single> [^']* )'
    | "(?P<double> (?: [^"\\] | \\. )* )"
    | \\(?P<escaped> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class OptionLine(NamedTuple):
    """A global option; `name` in its long form (`--requirement` for `-r`), "" value for a bare one.

    A word that belongs to no option has the name "" (`torch` in `--pre torch`).
    """

    name: str
    value: str
    span: Span


class OptionError(Exception):
    """pip refuses the options; the argument says why."""


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def read_options(text: MappedText) -> tuple[OptionLine, ...]:
    """The options of `text` in order; raises OptionError when pip refuses one."""
    if len(text.text) > _LONGEST:
        raise OptionError(f"{len(text.text):,} characters of options; mllint reads {_LONGEST:,}")
    words = _split(text.text)
    found: list[OptionLine] = []
    at = 0
    while at < len(words):
        word = words[at]
        last = word
        name, value = _option(word.text)
        if name in _WITH_VALUE and value is None:
            at += 1
            if at == len(words):
                raise OptionError(f"{name} needs a value")
            last = words[at]
            value = last.text
        span = text.span(word.start, last.end)
        name = "--index-url" if name == "--pypi-url" else name
        found.append(OptionLine(name, _checked(name, value or ""), span))
        at += 1
    return tuple(found)


def _option(word: str) -> tuple[str, str | None]:
    """Long name and value given in the same word; name "" when `word` is no option."""
    if word.startswith("--") and word != "--":
        given, equals, value = word.partition("=")
        name = _full_name(given)
        if equals and name in _BARE:
            raise OptionError(f"{name} takes no value")
        return name, value if equals else None
    if word.startswith("-") and len(word) > 1 and word != "--":
        short = _SHORT.get(word[:2])
        if short is None:
            raise OptionError(f"pip has no option {word[:2]} in requirements files")
        return short, word[2:] or None
    return "", word


def _full_name(given: str) -> str:
    """The option that `given` names, written out or cut short as optparse allows."""
    if given in _WITH_VALUE or given in _BARE:
        return given
    names = [name for name in _KNOWN if name.startswith(given)]
    if not names:
        raise OptionError(f"pip has no option {given[:40]} in requirements files")
    if len(names) > 1:
        raise OptionError(f"{given} may stand for {' or '.join(names)}")
    return names[0]


def _checked(name: str, value: str) -> str:
    if name == "--hash":
        algorithm, colon, _ = value.partition(":")
        if not colon or algorithm not in _STRONG_HASHES:
            raise OptionError(f"--hash takes one of {', '.join(_STRONG_HASHES)}, then : and digits")
    if name == "--config-settings" and "=" not in value:
        raise OptionError("--config-settings takes KEY=VALUE")
    if name in ("--no-binary", "--only-binary") and value.startswith("-"):
        raise OptionError(f"{name} needs a value")
    return value


def _split(text: str) -> list[_Word]:
    """The shell words of `text`, quotes removed; raises OptionError when a quote stays open."""
    words = []
    at = 0
    while at < len(text):
        if text[at] in " \t\r\n":
            at += 1
            continue
        match = _WORD.match(text, at)
        if match is None or (match.end() < len(text) and text[match.end()] in "'\"\\"):
            raise OptionError(
                "a backslash with nothing but blanks behind it joins no lines"
                if text.endswith("\\")
                else "a quote is not closed"
            )
        words.append(_Word(_QUOTING.sub(_unquoted, match[0]), at, match.end()))
        at = match.end()
    return words


def _unquoted(match: re.Match[str]) -> str:
    if match["double"] is not None:
        return re.sub(r'\\(["\\])', r"\1", match["double"])
    return match["single"] if match["single"] is not None else match["escaped"]
