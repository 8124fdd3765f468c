"""The text of a YAML file in, its one document with positions out; the only reader of YAML.

Scalars stay the text that was written: `22:22`, `3.10` and `yes` are not turned into numbers and
booleans, of which YAML 1.1 and 1.2 think differently. Knows no file format.
"""

from dataclasses import dataclass, field
from typing import Protocol

import yaml  # noqa: TID251 (this is the module that may)

from mllint.errors import InputError
from mllint.named_tuple import NamedTuple
from mllint.parse.source import SourceFile, Span

_LENGTH_LIMIT = 1024 * 1024
_DEPTH_LIMIT = 100
_NODE_LIMIT = 100_000
"""Nodes of a document with each alias written out, as whoever walks over it will meet them."""
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# libyaml where PyYAML was built with it: ten times as fast, the same events.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Yaml(NamedTuple):
    """A scalar (its text, or None for null), a list or a mapping, and where it stands.

    span: of a scalar its text; of an alias what it stands for. key: where the key stands, for the
    values of a mapping. quoted: a scalar in quotes or a block, never a number. tag: `!reset` and
    the like. size: the number of nodes, aliases written out.
    """

    value: "str | tuple[Yaml, ...] | dict[str, Yaml] | None"
    span: Span
    key: Span | None = None
    quoted: bool = False
    tag: str | None = None
    size: int = 1

    @property
    def text(self) -> str | None:
        """The text of a scalar; None for null, a list or a mapping."""
        return self.value if isinstance(self.value, str) else None

    @property
    def items(self) -> "tuple[Yaml, ...]":
        """What a list holds; () for everything else."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def entries(self) -> "dict[str, Yaml]":
        """What a mapping holds, keys merged with `<<` included; {} for everything else."""
        return self.value if isinstance(self.value, dict) else {}


def load_yaml(source: SourceFile) -> Yaml | None:
    """The document of a YAML file, None when it is empty.

    Raises InputError, with file and line, for what is no YAML, for a second document, a key that
    stands twice or is no scalar, and for more nesting or more aliases than any real file has.
    """
    if len(source.text) > _LENGTH_LIMIT:
        raise InputError(f"is larger than {_LENGTH_LIMIT // 1024} KiB of YAML", source.path)
    builder = _Builder(source.path)
    try:
        for event in yaml.parse(source.text, Loader=_LOADER):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else None
        raise InputError(
            f"is no YAML: {error.problem or error.context}", source.path, line
        ) from None
    except yaml.reader.ReaderError as error:
        line = source.text.count("\n", 0, error.position) + 1
        raise InputError(f"is no YAML: {error.reason}", source.path, line) from None
    except yaml.YAMLError:
        raise InputError("is no YAML", source.path) from None
    return builder.document


@dataclass(slots=True, eq=False, repr=False)
class _Open:
    """A list or mapping that has begun: its start event, its content so far, a waiting key."""

    event: yaml.events.CollectionStartEvent
    items: list[Yaml] = field(default_factory=list)
    entries: dict[str, Yaml] = field(default_factory=dict)
    merged: list[Yaml] = field(default_factory=list)
    key: Yaml | None = None
    size: int = 1


@dataclass(slots=True, eq=False, repr=False)
class _Builder:
    """Puts events together, without recursion: a file does not decide how deep Python goes."""

    path: str
    document: Yaml | None = None
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, Yaml] = field(default_factory=dict)

    def take(self, event: yaml.events.Event) -> None:
        """Take the next event into account."""
        if isinstance(event, yaml.ScalarEvent):
            self._add(event, _scalar(event))
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) >= _DEPTH_LIMIT:
                raise self._refuse(event, f"is nested more than {_DEPTH_LIMIT} levels deep")
            self.open.append(_Open(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            begun = self.open.pop()
            self._add(begun.event, _collection(begun, event))
        elif isinstance(event, yaml.AliasEvent):
            known = self.anchors.get(event.anchor or "")
            if known is None:
                raise self._refuse(event, f"*{event.anchor} names no anchor above it")
            self._add(event, known)
        elif isinstance(event, yaml.DocumentStartEvent) and self.document is not None:
            raise self._refuse(event, "begins a second document; mllint reads files of one")

    def _add(self, event: yaml.events.NodeEvent, node: Yaml) -> None:
        """Put a finished node into the innermost open one."""
        if event.anchor is not None and not isinstance(event, yaml.AliasEvent):
            self.anchors[event.anchor] = node
        if not self.open:
            self.document = node
            return
        holder = self.open[-1]
        holder.size += node.size
        if holder.size > _NODE_LIMIT:
            raise self._refuse(
                event, f"holds more than {_NODE_LIMIT:,} values, aliases written out"
            )
        if isinstance(holder.event, yaml.SequenceStartEvent):
            holder.items.append(node)
        elif holder.key is None:
            if isinstance(node.value, (tuple, dict)):
                raise self._refuse(event, "a key is a list or a mapping")
            holder.key = node
        else:
            self._add_entry(event, holder, holder.key, node)
            holder.key = None

    def _add_entry(
        self, event: yaml.events.NodeEvent, holder: _Open, key: Yaml, node: Yaml
    ) -> None:
        name = key.text or ""
        if name == "<<" and not key.quoted:
            holder.merged += node.items or (node,)
            return
        if name in holder.entries:
            first = holder.entries[name].key
            assert first is not None
            message = f"the key {name[:80]} stands here again; it is also on line {first.line}"
            raise InputError(message, self.path, key.span.line)
        holder.entries[name] = node._replace(key=key.span)

    def _refuse(self, event: yaml.events.Event, message: str) -> InputError:
        return InputError(message, self.path, _position(event.start_mark)[0])


def _scalar(event: yaml.ScalarEvent) -> Yaml:
    quoted = event.style is not None and event.style != ""
    value = None if not quoted and event.tag is None and event.value in _NULLS else event.value
    return Yaml(value, _span(event, event), quoted=quoted, tag=event.tag)


def _collection(begun: _Open, end: yaml.CollectionEndEvent) -> Yaml:
    span, tag = _span(begun.event, end), begun.event.tag
    if isinstance(begun.event, yaml.SequenceStartEvent):
        return Yaml(tuple(begun.items), span, tag=tag, size=begun.size)
    entries = dict(begun.entries)
    for merged in begun.merged:
        for name, node in merged.entries.items():
            entries.setdefault(name, node)
    return Yaml(entries, span, tag=tag, size=begun.size)


class _Mark(Protocol):
    """A mark of PyYAML's or of libyaml's, which share no class; 0-based."""

    line: int
    column: int


def _span(start: yaml.events.Event, end: yaml.events.Event) -> Span:
    return Span(*_position(start.start_mark), *_position(end.end_mark))


def _position(mark: _Mark | None) -> tuple[int, int]:
    assert mark is not None  # only events that were made by hand have none
    return mark.line + 1, mark.column + 1
