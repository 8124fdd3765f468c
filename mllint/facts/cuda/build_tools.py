"""A stage in, the last install of each environment that its own setuptools builds, out."""

from mllint.facts.commands.variables import Value
from mllint.facts.cuda.compiling import source_builds
from mllint.facts.stage import Stage
from mllint.tables import Tables


def last_builds(stage: Stage, tables: Tables) -> dict[Value, int]:
    """The group of that install by the prefix of the environment.

    `pip install -U setuptools`, then `--no-build-isolation flash-attn`: what is built without
    isolation, or by a setup.py of old, is built by whatever setuptools is there.
    """
    found: dict[Value, int] = {}
    for environment in stage.environments:
        for install in environment.installs:
            if install.options.no_build_isolation:
                found[environment.prefix] = install.group
    for build in source_builds(stage, tables):
        if build.install is not None:
            prefix = build.environment.prefix
            found[prefix] = max(found.get(prefix, -1), build.install.group)
    return found
