"""The tokens of a script in, what its keywords open and close out.

Counts `if`…`fi`, `(`…`)` and their like, and knows nothing else about the statements.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.parse.shell.tokens import Kind, Token
from mllint.regex import lazy

_CLOSERS = {"if": "fi", "case": "esac", "do": "done", "{": "}"}
_JOINERS = frozenset(("&&", "||", "|", "|&"))

# Keywords that stand where a command may begin but begin none.
CONTINUING = frozenset(("then", "elif", "else", "do", "fi", "done", "esac", "}"))
_BEFORE_COMMANDS = CONTINUING | {"if", "while", "until", "{", "!"}
_CLOSING = frozenset(("fi", "done", "esac", "}", ")"))

_MAYBE_UNSEPARATED = lazy(r"(?:fi|done|esac|[})])[ \t]+(?:then|elif|else|do|fi|done|esac|[})])")


@dataclass(slots=True, eq=False, repr=False)
class _Step:
    """A token with what it means: `depth` is what is open after it."""

    kind: Kind
    start: int
    end: int
    word: str
    keyword: bool  # a keyword where it counts as one, or a parenthesis that closes
    depth: int


def _steps(tokens: list[Token], text: str) -> Iterator[_Step]:
    open_until: list[str] = []
    at_command, after_function = True, False
    for kind, start, end in tokens:
        word = text[start:end]
        if kind is Kind.OPERATOR:
            # Not the `)` of a case pattern: `esac` is awaited then.
            closes = bool(open_until) and open_until[-1] == word
            if closes:
                open_until.pop()
            elif word == "(":
                open_until.append(")")
            yield _Step(kind, start, end, word, closes, len(open_until))
            at_command = True
            continue
        keyword = at_command and (word in _BEFORE_COMMANDS or word in _CLOSERS)
        if keyword and word in _CLOSERS:
            open_until.append(_CLOSERS[word])
        elif keyword and open_until and open_until[-1] == word:
            open_until.pop()
        yield _Step(kind, start, end, word, keyword, len(open_until))
        # In `function f {` the brace stands one word further on.
        at_command = after_function or (
            at_command and (word in _BEFORE_COMMANDS or word == "function")
        )
        after_function = word == "function"


def top_level_pieces(tokens: list[Token], text: str) -> list[tuple[int, int]]:
    """(start, end) of the stretch of each top-level statement; together they hold all tokens.

    A stretch ends where the next statement begins, so that heredoc bodies stay with theirs.
    """
    pieces: list[tuple[int, int]] = []
    start = tokens[0][1] if tokens else 0
    ended = joined = False
    for step in _steps(tokens, text):
        if step.kind is Kind.OPERATOR and step.word == "\n":
            ended = ended or not (step.depth or joined)
            continue
        if ended:
            pieces.append((start, step.start))
            start = step.start
        is_operator = step.kind is Kind.OPERATOR
        ended = is_operator and step.word == ";" and not step.depth
        joined = is_operator and step.word in _JOINERS
    if tokens:
        pieces.append((start, len(text)))
    return pieces


def missing_separators(tokens: list[Token], text: str) -> list[int]:
    """The offsets of blanks that part two keywords without a `;`: `fi else`, `done fi`, `) }`.

    The shell asks for none there, the grammar does.
    """
    if not _MAYBE_UNSEPARATED.search(text):
        return []
    found: list[int] = []
    before: _Step | None = None
    for step in _steps(tokens, text):
        if (
            before is not None
            and before.keyword
            and before.word in _CLOSING
            and step.keyword
            and (step.word in CONTINUING or step.word == ")")
            and before.end < step.start
        ):
            found.append(before.end)
        before = step
    return found
