"""version-not-on-index: no index that a command asks has what is to be installed."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.project import Project
from mllint.facts.resolution import Refusal, RefusalKind, index_name
from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import local_variant
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.remedies import how_to_add_index
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each requirement; those of one command that want one more index are one."""
    groups: dict[tuple[int, str | Location], list[Refusal]] = {}
    for refusal in project.refusals(RefusalKind.NOT_ON_INDEX):
        install = refusal.install
        same = _missing_index(refusal, tables) or install.location
        groups.setdefault((install.group, same), []).append(refusal)
    for found in groups.values():
        first, *others = sorted(found, key=_place)
        related = tuple(Related(_place(each), f"nor {each.install.text}") for each in others)
        stage = project.stages[first.install.stage].label
        yield _problem(first, tables)._replace(related=related, stage=stage)


def _place(refusal: Refusal) -> Location:
    return refusal.install.location


def _missing_index(refusal: Refusal, tables: Tables) -> str | None:
    """The index that has the build asked for: one that was asked, else PyTorch's by the tables."""
    install = refusal.install
    if refusal.elsewhere or refusal.need is not None:
        return refusal.elsewhere[0][0] if refusal.elsewhere else None
    name, version = install.name or "", install.fixed
    variant = local_variant(version) if version is not None and name in FAMILY else None
    if version is None or variant is None:
        return None
    torch = version if name == "torch" else tables.torch.meant_with(name, Version(version.public))
    exists = torch is not None and tables.torch.variant_exists(torch, variant)
    return tables.torch.index_url(variant) if exists else None


def _problem(refusal: Refusal, tables: Tables) -> Problem:
    install = refusal.install
    return Problem(
        install.location,
        _message(refusal),
        _help(refusal, _missing_index(refusal, tables)),
        severity=Severity.WARNING if install.tolerated else None,
    )


def _message(refusal: Refusal) -> str:
    need, install = refusal.need, refusal.install
    has = f"{refusal.indexes} {'has' if len(refusal.asked) < 2 else 'have'} no"
    if need is None:
        what = f"package {refusal.package}" if refusal.absent else install.text
        return f"{has} {what}{_instead(refusal)}"
    wants = f"{need.package} requires {need.requirement}"
    if need.name != install.name:
        wants = f"{install.text} brings {wants}"
    what = "package of that name" if refusal.absent else "such release"
    return f"{wants}; {has} {what}{_instead(refusal)}"


def _instead(refusal: Refusal) -> str:
    """What there is in its place."""
    if refusal.elsewhere:
        url, release = refusal.elsewhere[0]
        return f"; {index_name(url)} has {release}"
    plain = _other_build(refusal)
    if plain is not None:
        return f", but {plain}"
    return f"; the newest is {refusal.available[-1]}" if refusal.available else ""


def _other_build(refusal: Refusal) -> str | None:
    """The release that is there, with another local part or none."""
    fixed = refusal.install.fixed if refusal.need is None else None
    found = (each for each in refusal.available if fixed and Version(each).public == fixed.public)
    return next(found, None)


def _help(refusal: Refusal, url: str | None) -> str:
    install = refusal.install
    if url is not None:
        if url:
            return how_to_add_index(install, url)
        return f"install {install.name} in a command of its own, from the default index"
    if release := _other_build(refusal) or refusal.fitting:
        return f"write `{install.name}{install.installer.equals}{release}`"
    if refusal.absent:
        return f"correct the name {refusal.package}, or name the index that has it"
    return f"take a release of {install.name} that can be had"
