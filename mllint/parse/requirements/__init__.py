"""Text of a pip requirements or constraints file in, requirement and option lines out.

Reads the file format that pip documents; opens no other file (`-r` stays a line) and expands no
environment variable (`${NAME}` is left in place; pip expands it when it runs).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from mllint.named_tuple import NamedTuple
from mllint.parse.requirements.options import OptionError, OptionLine, read_options
from mllint.parse.requirements.requirement import BadLine, RequirementLine, parse_requirement
from mllint.parse.source import MappedText, SourceFile, Span
from mllint.regex import lazy

__all__ = [
    "BadLine",
    "OptionLine",
    "RequirementComment",
    "RequirementFile",
    "RequirementLine",
    "parse_requirement",
    "parse_requirements",
]

_COMMENT = lazy(r"(?:^|(?<=\s))#", re.UNICODE)  # as pip: behind a no-break space as well
_OPTIONS = lazy(r"(?:^|(?<=[ ]))-")  # pip splits on blanks alone: a tab does not end a name
_PER_REQUIREMENT = frozenset(
    ["--config-settings", "--global-option", "--build-option", "--install-option"]
)
_OF_A_REQUIREMENT = _PER_REQUIREMENT | {"", "--hash"}
_FORMAT_CONTROL = frozenset(["--no-binary", "--only-binary", "--all-releases", "--only-final"])
"""These take effect wherever they stand: pip applies them as it reads the words."""


class RequirementComment(NamedTuple):
    """A comment, on a line of its own or behind a requirement; `text` without `#`, stripped."""

    text: str
    span: Span


class RequirementFile(NamedTuple):
    """The lines of one file in order; comments are kept apart for ignore comments.

    ignored: what pip reads over in silence: a global option behind a requirement or beside `-r`,
    a word behind an option.
    """

    path: str
    requirements: tuple[RequirementLine, ...]
    options: tuple[OptionLine, ...]
    bad: tuple[BadLine, ...]
    ignored: tuple[OptionLine, ...] = ()
    comments: tuple[RequirementComment, ...] = ()


@dataclass(slots=True, eq=False, repr=False)
class _Reading:
    """What has been read so far."""

    requirements: list[RequirementLine] = field(default_factory=list)
    options: list[OptionLine] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)
    ignored: list[OptionLine] = field(default_factory=list)
    comments: list[RequirementComment] = field(default_factory=list)

    def add_line(self, line: MappedText) -> None:
        """Take one logical line, comment included."""
        comment = _COMMENT.search(line.text)
        content = line.text[: comment.start()] if comment else line.text
        if comment:
            end = len(line.text.rstrip())
            text = line.text[comment.end() : end].strip()
            self.comments.append(RequirementComment(text, line.span(comment.start(), end)))
        stripped = content.strip()
        if not stripped:
            return
        start = len(content) - len(content.lstrip())
        self._add_content(line.slice(start, start + len(stripped)))

    def _add_content(self, line: MappedText) -> None:
        dash = _OPTIONS.search(line.text)
        if dash is None:
            self._add_requirement(line, (), editable=False)
            return
        try:
            options = read_options(line.slice(dash.start()))
        except OptionError as error:
            self.bad.append(BadLine(str(error), line.span(0, len(line.text))))
            return
        if dash.start():
            # pip reads `./pkg -e x` as `-e ./pkg`
            editable = any(option.name == "--editable" for option in options)
            self._add_requirement(line.slice(0, dash.start()), options, editable=editable)
            return
        self._add_options(options)

    def _add_options(self, options: tuple[OptionLine, ...]) -> None:
        """Take a line of options only; of the words that include, the first counts alone."""
        for kind in ("--editable", "--requirement", "--constraint"):
            first = next((option for option in options if option.name == kind), None)
            if first is None:
                continue
            rest = tuple(option for option in options if option is not first)
            if kind == "--editable" and _is_torn(first, rest):
                message = "-e takes one word: put NAME @ URL in quotes"
                self.bad.append(BadLine(message, first.span.to(rest[-1].span)))
            elif kind == "--editable":
                value = MappedText(first.value, (0,), ((first.span.line, first.span.column),))
                self._add_requirement(value, rest, editable=True, span=first.span)
            else:
                self.options.append(first)
                self._add_ignored(rest)
            return
        link = next((option for option in options if option.name == "--find-links"), None)
        for option in options:
            second = option.name == "--find-links" and option is not link
            unread = second or option.name in _OF_A_REQUIREMENT
            (self.ignored if unread else self.options).append(option)

    def _add_ignored(self, options: tuple[OptionLine, ...]) -> None:
        for option in options:
            (self.options if option.name in _FORMAT_CONTROL else self.ignored).append(option)

    def _add_requirement(
        self,
        text: MappedText,
        options: tuple[OptionLine, ...],
        *,
        editable: bool,
        span: Span | None = None,
    ) -> None:
        own = [o for o in options if o.name in _PER_REQUIREMENT]
        hashes = [o for o in options if o.name == "--hash" and not editable]
        taken = _PER_REQUIREMENT if editable else _PER_REQUIREMENT | {"--hash"}
        self._add_ignored(tuple(o for o in options if o.name not in taken))
        parsed = parse_requirement(
            text,
            editable=editable,
            hashes=tuple(option.value for option in hashes),
            options=tuple((option.name, option.value) for option in own),
            span=span,
        )
        if isinstance(parsed, BadLine):
            self.bad.append(parsed)
        else:
            self.requirements.append(parsed)


def parse_requirements(source: SourceFile) -> RequirementFile:
    """The lines of `source`; never raises: what pip would refuse is in `bad`."""
    reading = _Reading()
    for line in _logical_lines(source.text):
        reading.add_line(line)
    return RequirementFile(
        source.path,
        tuple(reading.requirements),
        tuple(reading.options),
        tuple(reading.bad),
        tuple(reading.ignored),
        tuple(reading.comments),
    )


def _is_torn(editable: OptionLine, rest: tuple[OptionLine, ...]) -> bool:
    """Whether `-e NAME @ URL` stands there without quotes: pip takes `-e NAME` alone."""
    words = [option.value for option in rest if option.name == ""]
    return editable.value[:1].isalnum() and words[:1] == ["@"] and "/" in "".join(words[1:2])


def _logical_lines(text: str) -> Iterator[MappedText]:
    r"""Lines joined at a final backslash, as pip joins them: a comment line ends the joining.

    ```
    torch==2.1.0 \
        # this line ends the requirement
        --hash=sha256:…    <- a line of its own
    ```
    """
    pieces: list[tuple[str, int, int]] = []
    for line, number, column in _physical_lines(text):
        if line.lstrip().startswith("#"):
            if pieces:
                yield MappedText.from_pieces(pieces)
                pieces = []
            yield MappedText(line, (0,), ((number, column),))
        elif line.endswith("\\"):
            unescaped = line.lstrip("\\")
            column += len(line) - len(unescaped)
            pieces.append((unescaped.rstrip("\\"), number, column))
        elif pieces:
            yield MappedText.from_pieces([*pieces, (line, number, column)])
            pieces = []
        elif line:
            yield MappedText(line, (0,), ((number, column),))
    if pieces:
        yield MappedText.from_pieces(pieces)


def _physical_lines(text: str) -> Iterator[tuple[str, int, int]]:
    """(text, line, column) of each piece between line ends.

    pip also ends a line at a form feed and the like, an editor only at a newline; lines are
    counted as the editor counts them.
    """
    number, column = 1, 1
    for line in text.splitlines(keepends=True):
        content = line.splitlines()[0]
        yield content, number, column
        if line.endswith("\n"):
            number, column = number + 1, 1
        else:
            column += len(line)
