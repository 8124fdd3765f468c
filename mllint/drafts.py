"""Files that are to be changed: what they hold, what they are to hold, and onto the disk at last.

Until `write` nothing is written, so that what turns out wrong is only a draft. Goes through the
same gate as reading does; knows no rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mllint.errors import InputError
from mllint.loader import STDIN
from mllint.named_tuple import NamedTuple
from mllint.parse.files import Files, decode, project_root, read_bytes
from mllint.parse.rewrite import replace_file
from mllint.parse.source import encode


class Change(NamedTuple):
    """A file that is to hold `after` instead of `before`; `path` as shown, `real` without links."""

    path: str
    real: str
    before: bytes
    after: bytes

    @property
    def texts(self) -> tuple[str, str]:
        """The text before and after."""
        return decode(self.path, self.before).text, decode(self.path, self.after).text


@dataclass(slots=True, eq=False, repr=False)
class Drafts:
    """The drafts of one run, by the real path of their file, or "-".

    stdin: what stood on standard input, when a Dockerfile was read from there.
    """

    cwd: Path
    allow_outside: bool = False
    stdin: bytes | None = None
    data: dict[str, bytes] = field(default_factory=dict)
    _before: dict[str, bytes] = field(default_factory=dict)
    _paths: dict[str, str] = field(default_factory=dict)  # real path -> as shown first

    def __post_init__(self) -> None:
        if self.stdin is not None:
            self.data[STDIN] = self._before[STDIN] = self.stdin
            self._paths[STDIN] = STDIN

    def text(self, path: str) -> str:
        """What the file, named as shown, is to hold now; raises InputError, as reading does."""
        return decode(path, self._data(path)).text

    def put(self, path: str, text: str) -> bool:
        """Let the file hold `text`; False when its encoding cannot say that without loss."""
        data = encode(text, self._data(path))
        if data is not None:
            self.data[self._real(path)] = data
        return data is not None

    def restore(self, data: dict[str, bytes]) -> None:
        """Go back to what the drafts were: a copy of `data`; those made since are undone."""
        self.data.update({**self._before, **data})

    def reset(self) -> None:
        """Go back to what the files hold."""
        self.data.update(self._before)

    def changes(self) -> Iterator[Change]:
        """The files whose draft differs from what they hold, sorted by path."""
        for real, path in sorted(self._paths.items(), key=lambda pair: pair[1]):
            if self.data[real] != self._before[real]:
                yield Change(path, real, self._before[real], self.data[real])

    def _data(self, path: str) -> bytes:
        real = self._real(path)
        if real not in self.data:
            self.data[real] = self._before[real] = read_bytes(real, path)
            self._paths[real] = path
        return self.data[real]

    def _real(self, path: str) -> str:
        if path == STDIN and self.stdin is not None:
            return STDIN
        absolute = self.cwd / path
        gate = Files(project_root(absolute, self.cwd), self.cwd, self.allow_outside)
        return gate.real_path(absolute)


def write(changes: tuple[Change, ...]) -> Iterator[InputError]:
    """Write every change but that of standard input; yields what could not be written."""
    for change in changes:
        if change.path == STDIN and change.real == STDIN:
            continue
        try:
            replace_file(change.real, change.path, change.after, change.before)
        except InputError as error:
            yield error
