"""Edits of a text: which go together, where they may stand, and that all else stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mllint.edits import TextEditor
from mllint.finding import Edit
from mllint.parse.source import Location, Span


def edit(line, column, end_line, end_column, text):
    return Edit(Location("a", Span(line, column, end_line, end_column)), text)


def edited(text, *fixes):
    """The text, and which of the fixes (tuples of edits) were taken."""
    editor = TextEditor(text)
    taken = [editor.accept(fix) for fix in fixes]
    return editor.result(), taken


@pytest.mark.parametrize(
    ("text", "fixes", "result", "taken"),
    [
        pytest.param("ab", [(edit(1, 1, 1, 2, "x"),)], "xb", [True], id="replace"),
        pytest.param("ab", [(edit(1, 2, 1, 2, "x"),)], "axb", [True], id="insert"),
        pytest.param("a\nb\nc", [(edit(1, 2, 3, 1, ""),)], "ac", [True], id="over-lines"),
        pytest.param(
            "abc",
            [(edit(1, 1, 1, 3, "x"),), (edit(1, 2, 1, 4, "y"),)],
            "xc",
            [True, False],
            id="overlap-waits",
        ),
        pytest.param(
            "abc",
            [(edit(1, 1, 1, 2, "x"),), (edit(1, 2, 1, 4, "y"),)],
            "xy",
            [True, True],
            id="side-by-side",
        ),
        pytest.param(
            "abc",
            [(edit(1, 2, 1, 3, "x"),), (edit(1, 2, 1, 2, "y"),)],
            "axc",
            [True, False],
            id="insert-at-the-edge-waits",
        ),
        pytest.param(
            "abc",
            [(edit(1, 2, 1, 2, "x"),), (edit(1, 2, 1, 2, "y"),)],
            "axbc",
            [True, False],
            id="two-words-at-one-place",
        ),
        pytest.param(
            "a\nb\n",
            [(edit(2, 1, 2, 1, "x\n"),), (edit(2, 1, 2, 1, "y\n"),)],
            "a\nx\ny\nb\n",
            [True, True],
            id="two-lines-at-one-place",
        ),
        pytest.param(
            "a\nb\n",
            [(edit(2, 1, 2, 1, "x\n"),), (edit(2, 1, 2, 1, "x\n"),)],
            "a\nx\nb\n",
            [True, True],
            id="the-same-line-once",
        ),
        pytest.param(
            "abcd",
            [(edit(1, 3, 1, 4, "x"),), (edit(1, 1, 1, 2, "y"), edit(1, 3, 1, 5, "z"))],
            "abxd",
            [True, False],
            id="all-edits-or-none",
        ),
        pytest.param(
            "a\r\nb\r\n", [(edit(2, 1, 2, 1, "x\n"),)], "a\r\nx\r\nb\r\n", [True], id="crlf"
        ),
        pytest.param("a\r\nb", [(edit(2, 1, 2, 1, "x\n"),)], "a\r\nx\r\nb", [True], id="crlf-last"),
        pytest.param("a\nb", [(edit(3, 1, 3, 1, "x\n"),)], "a\nb\nx", [True], id="below-no-end"),
        pytest.param("a\nb\n", [(edit(3, 1, 3, 1, "x\n"),)], "a\nb\nx\n", [True], id="at-the-end"),
    ],
)
def test_edits(text, fixes, result, taken):
    assert edited(text, *fixes) == (result, taken)


@pytest.mark.parametrize(
    "wrong", [(4, 1, 4, 1), (0, 1, 1, 1), (1, 3, 1, 3), (1, 0, 1, 1), (1, 2, 1, 1)]
)
def test_a_place_that_the_text_does_not_have(wrong):
    editor = TextEditor("a\nb\n")
    with pytest.raises(ValueError, match=r"line|column|span"):
        editor.accept((edit(1, 1, 1, 2, "x"), edit(*wrong, "y")))
    assert editor.result() == "a\nb\n"


@given(st.text("ab\r\n", max_size=12), st.data())
def test_an_edit_changes_what_it_names(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    def place(offset):
        return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)

    result, taken = edited(text, (edit(*place(start), *place(end), "xy"),))
    assert (result, taken) == (f"{text[:start]}xy{text[end:]}", [True])
