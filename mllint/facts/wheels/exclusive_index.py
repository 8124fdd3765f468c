"""An install in, whether the index of PyTorch that it asks alone lacks what it wants, out."""

from mllint.facts.environments.environment import Environment, Held, satisfied
from mllint.facts.installs.install import Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.variant_names import index_variant, is_pytorch_page
from mllint.tables import Tables

# Builds that come and go, of which no table tells.
_PASSING = ("/whl/nightly", "/whl/test")


def exclusive_index(install: Install) -> str | None:
    """The address of PyTorch's index, when an installer looks there and nowhere else."""
    indexes = install.indexes
    if install.installer not in (Installer.PIP, Installer.UV_PIP) or not indexes.is_known:
        return None
    primary = indexes.primary
    if not isinstance(primary, str) or indexes.no_index or indexes.torch_backend is not None:
        return None
    return primary if all(is_pytorch_page(url) for url in indexes.urls) else None


def is_looked_for(install: Install, environment: Environment) -> bool:
    """Whether the installer has to find the requirement on an index."""
    named = install.name is not None and install.requirement is not None
    if not named or install.url is not None or install.editable or install.opaque is not None:
        return False
    held = environment.effective_before(install.name or "", install)
    if isinstance(held, Unknown):
        return False
    return not (isinstance(held, Held) and (held.install is None or satisfied(held, install)))


def lacks_package(install: Install, tables: Tables) -> bool:
    """Whether PyTorch's index serves no release of the package."""
    return not tables.distributions.on_pytorch_index(install.name or "")


def lacks_build(install: Install, tables: Tables) -> str | None:
    """The variant of the one index asked (`cu126`), when that torch was never built for it."""
    version, urls = install.exact, install.indexes.urls
    if install.name != "torch" or version is None or version.local or len(urls) != 1:
        return None
    variant = index_variant(urls[0])
    if variant is None or any(part in urls[0] for part in _PASSING):
        return None
    return variant if tables.torch.variant_exists(version, variant) is False else None
