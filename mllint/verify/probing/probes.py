"""What a container prints while the probe runs in it, in; `ImageFacts` out.

Only lines that begin with the token are records. Whatever else is there (a banner, 100 MB of
noise, half a line, a record that someone made up) changes no fact; damage is told as a fault.
"""

import json
from collections.abc import Iterable
from typing import Any

from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible, visible_lines
from mllint.verify.probing.content_facts import (
    CudaLibrary,
    InstalledPackage,
    Leftover,
    MissingLibrary,
    Tool,
    Toolkit,
)
from mllint.verify.probing.gpu_facts import (
    Child,
    Computation,
    CudaDriver,
    Device,
    Framework,
    Gpu,
    Nvidia,
)
from mllint.verify.probing.image_facts import (
    CondaPackage,
    Distribution,
    Fault,
    ImageFacts,
    Import,
    Interpreter,
    System,
    User,
)
from mllint.verify.probing.probe_script import MOST_RECORDS
from mllint.verify.probing.records import read_record

_LONGEST_LINE = 300_000
_LONGEST_SAID = 2_000
_MOST_FAULTS = 50


class _Many(NamedTuple):
    """A kind of record that comes any number of times: its class, and its field in ImageFacts."""

    row: type[Any]
    field: str


_ONCE: dict[str, type[Any]] = {
    "interpreter": Interpreter,
    "system": System,
    "user": User,
    "nvidia": Nvidia,
    "driver": CudaDriver,
    "toolkit": Toolkit,
}
_MANY = {
    "distribution": _Many(Distribution, "distributions"),
    "conda": _Many(CondaPackage, "conda"),
    "import": _Many(Import, "imports"),
    "gpu": _Many(Gpu, "gpus"),
    "framework": _Many(Framework, "frameworks"),
    "device": _Many(Device, "devices"),
    "computation": _Many(Computation, "computations"),
    "child": _Many(Child, "children"),
    "system_package": _Many(InstalledPackage, "system_packages"),
    "missing_library": _Many(MissingLibrary, "missing_libraries"),
    "cuda_library": _Many(CudaLibrary, "cuda_libraries"),
    "leftover": _Many(Leftover, "leftovers"),
    "tool": _Many(Tool, "tools"),
    "fault": _Many(Fault, "faults"),
}


class ProbeReader:
    """Takes the output of a container piece by piece; memory does not grow with noise."""

    def __init__(self, token: str) -> None:
        self._mark = token.encode("ascii") + b" "
        self._rest = b""
        self._skipping = False
        self._said = bytearray()
        self._once: dict[str, Any] = {}
        self._many: dict[str, list[Any]] = {many.field: [] for many in _MANY.values()}
        self._count = 0
        self._end: int | None = None

    def feed(self, data: bytes) -> None:
        """Take the next piece of standard output."""
        *lines, rest = data.split(b"\n")
        for line in lines:
            if not self._skipping and len(self._rest) + len(line) <= _LONGEST_LINE:
                self._line(self._rest + line)
            self._rest, self._skipping = b"", False
        if self._skipping or len(self._rest) + len(rest) > _LONGEST_LINE:
            self._rest, self._skipping = b"", True
        else:
            self._rest += rest

    def finish(self) -> ImageFacts:
        """The facts, once the container has ended."""
        if not self._skipping:
            self._line(self._rest)
        self._rest = b""
        complete = self._end is not None and self._end == self._count
        if self._end is None:
            self._fault("all", "the probe did not come to its end")
        elif not complete:
            self._fault("all", f"{self._count} of {self._end} records arrived")
        said = visible_lines(self._said.decode("utf-8", "replace")[-_LONGEST_SAID:].strip())
        fields: dict[str, Any] = {field: tuple(rows) for field, rows in self._many.items()}
        return ImageFacts(complete=complete, said=said, **self._once, **fields)

    def _line(self, line: bytes) -> None:
        if not line.startswith(self._mark):
            if line.strip():
                self._said += line[-_LONGEST_SAID:] + b"\n"
                if len(self._said) > 20 * _LONGEST_SAID:
                    del self._said[: -2 * _LONGEST_SAID]
            return
        try:
            record = json.loads(line[len(self._mark) :].decode("utf-8"))
            kind = record["kind"]
        except (ValueError, LookupError, TypeError, RecursionError):
            self._count += 1
            self._fault("all", "a record is cut off or is no JSON")
            return
        if kind == "end":
            self._read_end(record)
        elif self._count < MOST_RECORDS:
            self._count += 1
            self._take(kind, record)

    def _read_end(self, record: dict[str, Any]) -> None:
        count = record.get("records")
        self._end = count if isinstance(count, int) and not isinstance(count, bool) else None
        if record.get("full") is True:
            self._fault("all", "the image holds more than the probe may tell")

    def _take(self, kind: object, record: dict[str, Any]) -> None:
        try:
            if kind in _ONCE:
                self._once.setdefault(str(kind), read_record(_ONCE[str(kind)], record))
            elif kind in _MANY:
                many = _MANY[str(kind)]
                self._many[many.field].append(read_record(many.row, record))
        except (ValueError, TypeError) as error:
            self._fault("all", f"a record cannot be read: {error}")

    def _fault(self, probe: str, reason: str) -> None:
        faults = self._many["faults"]
        if len(faults) < _MOST_FAULTS:
            faults.append(Fault(probe, visible(reason)))


def read_probe(pieces: Iterable[bytes], token: str) -> ImageFacts:
    """The facts in the whole output of a container."""
    reader = ProbeReader(token)
    for piece in pieces:
        reader.feed(piece)
    return reader.finish()
