"""YAML with positions: values as written, anchors and merges, and what is refused."""

import pytest

from mllint.errors import InputError
from mllint.parse.source import SourceFile, Span
from mllint.parse.yaml_text import Yaml, load_yaml


def plain(node: Yaml | None):
    """The values alone."""
    if node is None:
        return None
    if isinstance(node.value, tuple):
        return [plain(item) for item in node.value]
    if isinstance(node.value, dict):
        return {name: plain(item) for name, item in node.value.items()}
    return node.value


def load(text: str) -> Yaml | None:
    return load_yaml(SourceFile("environment.yml", text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("# only a comment\n", None, id="comment"),
        pytest.param("---\n", None, id="start-of-an-empty-document"),
        pytest.param("ports:\n  - 22:22\n", {"ports": ["22:22"]}, id="no-base-sixty"),
        pytest.param("a: 3.10\nb: yes\nc: 010\n", {"a": "3.10", "b": "yes", "c": "010"}, id="text"),
        pytest.param(
            "a: null\nb: ~\nc:\nd: ''\n", {"a": None, "b": None, "c": None, "d": ""}, id="nulls"
        ),
        pytest.param("a: 'null'\n", {"a": "null"}, id="quoted-null-is-text"),
        pytest.param("a: |\n  x\n  y\n", {"a": "x\ny\n"}, id="block"),
        pytest.param("a: [x, {y: z}]\n", {"a": ["x", {"y": "z"}]}, id="flow"),
        pytest.param("x: &a {k: 1}\ny: *a\n", {"x": {"k": "1"}, "y": {"k": "1"}}, id="alias"),
        pytest.param(
            "x: &a {k: 1, m: 2}\ny:\n  <<: *a\n  k: 3\n",
            {"x": {"k": "1", "m": "2"}, "y": {"k": "3", "m": "2"}},
            id="merge-own-key-wins",
        ),
        pytest.param(
            "x: &a {k: 1}\nz: &b {k: 2, n: 4}\ny: {<<: [*a, *b]}\n",
            {"x": {"k": "1"}, "z": {"k": "2", "n": "4"}, "y": {"k": "1", "n": "4"}},
            id="merge-of-several-first-wins",
        ),
        pytest.param("y: {<<: text, k: 1}\n", {"y": {"k": "1"}}, id="merge-of-no-mapping"),
        pytest.param(
            "a: &v 1\nb: &v 2\nc: *v\n", {"a": "1", "b": "2", "c": "2"}, id="anchor-again"
        ),
        pytest.param("a: é\r\nb: 1\r\n", {"a": "é", "b": "1"}, id="crlf"),
    ],
)
def test_values_are_the_text_that_was_written(text, expected):
    assert plain(load(text)) == expected


def test_positions_of_keys_and_values():
    document = load("name: é\nparts:\n  - x=1\n  - pip:\n    - 'torch'\n")
    assert document is not None
    name, parts = document.entries["name"], document.entries["parts"]
    assert (name.key, name.span) == (Span(1, 1, 1, 5), Span(1, 7, 1, 8))
    assert parts.items[0].span == Span(3, 5, 3, 8)
    torch = parts.items[1].entries["pip"].items[0]
    assert (torch.text, torch.quoted, torch.span) == ("torch", True, Span(5, 7, 5, 14))


def test_the_value_of_an_alias_stands_where_the_anchor_does():
    document = load("x: &a text\ny: *a\n")
    assert document is not None
    assert document.entries["y"].span.line == 1
    assert document.entries["y"].key == Span(2, 1, 2, 2)


def test_tags_are_kept():
    document = load("a: !reset null\nb: !override [x]\n")
    assert document is not None
    assert [node.tag for node in document.entries.values()] == ["!reset", "!override"]


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 12)
)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        pytest.param("a: [1,\nb: 2\n", 3, "is no YAML", id="open-list"),
        pytest.param("a: 1\n\tb: 2\n", 2, "is no YAML", id="tab"),
        pytest.param("a: b: c\n", 1, "is no YAML", id="two-colons"),
        pytest.param("a: {{ x }}\n", 1, "a key is a list or a mapping", id="jinja"),
        pytest.param("a: 1\nb: \x01\n", 2, "is no YAML", id="control-character"),
        pytest.param("a: 1\nb: 2\na: 3\n", 3, "it is also on line 1", id="twice"),
        pytest.param("a: *b\n", 1, "names no anchor", id="no-anchor"),
        pytest.param("a: &a [*a]\n", 1, "names no anchor", id="alias-of-itself"),
        pytest.param("a: 1\n---\nb: 2\n", 2, "second document", id="two-documents"),
        pytest.param("a: " + "[" * 5_000, 1, "nest", id="deep-flow"),
        pytest.param("- " * 5_000, 1, "levels deep", id="deep-block"),
        pytest.param(BOMB, 6, "aliases written out", id="alias-bomb"),
        pytest.param("a: 1\n" * 300_000, None, "is larger than", id="long"),
    ],
)
def test_what_is_refused_names_file_and_line(text, line, message):
    with pytest.raises(InputError) as raised:
        load(text)
    assert raised.value.path == "environment.yml"
    assert raised.value.line == line
    assert message in raised.value.message
