"""The syntax tree of a script with compound commands in, its commands in order out.

The tree tells where commands begin and end and what encloses them; words are read from the text,
because the grammar splits them wrongly now and then (`a <in b`, `$"x"`, `<<-'E' >out`). Goes
through the tree with a stack of its own: a list of 100,000 commands is a tree as deep.
"""

from dataclasses import dataclass

from mllint.parse.shell.commands import DEEPEST_NESTING, CommandWriter
from mllint.parse.shell.keywords import CONTINUING
from mllint.parse.shell.lists import AndOrList, Context, Member, Pipeline, placed_members
from mllint.parse.shell.nodes import (
    CLAUSES,
    COMPOUND,
    LISTS,
    LOOP_BODIES,
    LOOSE,
    REDIRECTS,
    SIMPLE,
    WORDS,
    SyntaxNode,
    command_tokens,
    unread_spans,
)
from mllint.parse.shell.syntax import Guard
from mllint.parse.shell.text import ShellText
from mllint.parse.shell.tokens import Token, tokens

_PHASES = {
    "if": Guard.CONDITION,
    "elif": Guard.CONDITION,
    "while": Guard.CONDITION,
    "until": Guard.CONDITION,
    "then": Guard.BRANCH,
    "else": Guard.BRANCH,
    "do": Guard.LOOP,
}


@dataclass(slots=True)
class _Item:
    """A piece of work: a tree node, or a member of a list; a connector "" changes nothing."""

    work: SyntaxNode | Member[SyntaxNode]
    context: Context
    connector: str = ""


class TreeReader:
    """Reads one tree; see the module's docstring."""

    __slots__ = ("_stack", "_text", "_writer")

    def __init__(self, text: ShellText, writer: CommandWriter) -> None:
        self._text = text
        self._writer = writer
        self._stack: list[_Item] = []

    def read(self, root: SyntaxNode, context: Context) -> None:
        """Hand the commands below `root` to the writer, and what could not be read."""
        self._writer.problems.extend(unread_spans(root, self._text))
        self._stack.append(_Item(root, context))
        while self._stack:
            item = self._stack.pop()
            if item.connector:
                self._writer.pending = item.connector
            if isinstance(item.work, Member):
                self._member(item.work, item.context)
            elif item.work.type in LISTS or item.work.type in SIMPLE:
                self._list(item.work, item.context)
            else:
                self._enclosed(item.work, item.context)

    def _member(self, member: Member[SyntaxNode], context: Context) -> None:
        node = member.compound
        if node is None:
            self._writer.command(self._text, member.tokens, context)
            return
        if member.tokens:
            redirects = self._writer.redirects(self._text, member.tokens, context)
            context = context._replace(redirects=(*context.redirects, *redirects))
        self._enclosed(node, context)

    def _list(self, node: SyntaxNode, context: Context) -> None:
        """Put the members of an and-or list on the stack."""
        listed = self._and_or_list(node)
        context = self._writer.enter(context)
        members = [
            _Item(member, place, connector)
            for member, place, connector in placed_members(listed, context, self._text.visible)
        ]
        self._stack.extend(reversed(members))

    def _and_or_list(self, node: SyntaxNode) -> AndOrList[SyntaxNode]:
        """The list as the shell groups it; the tree has `a && b >x | c` as `(a && b >x) | c`."""
        listed: AndOrList[SyntaxNode] = AndOrList()
        pipeline: Pipeline[SyntaxNode] = Pipeline("")
        listed.pipelines.append(pipeline)
        member: Member[SyntaxNode] | None = None
        for leaf in _leaves(node):
            kind = leaf.type
            if kind in ("&&", "||"):
                pipeline = Pipeline(kind)
                listed.pipelines.append(pipeline)
                member = None
            elif kind in ("|", "|&"):
                member = None
            elif kind == "!":
                pipeline.negated = not pipeline.negated
            elif kind in REDIRECTS or kind in WORDS or kind == "ERROR":
                if member is None:
                    member = Member([])
                    pipeline.members.append(member)
                member.tokens.extend(tokens(self._text.visible, leaf.start_byte, leaf.end_byte))
            elif kind in COMPOUND and not _is_arithmetic(leaf, self._text):
                member = Member([], leaf)
                pipeline.members.append(member)
            elif kind in SIMPLE or kind in COMPOUND:
                member = Member(self._simple_tokens(leaf))
                pipeline.members.append(member)
        listed.pipelines = [pipeline for pipeline in listed.pipelines if pipeline.members]
        return listed

    def _simple_tokens(self, node: SyntaxNode) -> list[Token]:
        """The tokens of a simple command; the grammar takes a stray `fi`, or nothing, for one."""
        read = command_tokens(node, self._text)
        if not read:
            self._problem(node.start_byte, node.end_byte)
        while read and self._text.visible[read[0][1] : read[0][2]] in CONTINUING:
            self._problem(read[0][1], read[0][2])
            del read[0]
        return read

    def _problem(self, start: int, end: int) -> None:
        self._writer.problems.append(self._text.span(start, end))

    def _enclosed(self, node: SyntaxNode, context: Context) -> None:
        """Put the statements inside a compound command on the stack."""
        if _is_arithmetic(node, self._text):
            self._writer.arithmetic(self._text, node.start_byte, node.end_byte, context)
            return
        if node.type == "subshell":
            context = context.apart()
        context = self._writer.enter(context)
        if node.type == "subshell":
            context = context._replace(depth=context.depth + 1)
            if context.depth > DEEPEST_NESTING:
                self._problem(node.start_byte, node.end_byte)
                return
        elif node.type == "function_definition":
            context = self._writer.branch(context, Guard.FUNCTION)
        elif node.type == "case_item":
            context = self._writer.branch(context, Guard.BRANCH)
        self._stack.extend(reversed(self._statements(node, context)))

    def _statements(self, node: SyntaxNode, context: Context) -> list[_Item]:
        inner = context
        items: list[_Item] = []
        children = node.children
        if node.type == "c_style_for_statement":  # for ((i=0; i<3; i++)): no commands in there
            children = [child for child in children if child.type in LOOP_BODIES]
        loose, first = node.type == "ERROR", None
        for i, child in enumerate(children):
            kind = child.type
            if kind in _PHASES:
                inner = self._writer.branch(context, _PHASES[kind])
            elif kind in ("fi", "done", "esac"):
                inner = context
            elif kind in LISTS or kind in SIMPLE or kind in COMPOUND:
                background = i + 1 < len(children) and children[i + 1].type == "&"
                place = inner.guarded(Guard.BACKGROUND).apart() if background else inner
                items.append(_Item(child, place))
            elif kind in CLAUSES:
                items.append(_Item(child, context))
            elif kind == "ERROR":
                items.append(_Item(child, inner))
            elif kind in (";;", ";&", ";;&") and node.type != "case_item":
                self._problem(child.start_byte, child.end_byte)
            elif loose and (kind in WORDS or kind in REDIRECTS):
                # Words without a command around them: one command as far as they stand together.
                first = child if first is None else first
                if i + 1 == len(children) or children[i + 1].type not in LOOSE:
                    words = tokens(self._text.visible, first.start_byte, child.end_byte)
                    items.append(_Item(Member(words), inner))
                    first = None
            elif kind == "variable_name" and node.type in ("for_statement", "select_statement"):
                self._writer.loop_variable(self._text, child.start_byte, child.end_byte, inner)
            elif kind in WORDS:
                self._writer.word(self._text, child.start_byte, child.end_byte, inner)
        return items


def _leaves(node: SyntaxNode) -> list[SyntaxNode]:
    """The members, operators and redirects of a list in order."""
    found: list[SyntaxNode] = []
    stack = [node]
    while stack:
        top = stack.pop()
        if top.type in LISTS:
            stack.extend(reversed(top.children))
        else:
            found.append(top)
    return found


def _is_arithmetic(node: SyntaxNode, text: ShellText) -> bool:
    return node.type == "compound_statement" and text.visible.startswith("((", node.start_byte)
