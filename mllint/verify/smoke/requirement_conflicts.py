"""The metadata of what is installed in, the requirements among them that do not hold, out.

What `pip check` says, without pip: an image need not have it.
"""

from collections.abc import Collection

from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from mllint.named_tuple import NamedTuple
from mllint.verify.probing.image_facts import Distribution, ImageFacts, Interpreter, parse_version


class Conflict(NamedTuple):
    """A requirement of an installed distribution; found: the version there is, None: there is none.

    The name is Python where the interpreter itself is not of the version that is wanted.
    """

    distribution: str
    version: str
    requirement: str
    name: str
    found: str | None

    @property
    def text(self) -> str:
        """`torchvision 0.16.2 requires torch==2.1.2, and torch 2.0.1 is installed`."""
        there = f"{self.name} {self.found} is installed" if self.found else "it is not installed"
        return f"{self.distribution} {self.version} requires {self.requirement}, and {there}"


def requirement_conflicts(
    facts: ImageFacts, known: Collection[Conflict] = ()
) -> tuple[Conflict, ...] | None:
    """The requirements that do not hold, sorted; None where nothing was measured.

    known: those that hold as little in the base image: an image of NVIDIA's has many of its own.
    """
    if facts.interpreter is None:
        return None
    installed = {each.key: each for each in facts.distributions if not each.shadowed}
    found: set[Conflict] = set()
    for distribution in installed.values():
        found.update(_of_python(distribution, facts.interpreter))
        for text in distribution.requires:
            conflict = _of(distribution, text, installed, facts.interpreter)
            if conflict is not None:
                found.add(conflict)
    return tuple(sorted(found.difference(known), key=lambda each: (each.distribution, each.name)))


def _of(
    distribution: Distribution,
    text: str,
    installed: dict[str, Distribution],
    interpreter: Interpreter,
) -> Conflict | None:
    try:
        requirement = Requirement(text)
        if requirement.marker is not None:
            # An environment of the image's own, complete: nothing is taken from this machine.
            environment = {**dict(interpreter.marker), "extra": ""}
            if not requirement.marker.evaluate(environment):
                return None
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName, KeyError):
        return None
    there = installed.get(canonicalize_name(requirement.name))
    wanted = f"{requirement.name}{requirement.specifier}"
    if there is None:
        return Conflict(distribution.name, distribution.version, wanted, requirement.name, None)
    version = there.parsed
    if version is None or requirement.specifier.contains(version, prereleases=True):
        return None
    return Conflict(distribution.name, distribution.version, wanted, there.name, there.version)


def _of_python(distribution: Distribution, interpreter: Interpreter) -> list[Conflict]:
    wanted = distribution.requires_python
    version = parse_version(interpreter.version)
    try:
        if not wanted or version is None or SpecifierSet(wanted).contains(version, True):
            return []
    except InvalidSpecifier:
        return []
    requirement = f"Python {wanted}"
    return [
        Conflict(
            distribution.name, distribution.version, requirement, "Python", interpreter.version
        )
    ]
