"""Regular expressions that are compiled when they are first used: one run needs few of them.

A third of the start-up of a short run went into compiling what it never used.
"""

import re
from typing import cast


class _Lazy:
    """Stands for a pattern; its methods are those of the compiled one from the first use on."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        method: object = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, method)
        return method


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    r"""The pattern `source`; a mistake in it shows when it is first used.

    `\d`, `\w` and `\s` are ASCII unless the flags name re.UNICODE: `python3.٣` is no version, and
    who takes it for one fails where it becomes a number.
    """
    return cast("re.Pattern[str]", _Lazy(source, flags if flags & re.UNICODE else flags | re.ASCII))
