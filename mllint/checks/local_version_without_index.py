"""local-version-without-index: a `+cu118` version that no index of its install can serve."""

from collections.abc import Iterator

from packaging.version import Version

from mllint.facts.environment import Held, satisfied
from mllint.facts.installs import Install, Installer
from mllint.facts.project import Project
from mllint.facts.requirement_edits import add_extra_index
from mllint.facts.wheel_variant import local_variant, serves_local
from mllint.finding import Fix, Problem, Related, Severity
from mllint.tables import Tables


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """One problem for each command and build: the first such requirement, the others beside it."""
    found: dict[tuple[int, str], list[tuple[Install, Version, str]]] = {}
    for _, environment, install in project.installs:
        version = install.exact
        if version is None or version.local is None or install.url is not None:
            continue
        held = environment.effective_before(install.name or "", install)
        if isinstance(held, Held) and satisfied(held, install):
            continue
        if install.installer is not Installer.CONDA and not install.tolerated:
            key = (install.group, local_variant(version) or version.local)
            found.setdefault(key, []).append(
                (install, version, project.stages[install.stage].label)
            )
    for requirements in found.values():
        install, version, stage = requirements[0]
        problem = _problem(install, version, stage, tables)
        if problem is not None:
            related = tuple(
                Related(o.location, f"{o.text} needs it too") for o, *_ in requirements[1:]
            )
            yield problem._replace(related=related)


def _problem(install: Install, version: Version, stage: str, tables: Tables) -> Problem | None:
    variant = local_variant(version)
    missing = (
        install.name == "torch"
        and variant is not None
        and (tables.torch.variant_exists(version, variant) is False)
    )
    if missing and install.indexes.is_known and variant is not None:
        return _never_built(install, version, variant, stage, tables)
    if serves_local(install.indexes, variant) is not False:
        return None
    asked = install.indexes.urls
    which = " or ".join(asked) or "the public index, which takes no local versions"
    url = tables.torch.index_url(variant) if variant is not None and _on_pytorch(install) else None
    return Problem(
        location=install.location,
        message=f"{install.text} is asked of {which}: this build is not there",
        help=f"add `--extra-index-url {url}`"
        if url
        else "add the index or page that holds this build",
        fix=_fix(install, version, variant, url, tables),
        severity=Severity.WARNING if install.conditional else None,
        stage=stage,
    )


def _never_built(
    install: Install, version: Version, variant: str, stage: str, tables: Tables
) -> Problem:
    builds = ", ".join(row.variant for row in tables.torch.variants(version))
    return Problem(
        location=install.location,
        message=f"torch {version.public} was never built for {variant}; its builds are {builds}",
        help=f"take one of its builds, or a torch that has a {variant} build",
        severity=Severity.WARNING if install.conditional else None,
        stage=stage,
    )


def _on_pytorch(install: Install) -> bool:
    return install.name in ("torch", "torchvision", "torchaudio", "torchtext", "xformers")


def _fix(
    install: Install, version: Version, variant: str | None, url: str | None, tables: Tables
) -> Fix | None:
    """Safe where the table has the build and nothing but the public index was asked."""
    known = install.name == "torch" and variant is not None
    if url is None or install.indexes.urls or not known or variant is None:
        return None
    if tables.torch.variant_exists(version, variant) is not True:
        return None
    return Fix(f"add the {variant} index", (add_extra_index(install, url),), safe=True)
