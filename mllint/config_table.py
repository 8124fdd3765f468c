"""A parsed TOML table in, values of the wanted type out; a wrong one is an error with its line.

Knows TOML's types and where a word stands in the text; knows none of our keys.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NoReturn

from mllint.errors import ConfigError
from mllint.named_tuple import NamedTuple
from mllint.rule_names import nearest


class ConfigText(NamedTuple):
    """A configuration file's text, for errors that name file and line."""

    path: str
    text: str

    def line_of(self, word: str, default: int | None = None) -> int | None:
        """The first line that holds `word` as a key, in a table's name, or as a quoted item."""
        pattern = re.compile(
            rf"""(?<![\w-])                # not the end of a longer name
            {re.escape(word)}
            (?=["'\s]*(?:=|\]|,|\.|$))     # behind it a key, a table's name or an item ends
            """,
            re.VERBOSE,
        )
        for number, line in enumerate(self.text.split("\n"), start=1):
            if not line.lstrip().startswith("#") and pattern.search(line):
                return number
        return default

    def error(self, message: str, word: str) -> ConfigError:
        """The error to raise about `word`."""
        return ConfigError(message, self.path, self.line_of(word))


class Table:
    """One table; a key that is not in `known` is refused at once (None: any key goes)."""

    def __init__(
        self, value: object, name: str, source: ConfigText, known: tuple[str, ...] | None
    ) -> None:
        self._source = source
        if not isinstance(value, dict):
            self._refuse(name, "a table", value)
        self._values: Mapping[str, object] = value
        for key in self._values if known is not None else ():
            if key not in (known or ()):
                raise source.error(f"unknown key {key!r}{nearest(key, known or ())}", key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def table(self, key: str, known: tuple[str, ...] | None = None) -> "Table":
        """The table under `key`, an empty one when it is absent."""
        return Table(self._values.get(key, {}), key, self._source, known)

    def text(self, key: str) -> str | None:
        """The text under `key`, None when it is absent."""
        value = self._values.get(key)
        if value is None or isinstance(value, str):
            return value
        self._refuse(key, "text", value)

    def flag(self, key: str) -> bool:
        """The truth value under `key`, False when it is absent."""
        value = self._values.get(key, False)
        if isinstance(value, bool):
            return value
        self._refuse(key, "true or false", value)

    def number(self, key: str) -> float | None:
        """The number above 0 under `key`, None when it is absent."""
        value = self._values.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
            return float(value)
        self._refuse(key, "a number above 0", value)

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of text under `key`, () when it is absent."""
        value = self._values.get(key, [])
        if isinstance(value, list):
            items = tuple(item for item in value if isinstance(item, str))
            if len(items) == len(value):
                return items
        self._refuse(key, "a list of text", value)

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        """The word under `key`, which must be one of `allowed`."""
        value = self._values[key]
        if isinstance(value, str) and value in allowed:
            return value
        self._refuse(key, f"one of {', '.join(allowed)}", value)

    def _refuse(self, key: str, expected: str, value: object) -> NoReturn:
        shown = f"{value!r:.60}" if not isinstance(value, bool) else str(value).lower()
        raise self._source.error(f"{key} takes {expected}, not {shown}", key)
