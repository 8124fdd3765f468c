import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import decode
from mllint.parse.source import SourceFile, Span


def parse(text):
    return parse_dockerfile(SourceFile("Dockerfile", text))


def instruction(text):
    """The instruction after `FROM a`."""
    return parse("FROM a\n" + text).instructions[1]


def messages(text):
    return [problem.message for problem in parse(text).problems]


def assert_positions(text, mapped):
    """Each character of `mapped` must stand in the file where it says it does."""
    lines = [line + "\n" for line in text.split("\n")]
    for offset, char in enumerate(mapped.text):
        line, column = mapped.position(offset)
        assert lines[line - 1][column - 1] == char


CONTINUED = "FROM a\r\n  run --mount=type=bind \\ \r\n# b\r\n\r\n\tc  \\\r\n   # d\r\n  é e # f\r\n"


@pytest.mark.parametrize(
    "text",
    [
        CONTINUED,
        "# escape=`\nFROM a\nRUN b `\n\n  c \\\nENV d=`\ne\n",
        "FROM a\nCOPY <<-A <<B \\\n /x\n\t\ta\n\n\tA\nb\nB\n",
        "FROM a\nONBUILD RUN \\\n  <<A cat\nx\r\nA\n",
        "FROM a\nRUN " + "b c " * 2000 + "\\\n  d\n",
    ],
    ids=["continued", "backtick", "heredocs", "onbuild", "long"],
)
def test_every_character_knows_where_it_stood(text):
    for found in parse(text).instructions:
        inner = found.trigger or found
        assert_positions(text, found.arguments)
        assert_positions(text, inner.arguments)
        for heredoc in inner.heredocs:
            assert_positions(text, heredoc.body)
        for word in inner.words():
            assert_positions(text, word)


def test_continuations_are_joined_without_comments_and_blank_lines():
    dockerfile = parse(CONTINUED)
    run = dockerfile.instructions[1]
    assert run.keyword == "RUN"
    assert run.text == "c    é e # f"
    assert run.span == Span(2, 3, 7, 10)
    assert [(flag.name, flag.value) for flag in run.flags] == [("mount", "type=bind")]
    assert run.flags[0].span == Span(2, 7, 2, 24)
    assert [(c.text, c.span) for c in dockerfile.comments] == [
        ("b", Span(3, 1, 3, 4)),
        ("d", Span(6, 4, 6, 7)),
    ]


@pytest.mark.parametrize(
    ("text", "lines", "escape", "syntax"),
    [
        ("# escape=`\nFROM a `\n AS b", [(2, 3)], "`", None),
        (
            "# syntax=docker/dockerfile:1\n# Escape = ` \nFROM a",
            [(3, 3)],
            "`",
            "docker/dockerfile:1",
        ),
        ("# check=skip=all\n# escape=`\nFROM a", [(3, 3)], "`", None),
        ("# b\n# escape=`\nFROM a", [(3, 3)], "\\", None),
        ("\n# escape=`\nFROM a", [(3, 3)], "\\", None),
        ("FROM a\n# syntax=b/c", [(1, 1)], "\\", None),
        ("#!/usr/bin/env x\n# syntax=b/c d\nFROM a", [(3, 3)], "\\", "b/c"),
        ("// syntax=b/c\nFROM a", [(1, 1), (2, 2)], "\\", "b/c"),
    ],
)
def test_directives_stand_at_the_top_only(text, lines, escape, syntax):
    dockerfile = parse(text)
    found = [(i.span.line, i.span.end_line) for i in dockerfile.instructions]
    assert (found, dockerfile.escape, dockerfile.syntax) == (lines, escape, syntax)


@pytest.mark.parametrize(
    ("text", "name", "body", "expand", "strip_tabs", "descriptor"),
    [
        ("RUN <<EOF\na\n# b\n\nEOF", "EOF", "a\n# b\n\n", True, False, 0),
        ("RUN <<-EOF\n\ta\n\t\tEOF\n", "EOF", "a\n", True, True, 0),
        ("RUN <<EOF\n\ta\n\tEOF\nEOF\n", "EOF", "\ta\n\tEOF\n", True, False, 0),
        ("RUN 3<<'E F' cat\na \\\nE F\n", "E F", "a \\\n", False, False, 3),
        ('COPY <<"EOF" /a\nEOF\n', "EOF", "", False, False, 0),
        ("ADD << EOF /a\nb\nEOF\n", "EOF", "b\n", True, False, 0),
        ("RUN <<E\\OF\nb\nEOF\n", "EOF", "b\n", True, False, 0),
    ],
)
def test_heredocs(text, name, body, expand, strip_tabs, descriptor):
    found = instruction(text)
    (heredoc,) = found.heredocs
    assert (heredoc.name, heredoc.body.text) == (name, body)
    assert (heredoc.expand, heredoc.strip_tabs) == (expand, strip_tabs)
    assert heredoc.file_descriptor == descriptor
    assert found.span.end_line == text.rstrip("\n").count("\n") + 2


@pytest.mark.parametrize(
    "text",
    [
        "RUN cat<<EOF",
        "RUN cat <<<EOF",
        "RUN echo it's <<EOF",
        'RUN echo "<<EOF"',
        'RUN ["a", "<<EOF"]',
        "CMD <<EOF",
        "RUN echo ${A,,} <<EOF",
        "RUN <<''",
    ],
)
def test_no_heredocs_to_docker(text):
    dockerfile = parse(f"FROM a\n{text}\nRUN b\nEOF\n")
    assert [i.keyword for i in dockerfile.instructions] == ["FROM", text.split()[0], "RUN", "EOF"]
    assert dockerfile.instructions[1].heredocs == ()


def test_several_heredocs_in_one_instruction():
    found = instruction("COPY <<a <<-b /c/\n1\na\n\t2\n\tb\n")
    assert [(h.name, h.body.text) for h in found.heredocs] == [("a", "1\n"), ("b", "2\n")]
    assert found.text == "<<a <<-b /c/"


@pytest.mark.parametrize("end", ["  EOF", "EOF "])
def test_heredoc_without_an_end_goes_on_to_what_looks_like_it(end):
    dockerfile = parse(f"FROM a\nRUN <<EOF\nb\n{end}\nRUN c\n")
    assert [i.span.line for i in dockerfile.instructions] == [1, 2, 5]
    (problem,) = dockerfile.problems
    assert (problem.message, problem.span) == ("unterminated heredoc", Span(2, 5, 2, 10))


def test_heredoc_without_an_end_takes_the_rest_of_the_file():
    dockerfile = parse("FROM a\nRUN <<EOF\nb\nRUN c\n")
    assert dockerfile.instructions[1].heredocs[0].body.text == "b\nRUN c\n"
    assert [p.message for p in dockerfile.problems] == ["unterminated heredoc"]


def test_onbuild_holds_a_trigger():
    found = instruction("ONBUILD  copy --from=b <<E c /d\nx\nE\n")
    trigger = found.trigger
    assert (trigger.keyword, trigger.text, trigger.flag("from")) == ("COPY", "<<E c /d", "b")
    assert (found.heredocs, trigger.heredocs[0].body.text) == ((), "x\n")
    assert trigger.span == Span(2, 10, 4, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('CMD ["a", "b c"]', ("a", "b c")),
        ("CMD []", ()),
        ('CMD [ "\\u00e9", "\\ud800" ]', ("é", "\ufffd")),
        ("CMD ['a']", None),
        ('CMD ["a"] b', None),
        ('CMD ["a", 1]', None),
        ('CMD ["a", NaN]', None),
        ('ENV ["a"]', None),
        ('COPY ["a b", "/c"]', ("a b", "/c")),
        ('HEALTHCHECK --retries=1 CMD ["a"]', ("a",)),
        ('RUN --network=none \\\n  ["a", \\\n# b\n "c"]', ("a", "c")),
    ],
)
def test_exec_form(text, expected):
    assert instruction(text).exec_form == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENV a=\"b c\" d='e f' g\\ h=i", ['a="b c"', "d='e f'", "g\\ h=i"]),
        ('ENV a="b \\" c" d', ['a="b \\" c"', "d"]),
        ("LABEL a='b c", ["a='b c"]),
        ('COPY "a b" c', ['"a', 'b"', "c"]),
        ("EXPOSE 1  2\t3", ["1", "2", "3"]),
        ("ENV a=b\\\\", ["a=b\\\\"]),
        ("ENV a b \\ ", ["a", "b"]),
        ("RUN", []),
    ],
)
def test_words(text, expected):
    assert [word.text for word in instruction(text).words()] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COPY --link --from=a b c", [("link", None), ("from", "a")]),
        (
            'RUN --mount=type=bind,"source=a b" --x="" c',
            [("mount", "type=bind,source=a b"), ("x", "")],
        ),
        ("RUN -- --a b", []),
        ("RUN a --b", []),
        ("COPY \\\n --from=a \\\n b c", [("from", "a")]),
        ("RUN --a", [("a", None)]),
    ],
)
def test_flags(text, expected):
    assert [(flag.name, flag.value) for flag in instruction(text).flags] == expected


def test_flag_values():
    found = instruction("COPY --link --chown=a b c")
    assert (found.flag("link"), found.flag("chown"), found.flag("from")) == ("", "a", None)


@pytest.mark.parametrize(
    ("text", "templated"),
    [
        ("FROM {{ base }}", True),
        ("FROM a\n{% if x %}\nRUN b\n{% endif %}", True),
        ("FROM a\nENV a=b \\\n  {{ c }}", True),
        ("FROM a\nRUN docker ps --format \\\n {{.ID}}", False),
        ("FROM a\nRUN <<EOF\n{{ b }}\nEOF", False),
        ("FROM a", False),
    ],
)
def test_templates_are_told(text, templated):
    assert parse(text).templated is templated


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file with no instructions"),
        ("# a\n\n", "file with no instructions"),
        ("ARG a\n", "dockerfile contains no stages to build"),
        ("ARG a\nRUN b\nFROM c\nRUN d", "no build stage in current context"),
        ("FRO a", "unknown instruction: FRO (did you mean FROM?)"),
        ("FROM a\nrum b", "unknown instruction: rum (did you mean run?)"),
        ("FROM a\n&& b", "unknown instruction: &&"),
        ("# escape=x\nFROM a", "invalid escape token 'x' does not match ` or \\"),
        (
            "# syntax=docker/dockerfile:1\n# syntax=x\nFROM a",
            "only one syntax parser directive can be used",
        ),
        ("FROM a\nRUN " + "b" * 65_532, "dockerfile line greater than max allowed size of 65535"),
    ],
)
def test_refused_files(text, message):
    assert messages(text) == [message]


TOO_FEW = (
    "requires at least two arguments, but only one was provided."
    " Destination could not be determined"
)
VARIABLE_STAGE = (
    "variable expansion is not supported for --from, define a new stage with FROM using ARG"
    " from global scope as a workaround"
)
REFUSED = [
    ("FROM", "FROM requires either one or three arguments"),
    ("FROM b # c", "FROM requires either one or three arguments"),
    ("FROM b IN c", "FROM requires either one or three arguments"),
    (
        "FROM b AS 1c",
        'invalid name for build stage: "1c", name can\'t start with a number or contain symbols',
    ),
    ("FROM --plaform=c b", "unknown flag: --plaform (did you mean platform?)"),
    ("FROM --platform b", "missing a value on flag: --platform"),
    (
        "COPY b",
        f"COPY {TOO_FEW}",
    ),
    (
        'ADD ["b"]',
        f"ADD {TOO_FEW}",
    ),
    ("COPY --link=x b c", "expecting boolean value for flag --link, not: x"),
    ("COPY --from=b --from=c d e", "duplicate flag specified: --from"),
    ("COPY b <<EOF\nEOF", "COPY cannot accept a heredoc as a destination"),
    (
        "COPY --from=$B c d",
        VARIABLE_STAGE,
    ),
    ("CMD [1]", "when using JSON array syntax, arrays must be comprised of strings only"),
    ("ENV b", "ENV must have two arguments"),
    ("LABEL b", "LABEL must have two arguments"),
    ("ENV b=c d", 'Syntax error - can\'t find = in "d". Must be of the form: name=value'),
    ("ENV", "ENV requires at least one argument"),
    ("ENV =b", "ENV names can not be blank"),
    ("ARG =b", "ARG names can not be blank"),
    ("ARG", "ARG requires at least one argument"),
    ("WORKDIR", "WORKDIR requires exactly one argument"),
    ("USER", "USER requires exactly one argument"),
    ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
    ("EXPOSE", "EXPOSE requires at least one argument"),
    ("VOLUME []", "VOLUME requires at least one argument"),
    ('VOLUME [" "]', "VOLUME specified can not be an empty string"),
    ("SHELL bash -c", "SHELL requires the arguments to be in JSON form"),
    ("SHELL", "SHELL requires at least one argument"),
    ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
    ("HEALTHCHECK curl b", 'Unknown type "CURL" in HEALTHCHECK (try CMD)'),
    ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
    ("HEALTHCHECK NONE b", "HEALTHCHECK NONE takes no arguments"),
    ("HEALTHCHECK --interval=5 CMD b", 'time: missing unit in duration "5"'),
    ("HEALTHCHECK --timeout=b CMD b", 'time: invalid duration "b"'),
    ("HEALTHCHECK --retries=-1 CMD b", "--retries cannot be negative (-1)"),
    ("ONBUILD", "ONBUILD requires at least one argument"),
    ("ONBUILD ONBUILD RUN b", "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"),
    ("ONBUILD FROM b", "FROM isn't allowed as an ONBUILD trigger"),
    ("ONBUILD ENV b", "ENV must have two arguments"),
    ("RUN --gpus=all b", "unknown flag: --gpus"),
    ("RUN --network=b c", 'invalid network mode "b"'),
    ("RUN --security=b c", 'security "b" is not valid'),
    ("RUN --mount=type=bnd,target=/b c", 'unsupported mount type "bnd" (did you mean bind?)'),
    (
        "RUN --mount=type=cache,taget=/b c",
        "unexpected key 'taget' in 'taget=/b' (did you mean target?)",
    ),
    ("RUN --mount=type=cache,/b c", "invalid field '/b' must be a key=value pair"),
    (
        "RUN --mount=target=/b,from=$B c",
        "'from' doesn't support variable expansion, define alias stage instead",
    ),
    ("RUN --mount=target=/b,required c", "unexpected key 'required' for mount type 'bind'"),
    ("RUN --mount=type=cache,target=/b,sharing=c d", 'unsupported sharing value "c"'),
    ("RUN --mount=type=cache,target=/b,uid=c d", "invalid value c for uid"),
    ("ENV b=${c,,}", 'failed to process "${c,,}": unsupported modifier (,) in substitution'),
    ("ENV b=${c:=d}", 'failed to process "${c:=d}": unsupported modifier (:=) in substitution'),
    (
        "ENV b it's",
        'failed to process "it\'s": unexpected end of statement'
        " while looking for matching single-quote",
    ),
    ("WORKDIR ${b", 'failed to process "${b": unsupported modifier (\ufffd) in substitution'),
    ("COPY <<E /b\n${c^^}\nE", 'failed to process "<<E": unsupported modifier (^) in substitution'),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[text for text, _ in REFUSED])
def test_refused_instructions(text, message):
    dockerfile = parse(f"FROM a\n{text}\nRUN b\n")
    (problem,) = dockerfile.problems
    assert problem.message == message
    assert problem.span.line == 2
    assert problem.help
    assert dockerfile.instructions[-1].keyword == "RUN"


ACCEPTED = [
    "FROM --platform=$B c as d.e-f_1",
    "FROM a\nFROM a AS b\nFROM a AS b",
    "LABEL b = c",
    "ENV b c d",
    "ENV b=${c:-d} e=${f#g} h=${i//j/k}",
    "ENV b=\"it's\" c='\"' d=it\\'s",
    "ARG b c=d",
    "RUN --mount=type=cache,target=/b,sharing=locked,uid=1,mode=0755,ro c",
    "RUN --mount=type=secret,id=c,required --mount=type=ssh d",
    "RUN --mount=type=$B,target=$C,size=1 d",
    "RUN --device=nvidia.com/gpu=all --security=insecure --network=none b",
    "RUN",
    "CMD",
    "ENTRYPOINT []",
    "COPY --parents --exclude=b --exclude=c --chmod=u+x --chown=$D:$E --link f g",
    "ADD --keep-git-dir=true --checksum=sha256:b --unpack https://c /d",
    "HEALTHCHECK --interval=1m30s --timeout=.5s --start-period=0 --retries=3 CMD b",
    "HEALTHCHECK NONE",
    'SHELL ["/bin/bash", "-c"]',
    "ONBUILD FOO b",
    "STOPSIGNAL --b 9",
    "COPY <<'E' /b\n${c^^}\nE",
    'RUN echo ${b^^} "',
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted_instructions(text):
    assert messages(f"FROM a\n{text}\n") == []


@pytest.mark.parametrize(
    ("syntax", "judged"),
    [
        ("docker/dockerfile:1", True),
        ("docker.io/docker/dockerfile-upstream:master-labs", True),
        ("mirror.example/docker/dockerfile@sha256:0", True),
        ("r2d4/mockerfile", False),
        ("example.com/dockerfile", False),
    ],
)
def test_another_frontend_has_a_grammar_of_its_own(syntax, judged):
    assert bool(messages(f"# syntax={syntax}\napiVersion: v1\n")) is judged


def test_invalid_bytes_replaced_and_lone_surrogates_are_read():
    dockerfile = parse("FROM a\n# \ud800\nRUN \ufffd\udc80 \\\n b\x00c\n")
    assert dockerfile.instructions[1].text == "\ufffd\udc80  b\x00c"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="RUNCOPYFM \t\n\r\\`\"'<>EF#=$:{}%[],-é\x1c\x00\ud800", max_size=80))
def test_any_text_is_read(text):
    for found in parse(text).instructions:
        assert_positions(text, found.arguments)
        for word in found.words():
            assert_positions(text, word)


LINES = 20_000


@pytest.mark.parametrize(
    "text",
    [
        "RUN a && \\\n" + "  b && \\\n" * LINES,
        "RUN <<A\n" + "x\n" * LINES + "A\n",
        "RUN " + "--mount=type=cache,target=/x " * LINES + "a\n",
        "ENV a=" + "${b:-" * LINES,
        "ENV a=" + "\"'" * LINES,
        "ENV a=" + "${b/c/d}" * LINES,
        "ONBUILD " * LINES,
        "CMD " + "[" * LINES,
        "HEALTHCHECK --interval=" + "1h" * LINES + "x CMD a",
        "".join(f"RUN <<A{number}\nx\n" for number in range(LINES)),
        "".join(f"RUN <<A{number}\nx\n A{number}\n" for number in range(LINES)),
    ],
    ids=range(11),
)
def test_time_grows_no_faster_than_the_file(text):
    start = time.process_time()
    parse("FROM a\n" + text)
    # Each takes less than 1 s; what is quadratic takes minutes.
    assert time.process_time() - start < 10


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_the_builder_reads_no_wide_text(encoding):
    source = decode("Dockerfile", "FROM python:3.11\n".encode(encoding))
    (problem,) = parse_dockerfile(source).problems
    assert problem.message == "the file is UTF-16 or UTF-32, and the builder reads UTF-8"
