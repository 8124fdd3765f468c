"""TOML with positions: each value found where it stands, whatever form it has."""

import tomllib

import pytest

from mllint.errors import InputError
from mllint.parse.source import SourceFile, Span
from mllint.parse.toml_text import header_lines, load_toml


def load(text: str):
    return load_toml(SourceFile("pyproject.toml", text))


@pytest.mark.parametrize(
    ("text", "path", "place"),
    [
        pytest.param('a = "x"\n', ("a",), (1, 5), id="string"),
        pytest.param("\n# a\n  a = 'x' # b\n", ("a",), (3, 7), id="literal-behind-comments"),
        pytest.param("[t]\na = 1\n", ("t", "a"), (2, 5), id="table"),
        pytest.param("[t]\na = 1\n", ("t",), (1, 1), id="header"),
        pytest.param("[ t . u ]\na = 1\n", ("t", "u", "a"), (2, 5), id="dotted-header"),
        pytest.param('[t."u.v"]\na = 1\n', ("t", "u.v", "a"), (2, 5), id="quoted-header"),
        pytest.param("t.u.a = 1\n", ("t", "u", "a"), (1, 9), id="dotted-key"),
        pytest.param('"\\u0061" = 1\n', ("a",), (1, 12), id="escape-in-a-key"),
        pytest.param("a = [\n  'x',  # one\n  'y'\n]\n", ("a", 1), (3, 3), id="array"),
        pytest.param("a = [['x', 'y'], ['z']]\n", ("a", 1, 0), (1, 19), id="array-in-array"),
        pytest.param("a = { b = 1, c = ['x'] }\n", ("a", "c", 0), (1, 19), id="inline-table"),
        pytest.param("a = [ {b = 1}, {b = 2} ]\n", ("a", 1, "b"), (1, 21), id="tables-in-array"),
        pytest.param("[[t]]\na=1\n[[t]]\na=2\n", ("t", 1, "a"), (4, 3), id="array-of-tables"),
        pytest.param("[[t]]\n[t.u]\na=2\n", ("t", 0, "u", "a"), (3, 3), id="below-an-array"),
        pytest.param('a = """\n[b]\nc = 1\n"""\nd = 2\n', ("d",), (5, 5), id="multi-line"),
        pytest.param("a = '''\n# x\n'''\nd = 2\n", ("d",), (4, 5), id="multi-line-literal"),
        pytest.param('a = """x""""\nd = 2\n', ("d",), (2, 5), id="quote-at-the-end"),
        pytest.param('a = "\\"#]"\nd = 2\n', ("d",), (2, 5), id="escaped-quote"),
        pytest.param("a = 1979-05-27 07:32:00\nd = 2\n", ("d",), (2, 5), id="date-with-a-blank"),
        pytest.param("a = -1.5e3 # x\nd = 2\n", ("d",), (2, 5), id="number"),
        pytest.param("a = 'é'\r\nd = 2\r\n", ("d",), (2, 5), id="crlf"),
        pytest.param("a = []\nd = {}\n", ("d",), (2, 5), id="empty-ones"),
        pytest.param("a = ['x']\n", ("a", 7), (1, 5), id="nearest-above"),
        pytest.param("a = 1\n", ("b",), (1, 1), id="nothing-known"),
    ],
)
def test_values_are_found(text, path, place):
    span = load(text).span(*path)
    assert (span.line, span.column) == place


def test_a_span_ends_behind_the_value():
    assert load('a = [\n  "x>=1",\n]\n').span("a", 0) == Span(2, 3, 2, 9)


def leaves(data, path=()):
    """(path, value) of each string in a document."""
    if isinstance(data, str):
        yield path, data
    for key, value in (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    ):
        yield from leaves(value, (*path, key))


def test_every_string_of_our_own_file_is_found(request):
    text = (request.config.rootpath / "pyproject.toml").read_text()
    document, lines = load(text), text.split("\n")
    found = list(leaves(document.data))
    assert len(found) > 50
    for path, value in found:
        span = document.span(*path)
        written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        assert tomllib.loads(f"a = {written}") == {"a": value}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("a = 1\nb = \n", 2, id="no-value"),
        pytest.param("a = 1\n[t\n", 2, id="open-header"),
        pytest.param("a = [\n", 2, id="ends-too-early"),
        pytest.param("a = 1\na = 2\n", 2, id="twice"),
        pytest.param("a = " + "[" * 9_000, None, id="deep"),
    ],
)
def test_what_is_no_toml_names_file_and_line(text, line):
    with pytest.raises(InputError) as raised:
        load(text)
    assert (raised.value.path, raised.value.line) == ("pyproject.toml", line)


def test_headers_of_a_lock_are_counted():
    assert header_lines("[[package]]\nname = 'a'\n\n[[package]]\r\n", "package") == [1, 4]
