"""An install and its stage in; whether it can only fail because the C library is musl, out."""

from mllint.facts.environments.environment import Environment, EnvironmentKind
from mllint.facts.images.base_image import BaseImage, Origin, Python
from mllint.facts.images.contents import Libc
from mllint.facts.installs.install import Install, Installer
from mllint.facts.stage import Stage
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.tables import Tables


def is_musl(base: BaseImage) -> bool:
    """Whether the image certainly stands on musl: Alpine and its kin."""
    return isinstance(base.libc, Libc) and base.libc.name == "musl"


def has_no_musl_build(
    install: Install, stage: Stage, environment: Environment, tables: Tables
) -> bool:
    """Whether the stage is musl and the public index has neither a musl wheel nor a source."""
    if not is_musl(stage.base) or not _takes_from_index(install):
        return False
    if environment.kind is EnvironmentKind.CONDA or _origin(environment) is Origin.CONDA:
        return False
    name = install.name or ""
    if stage.holds_package(f"py3-{name}", "py3-pytorch" if name == "torch" else f"py3-{name}"):
        return False
    if name.startswith("nvidia-") and "-cu" in name:
        return True  # CUDA itself is built for glibc alone
    if install.exact is not None:
        release = tables.wheels.release(name, install.exact)
        return release is not None and not release.musl and release.sdist is False
    name = "jaxlib" if name == "jax" else name
    return tables.wheels.never_musl(name) and all(
        release.sdist is False for release in tables.wheels.releases(name)
    )


def asks_elsewhere(install: Install) -> bool:
    """Whether an index is asked that is neither the public one nor PyTorch's."""
    return not all(map(is_pytorch_page, install.indexes.urls))


def _takes_from_index(install: Install) -> bool:
    """Whether the command certainly runs and asks indexes that are all known."""
    if install.uninstall or install.conditional or install.opaque is not None:
        return False
    if install.installer is Installer.CONDA or install.url is not None:
        return False
    # `--target` goes with `--platform`: wheels fetched here to run elsewhere.
    if install.options.target is not None or not install.indexes.is_known:
        return False
    # A folder of wheels, or an index alone, may hold what was built for it on purpose.
    indexes = install.indexes
    alone = (*indexes.find_links, indexes.primary)
    own = any(isinstance(url, str) and not is_pytorch_page(url) for url in alone)
    return not own and not indexes.no_index


def _origin(environment: Environment) -> Origin | None:
    python = environment.python
    return python.origin if isinstance(python, Python) else None


def slim_twin(base: BaseImage, tables: Tables) -> str | None:
    """`python:3.11-alpine3.19` -> `python:3.11-slim`; None for any other image."""
    reference = base.reference
    version, dash, suite = (reference.tag or "").partition("-")
    if reference.repository != "python" or not suite.startswith("alpine"):
        return None
    row = tables.python_images.version(version)
    if row is None or row.slim is None:
        return None
    name = reference.text.partition("@")[0].removesuffix(f":{reference.tag}")
    return f"{name}:{version}{dash}slim"
