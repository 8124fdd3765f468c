"""Packages with those that require them in, which of them a lock has to hold out."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from mllint.resolve.answers import Package

# Frameworks of an image are built against its own one, whether their metadata name it or not.
_BUILT_AGAINST = frozenset({"numpy"})


@dataclass(eq=False, repr=False)
class Reach:
    """All that is installed in the end. kept: what the base image brings; asked: what is named."""

    packages: tuple[Package, ...]
    kept: frozenset[str]
    asked: frozenset[str]

    @cached_property
    def needed(self) -> frozenset[str]:
        """What is named and all that it requires, but for what is met by the base image.

        So what a replaced release has left behind is not among it.
        """
        return self._closure(self.asked, self.kept | self.met)

    @cached_property
    def met(self) -> frozenset[str]:
        """What the packages of the base image require, in a version that is not known."""
        if not self.kept:
            return frozenset()
        return (self._closure(self.kept, frozenset()) | _BUILT_AGAINST) - self.kept - self.asked

    def _closure(self, names: Iterable[str], end: frozenset[str]) -> frozenset[str]:
        """The names and what they require, up to those in `end`."""
        waiting, found = list(names), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in found and name not in end:
                found.add(name)
                waiting += self._brought.get(name, ())
        return frozenset(found)

    @cached_property
    def _brought(self) -> dict[str, list[str]]:
        brought: dict[str, list[str]] = {}
        for package in self.packages:
            for asker in package.wanted_by:
                brought.setdefault(asker, []).append(package.name)
        return brought
