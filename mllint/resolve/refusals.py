"""A question that has no answer in, what is in its way out: the smallest part that has none."""

from collections.abc import Iterator

from packaging.requirements import InvalidRequirement, Requirement

from mllint.facts.installs.install import Install, Limit
from mllint.facts.resolution import Need, Refusal, RefusalKind
from mllint.facts.wheels.variant_names import variant_indexes
from mllint.named_tuple import NamedTuple
from mllint.resolve.answers import Cause, Clue, read_clues, read_names, read_packages, read_tags
from mllint.resolve.asking import Asking
from mllint.resolve.listings import ListedFile
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
            requirements=tuple(_unmarked(install) for install in self.installs),
            constraints=tuple(limit.text for limit in self.limits if not limit.override),
            overrides=tuple(limit.text for limit in self.limits if limit.override),
        )


def _unmarked(install: Install) -> str:
    """The requirement without its marker, of which the facts told that it holds."""
    requirement = install.requirement
    return str(requirement).partition(";")[0].strip() if requirement is not None else ""


def refusal_of(asking: Asking, usual: Question, whole: Part, told: str) -> Refusal | None:
    """Why the question has no answer; None where that cannot be said."""
    part = _smallest(asking, usual, whole, told)
    said = asking.ask(part.question(usual))
    if said.ending is not Ending.NO_SOLUTION or not part.installs:
        return None
    clues = read_clues(said.told)
    direct = {install.name: install for install in part.installs if install.name}
    python = usual.target.minor
    found = _single(part, clues, direct, said.told) if len(part.installs) == 1 else None
    if found is None:
        found = _conflict(part, clues, direct)
    if found.kind is RefusalKind.CONFLICT and not (found.need or found.beside or part.limits):
        return None  # no two facts that disagree
    return found._replace(python=python, limits=part.limits)


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
            need = None if clue.name in direct else _need(clue.name, clues)
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


def _need(name: str, clues: list[Clue]) -> Need | None:
    """Who requires the package, as the text tells."""
    for clue in clues:
        if clue.cause is Cause.DEPENDS and clue.needs == name:
            return Need(_shown(clue), f"{clue.needs}{clue.needs_range}")
    return None


def _shown(clue: Clue) -> str:
    """`torchvision 0.15.2`; a range stays one: `torchvision>=0.16`."""
    if clue.range.startswith("==") and "," not in clue.range:
        return f"{clue.name} {clue.range.removeprefix('==')}"
    return clue.name + clue.range


def _conflict(part: Part, clues: list[Clue], direct: dict[str, Install]) -> Refusal:
    """The requirement to change: the one whose own need is not met by another."""
    needs = [clue for clue in clues if clue.cause is Cause.DEPENDS]
    limited = {_limit_name(limit) for limit in part.limits}
    for clue in needs:
        asked = clue.needs in direct or clue.needs in limited
        if clue.name in direct and clue.name != clue.needs and asked:
            return _clash(part, direct[clue.name], clue)
    for clue in needs:
        if clue.name in direct:
            return _clash(part, direct[clue.name], clue)
    install = part.installs[-1]
    beside = tuple(each for each in part.installs if each is not install)
    return Refusal(RefusalKind.CONFLICT, install, install.name or "", beside=beside)


def _clash(part: Part, install: Install, clue: Clue) -> Refusal:
    beside = sorted(
        (each for each in part.installs if each is not install),
        key=lambda each: each.name != clue.needs,
    )
    need = Need(_shown(clue), f"{clue.needs}{clue.needs_range}")
    return Refusal(RefusalKind.CONFLICT, install, clue.needs, "", need, tuple(beside))


def _limit_name(limit: Limit) -> str | None:
    try:
        return Requirement(limit.text).name.lower().replace("_", "-")
    except InvalidRequirement:
        return None


def refused_pythons(asking: Asking, question: Question, install: Install) -> Refusal | None:
    """That each file of the releases it allows requires another Python; None: not so.

    uv tells of a release whose wheels all require another Python as of one without wheels.
    """
    files = asking.files(question.sources, install.name or "")
    if not files:
        return None
    allowed = install.specifier
    fitting = [each for each in files if allowed.contains(each.version, prereleases=True)]
    python = question.target.full
    if not fitting or any(_takes(each, python) for each in fitting):
        return None
    required = sorted({str(each.python) for each in fitting if each.python is not None})
    return Refusal(
        RefusalKind.REQUIRES_PYTHON,
        install,
        install.name or "",
        str(allowed),
        python=question.target.minor,
        available=tuple(required[:1]),
    )


def _takes(file: ListedFile, python: str) -> bool:
    return file.python is None or file.python.contains(python, prereleases=True)


def with_releases(asking: Asking, question: Question, found: Refusal) -> Refusal:
    """The refusal with the releases that the indexes have instead, here and elsewhere."""
    if found.kind is not RefusalKind.NOT_ON_INDEX:
        return found
    here = asking.files(question.sources, found.package)
    versions = sorted({each.version for each in here or ()})
    stable = [each for each in versions if not each.is_prerelease] or versions
    return found._replace(
        available=tuple(str(each) for each in stable),
        elsewhere=tuple(_elsewhere(asking, question, found)),
    )


def with_fitting(asking: Asking, question: Question, part: Part, found: Refusal) -> Refusal:
    """The refusal with the release that could stand in the place of what is refused."""
    requirement = found.install.requirement
    if requirement is None:
        return found
    rest = tuple(_unmarked(each) for each in part.installs if each is not found.install)
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    free = part.question(question)._replace(requirements=(*rest, requirement.name + extras))
    said = asking.ask(free)
    if said.ending is not Ending.RESOLVED:
        return found
    packages = read_packages(said.output, question.sources)
    version = next((each.version for each in packages if each.name == found.install.name), None)
    # An alpha of long ago fits everything, as it requires nothing.
    stable = version is not None and not version.is_prerelease
    return found._replace(fitting=version) if stable else found


def _elsewhere(asking: Asking, question: Question, found: Refusal) -> Iterator[tuple[str, str]]:
    """Other indexes that have the release: the default one, and PyTorch's of its local part."""
    if found.need is not None or question.sources.torch_backend is not None:
        return
    asked = {asking.indexes.original(each) for each in asking.addresses(question.sources)}
    default = asking.default_index()
    others = [("", default)] if default is not None else []
    others += [(url, asking.indexes.mirror(url)) for url in variant_indexes(found.install.fixed)]
    for shown, address in others:
        if (asking.indexes.original(address) if shown else "") in asked:
            continue
        for version in asking.listings.versions(address, found.package) or ():
            if found.install.specifier.contains(version, prereleases=True):
                yield shown, str(version)
                break
