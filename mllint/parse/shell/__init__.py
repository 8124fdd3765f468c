"""Shell text in, commands with words, guards and positions out; the one adapter to tree-sitter.

Knows POSIX shell and bash grammar. Expands nothing and knows no program but shells
(`bash -c "…"` is read as the commands it holds).
"""

from functools import cache
from typing import TYPE_CHECKING

from mllint.parse.shell.commands import CommandWriter
from mllint.parse.shell.keywords import missing_separators, top_level_pieces
from mllint.parse.shell.lists import Context, placed_members, plain_lists
from mllint.parse.shell.nested import SHELLS, first_operand, script_argument
from mllint.parse.shell.syntax import (
    Command,
    Guard,
    Literal,
    Parameter,
    Part,
    Redirect,
    Script,
    Substitution,
    Word,
)
from mllint.parse.shell.text import ShellText
from mllint.parse.shell.tokens import Token, tokens
from mllint.parse.source import MappedText, Span
from mllint.regex import lazy

if TYPE_CHECKING:
    from tree_sitter import Parser  # noqa: TID251 (this is the module that may)

    from mllint.parse.shell.nodes import SyntaxNode

__all__ = [
    "SHELLS",
    "Command",
    "Guard",
    "Literal",
    "Parameter",
    "Part",
    "Redirect",
    "Script",
    "Substitution",
    "Word",
    "first_operand",
    "parse_script",
    "parse_words",
]

# A longer compound statement is not read: the grammar recovers from errors in quadratic time
# (8,000 `)` take 0.25 s, 100,000 take 39 s with tree-sitter-bash 0.25.1). The longest of 7,000 RUN
# instructions in public repositories has 4,400 characters.
LONGEST_STATEMENT = 8_000

# The grammar sees one ASCII letter for each character that the shell takes for part of a word, so
# that its byte offsets are offsets of characters; a carriage return before a newline is a blank.
_PLAIN_TEXT = lazy(r"[\t\n\x20-\x7e]*+")
_CARRIAGE_RETURN = lazy(r"\r(?=\n)")
_OTHER_CHARACTER = lazy(r"[^\t\n\x20-\x7e]")


def parse_script(text: MappedText) -> Script:
    """The commands of `text`; never raises, and takes time linear in its length."""
    reader = _Reader()
    reader.read(ShellText(text), Context())
    return Script(tuple(reader.writer.commands), tuple(sorted(set(reader.writer.problems))))


def parse_words(words: tuple[str, ...], span: Span) -> Script:
    """The exec form as one command, and the commands of `["bash", "-c", "…"]` behind it.

    Every word and command has the span of the whole array.
    """
    argv = tuple(Word((Literal(word),), span, word, quoted=True) for word in words)
    reader = _Reader()
    reader.writer.commands.append(Command(argv, (), (), frozenset(), (), "", span))
    script = script_argument(list(argv))
    if script is not None and script.own_shell:
        text = ShellText.fixed_at(words[script.place], span)
        reader.read(text, Context(depth=1).apart())
    return Script(tuple(reader.writer.commands), tuple(sorted(set(reader.writer.problems))))


class _Reader:
    """Reads one script and those nested in it, each by the cheaper way that can."""

    __slots__ = ("writer",)

    def __init__(self) -> None:
        self.writer = CommandWriter(self.read)

    def read(self, text: ShellText, context: Context) -> None:
        """Hand the commands of `text` to the writer."""
        context = self.writer.enter(context)
        found = tokens(text.visible, 0, len(text.visible))
        lists = plain_lists(found, text.visible)
        if lists is None:
            self._read_compound(text, found, context)
            return
        for listed in lists:
            place = context
            if listed.background:
                place = self.writer.enter(context.guarded(Guard.BACKGROUND).apart())
            for member, inner, connector in placed_members(listed, place, text.visible):
                if connector:
                    self.writer.pending = connector
                self.writer.command(text, member.tokens, inner)

    def _read_compound(self, text: ShellText, found: list[Token], context: Context) -> None:
        if len(text.visible) > LONGEST_STATEMENT:
            pieces = top_level_pieces(found, text.visible)
            if len(pieces) < 2:
                self.writer.problems.append(text.span(0, len(text.visible)))
            else:
                for start, end in pieces:
                    self.read(text.part(start, end), context)
            return
        from mllint.parse.shell.tree import TreeReader  # most scripts need no tree

        grammar_text = _grammar_text(text, missing_separators(found, text.visible))
        root: SyntaxNode = _parser().parse(grammar_text.encode("ascii")).root_node
        TreeReader(text, self.writer).read(root, context)


def _grammar_text(text: ShellText, separators: list[int]) -> str:
    """The text as the grammar is to see it, with the same offsets."""
    visible = text.visible
    for operator in text.heredocs:
        # `<<-EOF` as `<  EOF`: a plain redirect, its body is blank already.
        stop = operator + 3 if visible.startswith("<<-", operator) else operator + 2
        visible = f"{visible[:operator]}<{' ' * (stop - operator - 1)}{visible[stop:]}"
    for blank in separators:
        visible = f"{visible[:blank]};{visible[blank + 1 :]}"
    if _PLAIN_TEXT.fullmatch(visible):
        return visible
    return _OTHER_CHARACTER.sub("x", _CARRIAGE_RETURN.sub(" ", visible))


@cache
def _parser() -> "Parser":
    """The one parser; the grammar is loaded when the first script needs it."""
    import tree_sitter_bash  # noqa: TID251
    from tree_sitter import Language, Parser  # noqa: TID251

    return Parser(Language(tree_sitter_bash.language()))
