"""The installs of an environment in, lines for the text of a plan out; of a lock the main ones."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter

from mllint.catalog import root
from mllint.facts.installs.install import Indexes, Install
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.packages import Role

_SHOWN_DIRECT = 25
"""As many packages of a lock are shown because the project names them; of more, the heavy ones."""


class _Entry(NamedTuple):
    """One line: under which heading it stands, its line in that file, and its text."""

    heading: str
    line: int | None
    text: str


def install_lines(installs: Iterable[Install], every: bool) -> Iterator[str]:
    """A heading for each program and file, and below it the packages with their lines.

    Of a lock those that matter, and how many more there are; all of them for `every`.
    """
    for heading, group in groupby(_entries(installs, every), key=attrgetter("heading")):
        entries = list(group)
        yield heading
        width = max(len(str(entry.line or "")) for entry in entries)
        for entry in entries:
            yield f"  {entry.line or '':>{width}}  {entry.text}"


def _entries(installs: Iterable[Install], every: bool) -> Iterator[_Entry]:
    told: set[tuple[str, Location]] = set()
    written = (install for install in installs if install.is_written)
    for (_, locked), group in groupby(written, key=lambda item: (item.group, _is_locked(item))):
        if not locked:
            yield from (_entry(install) for install in group)
            continue
        listed = [install for install in group if (install.text, install.location) not in told]
        told.update((install.text, install.location) for install in listed)
        yield from map(_entry, listed) if every else _lock_entries(listed)


def _is_locked(install: Install) -> bool:
    return install.locked and install.opaque is None and not install.uninstall


def _lock_entries(installs: list[Install]) -> Iterator[_Entry]:
    """The direct and the heavy packages of one lock, and the number of the others."""
    direct = [install for install in installs if install.direct]
    few = len(direct) <= _SHOWN_DIRECT
    names: set[str | None] = {install.name for install in direct} if few else set()
    names |= Tables(root() / "tables").packages.python(Role.HEAVY)
    shown = [install for install in installs if install.name in names]
    yield from (_entry(install) for install in shown)
    rest = len(installs) - len(shown)
    if rest:
        packages = "package" if rest == 1 else "packages"
        heading = _heading((shown or installs)[-1])
        yield _Entry(heading, None, f"{rest} {'more ' if shown else ''}{packages} (see --all)")


def _heading(install: Install) -> str:
    index = _index_text(install.indexes)
    parts = [f"{install.installer.value}, {install.location.path}"]
    if index:
        parts.append(index)
    if install.conditional:
        parts.append("may not run")
    return "; ".join(parts)


def _entry(install: Install) -> _Entry:
    text = f"{'remove ' if install.uninstall else ''}{install.text}"
    # What an unread constraint file may do is said once for the environment.
    if install.pinned is not None and install.pinned != install.constrained:
        unknown = isinstance(install.pinned, Unknown)
        text += f" (version not known: {install.pinned})" if unknown else f" -> {install.pinned}"
    elif install.chosen is not None and install.chosen != install.fixed:
        text += f" -> {install.chosen}"
    if install.opaque:
        text += f": {install.opaque}"
    return _Entry(_heading(install), install.location.span.line, text)


def _index_text(indexes: Indexes) -> str:
    """The known indexes, and why the others are not known: one reason is enough."""
    named = (
        [("index", indexes.primary)]
        + [("extra index", url) for url in indexes.extra]
        + [("links", url) for url in indexes.find_links]
        + [("torch backend", indexes.torch_backend)]
    )
    parts = ["no index"] if indexes.no_index else []
    parts += [f"{name} {value}" for name, value in named if isinstance(value, str)]
    unknown = next((value for _, value in named if isinstance(value, Unknown)), None)
    if unknown is not None:
        parts.append(f"index not known ({unknown})")
    return ", ".join(parts)
