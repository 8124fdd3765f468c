"""A question that has no answer in, what is in its way out: the smallest part that has none."""

from collections.abc import Mapping

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from mllint.facts.installs.install import Install, Limit
from mllint.facts.resolution import Need, Refusal, RefusalKind
from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import Cause, Clue, needs_withdrawn, read_clues, read_names, read_tags
from mllint.resolve.asking import Asking
from mllint.resolve.request import Question
from mllint.resolve.uv_calls import Ending

_MOST_TRIES = 40


class Part(NamedTuple):
    """Requirements and constraint lines of one command, of which a question is made."""

    installs: tuple[Install, ...]
    limits: tuple[Limit, ...]

    def question(self, usual: Question) -> Question:
        """What is asked when the command says this alone."""
        return usual._replace(
            requirements=tuple(unmarked(install) for install in self.installs),
            constraints=tuple(limit.text for limit in self.limits if not limit.override),
            overrides=tuple(limit.text for limit in self.limits if limit.override),
        )


def unmarked(install: Install) -> str:
    """The requirement without its marker, of which the facts told that it holds."""
    requirement = install.requirement
    return str(requirement).partition(";")[0].strip() if requirement is not None else ""


def refusal_of(asking: Asking, usual: Question, whole: Part, told: str) -> Refusal | None:
    """Why the question has no answer; None where that cannot be said."""
    part = _smallest(asking, usual, whole, told)
    said = asking.ask(part.question(usual))
    if said.ending is not Ending.NO_SOLUTION or not part.installs or needs_withdrawn(said.told):
        return None
    clues = read_clues(said.told)
    direct = {install.name: install for install in part.installs if install.name}
    python = usual.target.minor
    found = _single(part, clues, direct, said.told) if len(part.installs) == 1 else None
    if found is None:
        found = _conflict(part, clues, direct)
    if found.kind is RefusalKind.CONFLICT and not (found.need or found.beside or part.limits):
        return None  # no two facts that disagree
    return found._replace(python=python, platform=usual.target.words, limits=part.limits)


def _smallest(asking: Asking, usual: Question, whole: Part, told: str) -> Part:
    """A part of the command that has no answer, while each smaller one has; bounded in tries."""
    tries = iter(range(_MOST_TRIES))

    def is_unmet(part: Part) -> bool:
        if next(tries, None) is None or not part.installs:
            return False
        return asking.is_met(part.question(usual)) is False

    names = read_names(told)
    named = Part(
        tuple(install for install in whole.installs if install.name in names), whole.limits
    )
    part = named if len(named.installs) < len(whole.installs) and is_unmet(named) else whole
    if part.limits and is_unmet(part._replace(limits=())):
        part = part._replace(limits=())
    for install in part.installs:
        rest = tuple(each for each in part.installs if each is not install)
        if is_unmet(part._replace(installs=rest)):
            part = part._replace(installs=rest)
    for limit in part.limits:
        fewer = tuple(each for each in part.limits if each is not limit)
        if is_unmet(part._replace(limits=fewer)):
            part = part._replace(limits=fewer)
    return part


_KINDS = {
    Cause.PYTHON: RefusalKind.REQUIRES_PYTHON,
    Cause.NO_TAG: RefusalKind.NO_WHEEL,
    Cause.NO_PROJECT: RefusalKind.NOT_ON_INDEX,
    Cause.NO_VERSION: RefusalKind.NOT_ON_INDEX,
}


def _single(part: Part, clues: list[Clue], direct: dict[str, Install], told: str) -> Refusal | None:
    """Why one requirement cannot be met by itself; None: what it needs contradicts itself."""
    install = part.installs[0]
    for cause, kind in _KINDS.items():
        for clue in clues:
            if clue.cause is not cause:
                continue
            need = None if clue.name in direct else _need(clue.name, clues, direct)
            if need is None and clue.name not in direct:
                continue
            release = clue.range
            if cause is Cause.NO_VERSION and clue.name in direct:
                release = str(install.specifier)
            if cause is Cause.NO_VERSION and part.limits and clue.name in direct:
                return None  # a constraint line takes away what there is
            available = read_tags(told) if cause is Cause.NO_TAG else ()
            if cause is Cause.PYTHON:
                available = (clue.needs_range,)
            return Refusal(kind, install, clue.name, release, need, available=available)
    return None


def _need(name: str, clues: list[Clue], direct: Mapping[str, Install]) -> Need | None:
    """Who requires the package, as the text tells."""
    for clue in clues:
        if clue.cause is Cause.DEPENDS and clue.needs == name:
            return _as_need(_of_release(clue, direct) or clue)
    return None


def _telling(clue: Clue, beside: list[Install]) -> Clue:
    """Without releases that are left out one by one, where the rest refuses what is asked for.

    `protobuf>=3.20.3,!=4.21.0,!=4.21.1,!=4.21.2,<5` of tensorflow, for `protobuf==5.26.0`.
    """
    bounds = ",".join(each for each in clue.needs_range.split(",") if not each.startswith("!="))
    asked = next((each.fixed for each in beside if each.name == clue.needs), None)
    if asked is None or " or " in bounds or not bounds:
        return clue
    try:
        refused = not SpecifierSet(bounds).contains(asked, prereleases=True)
    except InvalidSpecifier:
        return clue
    return clue._replace(needs_range=bounds) if refused else clue


def _as_need(clue: Clue) -> Need:
    return Need(_shown(clue), f"{clue.needs}{clue.needs_range}", clue.name)


def _shown(clue: Clue) -> str:
    """`torchvision 0.15.2`; a range stays one: `torchvision>=0.16`."""
    if clue.range.startswith("==") and "," not in clue.range:
        return f"{clue.name} {clue.range.removeprefix('==')}"
    return clue.name + clue.range


def _conflict(part: Part, clues: list[Clue], direct: dict[str, Install]) -> Refusal:
    """The requirement to change: the one whose own need is not met by another."""
    needs = [clue for clue in clues if clue.cause is Cause.DEPENDS and clue.name != clue.needs]
    certain = [found for clue in needs if (found := _of_release(clue, direct)) is not None]
    limited = {_limit_name(limit) for limit in part.limits}
    for clue in certain:
        if clue.needs in direct or clue.needs in limited:
            return _clash(part, direct[clue.name], clue, certain)
    for clue in certain:
        return _clash(part, direct[clue.name], clue, certain)
    install = part.installs[-1]
    beside = tuple(each for each in part.installs if each is not install)
    return Refusal(RefusalKind.CONFLICT, install, install.name or "", beside=beside)


def _of_release(clue: Clue, direct: Mapping[str, Install]) -> Clue | None:
    """What the text says of what the command asks for, as of that release; None: of other ones.

    `pandas>=2.2.2 depends on numpy>=1.22.4` for `pandas==2.2.2`, the newest.
    """
    install = direct.get(clue.name)
    if install is None:
        return None
    try:
        said = SpecifierSet(clue.range)
    except InvalidSpecifier:
        return None
    if install.fixed is not None:
        fits = said.contains(install.fixed, prereleases=True)
        return clue._replace(range=f"=={install.fixed}") if fits else None
    return clue if not clue.range or said == install.specifier else None


def _clash(part: Part, install: Install, clue: Clue, needs: list[Clue]) -> Refusal:
    beside = sorted(
        (each for each in part.installs if each is not install),
        key=lambda each: each.name != clue.needs,
    )
    named = {each.name for each in beside}
    others = (each for each in needs if each.needs == clue.needs and each.name in named)
    other = next(others, None) if clue.needs not in named else None
    return Refusal(
        RefusalKind.CONFLICT,
        install,
        clue.needs,
        "",
        _as_need(_telling(clue, beside)),
        tuple(beside),
        counter=_as_need(other) if other is not None else None,
    )


def _limit_name(limit: Limit) -> str | None:
    try:
        return Requirement(limit.text).name.lower().replace("_", "-")
    except InvalidRequirement:
        return None
