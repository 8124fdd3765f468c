"""Text that is no requirement and packaging's error in, why pip refuses it in our words out.

The messages quote a version clause at most, never a URL: that may hold a password.
"""

import re

from packaging.requirements import InvalidRequirement
from packaging.specifiers import InvalidSpecifier, Specifier

from mllint.named_tuple import NamedTuple
from mllint.parse.requirements.direct_reference import is_ssh_form
from mllint.regex import lazy

_CONFLICT = lazy(r"(?:<{7}|={7}|>{7}|\|{7})(?:\s|$)")
_COMMAND = lazy(r"\$?\s*(?:!?(?:python3?\s+-m\s+)?pip3?|conda|apt(?:-get)?|uv)\s+\w")
_OTHER_SCHEME = lazy(r"(?:\S+\s*@\s*)?([A-Za-z][A-Za-z0-9+.-]{0,20})://")
_NAME = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?"
_CONDA = lazy(rf"({_NAME})=([^=\s]+)=[^=\s]+")
_SINGLE_EQUALS = lazy(rf"({_NAME})\s*(\[[^]]*\])?\s*=\s*([^=\s][^\s]*)")
_CLAUSES = lazy(
    rf"""
    ({_NAME}) \s* (?: \[ [^]]* \] )? \s*   # the name, with extras
    \(? ( [<>=!~] .* )                     # >=1.0,<2
    """,
    re.VERBOSE,
)
_TWO_WORDS = lazy(rf"({_NAME})(?:\[[^]]*\])?\s+({_NAME})(?:\s|[<>=!~].*)?")
# What pip before 24.1 takes for a version: `>=1.7.*`, `>2011k`.
_LEGACY_CLAUSE = lazy(r"(?:==|!=|<=|>=|<|>)\s*[^,;\s)=]+")
_FIRST_NAME = lazy(rf"{_NAME}(?![\w.-])")


class Refusal(NamedTuple):
    """Why pip takes no text, in one sentence that quotes at most 80 characters of it.

    instead: what to write, None when that is not plain. legacy: older releases of pip take it.
    """

    message: str
    instead: str | None = None
    legacy: bool = False


def refusal(text: str, error: InvalidRequirement) -> Refusal:
    """Why pip takes no `text`."""
    foreign = _foreign(text)
    if foreign is not None:
        return Refusal(foreign)
    if conda := _CONDA.fullmatch(text):
        message = "conda's name=version=build; pip takes name==version"
        return Refusal(message, f"{conda[1]}=={conda[2]}"[:120])
    if single := _SINGLE_EQUALS.fullmatch(text):
        message = f"= is not a version operator; {single[1]}=={single[3]} pins one"[:120]
        return Refusal(message, f"{single[1]}{single[2] or ''}=={single[3]}"[:120])
    if clauses := _CLAUSES.match(text):
        bad = _bad_clause(clauses[2].rstrip(")"))
        if bad is not None:
            legacy = _LEGACY_CLAUSE.fullmatch(bad) is not None
            return Refusal(f"{bad[:80]} is not a version specifier (PEP 440)", legacy=legacy)
    if words := _TWO_WORDS.fullmatch(text):
        return Refusal(
            f"{words[1][:40]} and {words[2][:40]} stand on one line with only a blank between them"
        )
    if not _FIRST_NAME.match(text):
        return Refusal("does not begin with a package name, and is neither a URL nor a path")
    return Refusal(_reason(error))


def _foreign(text: str) -> str | None:
    """What the text is when it belongs to another format; None when it may be a requirement."""
    if _CONFLICT.match(text):
        return "a conflict marker that a merge left behind"
    if text.endswith("\\"):  # `torch==2.1.0 \ `: the blank hides from the eye
        return "a backslash with nothing but blanks behind it joins no lines"
    if _COMMAND.match(text):
        return "a shell command; a requirements file holds one requirement a line"
    if scheme := _OTHER_SCHEME.match(text):
        return (
            f"pip installs from no {scheme[1]}:// URL; a repository is git+https:// or git+ssh://"
        )
    if is_ssh_form(text):
        return "the user@host:path form is no URL; pip takes git+ssh://user@host/path"
    return None


def _bad_clause(clauses: str) -> str | None:
    """The first comma-separated clause that is no specifier: `==1.0.` of `>=1, ==1.0.`."""
    for clause in clauses.split(","):
        try:
            Specifier(clause.strip())
        except InvalidSpecifier:
            return clause.strip() or ","
    return None


def _reason(error: InvalidRequirement) -> str:
    """The parser's own words: the first line of its message, which quotes nothing of the text."""
    first = str(error).partition("\n")[0]
    return f"not a requirement (PEP 508): {first[:1].lower()}{first[1:120]}"
