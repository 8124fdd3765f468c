"""A refusal in, what there is instead out: releases, indexes, the one that goes with the rest."""

from collections.abc import Iterator
from operator import attrgetter

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from mllint.facts.installs.install import Install
from mllint.facts.resolution import Refusal, RefusalKind
from mllint.facts.wheels.variant_names import variant_indexes
from mllint.resolve.answers import read_packages
from mllint.resolve.asking import Asking
from mllint.resolve.listings import ListedFile
from mllint.resolve.refusals import Part, unmarked
from mllint.resolve.request import Question, Sources
from mllint.resolve.uv_calls import Ending


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
    oldest = min(fitting, key=attrgetter("version"))
    return Refusal(
        RefusalKind.REQUIRES_PYTHON,
        install,
        install.name or "",
        str(allowed),
        python=question.target.minor,
        available=(str(oldest.python),),
    )


def _takes(file: ListedFile, python: str) -> bool:
    return file.python is None or file.python.contains(python, prereleases=True)


def later_release(asking: Asking, question: Question, install: Install) -> Version | None:
    """The next release for the Python that nobody withdrew; None where it is not known."""
    fixed, python = install.fixed, question.target.full
    found = {
        each.version
        for each in asking.files(question.sources, install.name or "") or ()
        if fixed is not None and each.version.public != fixed.public and each.version > fixed
        if not (each.yanked or each.version.is_prerelease) and _takes(each, python)
    }
    return min(found, default=None)


def with_releases(asking: Asking, question: Question, found: Refusal) -> Refusal:
    """The refusal with the releases that the indexes have instead, here and elsewhere."""
    if found.kind is not RefusalKind.NOT_ON_INDEX:
        return found
    sources = _narrowed(asking, question.sources, found.package)
    if sources is None:
        return found
    here = asking.files(sources, found.package)
    versions = sorted({each.version for each in here or () if not each.yanked})
    stable = [each for each in versions if not each.is_prerelease] or versions
    return found._replace(
        available=tuple(str(each) for each in stable),
        elsewhere=tuple(_elsewhere(asking, sources, found)),
        asked=_asked(asking, sources),
        absent=here == (),
    )


def _narrowed(asking: Asking, sources: Sources, package: str) -> Sources | None:
    """The indexes that are asked for the package; None where that is not known.

    A project's table ties it to one; uv asks the first alone that has it, the default one last.
    """
    if package in sources.named:
        return Sources(default=sources.named[package])
    if not sources.first_index or not sources.extra:
        return sources
    for address in sources.extra:
        versions = asking.listings.versions(address, package)
        if versions is None:
            return None
        if versions:
            return Sources(default=address)
    return sources


def _asked(asking: Asking, sources: Sources) -> tuple[str, ...]:
    """The pages that are looked at, as the user knows them; () where uv chooses among more."""
    if sources.torch_backend is not None:
        return ()
    default = [] if sources.default is None and sources.no_index else [sources.default]
    others = (*sources.extra, *sources.find_links)
    named = ["" if url is None else asking.indexes.original(url) for url in default]
    return tuple(dict.fromkeys([*named, *(asking.indexes.original(u) for u in others)]))


def with_fitting(asking: Asking, question: Question, part: Part, found: Refusal) -> Refusal:
    """The refusal with the release that could stand in the place of what is refused."""
    version = _fitting(asking, question, part, found.install)
    if version is None and found.beside:
        other = _fitting(asking, question, part, found.beside[0])
        return found._replace(fitting_beside=other)
    return found._replace(fitting=version)


def _fitting(asking: Asking, question: Question, part: Part, install: Install) -> Version | None:
    """The release that goes with all the rest: the next one, where that is sure to be found."""
    requirement = install.requirement
    if requirement is None:
        return None
    others = tuple(each for each in part.installs if each is not install)
    rest = tuple(map(unmarked, others))
    name = requirement.name
    name += f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    free = part.question(question)._replace(requirements=(*rest, name))
    version, fixed = _taken(asking, free, install), install.fixed
    if version is not None and version.is_prerelease and not question.pre:
        return None  # nobody is told to take one
    if version is None or fixed is None:
        return version
    if version > fixed and all(each.fixed for each in others):
        # The next release is a smaller step than the newest one.
        later = (*rest, f"{name}>{fixed.public}")
        version = _taken(asking, free._replace(requirements=later, lowest=True), install) or version
    if fixed.local is not None and version.local is None:
        same = (*rest, f"{name}=={version.public}+{fixed.local}")
        return _taken(asking, free._replace(requirements=same), install) or version
    return version


def _taken(asking: Asking, question: Question, install: Install) -> Version | None:
    """The release of what `install` names in the answer; None where there is no answer."""
    said = asking.ask(question)
    if said.ending is not Ending.RESOLVED:
        return None
    packages = read_packages(said.output, question.sources)
    return next((each.version for each in packages if each.name == install.name), None)


def _elsewhere(asking: Asking, sources: Sources, found: Refusal) -> Iterator[tuple[str, str]]:
    """Other indexes that have the release: the default one, and PyTorch's of its local part."""
    if sources.torch_backend is not None:
        return
    wanted = _specifier(found)
    if wanted is None:
        return
    asked = {asking.indexes.original(each) for each in asking.addresses(sources)}
    default = asking.default_index()
    others = [("", default)] if default is not None else []
    exact = (Version(each.version) for each in wanted if each.operator == "==" and "+" in str(each))
    local = next(exact, None)
    others += [(url, asking.indexes.mirror(url)) for url in variant_indexes(local)]
    for shown, address in others:
        if (asking.indexes.original(address) if shown else "") in asked:
            continue
        for version in asking.listings.versions(address, found.package) or ():
            if wanted.contains(version, prereleases=True):
                yield shown, str(version)
                break


def _specifier(found: Refusal) -> SpecifierSet | None:
    """What is asked of the package that is not to be had; None where it is no one requirement."""
    if found.need is None:
        return found.install.specifier
    try:
        return Requirement(found.need.requirement).specifier
    except InvalidRequirement:
        return None
