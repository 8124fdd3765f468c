"""local-version-without-index: a `+cu118` version that no index of its install can serve."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import local_variant, serves_local
from mllint.finding import Fix, Problem, Related, Severity
from mllint.named_tuple import NamedTuple
from mllint.remedies import add_extra_index, how_to_add_index
from mllint.tables import Tables

WORDS = ("+", "%2b")


class _Pin(NamedTuple):
    """A requirement that fixes one build: torch==2.1.0+cu118, its version and `cu118`."""

    install: Install
    version: Version
    variant: str
    stage: str


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem for each command and build: the first such requirement, the others beside it."""
    commands: dict[tuple[int, str], list[_Pin]] = {}
    for stage, environment, install in project.installs:
        pin = None if project.settles(install) else _pin(install, environment, stage.label)
        if pin is not None:
            commands.setdefault((install.group, pin.variant), []).append(pin)
    for first, *others in commands.values():
        problem = _problem(first, tables)
        if problem is not None:
            texts = [other.install for other in others]
            related = (Related(o.location, f"{o.text} needs that build too") for o in texts)
            yield problem._replace(related=tuple(related))


def _pin(install: Install, environment: Environment, stage: str) -> _Pin | None:
    """The build that a requirement asks an index for; None when pip looks for nothing."""
    version = install.exact
    variant = local_variant(version) if version is not None else None
    if version is None or variant is None or install.url is not None:
        return None
    held = environment.effective_before(install.name or "", install)
    there = isinstance(held, Held) and (satisfied(held, install) or _may_be(held, version))
    if there or install.tolerated or install.installer is Installer.CONDA:
        return None
    return _Pin(install, version, variant, stage)


def _may_be(held: Held, version: Version) -> bool:
    """Whether the base image may hold that very build: of its local part nothing is known."""
    if held.install is not None:
        return False
    return isinstance(held.version, Unknown) or held.version.public == version.public


def _problem(pin: _Pin, tables: Tables) -> Problem | None:
    install, indexes = pin.install, pin.install.indexes
    exists = None
    if install.name == "torch":
        exists = tables.torch.variant_exists(pin.version, pin.variant)
    if exists is False and indexes.is_known:
        return _never_built(pin, tables)
    if serves_local(indexes, pin.variant) is not False:
        return None
    asked = " or ".join(indexes.urls) or "the public index, which takes no local versions"
    url = tables.torch.index_url(pin.variant) if install.name in FAMILY else None
    edit = add_extra_index(install, url) if url and exists and indexes.is_default else None
    fix = Fix(f"add the {pin.variant} index", (edit,), safe=True) if edit else None
    return Problem(
        location=install.location,
        message=f"{install.text} is asked of {asked}: this build is not there",
        help=how_to_add_index(install, url) if url else "add the page that holds this build",
        fix=fix,
        severity=Severity.WARNING if install.conditional else None,
        stage=pin.stage,
    )


def _never_built(pin: _Pin, tables: Tables) -> Problem:
    builds = ", ".join(row.variant for row in tables.torch.variants(pin.version))
    version = pin.version.public
    return Problem(
        location=pin.install.location,
        message=f"torch {version} was never built for {pin.variant}; its builds are {builds}",
        help="take one of these builds, or another torch",
        severity=Severity.WARNING if pin.install.conditional else None,
        stage=pin.stage,
    )
