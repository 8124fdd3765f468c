"""The tokens of a simple command in, a `Command` out, with the commands nested in its words.

Knows assignments, redirections, and the shells that read commands from a string or a heredoc.
"""

import re
from collections.abc import Callable

from mllint.parse.shell.lists import Context
from mllint.parse.shell.nested import heredoc_is_script, quoted_script, script_argument
from mllint.parse.shell.syntax import (
    Command,
    Guard,
    Literal,
    Parameter,
    Redirect,
    Substitution,
    Word,
)
from mllint.parse.shell.text import ShellText
from mllint.parse.shell.tokens import Kind, Token
from mllint.parse.shell.words import Inside, find_in_body, read_value, read_word
from mllint.parse.source import Span
from mllint.regex import lazy

_ASSIGNMENT = lazy(r"(?P<name>[A-Za-z_]\w*(?:\[[^\]]*\])?)(?P<append>\+?)=")
_NAME = lazy(r"[A-Za-z_]\w*")
_ARITHMETIC_ASSIGNMENT = lazy(r"\+\+|--|[^=!<>]=[^=]|<<=|>>=")
_REDIRECT = lazy(r"(?P<descriptor>\d+)?(?:\{\w+\})?(?P<operator>.*)", re.DOTALL)
_ESCAPED_IN_BACKQUOTES = _ESCAPED_IN_BODY = lazy(r"\\[`\\$]")

# Quotes within quotes within quotes: no real script nests deeper, and each level reads its text
# again, so that the limit keeps the time linear.
DEEPEST_NESTING = 12

ReadNested = Callable[[ShellText, Context], None]


class CommandWriter:
    """Collects the commands and the problems of one script, nested scripts included."""

    __slots__ = ("_branches", "_read_nested", "_subshells", "commands", "pending", "problems")

    def __init__(self, read_nested: ReadNested) -> None:
        self.commands: list[Command] = []
        self.problems: list[Span] = []
        self.pending = ""  # the connector of the next command
        self._read_nested = read_nested
        self._subshells: dict[tuple[int, ...], int] = {}
        self._branches = 0

    def enter(self, context: Context) -> Context:
        """`context` with a scope number of its own, when it runs in a subshell that has none."""
        if not context.detached:
            return context
        number = self._subshells.get(context.scope, 0) + 1
        self._subshells[context.scope] = number
        return context._replace(scope=(*context.scope, number), detached=False)

    def branch(self, context: Context, guard: Guard) -> Context:
        """`context` within a branch, loop body or function of its own."""
        self._branches += 1
        return context.guarded(guard)._replace(branch=self._branches)

    def command(self, text: ShellText, tokens: list[Token], context: Context) -> None:
        """Add the simple command of `tokens`, and before or after it what its words hold."""
        if all(kind is Kind.OPERATOR for kind, _, _ in tokens):
            self.problems.extend(text.span(start, end) for _, start, end in tokens)
            return
        context = self.enter(context)
        connector, found = self.pending, list[Inside]()
        argv, assignments, redirects, places = self._parts(text, tokens, found)
        script = script_argument(argv)
        nested = None
        if script is not None:
            start, end = places[script.place]
            nested = quoted_script(text, argv[script.place], start, end)
        if nested is not None:
            # The nested script holds these again, and reads them in its own scope.
            found = [inside for inside in found if not start <= inside[0] < end]
        self._substitutions(text, found, context)
        self.pending = connector
        span = text.span(tokens[0][1], tokens[-1][2])
        own = tuple(redirect for redirect, _ in redirects)
        self.commands.append(
            Command(
                tuple(argv),
                tuple(assignments),
                (*context.redirects, *own) if context.redirects else own,
                context.guards,
                context.scope,
                connector,
                span,
                context.branch,
            )
        )
        self.pending = ";"
        if script is not None and nested is not None:
            self._nested(nested, context.apart() if script.own_shell else context)
        for redirect, operator in redirects:
            if redirect.body is not None:
                self._heredoc(text, argv, operator, context)

    def redirects(
        self, text: ShellText, tokens: list[Token], context: Context
    ) -> tuple[Redirect, ...]:
        """The redirects of a compound command."""
        found: list[Inside] = []
        _, _, redirects, _ = self._parts(text, tokens, found)
        self._substitutions(text, found, context)
        return tuple(redirect for redirect, _ in redirects)

    def word(self, text: ShellText, start: int, end: int, context: Context) -> None:
        """Add the commands in a word outside any command: `for i in $(seq 3)`."""
        found: list[Inside] = []
        read_word(text, start, end, found)
        self._substitutions(text, found, context)

    def arithmetic(self, text: ShellText, start: int, end: int, context: Context) -> None:
        """Add what `((V = 1, W++))` may assign; a mere `((V < 2))` assigns nothing."""
        if _ARITHMETIC_ASSIGNMENT.search(text.visible, start, end) is None:
            return
        for match in _NAME.finditer(text.visible, start, end):
            self.loop_variable(text, match.start(), match.end(), context)

    def loop_variable(self, text: ShellText, start: int, end: int, context: Context) -> None:
        """Add the assignment of the variable of a `for`, to what only a run tells."""
        name, span = text.written[start:end], text.span(start, end)
        value = Word((Substitution(f"an item of the loop over {name}"),), span, name)
        guards = context.guards | {Guard.LOOP}
        self.commands.append(Command((), ((name, value),), (), guards, context.scope, ";", span))

    def _parts(
        self, text: ShellText, tokens: list[Token], found: list[Inside]
    ) -> tuple[
        list[Word],
        list[tuple[str, Word]],
        list[tuple[Redirect, int]],
        list[tuple[int, int]],
    ]:
        """Words, assignments, redirects with where they stand, and the offsets of each word."""
        written, visible = text.written, text.visible
        argv: list[Word] = []
        places: list[tuple[int, int]] = []
        assignments: list[tuple[str, Word]] = []
        redirects: list[tuple[Redirect, int]] = []
        remaining = iter(tokens)
        for kind, start, end in remaining:
            if kind is Kind.OPERATOR:  # left over around what the grammar could not read
                self.problems.append(text.span(start, end))
                continue
            if kind is Kind.BROKEN:
                self.problems.append(text.span(start, end))
            if kind is Kind.REDIRECT:
                redirects.append(_redirect(text, start, end, next(remaining, None), found))
                continue
            if not argv and (match := _ASSIGNMENT.match(visible, start, end)):
                assignments.append(_assignment(text, match, end, found))
                continue
            places.append((start, end))
            letters = written[start:end]
            if kind is Kind.PLAIN and "{" not in letters:
                argv.append(Word((Literal(letters),), text.span(start, end), letters))
            else:
                argv.append(read_word(text, start, end, found))
        return argv, assignments, redirects, places

    def _substitutions(self, text: ShellText, found: list[Inside], context: Context) -> None:
        for start, end, backquoted in found:
            inner = (
                text.unescaped(start, end, _ESCAPED_IN_BACKQUOTES)
                if backquoted
                else text.part(start, end)
            )
            self._nested(inner, context.guarded(Guard.SUBSTITUTION).apart())

    def _heredoc(self, text: ShellText, argv: list[Word], operator: int, context: Context) -> None:
        """Read what a heredoc's body holds: a script for a shell, or `$(…)` that are expanded."""
        document, body = text.heredocs[operator], text.body(operator)
        if body is None:
            return
        script = ShellText(body, text.fixed)
        if heredoc_is_script(argv):
            if document.expand:
                script = script.unescaped(0, len(script.written), _ESCAPED_IN_BODY)
            self._nested(script, context.apart())
        elif document.expand and ("$(" in script.written or "`" in script.written):
            found: list[Inside] = []
            find_in_body(script, 0, len(script.written), found)
            self._substitutions(script, found, context)

    def _nested(self, text: ShellText, context: Context) -> None:
        if context.depth >= DEEPEST_NESTING:
            self.problems.append(text.span(0, len(text.written)))
            return
        outer, self.pending = self.pending, ""
        self._read_nested(text, context._replace(redirects=(), depth=context.depth + 1))
        self.pending = outer


def _redirect(
    text: ShellText, start: int, end: int, target: Token | None, found: list[Inside]
) -> tuple[Redirect, int]:
    """One redirect, and the offset of its operator."""
    match = _REDIRECT.fullmatch(text.visible, start, end)
    assert match is not None
    _, first, last = target or (Kind.PLAIN, end, end)
    word = read_word(text, first, last, found)
    descriptor = int(match["descriptor"][:9]) if match["descriptor"] else None
    operator = match.start("operator")
    body = text.body(operator)
    span = text.span(start, last)
    return Redirect(match["operator"], descriptor, word, span, body), operator


def _assignment(
    text: ShellText, match: re.Match[str], end: int, found: list[Inside]
) -> tuple[str, Word]:
    value = read_value(text, match.end(), end, found)
    name = match["name"]
    if match["append"]:
        value = value._replace(parts=(Parameter(name), *value.parts))
    return name, value
