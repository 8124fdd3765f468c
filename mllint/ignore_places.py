"""A file and the findings in it in, the edits that ignore them by comments out.

A comment stands above the whole instruction or logical line, where nothing but its reader sees it;
a comment that covers the same lines already takes the rule's name in. What no line above can cover
(a finding on a comment) is ignored for the whole file.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator

from mllint.finding import Edit, Finding
from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Dockerfile, parse_dockerfile
from mllint.parse.source import Location, SourceFile, Span
from mllint.suppress import NO_REASON, Ignore, dockerfile_ignores, logical_lines, text_ignores

REASON = "REASON"
# In these `#` begins no comment, or a tool writes them anew.
_NO_COMMENTS = (".json", ".lock")


class _Block(NamedTuple):
    """Lines that one comment covers, and the 1-based line above which it would stand.

    whole_file: the comment covers all of the file, wherever it stands.
    """

    first: int
    lines: range
    whole_file: bool = False


def ignoring_edits(source: SourceFile, findings: Iterable[Finding], dockerfile: bool) -> list[Edit]:
    """The edits of `source` after which its comments cover the findings; [] where none can."""
    if not dockerfile and source.path.endswith(_NO_COMMENTS):
        return []
    edits: list[Edit] = []
    parsed = parse_dockerfile(source) if dockerfile else None
    block_of = _dockerfile_blocks(source, parsed) if parsed else _text_blocks(source)
    found: dict[tuple[_Block, str], list[int]] = {}
    for finding in findings:
        span = finding.problem.location.span
        if finding.rule == NO_REASON:
            edits.append(_edit(source.path, (span.end_line, span.end_column), f" -- {REASON}"))
            continue
        found.setdefault((block_of(span.line), finding.rule), []).append(span.line)
    known = dockerfile_ignores(source, parsed, _known) if parsed else text_ignores(source, _known)
    merged: dict[Ignore, list[str]] = {}
    new: dict[_Block, list[str]] = {}
    for (block, slug), lines in found.items():
        ignore = _covering(known.valid, block, lines)
        if ignore is not None:
            merged.setdefault(ignore, []).append(slug)
        for apart in _blocks(known.valid, block, slug, lines) if ignore is None else ():
            new.setdefault(apart, []).append(slug)
    edits += [_merged(source, ignore, slugs) for ignore, slugs in merged.items()]
    edits += [_comment(source, block, slugs) for block, slugs in new.items()]
    return edits


def _known(_slug: str) -> None:
    return None


def _dockerfile_blocks(source: SourceFile, parsed: Dockerfile) -> Callable[[int], _Block]:
    spans = [instruction.span for instruction in parsed.instructions]
    starts = [span.line for span in spans]
    top = starts[0] if starts else _end(source)

    def block(line: int) -> _Block:
        at = bisect_right(starts, line) - 1
        if at < 0 or line > spans[at].end_line:
            return _Block(top, range(0, 1), whole_file=True)
        return _Block(starts[at], range(starts[at], spans[at].end_line + 1))

    return block


def _text_blocks(source: SourceFile) -> Callable[[int], _Block]:
    lines = source.lines
    logical = logical_lines(lines)
    is_comment = [line.lstrip().startswith("#") for line in lines]
    top = is_comment.index(False) + 1 if False in is_comment else _end(source)

    def block(line: int) -> _Block:
        if not 1 <= line < len(logical) or is_comment[line - 1]:
            return _Block(top, range(0, 1), whole_file=True)
        first, last = logical[line]
        return _Block(first, range(first, last + 1))

    return block


def _end(source: SourceFile) -> int:
    """The line below the last one that holds something."""
    return len(source.lines) + (not source.text.endswith("\n"))


def _covering(ignores: Iterable[Ignore], block: _Block, lines: list[int]) -> Ignore | None:
    """The first comment that covers all these lines, within the block or as a whole."""
    for ignore in ignores:
        inside = ignore.lines.start in block.lines and ignore.lines[-1] in block.lines
        if inside and (block.whole_file or all(line in ignore.lines for line in lines)):
            return ignore
    return None


def _blocks(ignores: Iterable[Ignore], block: _Block, slug: str, lines: list[int]) -> list[_Block]:
    r"""What new comments for one rule are to cover: the block, unless that makes another one idle.

    RUN a \
        # mllint: ignore[slug] -- covers the next line; a comment above RUN would do its work
        b \
        c
    """
    if not any(slug in ignore.slugs and ignore.lines.start in block.lines for ignore in ignores):
        return [block]
    return [_Block(line, range(line, line + 1)) for line in dict.fromkeys(lines)]


def _merged(source: SourceFile, ignore: Ignore, slugs: list[str]) -> Edit:
    span = ignore.location.span
    text = source.lines[span.line - 1]
    bracket = text.index("]", span.column - 1) + 1
    return _edit(source.path, (span.line, bracket), "".join(f", {slug}" for slug in sorted(slugs)))


def _comment(source: SourceFile, block: _Block, slugs: list[str]) -> Edit:
    lines = source.lines
    below = lines[block.first - 1] if block.first <= len(lines) else ""
    indent = below[: len(below) - len(below.lstrip())]
    kind = "ignore-file" if block.whole_file else "ignore"
    text = f"{indent}# mllint: {kind}[{', '.join(sorted(slugs))}] -- {REASON}\n"
    return _edit(source.path, (block.first, 1), text)


def _edit(path: str, place: tuple[int, int], text: str) -> Edit:
    return Edit(Location(path, Span(*place, *place)), text)


def same_content(before: SourceFile, after: SourceFile, dockerfile: bool) -> bool:
    """Whether both texts say the same but for comments, as far as that can be told."""
    if not dockerfile:
        return _uncommented(before) == _uncommented(after)
    return list(_instructions(before)) == list(_instructions(after))


def _uncommented(source: SourceFile) -> list[str]:
    return [line for line in source.lines if "mllint:" not in line]


def _instructions(source: SourceFile) -> Iterator[object]:
    parsed = parse_dockerfile(source)
    yield parsed.escape, parsed.syntax
    for instruction in parsed.instructions:
        inner = instruction.trigger or instruction
        bodies = [_before_mark(heredoc.body.text) for heredoc in inner.heredocs]
        yield instruction.keyword, _before_mark(instruction.arguments.text), bodies


def _before_mark(text: str) -> list[str]:
    """The lines without the ignore comments that are comments of the shell."""
    return [line.partition("mllint:")[0] for line in text.split("\n")]
