"""What a parsed Dockerfile is made of: instructions, heredocs, comments, problems, all with spans.

Says what the parts are; knows neither how they are found nor what an instruction does.
"""

from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile.words import word_bounds
from mllint.parse.source import MappedText, Span


class Flag(NamedTuple):
    """A flag of an instruction, `--name=value`; `value` is None for a bare `--link`."""

    name: str
    value: str | None
    span: Span


class Heredoc(NamedTuple):
    """A here-document: its delimiter, body, and how the body is to be read.

    `expand` is False when the delimiter was quoted (`<<"EOF"`); `strip_tabs` is True for `<<-`
    (the body's leading tabs are then already gone). `body` ends with a newline unless empty.
    """

    name: str
    body: MappedText
    expand: bool
    strip_tabs: bool
    file_descriptor: int


class Instruction(NamedTuple):
    """One instruction of a Dockerfile.

    keyword: upper case. arguments: what follows keyword and flags, continuation lines joined as
    Docker joins them, comment and blank lines inside dropped, leading and trailing blanks gone;
    for a heredoc instruction the first line only. exec_form: the strings of the JSON form (for
    HEALTHCHECK of what follows CMD), or None when it is not (valid) JSON or not allowed for the
    keyword. span: from the keyword to the end of the last line (heredoc terminator included).
    trigger: the instruction that ONBUILD holds; flags and heredocs are then the trigger's own.
    escape: the character that quotes the next one in `arguments`.
    """

    keyword: str
    arguments: MappedText
    flags: tuple[Flag, ...]
    exec_form: tuple[str, ...] | None
    heredocs: tuple[Heredoc, ...]
    span: Span
    trigger: "Instruction | None" = None
    escape: str = "\\"

    @property
    def text(self) -> str:
        """The arguments as plain text."""
        return self.arguments.text

    def flag(self, name: str) -> str | None:
        """The value of the last flag of that name; "" for a bare flag, None when absent."""
        for flag in reversed(self.flags):
            if flag.name == name:
                return flag.value or ""
        return None

    def words(self) -> Iterator[MappedText]:
        """The blank-separated words of the arguments as Docker splits them, quotes kept.

        ADD, COPY, EXPOSE, FROM and VOLUME split at every blank, quoted or not; the others keep
        quoted and escaped blanks: `LABEL a="b c"` is one word.
        """
        for start, end in word_bounds(self.keyword, self.arguments.text, self.escape):
            yield self.arguments.slice(start, end)


class SyntaxProblem(NamedTuple):
    """Something that the builder refuses, with its message in the builder's terms.

    is_fragment: the file lacks a FROM and may be one part of another.
    """

    span: Span
    message: str
    help: str
    is_fragment: bool = False


class Comment(NamedTuple):
    """A comment line outside heredocs; `text` without the `#`, stripped."""

    text: str
    span: Span


class Dockerfile(NamedTuple):
    """A parsed Dockerfile; `escape` is a backslash or a backtick, `syntax` the frontend image.

    templated: the file still has to go through a template engine (Jinja, Go, ERB, str.format): a
    line outside RUN starts with its mark, or a FROM holds one; its problems then say little.
    invalid: the line with the first bytes that are not UTF-8.
    """

    path: str
    escape: str
    syntax: str | None
    instructions: tuple[Instruction, ...]
    comments: tuple[Comment, ...]
    problems: tuple[SyntaxProblem, ...]
    templated: bool = False
    invalid: int | None = None
