"""Text that quotes a user's files in, the same with `*` for each character of a credential out.

The one function behind every output: it reads the text alone, so that it works whatever rules run
and whatever quotes the text. Knows no format; lines and columns stay where they are.
"""

import re
from collections.abc import Iterable, Iterator

from mllint.facts.secrets.values import (
    TOKEN_PREFIXES,
    is_credential,
    is_placeholder,
    is_secret_name,
)
from mllint.parse.source import SourceFile
from mllint.regex import lazy

# What stands, in lower case, wherever one of the patterns below can fit.
_SCHEMES = ("authorization", "bearer", "basic")
_NAMES = lazy(r"token|key|passw|secret|pat\b")
_PRIVATE_KEY = lazy(
    r"-----BEGIN[ ][A-Z ]{0,40}PRIVATE[ ]KEY-----(?P<secret>.*?)(?:-----END|\Z)", re.DOTALL
)
# As the rule knows them, but a message may have cut one short.
_TOKEN = lazy(
    r"""
    (?<! [A-Za-z0-9] )
    (?P<secret>
        (?: hf_ | gh[pousr]_ | github_pat_ | r8_ ) (?= [A-Za-z_]*+ [0-9] | \w{30} ) \w{12,}
      | (?: glpat- | sk- | nvapi- | xox[abprs]- ) (?= [A-Za-z_-]*+ [0-9] | [\w-]{30} ) [\w-]{16,}
      | A[KS]IA [0-9A-Z]{12,}
      | AIza [\w-]{20,}
    )
    """,
    re.VERBOSE,
)
_USERINFO = lazy(r"://(?P<user>[^/\s:@?#\"'`]*):(?P<secret>[^/\s\"'`]+)@")
_USER = lazy(r"://(?P<secret>[^/\s:@?#\"'`]{20,})@")
# Without the name of the header only what looks random: `# basic packages` is no credential.
_HEADER = lazy(
    r"""
    (?: authorization ["']? \s* [:=] \s* ["']? (?:bearer|basic|token) \s+
      | \b (?:bearer|basic) \s+ (?-i: (?=\S*[0-9]) (?=\S*[a-z]) (?=\S*[A-Z]) ) (?=[\w+/=.~-]{20})
    )
    (?P<secret> [^\s"'`\\]{8,} )
    """,
    re.IGNORECASE | re.VERBOSE,
)
_PIECES = r"""(?: "(?:\\.|[^"\\\n]){0,4096}" | '[^'\n]{0,4096}' | \\. | [^\s"'`\\] )+"""
# API_KEY=x, "apiKey": "x", `--token x`, and the forms whose value goes on to the end of the line.
_SETTINGS = (
    lazy(rf"""(?<![\w$-])-*(?P<name>[\w-]+)["']?(?:[ ]?=[ ]?|:[ ]+)(?P<secret>{_PIECES})""", re.X),
    # `adduser --disabled-password --gecos ""`: an option is no value.
    lazy(rf"--(?P<name>[\w-]+)[ ]+(?!-)(?P<secret>{_PIECES})", re.X),
    lazy(r"^[ \t]*ENV[ \t]+(?P<name>\w+)[ \t]+(?P<secret>[^\n]+)", re.MULTILINE | re.IGNORECASE),
    lazy(r"^[ \t-]*(?P<name>\w+):[ \t]+(?P<secret>[^\n]+)", re.MULTILINE),
)
# `PASSWORD=tensorflow`, `python:3.11`: hidden where they stand, but no message speaks of them so.
_WORD = lazy(r"[A-Za-z]+|[a-z][a-z0-9./-]*:[\w.-]+")
_SHORTEST = 6  # of a value that is looked for wherever it stands
_MOST = 1_000


def redacted(text: str, known: Iterable[str] = ()) -> str:
    """`text` without its credentials and without the `known` ones, of the same length."""
    for secret in known:
        if secret in text:
            text = text.replace(secret, "*" * len(secret))
    for start, end in sorted(_spans(text), reverse=True):
        text = text[:start] + re.sub(r"[^\r\n]", "*", text[start:end]) + text[end:]
    return text


def secrets_of(sources: Iterable[SourceFile]) -> tuple[str, ...]:
    """The credentials of the files that people write; locks are large and hold none."""
    return known_secrets(each.text for each in sources if not each.path.endswith(".lock"))


def known_secrets(texts: Iterable[str]) -> tuple[str, ...]:
    """The credentials that stand in these texts, the longest first: messages may quote them bare.

    `failed to process "'s3cret…": unexpected end` names the value only, not its variable.
    """
    found: dict[str, None] = {}
    for text in texts:
        for start, end in _spans(text):
            for line in text[start:end].split("\n"):
                value = line.strip().strip("\"'\\").strip()
                plain = len(value) < _SHORTEST or _WORD.fullmatch(value) or is_placeholder(value)
                if not plain and len(found) < _MOST:
                    found[value] = None
    return tuple(sorted(found, key=len, reverse=True))


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the credentials stand; some may overlap."""
    lower = text.lower()
    if "-----begin" in lower:
        yield from (match.span("secret") for match in _PRIVATE_KEY.finditer(text))
    if any(prefix in lower for prefix in TOKEN_PREFIXES):
        yield from (match.span("secret") for match in _TOKEN.finditer(text))
    if "://" in lower and "@" in lower:
        yield from _literals(_USERINFO, text)
        for match in _USER.finditer(text):
            if is_credential(match["secret"]):
                yield match.span("secret")
    if any(scheme in lower for scheme in _SCHEMES):
        yield from _literals(_HEADER, text)
    if _NAMES.search(lower) is not None:
        yield from _settings(text)


def _literals(pattern: re.Pattern[str], text: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(text):
        if not _is_reference(match["secret"]):
            yield match.span("secret")


def _settings(text: str) -> Iterator[tuple[int, int]]:
    """Where the values of what is named like a credential stand."""
    for pattern in _SETTINGS:
        for match in pattern.finditer(text):
            bare = match["secret"].strip().strip("\"'")
            secret = is_secret_name(match["name"].strip("-").replace("-", "_"))
            if secret and bare and not _is_reference(bare) and not is_placeholder(bare):
                yield match.span("secret")


def _is_reference(text: str) -> bool:
    """`$TOKEN`, `${TOKEN}`, `{{ token }}`, `<token>`: where a credential would stand."""
    return text[0] in "$<{%*[…" or set(text) <= set("xX.*")
