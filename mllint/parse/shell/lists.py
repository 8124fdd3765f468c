"""And-or lists of pipelines: what their operators say about the commands in them.

Both readers of a script, the one for plain lists and the one for compound commands, end here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mllint.named_tuple import NamedTuple
from mllint.parse.shell.syntax import Guard, Redirect
from mllint.parse.shell.tokens import Kind, Token

CompoundT = TypeVar("CompoundT")

_TESTS = frozenset(("[", "[[", "((", "test"))
# fmt: off
_RESERVED = frozenset((
    "if", "then", "elif", "else", "fi", "case", "esac", "for", "select", "while", "until",
    "do", "done", "function", "coproc", "{", "}", "!", "[[",
))
# fmt: on


class Context(NamedTuple):
    """What the surroundings of a list say about each command in it.

    `detached` is True when it runs in a subshell of its own that has no number yet. `redirects`
    are those of the groups around. `depth` counts `$(…)`, `bash -c` and subshells around.
    `branch` is the number of the innermost branch, loop body or function.
    """

    guards: frozenset[Guard] = frozenset()
    scope: tuple[int, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    depth: int = 0
    detached: bool = False
    branch: int = 0

    def guarded(self, *guards: Guard) -> "Context":
        """The same with more guards."""
        return self._replace(guards=self.guards.union(guards))

    def apart(self) -> "Context":
        """The same for what runs in a subshell of its own."""
        return self._replace(detached=True)


@dataclass(slots=True, eq=False, repr=False)
class Member(Generic[CompoundT]):
    """One command of a pipeline: a simple one, or a compound one with its redirects in `tokens`."""

    tokens: list[Token]
    compound: CompoundT | None = None


@dataclass(slots=True, eq=False, repr=False)
class Pipeline(Generic[CompoundT]):
    """Members joined by `|`; `connector` stands before it: "&&", "||", or "" for the first."""

    connector: str
    members: list[Member[CompoundT]] = field(default_factory=list)
    negated: bool = False


@dataclass(slots=True, eq=False, repr=False)
class AndOrList(Generic[CompoundT]):
    """Pipelines joined by `&&` and `||`, which bind equally and from the left."""

    pipelines: list[Pipeline[CompoundT]] = field(default_factory=list)
    background: bool = False


Placed = tuple[Member[CompoundT], Context, str]  # with its connector, "" for the list's first


def placed_members(
    listed: AndOrList[CompoundT], context: Context, text: str
) -> Iterator[Placed[CompoundT]]:
    """The members of a list in order, each with its context."""
    last_or = max(
        (i for i, pipeline in enumerate(listed.pipelines) if pipeline.connector == "||"), default=0
    )
    behind_test = False
    for i, pipeline in enumerate(listed.pipelines):
        guards = set()
        if i < last_or:
            guards.add(Guard.BEFORE_OR)
        is_test = _is_test(pipeline, text)
        if pipeline.connector == "||":
            guards.add(Guard.AFTER_OR)
            # `[ a ] || [ b ] && run`: run is behind a test, in `[ a ] || x && run` it is not.
            behind_test = behind_test and is_test
        else:
            if behind_test:
                guards.add(Guard.AFTER_AND_TEST)
            behind_test = behind_test or is_test
        if pipeline.negated:
            guards.add(Guard.NEGATED)
        inner = context.guarded(*guards) if guards else context
        yield from _placed_in_pipeline(pipeline, inner)


def _placed_in_pipeline(
    pipeline: Pipeline[CompoundT], context: Context
) -> Iterator[Placed[CompoundT]]:
    if len(pipeline.members) == 1:
        yield pipeline.members[0], context, pipeline.connector
        return
    last = context.apart()
    piped = last.guarded(Guard.PIPED)
    connector = pipeline.connector
    for member in pipeline.members[:-1]:
        yield member, piped, connector
        connector = "|"
    yield pipeline.members[-1], last, connector


def _is_test(pipeline: Pipeline[CompoundT], text: str) -> bool:
    if len(pipeline.members) != 1 or pipeline.members[0].compound is not None:
        return False
    tokens = pipeline.members[0].tokens
    return bool(tokens) and text[tokens[0][1] : tokens[0][2]] in _TESTS


def plain_lists(tokens: list[Token], text: str) -> list[AndOrList[None]] | None:
    """The lists of a script of simple commands only; None when there is anything else in it.

    Most RUN instructions are no more than this, and reading them needs no grammar.
    """
    lists: list[AndOrList[None]] = []
    current: AndOrList[None] | None = None
    member: Member[None] | None = None
    connector = ""
    for token in tokens:
        kind, start, end = token
        if kind is Kind.OPERATOR:
            operator = text[start:end]
            if operator == "\n" and member is None:
                continue  # a blank line, or one after `&&`
            if member is None or operator not in _SEPARATORS:
                return None  # an empty command, a parenthesis, `;;`
            member = None
            connector = "|" if operator == "|&" else operator
            if operator in _LIST_ENDS and current is not None:
                current.background = operator == "&"
                current = None
                connector = ""
            continue
        if kind is Kind.BROKEN:
            return None
        if member is None:
            if text[start:end] in _RESERVED or text.startswith("!(", start):
                return None
            member = Member([])
            if current is None:
                current = AndOrList()
                lists.append(current)
            if connector != "|":
                current.pipelines.append(Pipeline(connector))
            current.pipelines[-1].members.append(member)
        member.tokens.append(token)
    return None if connector and member is None else lists


_LIST_ENDS = frozenset((";", "&", "\n"))
_SEPARATORS = _LIST_ENDS | {"&&", "||", "|", "|&"}
