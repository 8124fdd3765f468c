"""A lock and what is asked of it in, the packages that this reaches on one image out.

Follows dependencies, extras and markers as the lock writes them; opens no file.
"""

from collections.abc import Iterable

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from mllint.facts.installs.markers import Markers
from mllint.named_tuple import NamedTuple
from mllint.parse.locks import Edge, Lock, LockedPackage

_FORKS = 100  # of one package; a lock holds one for each marker, and no real one as many
_ROUNDS = 5  # of extras that switch on markers which reach further extras


class Reached(NamedTuple):
    """A locked package that is installed; `certain` unless a marker is not known.

    direct: the project itself names it.
    """

    package: LockedPackage
    certain: bool
    direct: bool


def reach(lock: Lock, roots: Iterable[Edge], markers: Markers) -> list[Reached]:
    """What the `roots` reach, in the order of the lock."""
    return _Walk(lock, markers).from_roots(tuple(roots))


def reach_with_conflicts(
    lock: Lock, roots: Iterable[Edge], markers: Markers, active: frozenset[str]
) -> list[Reached]:
    """The same for uv, whose markers ask which extras of which package are switched on.

    active: those of the project that are asked for, in uv's spelling: `extra-4-proj-gpu`.
    """
    roots = tuple(roots)
    for _ in range(_ROUNDS):
        walk = _Walk(lock, markers.with_sets(active))
        found = walk.from_roots(roots)
        if walk.active <= active:
            break
        active |= walk.active
    return found


def conflict_name(kind: str, package: str, name: str) -> str:
    """How uv writes an extra or a group of a package in a marker: `extra-4-proj-gpu`."""
    return canonicalize_name(f"{kind}-{len(package)}-{package}-{name}")


class _Walk:
    """One walk over the graph; a package is visited again when it turns out to be certain."""

    def __init__(self, lock: Lock, markers: Markers) -> None:
        self._lock = lock
        self._markers = markers
        self._by_name: dict[str, list[int]] = {}
        for place, package in enumerate(lock.packages):
            places = self._by_name.setdefault(package.name, [])
            if len(places) < _FORKS:
                places.append(place)
        self._certain: dict[int, bool] = {}
        self._seen: set[tuple[int, str, bool]] = set()
        self.active: frozenset[str] = frozenset()

    def from_roots(self, roots: tuple[Edge, ...]) -> list[Reached]:
        """What these edges reach."""
        waiting = [(edge, True) for edge in roots]
        direct: set[int] = set()
        first = True
        while waiting:
            following: list[tuple[Edge, bool]] = []
            for edge, certain in waiting:
                for place, sure in self._targets(edge):
                    if first:
                        direct.add(place)
                    following += self._visit(place, edge, certain and sure)
            waiting, first = following, False
        return [
            Reached(package, self._certain[place], place in direct)
            for place, package in enumerate(self._lock.packages)
            if place in self._certain
        ]

    def _targets(self, edge: Edge) -> list[tuple[int, bool]]:
        """The locked packages that an edge means; several are not certain, any of them."""
        holds = self._markers.holds(edge.marker)
        if holds is False:
            return []
        found = []
        for place in self._by_name.get(edge.name, ()):
            package = self._lock.packages[place]
            own = self._markers.holds(package.marker)
            if own is not False and _is_meant(edge, package):
                found.append((place, holds is True and own is True))
        # An environment holds one version of a package: the one that was reached before.
        chosen = [(place, sure) for place, sure in found if self._certain.get(place)]
        found = chosen or found
        return found if len(found) == 1 else [(place, False) for place, _ in found]

    def _visit(self, place: int, edge: Edge, certain: bool) -> list[tuple[Edge, bool]]:
        """The edges that lead on from a package, those that were not followed yet."""
        package = self._lock.packages[place]
        self._certain[place] = self._certain.get(place, False) or certain
        following: list[tuple[Edge, bool]] = []
        for extra in ("", *edge.extras):
            if (place, extra, certain) in self._seen or (place, extra, True) in self._seen:
                continue
            self._seen.add((place, extra, certain))
            if extra:
                self.active |= {conflict_name("extra", package.name, extra)}
            edges = package.extras.get(extra, ()) if extra else package.needs
            following += [(following_edge, certain) for following_edge in edges]
        return following


def _is_meant(edge: Edge, package: LockedPackage) -> bool:
    if edge.version is not None and str(package.version or "") != edge.version:
        return False
    if edge.origin is not None and package.origin != edge.origin:
        return False
    if not edge.specifier or package.version is None:
        return True
    try:
        return SpecifierSet(edge.specifier).contains(package.version, prereleases=True)
    except InvalidSpecifier:
        return True
