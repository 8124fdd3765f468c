"""An install of a build tool in, whether later builds of the environment depend on it, out."""

from mllint.facts.cuda.compiling import source_builds
from mllint.facts.environments.environment import Environment
from mllint.facts.installs.install import Install
from mllint.facts.stage import Stage
from mllint.tables import Tables


def decides_a_build(
    install: Install, environment: Environment, stage: Stage, tables: Tables
) -> bool:
    """Whether a later install of the environment is built by this setuptools.

    `pip install -U setuptools`, then `--no-build-isolation flash-attn`: what is built without
    isolation, or by a setup.py of old, is built by whatever setuptools is there.
    """
    if install.name != "setuptools":
        return False
    if any(
        later.group > install.group and later.options.no_build_isolation
        for later in environment.installs
    ):
        return True
    return any(
        build.install is not None
        and build.install.group > install.group
        and build.environment.prefix == environment.prefix
        for build in source_builds(stage, tables)
    )
