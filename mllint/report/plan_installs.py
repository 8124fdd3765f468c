"""The installs of an environment in, lines for the text of a plan out; of a lock the main ones."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from mllint.catalog import root
from mllint.facts.installs.install import Indexes, Install
from mllint.facts.unknown import Unknown
from mllint.parse.source import Location
from mllint.tables import Tables
from mllint.tables.packages import Role

_SHOWN_DIRECT = 25
"""As many packages of a lock are shown because the project names them; of more, the heavy ones."""


def install_lines(installs: Iterable[Install]) -> Iterator[str]:
    """One line for each install; of a lock those that matter, and how many more there are."""
    told: set[tuple[str, Location]] = set()
    for (_, locked), group in groupby(installs, key=lambda item: (item.group, _is_locked(item))):
        if not locked:
            yield from (_install_text(install) for install in group)
            continue
        listed = [install for install in group if (install.text, install.location) not in told]
        told.update((install.text, install.location) for install in listed)
        yield from _lock_lines(listed)


def _is_locked(install: Install) -> bool:
    return install.locked and install.opaque is None and not install.uninstall


def _lock_lines(installs: list[Install]) -> Iterator[str]:
    """The direct and the heavy packages of one lock, and the number of the others."""
    direct = [install for install in installs if install.direct]
    few = len(direct) <= _SHOWN_DIRECT
    names: set[str | None] = {install.name for install in direct} if few else set()
    names |= Tables(root() / "tables").packages.python(Role.HEAVY)
    shown = [install for install in installs if install.name in names]
    yield from (_install_text(install) for install in shown)
    rest = len(installs) - len(shown)
    if rest:
        path = installs[0].location.path
        packages = "package" if rest == 1 else "packages"
        more = "more " if shown else ""
        yield f"{rest} {more}{packages} of {path} ({installs[0].installer.value})"


def _install_text(install: Install) -> str:
    where = f"{install.location.path}:{install.location.span.line}"
    notes = [install.installer.value, where]
    # What an unread constraint file may do is said once for the environment.
    if install.pinned is not None and install.pinned != install.constrained:
        notes.insert(0, f"pinned to {fact_text(install.pinned)}")
    index = _index_text(install.indexes)
    if index:
        notes.append(index)
    if install.conditional:
        notes.append("may not run")
    if install.opaque:
        notes.append(install.opaque)
    verb = "remove " if install.uninstall else ""
    return f"{verb}{install.text} ({', '.join(notes)})"


def _index_text(indexes: Indexes) -> str:
    parts = []
    if indexes.no_index:
        parts.append("no index")
    if indexes.primary is not None:
        parts.append(f"index {fact_text(indexes.primary)}")
    parts.extend(f"extra index {fact_text(url)}" for url in indexes.extra)
    parts.extend(f"links {fact_text(url)}" for url in indexes.find_links)
    if indexes.torch_backend is not None:
        parts.append(f"torch backend {fact_text(indexes.torch_backend)}")
    return ", ".join(parts)


def fact_text(value: object, absent: str = "none") -> str:
    """A fact as text; an unknown one with its reason."""
    if isinstance(value, Unknown):
        return f"unknown ({value.reason})"
    return absent if value is None else str(value)
