"""Packages that a lock reaches in, `Install`s at their exact versions out."""

from collections.abc import Collection

from packaging.requirements import Requirement

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.builder import InstallBuilder
from mllint.facts.installs.install import Indexes, Install
from mllint.facts.installs.lock_reach import Reached
from mllint.parse.source import Location
from mllint.regex import lazy

# The public index as locks write it, of which no rule needs the name of its host.
_PUBLIC = lazy(r"https://pypi\.[a-z]{3}/simple/?")
# uv leaves these alone, whoever put them there.
_SEEDS = frozenset({"pip", "setuptools", "wheel", "uv"})


def add_locked(builder: InstallBuilder, path: str, reached: Reached) -> None:
    """Add one package of a lock, at the version and from the index that the lock fixes."""
    execution, package = builder.execution, reached.package
    version = package.version
    named = package.url is None and version is not None
    text = f"{package.name}=={version}" if named else f"{package.name} @ {package.url}"
    builder.draft.installs.append(
        Install(
            installer=builder.installer,
            name=package.name,
            requirement=Requirement(f"{package.name}=={version}") if version else None,
            text=text,
            location=Location(path, package.span),
            command=execution.location,
            stage=builder.stage,
            group=builder.group,
            # A lock is installed as it stands: nothing is resolved.
            options=builder.options._replace(no_deps=True),
            indexes=Indexes(primary=public_index(package.registry)),
            url=package.url,
            editable=_is_editable(execution, package.origin),
            locked=True,
            conditional=execution.conditional or not reached.certain,
            tolerated=execution.tolerated,
            files=builder.files,
            direct=reached.direct,
        )
    )


def _is_editable(execution: Execution, origin: str | None) -> bool:
    """Whether a project of the lock is linked to: uv's default for one that can be built."""
    refused = "--no-editable" in execution.words or execution.lookup("UV_NO_EDITABLE")
    return not refused and (origin or "").startswith("editable=")


def drop_others(builder: InstallBuilder, kept: Collection[str]) -> None:
    """Take out what earlier commands installed and the lock does not hold, as a sync does."""
    held: dict[str, Install] = {}
    for install in builder.draft.installs:
        if install.name is not None and install.group != builder.group:
            held[install.name] = install
    for name, install in held.items():
        if name not in kept and name not in _SEEDS and not install.uninstall:
            builder.draft.installs.append(
                install._replace(
                    installer=builder.installer,
                    requirement=Requirement(name),
                    text=name,
                    location=builder.execution.location,
                    command=builder.execution.location,
                    stage=builder.stage,
                    group=builder.group,
                    indexes=Indexes(),
                    url=None,
                    editable=False,
                    locked=True,
                    conditional=builder.execution.conditional,
                    uninstall=True,
                    opaque=None,
                    pinned=None,
                )
            )


def public_index(url: str | None) -> str | None:
    """An address of an index; None when it is that of the public one."""
    return None if url is None or _PUBLIC.fullmatch(url) else url
