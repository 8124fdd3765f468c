"""A COPY --from another stage in, the Python environments that come with it out."""

import posixpath
from collections.abc import Iterator

from mllint.facts.commands.filesystem import Copy
from mllint.facts.environments.environment import Environment
from mllint.facts.environments.interpreters import Environments
from mllint.facts.stage import EnvironmentCopy, Stage
from mllint.facts.unknown import Unknown


def copied_environments(
    copy: Copy, source_stage: Stage, environments: Environments
) -> Iterator[EnvironmentCopy]:
    """The environments that are copied, in whole or part; adds them to `environments`."""
    if isinstance(copy.destination, Unknown):
        return
    for source in copy.sources:
        if isinstance(source, Unknown):
            continue
        source = "/" + source.strip("/")
        for environment in source_stage.environments:
            prefix = _new_prefix(source, copy.destination, environment)
            if prefix is not None:
                _merge(prefix, environment, copy, environments)
                yield EnvironmentCopy(
                    copy.location,
                    source_stage.index,
                    source,
                    copy.destination,
                    environment,
                    prefix,
                )


def _new_prefix(source: str, destination: str, environment: Environment) -> str | None:
    """The prefix of `environment` in the new stage; "" for the user's site, None: not copied."""
    prefix = environment.prefix
    if isinstance(prefix, Unknown) or not (environment.installs or environment.created):
        return None
    folder, target = source.rstrip("/"), destination.rstrip("/") or "/"
    if prefix == source or prefix.startswith(folder + "/"):
        return posixpath.normpath(target + prefix[len(folder) :])
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
