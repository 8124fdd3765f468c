"""A shared object in, what it asks of the dynamic loader out (NEEDED, SONAME, search folders)."""

import os
import struct
from typing import BinaryIO, Dict, List, NamedTuple, Optional, Tuple

_PT_LOAD, _PT_DYNAMIC = 1, 2
_NEEDED, _STRTAB, _STRSZ, _SONAME, _RPATH, _RUNPATH = 1, 5, 10, 14, 15, 29
_MOST_HEADERS = 200
_MOST_DYNAMIC = 2000000
_MOST_STRINGS = 64000000


class SharedObject(NamedTuple):
    """What the dynamic section says. machine: number and class, to tell other processors' files.

    rpath and runpath are lists of folders as written, with `$ORIGIN`.
    """

    machine: Tuple[int, int]
    needed: List[str]
    soname: Optional[str]
    rpath: List[str]
    runpath: List[str]


class _Layout(NamedTuple):
    """The sizes that differ between 32 and 64 bits; `order` is `<` or `>`."""

    order: str
    wide: bool
    machine: int
    table: int
    entry_size: int
    entries: int


def read_shared_object(path: str) -> Optional[SharedObject]:
    """The dynamic section of a file; None where there is none, or it is cut off."""
    if not os.path.isfile(path):  # a pipe would never end
        return None
    try:
        with open(path, "rb") as file:
            layout = _read_layout(file.read(64))
            return _read_dynamic(file, layout) if layout is not None else None
    except (OSError, ValueError, struct.error):
        return None


def _read_layout(header: bytes) -> Optional[_Layout]:
    if header[:4] != b"\x7fELF" or len(header) < 52:
        return None
    order = ">" if header[5] == 2 else "<"
    wide = header[4] == 2
    machine = struct.unpack_from(order + "H", header, 18)[0]
    table = struct.unpack_from(order + ("Q" if wide else "I"), header, 32 if wide else 28)[0]
    size, count = struct.unpack_from(order + "HH", header, 54 if wide else 42)
    return _Layout(order, wide, machine, table, size, min(count, _MOST_HEADERS))


def _read_dynamic(file: BinaryIO, layout: _Layout) -> Optional[SharedObject]:
    loads: List[Tuple[int, int, int]] = []
    dynamic: Optional[Tuple[int, int]] = None
    for index in range(layout.entries):
        file.seek(layout.table + index * layout.entry_size)
        data = file.read(56 if layout.wide else 32)
        if layout.wide:
            kind, _, offset, address, _, size = struct.unpack_from(layout.order + "IIQQQQ", data)
        else:
            kind, offset, address, _, size = struct.unpack_from(layout.order + "IIIII", data)
        if kind == _PT_LOAD:
            loads.append((address, offset, size))
        elif kind == _PT_DYNAMIC:
            dynamic = (offset, size)
    if dynamic is None:
        return None
    file.seek(dynamic[0])
    entries = _entries(file.read(min(dynamic[1], _MOST_DYNAMIC)), layout)
    return _shared_object(file, layout, entries, loads)


def _entries(data: bytes, layout: _Layout) -> List[Tuple[int, int]]:
    form = struct.Struct(layout.order + ("qQ" if layout.wide else "iI"))
    whole = len(data) - len(data) % form.size
    found = []
    for tag, value in form.iter_unpack(data[:whole]):
        if tag == 0:
            break
        found.append((tag, value))
    return found


def _shared_object(
    file: BinaryIO,
    layout: _Layout,
    entries: List[Tuple[int, int]],
    loads: List[Tuple[int, int, int]],
) -> Optional[SharedObject]:
    values: Dict[int, int] = dict(reversed(entries))
    place = _offset(values.get(_STRTAB, 0), loads)
    if place is None:
        return None
    file.seek(place)
    strings = file.read(min(values.get(_STRSZ, 0), _MOST_STRINGS))

    def text(offset: int) -> str:
        end = strings.find(b"\0", offset)
        return strings[offset:end].decode("utf-8", "replace") if 0 <= offset < end else ""

    def folders(tag: int) -> List[str]:
        return [part for part in text(values.get(tag, -1)).split(":") if part]

    return SharedObject(
        machine=(layout.machine, 64 if layout.wide else 32),
        needed=[text(value) for tag, value in entries if tag == _NEEDED],
        soname=text(values[_SONAME]) if _SONAME in values else None,
        rpath=folders(_RPATH),
        runpath=folders(_RUNPATH),
    )


def _offset(address: int, loads: List[Tuple[int, int, int]]) -> Optional[int]:
    """Where in the file lies what is loaded at that address."""
    for start, offset, size in loads:
        if start <= address < start + size:
            return address - start + offset
    return None
