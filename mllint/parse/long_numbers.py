"""A text in, where it holds a number out that Python refuses to read."""

DIGIT_LIMIT = 4_300
"""https://docs.python.org/3/library/stdtypes.html#int-max-str-digits (read 2026-11-25)."""


def long_number(text: str) -> int | None:
    """The offset of a run of more digits than the limit, None when there is none.

    Such a run covers a place whose offset is a multiple of the limit: nothing else is looked at.
    """
    for offset in range(DIGIT_LIMIT, len(text), DIGIT_LIMIT):
        if not text[offset].isdecimal():
            continue
        start = end = offset
        while start > 0 and end - start <= DIGIT_LIMIT and text[start - 1].isdecimal():
            start -= 1
        while end < len(text) and end - start <= DIGIT_LIMIT and text[end].isdecimal():
            end += 1
        if end - start > DIGIT_LIMIT:
            return start
    return None
