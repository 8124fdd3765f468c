"""A COPY from another stage or image in, the Python environments that come with it out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.filesystem import Copy
from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.environments.interpreters import Environments
from mllint.facts.environments.unread_pythons import brings_python
from mllint.facts.stage import EnvironmentCopy
from mllint.facts.unknown import Unknown


def carry_environments(
    copy: Copy, there: tuple[Environment, ...], environments: Environments
) -> Iterator[EnvironmentCopy]:
    """Add what is copied of the environments `there`, the source's, to `environments`.

    Gives those that come from another stage.
    """
    if isinstance(copy.destination, Unknown):
        return
    whole = False
    for source in copy.sources:
        if isinstance(source, Unknown):
            continue
        source = "/" + source.strip("/")
        for environment in there:
            prefix = _new_prefix(source, copy.destination, environment)
            if prefix is None:
                continue
            if _is_interpreter(environment, source):
                environments.brought(prefix, environment)
                whole = True
            else:
                _merge(prefix, environment, copy, environments)
            if copy.stage is not None:
                yield EnvironmentCopy(
                    copy.location, copy.stage, source, copy.destination, environment, prefix
                )
    if whole or not _may_hold_python(there):
        return
    if brings_python(copy, ("", "")):
        line = copy.location.span.line
        environments.hidden = f"the files copied on line {line} may hold a Python"
    if any(isinstance(environment.prefix, Unknown) for environment in there):
        environments.foreign_folders.add(posixpath.normpath(copy.destination))


def _is_interpreter(environment: Environment, source: str) -> bool:
    """Whether an interpreter comes along with its packages, so that nothing else is needed."""
    prefix = environment.prefix
    if isinstance(prefix, Unknown) or not (prefix + "/").startswith(source.rstrip("/") + "/"):
        return False
    return environment.kind in (EnvironmentKind.SYSTEM, EnvironmentKind.CONDA)


def _may_hold_python(there: tuple[Environment, ...]) -> bool:
    """Whether a folder of programs may hold another Python than the distribution's in /usr."""
    return any(
        environment.prefix != "/usr" and environment.kind is not EnvironmentKind.VENV
        for environment in there
    )


def _new_prefix(source: str, destination: str, environment: Environment) -> str | None:
    """The prefix of `environment` in the new stage; "" for the user's site, None: not copied."""
    prefix = environment.prefix
    if isinstance(prefix, Unknown):
        return None
    folder, target = source.rstrip("/"), destination.rstrip("/") or "/"
    if prefix == source or prefix.startswith(folder + "/"):
        return posixpath.normpath(target + prefix[len(folder) :])
    if not (environment.installs or environment.created):
        return None
    distro = prefix == "/usr" and source.startswith("/usr/local/lib/python3")
    if distro and "/dist-packages" in source and target.startswith("/usr/local/lib/python3"):
        # Debian's own Python in /usr keeps there what pip installs.
        return "/usr"
    if source.startswith(prefix.rstrip("/") + "/lib") and "python" in source:
        # COPY --from=builder /usr/local/lib/python3.9/site-packages /usr/local/lib/python3.9/…
        return target.partition("/lib/")[0] if "/lib/" in target else target
    if source.endswith("/.local") and any(install.options.user for install in environment.installs):
        return ""
    return None


def _merge(prefix: str, environment: Environment, copy: Copy, environments: Environments) -> None:
    if prefix in ("", "/usr", "/usr/local") and prefix not in environments.drafts:
        draft = environments.on_path(None, None)
    elif prefix in environments.drafts:
        draft = environments.drafts[prefix]
    else:
        draft = environments.venv(
            prefix, environment.python, copy.location, system_site=environment.system_site
        )
        draft.kind = environment.kind
    draft.installs.extend(environment.installs)
