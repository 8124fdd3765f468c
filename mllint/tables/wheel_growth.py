"""The size of a wheel in, about what it takes up once it is installed, out."""

from enum import Enum
from functools import cached_property
from pathlib import Path
from statistics import median

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import read_rows


class WheelKind(Enum):
    """What a wheel holds, as far as it tells how well that was packed."""

    PURE = "pure"  # for every platform
    COMPILED = "compiled"
    CUDA = "cuda"  # NVIDIA's libraries: machine code for GPUs, which is hard to pack


class MeasuredWheel(NamedTuple):
    """A wheel that was measured. installed_bytes: unpacked, and its Python files compiled."""

    package: str
    version: str
    kind: WheelKind
    wheel_bytes: int
    unpacked_bytes: int
    installed_bytes: int


class WheelGrowth:
    """wheel_growth.csv; a package without a row is taken for one like the others of its kind."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> dict[str, MeasuredWheel]:
        rows = read_rows(self._folder / "wheel_growth.csv", MeasuredWheel)
        return {row.package: row for row in rows}

    def installed(self, package: str, wheel_bytes: int, *, pure: bool, compiled: bool) -> int:
        """About how many bytes the wheel becomes; compiled: its Python files are, by pip."""
        row = self._rows.get(package)
        # torch+cpu is a quarter of torch, and without code for GPUs packs like other packages.
        own = row is not None and wheel_bytes * 2 > row.wheel_bytes
        rows = [row] if row is not None and own else self._alike(package, pure)
        factor = median(
            (each.installed_bytes if compiled else each.unpacked_bytes) / each.wheel_bytes
            for each in rows
        )
        return round(wheel_bytes * factor)

    def _alike(self, package: str, pure: bool) -> list[MeasuredWheel]:
        kind = WheelKind.PURE if pure else WheelKind.COMPILED
        if package.startswith("nvidia-"):
            kind = WheelKind.CUDA
        return [row for row in self._rows.values() if row.kind is kind]
