"""Our Dockerfile parser against BuildKit's own, which `dockerfile` on PyPI binds (v0.12)."""

import json
import re
from pathlib import Path

import dockerfile as oracle
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.dockerfile.syntax import is_docker_grammar
from mllint.parse.dockerfile.words import SPACES
from mllint.parse.source import SourceFile

FIXTURES = Path(__file__).parent.parent / "fixtures"
BLANKS = re.compile(r"[\t\v\f\r ]+")
AT_BLANKS = ("ADD", "COPY", "EXPOSE", "FROM", "VOLUME")


def ours(text):
    parsed = parse_dockerfile(SourceFile("Dockerfile", text.removeprefix("\ufeff")))
    return [summary(instruction) for instruction in parsed.instructions]


def summary(instruction):
    trigger = instruction.trigger
    inner = trigger or instruction
    flags = instruction.flags  # the binding does not show those of a trigger
    return (
        instruction.keyword,
        trigger.keyword if trigger else None,
        inner.exec_form is not None,
        instruction.span.line,
        instruction.span.end_line,
        tuple(f"--{f.name}" + ("" if f.value is None else f"={f.value}") for f in flags),
        values(inner),
        # The binding does not show what ONBUILD's heredocs hold.
        tuple((h.name, h.file_descriptor, chomped(h.body.text)) for h in instruction.heredocs),
    )


def values(instruction):
    keyword, text = instruction.keyword, instruction.text
    exec_form = instruction.exec_form
    words = tuple(word.text for word in instruction.words())
    if keyword not in {name.upper() for name in oracle.all_cmds()}:
        return ("",)
    if keyword == "ONBUILD":  # of a trigger that is refused for being one, it shows no more
        return ("",) if text else ()
    if keyword == "HEALTHCHECK":
        kind, *rest = re.split(f"[{SPACES}]+", text, maxsplit=1)
        if exec_form is not None:
            return (kind, *exec_form)
        return tuple(part for part in (kind, *rest) if part)
    if exec_form is not None:
        return exec_form
    if keyword in ("ENV", "LABEL"):
        if words and "=" not in words[0]:
            return tuple(BLANKS.split(text, maxsplit=1))
        return tuple(part for word in words for part in word.split("=", 1))
    if keyword in (*AT_BLANKS, "ARG"):
        return words
    return (text,) if text else ()


def theirs(text):
    found = []
    for command in oracle.parse_string(text):
        heredocs = tuple((h.name, h.file_descriptor, chomped(h.content)) for h in command.heredocs)
        found.append(
            (
                (command.cmd or "").upper(),
                command.sub_cmd.upper() if command.sub_cmd else None,
                command.json,
                command.start_line,
                command.end_line,
                # BuildKit reads flags byte by byte.
                tuple(flag.encode("latin-1").decode() for flag in command.flags),
                command.value,
                heredocs,
            )
        )
    return found


def chomped(body):
    """A body without leading tabs: the builder takes those of `<<-` off only later."""
    return re.sub(r"(?m)^\t+", "", body)


def newer_than_the_oracle(text):
    """Whether the text holds what the builder has come to read in another way since v0.12.

    A `check` directive; blanks between `<<` and the delimiter; the directive's escape character,
    not always a backslash, in flags; `${a#b}` and the like; `${a:-b}` beside a heredoc's mark;
    text after a JSON array. And what it reads byte by byte, cutting characters of several bytes
    in two: flags, HEALTHCHECK's type.
    """
    return (
        re.search(r"(?i)#\s*check\s*=", text)
        or re.search(r"<<-?(?:\s|\\|`)", text)
        or (re.search(r"(?i)escape\s*=\s*`", text) and "--" in text)
        or re.search(r"\$\{\w*:?[#%/]", text)
        or ("<<" in text and "${" in text)
        or (re.search(r"(?i)--|healthcheck", text) and not text.isascii())
        or holds_text_after_json(text)
    )


def holds_text_after_json(text):
    parsed = parse_dockerfile(SourceFile("Dockerfile", text.removeprefix("\ufeff")))
    for instruction in parsed.instructions:
        arguments = (instruction.trigger or instruction).text
        try:
            _, end = json.JSONDecoder().raw_decode(arguments, arguments.index("["))
        except ValueError:
            continue
        if arguments[end:].strip():
            return True
    return False


def assert_equal(text):
    try:
        expected = theirs(text)
    except oracle.GoParseError as error:
        source = SourceFile("Dockerfile", text.removeprefix("\ufeff"))
        messages = [problem.message for problem in parse_dockerfile(source).problems]
        assert str(error) in messages
    else:
        assert ours(text) == expected


DOCKERFILES = sorted(
    path
    for path in FIXTURES.rglob("*")
    if path.is_file() and "dockerfile" in path.name.lower() and path.suffix != ".json"
)


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: str(path.relative_to(FIXTURES)))
def test_fixtures_are_read_as_buildkit_reads_them(path):
    text = path.read_bytes().decode(errors="replace")  # as the tool reads it
    source = SourceFile("Dockerfile", text.removeprefix("\ufeff"))
    if is_docker_grammar(parse_dockerfile(source).syntax):
        assert_equal(text)


KEYWORDS = [name.upper() for name in oracle.all_cmds()]
KEYWORDS += ["run", "Copy", "RUN", "RUN", "COPY", "ENV", "ONBUILD RUN", "ONBUILD COPY", "FOO"]
WORDS = ["a", "b=c", 'd="e f"', "g='h i'", "$J", "${K:-l}", "#", "#m", "é", "日本", "&&", "n\\ o"]
WORDS += [
    "--link",
    "--from=p",
    "--mount=type=cache,target=/q",
    '--r="s t"',
    "--",
    "-",
    "AS",
    "\\\\",
]
WORDS += [
    "<<EOF",
    "<<-EOF",
    "<<'EOF'",
    '<<-"END"',
    "3<<END",
    "<<<x",
    "cat<<EOF",
    "it's",
    '"',
    "NONE",
]
JSON_FORMS = ['["u"]', '[ "v", "w x" ]', "[]", '["y\\"z"]', '["a", 1]', "[", '["\\u00e9"]', "['a']"]
BETWEEN = [" ", " ", "  ", "\t", "\v", " \f", "\u00a0"]


@st.composite
def dockerfiles(draw):
    """A Dockerfile out of what makes parsing hard, most of it valid."""
    escape = draw(st.sampled_from(["\\", "\\", "\\", "`"]))
    lines = draw(
        st.lists(st.sampled_from(["# syntax=docker/dockerfile:1", "# a comment", ""]), max_size=1)
    )
    if escape == "`" or draw(st.booleans()):
        lines.insert(0, draw(st.sampled_from(["# escape=", "#ESCAPE = ", "  # Escape="])) + escape)
    for _ in range(draw(st.integers(1, 5))):
        lines += draw(instructions(escape))
        lines += draw(st.lists(st.sampled_from(["", "  ", "# b", "\t#c \\"]), max_size=1))
    end = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    start = draw(st.sampled_from(["", "", "\ufeff"]))
    return start + end.join(lines) + draw(st.sampled_from([end, ""]))


@st.composite
def instructions(draw, escape):
    """The lines of one instruction, the bodies of its heredocs included."""
    line = draw(st.sampled_from(["", "", " ", "\t "])) + draw(st.sampled_from(KEYWORDS))
    lines = []
    words = draw(
        st.one_of(
            st.lists(st.sampled_from(WORDS), max_size=6), st.sampled_from(JSON_FORMS).map(str.split)
        )
    )
    for word in words:
        line += draw(st.sampled_from(BETWEEN))
        if draw(st.integers(0, 4)) == 0:
            lines.append(line + escape + draw(st.sampled_from(["", "", " ", " \t", "x", escape])))
            lines += draw(st.lists(st.sampled_from(["", " \t", "# d", "  # e \\"]), max_size=2))
            line = draw(st.sampled_from(["", "  ", "\t"]))
        line += word
    lines.append(line + draw(st.sampled_from(["", "", " ", "\u2003", escape])))
    for name in re.findall(r"<<-?['\"]?([A-Z]+)", " ".join(words)):
        bodies = ["body", "", "# no comment", "\ttabbed", "RUN no", "a \\", f" {name}", f"\t{name}"]
        lines += draw(st.lists(st.sampled_from(bodies), max_size=3))
        lines.append(name)
    return lines


@settings(max_examples=400, deadline=None)
@given(dockerfiles().filter(lambda text: not newer_than_the_oracle(text)))
def test_generated_dockerfiles_are_read_as_buildkit_reads_them(text):
    assert_equal(text)


FRAGMENTS = [*KEYWORDS, "#", "\\", "`", "'", '"', "<", "<<", "<<-", "EOF", "$", "{", "}", "[", "]"]
FRAGMENTS += [",", "-", "--", "=", ":", "a", "b", "é", "escape=`", "${a:-b}", '["a"]', '["a","b"]']
FRAGMENTS += [" ", " ", "\t", "\n", "\n", "\n", "\r\n", "\r", "\\\n", "\\\n", "\\ \n", "`\n"]
FRAGMENTS += [
    "\v",
    "\f",
    "\x1c",
    "\x85",
    "\u00a0",
    "\u2003",
    "\ufeff",
    "\nEOF\n",
    "FROM a\n",
    "RUN <<EOF",
]


@settings(max_examples=800, deadline=None)
@given(
    st.lists(st.sampled_from(FRAGMENTS), max_size=30)
    .map("".join)
    .filter(lambda text: not newer_than_the_oracle(text))
)
@example("FROM a\nRUN <\\\n<EOF\nb\nEOF\n")
@example("FR\\\nOM a\n\\\nRUN b\n")
@example("RUN a \\\n# b")
@example("RUN a \\\\\nRUN b")
@example("RUN <<-EOF\n\tEO\n\t\tEOF\nRUN a")
@example("\x1c# a\n")
@example("ONBUILD ONBUILD RUN")
def test_fragments_are_read_as_buildkit_reads_them(text):
    assert_equal(text)
