"""The names of the grammar's nodes, sorted by what they are to us, and which of them are unread.

Knows the vocabulary of tree-sitter-bash, not the library.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from mllint.parse.shell.text import ShellText
from mllint.parse.shell.tokens import Kind, Token, test_tokens, tokens
from mllint.parse.source import Span


class SyntaxNode(Protocol):
    """What is used of a node of the tree; offsets are those of the text."""

    @property
    def type(self) -> str: ...  # noqa: D102
    @property
    def start_byte(self) -> int: ...  # noqa: D102
    @property
    def end_byte(self) -> int: ...  # noqa: D102
    @property
    def children(self) -> Sequence["SyntaxNode"]: ...  # noqa: D102
    @property
    def has_error(self) -> bool: ...  # noqa: D102
    @property
    def is_error(self) -> bool: ...  # noqa: D102
    @property
    def is_missing(self) -> bool: ...  # noqa: D102


LISTS = frozenset(("list", "pipeline", "redirected_statement", "negated_command"))
SIMPLE = frozenset(
    (
        "command",
        "variable_assignment",
        "variable_assignments",
        "declaration_command",
        "unset_command",
        "test_command",
    )
)
COMPOUND = frozenset(
    (
        "if_statement",
        "case_statement",
        "for_statement",
        "c_style_for_statement",
        "while_statement",
        "function_definition",
        "compound_statement",
        "subshell",
    )
)
CLAUSES = frozenset(("elif_clause", "else_clause", "do_group", "case_item"))
LOOP_BODIES = frozenset(("do_group", "compound_statement"))
REDIRECTS = frozenset(("file_redirect", "herestring_redirect", "heredoc_redirect"))
WORDS = frozenset(
    (
        "word",
        "string",
        "raw_string",
        "ansi_c_string",
        "translated_string",
        "number",
        "concatenation",
        "simple_expansion",
        "expansion",
        "command_substitution",
        "process_substitution",
        "arithmetic_expansion",
        "brace_expression",
        "command_name",
        "variable_name",
        "extglob_pattern",
        "special_variable_name",
        "file_descriptor",
        "$",
    )
)
LOOSE = WORDS | REDIRECTS


def command_tokens(node: SyntaxNode, text: ShellText) -> list[Token]:
    """The tokens of a simple command or a test."""
    start, end = node.start_byte, node.end_byte
    if text.visible.startswith(("[[", "(("), start):
        return test_tokens(text.visible, start, end)
    return tokens(text.visible, start, end)


def unread_spans(root: SyntaxNode, text: ShellText) -> Iterator[Span]:
    """What the grammar could not read, unless it stands in a simple command that we can."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield text.span(node.start_byte, node.end_byte)
        elif node.has_error and not _readable(node, text):
            stack.extend(reversed(node.children))


def _readable(node: SyntaxNode, text: ShellText) -> bool:
    if node.type not in SIMPLE and node.type not in LOOSE:
        return False
    read = command_tokens(node, text)
    return all(kind not in (Kind.OPERATOR, Kind.BROKEN) for kind, _, _ in read)
