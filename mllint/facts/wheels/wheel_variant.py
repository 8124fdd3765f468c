"""What is held of a torch-family package in, which build of it that is out: cu118, cpu, rocm6.0.

A build is told by the local part of its version, by the index it comes from, or by the tables'
default for the public index.
"""

from packaging.version import Version

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import BaseImage, Cuda
from mllint.facts.installs.install import Indexes, Install, Installer
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.torch_pulls import pulled_torch
from mllint.facts.wheels.variant_names import (
    index_variant,
    is_pytorch_page,
    local_variant,
    variant_cuda,
)
from mllint.facts.wheels.wheel_fit import known_range
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.tables import Tables

# Conda packages that say which CUDA its pytorch is built for: `pytorch-cuda=12.1`.
_CONDA_CUDA = ("pytorch-cuda", "cudatoolkit")


class WheelVariant(NamedTuple):
    """Which build of a package an environment holds.

    variant: `cu118`, `cpu`, `rocm6.0`. cuda: the CUDA version the wheel brings (major.minor), None
    for a build without CUDA. location: what decides it. source: where the wheel comes from, in
    words for a message ("PyPI", "the cu118 index", "the base image"). required_by: the package, and
    its version, that brings it where nothing names it.
    """

    package: str
    version: Version | Unknown
    variant: str
    cuda: Version | None
    location: Location
    source: str
    required_by: str | None = None

    @property
    def text(self) -> str:
        """`torch 2.1.0 from PyPI`, `torch 2.1.0+cu118`, `pytorch from conda`, for a message."""
        if self.required_by is not None:
            return f"the {self.package} {self.version} that {self.required_by} requires"
        version = "" if isinstance(self.version, Unknown) else f" {self.version}"
        local = isinstance(self.version, Version) and self.version.local is not None
        return f"{self.package}{version}" + ("" if local else f" from {self.source}")


def held_variant(
    environment: Environment, package: str, tables: Tables, before: Install | None = None
) -> WheelVariant | Unknown | None:
    """The build of `package` (one of FAMILY) that the environment ends up with.

    With `before`, the one it holds when that install's command starts. None when nothing names
    it; Unknown when the version or the index cannot be told.
    """
    held = environment.effective_before(package, before)
    if held is None or isinstance(held, Unknown):
        return held
    if held.install is None:
        return _preinstalled_variant(held)
    return install_variant(held.install, held.version, package, tables)


def _preinstalled_variant(held: Held) -> WheelVariant | Unknown:
    version = held.version
    if isinstance(version, Unknown):
        return version
    return Unknown(f"the build of {held.name} {version} in the base image")


def torch_build(
    environment: Environment,
    base: BaseImage,
    location: Location,
    tables: Tables,
    before: Install | None = None,
) -> WheelVariant | Unknown | None:
    """The torch that an environment holds, from wherever: pip, conda or the base image.

    location: where the base image is named, which decides when it brought torch. Otherwise as
    `held_variant`.
    """
    held = environment.effective_before("torch", before)
    if isinstance(held, Held) and held.install is None:
        # An image that brings torch brings it built for the toolkit that lies beside it.
        if not isinstance(base.cuda, Cuda):
            return Unknown("the CUDA of the base image's torch")
        cuda = Version(f"{base.cuda.version.major}.{base.cuda.version.minor}")
        variant = f"cu{cuda.major}{cuda.minor}"
        return WheelVariant("torch", held.version, variant, cuda, location, base.reference.text)
    if held is None:
        return _conda_build(environment) or _pulled_build(environment, tables, before)
    return held_variant(environment, "torch", tables, before)


def _pulled_build(
    environment: Environment, tables: Tables, before: Install | None
) -> WheelVariant | Unknown | None:
    """The build that comes with a package which requires one torch: `pip install vllm==0.6.0`."""
    pulled = pulled_torch(environment, before, tables)
    if pulled is None:
        return None
    build = install_variant(pulled.install, pulled.version, "torch", tables)
    return build if isinstance(build, Unknown) else build._replace(required_by=pulled.package)


def _conda_build(environment: Environment) -> WheelVariant | None:
    """Conda's pytorch where a package beside it fixes its CUDA: `pytorch-cuda=12.1`."""
    found = [install for install in environment.of(*_CONDA_CUDA) if not install.conditional]
    if len(found) != 1 or not any(environment.of("pytorch")):
        return None
    for specifier in found[0].specifier:
        number = Version(specifier.version.removesuffix(".*"))
        if specifier.operator == "==" and len(number.release) >= 2:
            cuda = Version(f"{number.major}.{number.minor}")
            unknown = Unknown("conda chooses the version")
            variant = f"cu{cuda.major}{cuda.minor}"
            return WheelVariant("pytorch", unknown, variant, cuda, found[0].location, "conda")
    return None


def install_variant(
    install: Install, version: Version | Unknown, package: str, tables: Tables
) -> WheelVariant | Unknown:
    """The build that one install takes; `version` is the version it installs, where known."""
    if install.installer is Installer.CONDA:
        return Unknown("conda chooses the build")
    exact = version if isinstance(version, Version) else None
    named = local_variant(exact) if exact is not None else None
    if named is not None:
        return _variant(install, package, exact, named, f"the {named} index")
    if install.url is not None:
        return Unknown(f"the build behind {install.url}")
    indexes = install.indexes
    backend = indexes.torch_backend
    if isinstance(backend, Unknown) or not indexes.is_known:
        return Unknown("not every index is known")
    if backend is not None:
        if backend == "auto":
            return Unknown("uv chooses the torch backend")
        return _variant(install, package, exact, backend, f"torch backend {backend}")
    return _index_choice(install, indexes, exact, package, tables)


def _index_choice(
    install: Install, indexes: Indexes, exact: Version | None, package: str, tables: Tables
) -> WheelVariant | Unknown:
    """The build that the indexes give.

    pip takes the highest version of all of them: for one public version the build with a local
    part (`2.1.0+cu118`) ranks above the plain one. uv takes the first index that has the package.
    """
    served = [variant for url in indexes.urls if (variant := index_variant(url))]
    foreign = [url for url in indexes.urls if index_variant(url) is None]
    if any(is_pytorch_page(url) for url in foreign):
        return Unknown("the page holds every variant")
    if indexes.is_default:
        return _default_variant(install, exact, package, tables)
    only = len(set(served)) == 1 and not foreign
    if only and (indexes.primary is not None or indexes.no_index or install.installer.is_uv):
        return _variant(install, package, exact, served[0], f"the {served[0]} index")
    newest = exact or max(known_range(install, tables), default=None)
    if only and newest is not None and _exists(package, newest, served[0], tables):
        return _variant(install, package, exact, served[0], f"the {served[0]} index")
    return Unknown("more than one index may serve it")


def _exists(package: str, version: Version, variant: str, tables: Tables) -> bool:
    """Whether that build of torch is in the table; companions follow torch's own variants."""
    if package == "torch":
        return tables.torch.variant_exists(version, variant) is True
    release = tables.companions.release(package, version)
    if release is None or release.torch is None:
        return False
    return any(
        row.torch in release.torch and tables.torch.variant_exists(row.torch, variant)
        for row in tables.torch.releases
    )


def _default_variant(
    install: Install, exact: Version | None, package: str, tables: Tables
) -> WheelVariant | Unknown:
    if exact is None:
        return _default_of_range(install, package, tables)
    torch = exact if package == "torch" else _torch_of(package, exact, tables)
    default = tables.torch.default_variant(torch) if torch is not None else None
    if default is None:
        return Unknown(f"{package} {exact} is not in the table")
    return _variant(install, package, exact, default.variant, "PyPI")


def _default_of_range(install: Install, package: str, tables: Tables) -> WheelVariant | Unknown:
    """`torch==2.1.*`: every release that fits is built for one CUDA, and no later one fits."""
    fitting = known_range(install, tables) if package == "torch" else ()
    if tables.torch.newest not in fitting:
        builds = {row.variant for v in fitting if (row := tables.torch.default_variant(v))}
        if len(builds) == 1:
            return _variant(install, package, None, builds.pop(), "PyPI")
    return Unknown(f"{install.text} fixes no version")


def _torch_of(package: str, version: Version, tables: Tables) -> Version | None:
    """The torch that a companion release is built for, where its metadata pins one."""
    release = tables.companions.release(package, version)
    if release is None or release.torch is None:
        return None
    fitting = [row.torch for row in tables.torch.releases if row.torch in release.torch]
    return fitting[0] if len(fitting) == 1 else None


def _variant(
    install: Install, package: str, version: Version | None, variant: str, source: str
) -> WheelVariant:
    return WheelVariant(
        package,
        version if version is not None else Unknown(f"{install.text} fixes no version"),
        variant,
        variant_cuda(variant),
        install.location,
        source,
    )
