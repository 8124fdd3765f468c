"""The parts of a shell script that the other modules see: words, redirects, commands, guards.

Plain values without behaviour; `mllint.parse.shell` is where they are made and imported from.
"""

from enum import Enum

from mllint.named_tuple import NamedTuple
from mllint.parse.source import MappedText, Span


class Literal(NamedTuple):
    """Characters that stand for themselves, quotes and escapes removed."""

    text: str


class Parameter(NamedTuple):
    """`$NAME` or `${NAME<operator><operand>}`; operator "" for the plain forms.

    Operators are kept as written: `:-`, `-`, `:=`, `:+`, `+`, `:?`, `#`, `##`, `%`, `%%`, `/`,
    `//`, `:` (substring), `^^`, `,,`; `#NAME` (length) has operator "length", `!NAME` "indirect".
    """

    name: str
    operator: str = ""
    operand: "Word | None" = None


class Substitution(NamedTuple):
    """`$(…)`, backquotes, `$((…))` or `<(…)`: its value is not known; `text` as written.

    The list of an array assignment, `NAME=(…)`, is one too, and so is what begins with the brace
    of `{a,b}`.
    """

    text: str


Part = Literal | Parameter | Substitution


class Word(NamedTuple):
    """One shell word. `quoted` is True when any part of it stood in quotes.

    `unquoted_glob` is True when it holds an unquoted `*`, `?` or `[`. The value of `NAME+=x` has
    the parameter NAME in front of what is written, so that the parts give the new value.
    """

    parts: tuple[Part, ...]
    span: Span
    text: str  # as written, quotes included
    quoted: bool = False
    unquoted_glob: bool = False

    @property
    def literal(self) -> str | None:
        """The word's value when nothing in it needs expanding, else None."""
        if all(isinstance(part, Literal) for part in self.parts):
            return "".join(part.text for part in self.parts if isinstance(part, Literal))
        return None


class Redirect(NamedTuple):
    """A redirection.

    `operator` is as written without the descriptor: `>`, `>>`, `<`, `<<`, `<<<`, `>&`… For a
    heredoc `target` is its delimiter and `body` its text. A redirect of a whole group, loop or
    subshell is listed with each command inside, before the command's own.
    """

    operator: str
    descriptor: int | None
    target: Word
    span: Span
    body: MappedText | None = None


class Guard(Enum):
    """Where a command stands, when that bears on whether it runs or whether its failure counts."""

    CONDITION = "in the condition of an if or while"
    BRANCH = "in a branch of an if or case"
    LOOP = "in the body of a loop"
    AFTER_AND_TEST = "after && behind a test ([ … ], test, [[ … ]])"
    AFTER_OR = "after ||"
    BEFORE_OR = "before ||: its failure is caught"
    NEGATED = "after !"
    PIPED = "in a pipeline, not its last command"
    BACKGROUND = "sent to the background with &"
    SUBSTITUTION = "inside $(…)"
    FUNCTION = "in the body of a function"


class Command(NamedTuple):
    """One simple command, or a bare assignment (`argv` empty).

    `scope` names the subshell it runs in: () for the script itself, (1,) for its first subshell,
    (1, 2) for one nested in that; a `cd`, an assignment or an `export` in an inner scope does not
    reach the outer one. `(…)`, `$(…)`, each command of a pipeline, a list sent to the background
    and a nested `bash -c "…"` are scopes of their own.
    `connector` is what stands between this command and the one before it: "&&", "||", ";", "|" or
    ""; a newline, `&` and a keyword such as `then` count as ";", and the first command of the
    script, of a `$(…)` and of a `bash -c` string has "".
    `branch` numbers the innermost branch, loop body or function it stands in, 0 for none.
    """

    argv: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...]
    redirects: tuple[Redirect, ...]
    guards: frozenset[Guard]
    scope: tuple[int, ...]
    connector: str
    span: Span
    branch: int = 0


class Script(NamedTuple):
    """The commands of a script in the order in which the shell meets them.

    The commands of a `$(…)` come before the command that uses their output, those of a
    `bash -c "…"` after it. `problems` holds the spans that could not be read; commands around
    them are kept.
    """

    commands: tuple[Command, ...]
    problems: tuple[Span, ...] = ()
