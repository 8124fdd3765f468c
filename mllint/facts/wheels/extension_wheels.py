"""A stage in; the ready-made extension wheels it installs, and what they are built for, out.

The name of a wheel tells it (`flash_attn-2.7.4+cu12torch2.5cxx11abiFALSE-cp310-…`), or the address
of the page that holds it (`…/torch-2.1.0+cu121.html`).
"""

import posixpath
import re
from collections.abc import Iterator

from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version

from mllint.facts.environments.environment import Environment
from mllint.facts.images.base_image import Python
from mllint.facts.installs.install import Install, Installer
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.wheels.wheel_variant import WheelVariant, torch_build
from mllint.named_tuple import NamedTuple
from mllint.regex import lazy
from mllint.tables import Tables

_LOCAL = lazy(
    r"""
    (?: cu(?P<cuda>\d{2,3}) \.? )? torch (?P<torch>\d+\.\d+) (?! \d )   # cu12torch2.5cxx11abiFALSE
    | pt(?P<major>\d)(?P<minor>\d{1,2}?)\d?cu(?P<pt_cuda>\d{2,3})       # pt21cu121, pt251cu124
    """,
    re.VERBOSE,
)
_PYG = lazy(r"data\.pyg\.org/whl/torch-(?P<torch>\d+\.\d+)\.\d+(?:\+|%2B)cu(?P<cuda>\d{3})\.html")
_MMCV = lazy(r"openmmlab\.com/mmcv/dist/cu(?P<cuda>\d{3})/torch(?P<torch>\d+\.\d+)(?:\.\d+)?/")
_PAGES = {
    **dict.fromkeys(("torch-scatter", "torch-sparse", "torch-cluster", "torch-spline-conv"), _PYG),
    **dict.fromkeys(("pyg-lib",), _PYG),
    **dict.fromkeys(("mmcv", "mmcv-full"), _MMCV),
}


class WheelBuild(NamedTuple):
    """What a wheel is built for: torch (minor release), CUDA's major, Python; None: not told."""

    torch: Version | None
    cuda_major: int | None
    python: Version | None


class WheelClash(NamedTuple):
    """A wheel that is built for something else than what its environment holds.

    built, held: the two, in words. certain: the import, or the install, fails.
    """

    install: Install
    built: str
    held: str
    certain: bool
    other: WheelVariant | None


def wheel_clashes(project: Project, stage: Stage, tables: Tables) -> Iterator[WheelClash]:
    """The extension wheels of this stage's own commands that do not fit, each with one reason."""
    root = project.root(stage).location
    for environment in stage.environments:
        torch = torch_build(environment, stage.base, root, tables)
        for install in environment.installs:
            if install.stage != stage.index or install.uninstall or install.conditional:
                continue
            build = _build_of(install, tables)
            held = torch if isinstance(torch, WheelVariant) else None
            clash = _clash(install, build, held, environment) if build is not None else None
            if clash is not None:
                yield clash


def _build_of(install: Install, tables: Tables) -> WheelBuild | None:
    if install.installer is Installer.CONDA or install.name is None:
        return None
    if install.url is not None:
        known = tables.builds.needs(install.name) is not None
        return _of_wheel(install.url) if known else None
    page = _PAGES.get(install.name)
    links = [url for url in install.indexes.find_links if isinstance(url, str)]
    # Several pages: pip takes what is newest, of whichever.
    match = page.search(links[0]) if page is not None and len(links) == 1 else None
    if match is None:
        return None
    return WheelBuild(Version(match["torch"]), int(match["cuda"][:2]), None)


def _of_wheel(url: str) -> WheelBuild | None:
    name = posixpath.basename(url.partition("#")[0].partition("?")[0]).replace("%2B", "+")
    if not name.endswith(".whl"):
        return None
    try:
        _, version, _, tags = parse_wheel_filename(name)
    except InvalidWheelFilename:
        return None
    interpreters = {tag.interpreter for tag in tags if tag.abi != "abi3"}
    match = re.fullmatch(r"cp([0-9])([0-9]+)", next(iter(interpreters), "")) if tags else None
    python = Version(f"{match[1]}.{match[2]}") if match and len(interpreters) == 1 else None
    found = _LOCAL.search(version.local or "")
    if found is None:
        return WheelBuild(None, None, python)
    text = found["torch"] or f"{found['major']}.{found['minor']}"
    cuda = found["cuda"] or found["pt_cuda"]
    return WheelBuild(Version(text), int(cuda[:2]) if cuda else None, python)


def _clash(
    install: Install, build: WheelBuild, torch: WheelVariant | None, environment: Environment
) -> WheelClash | None:
    python = environment.python
    if build.python is not None and isinstance(python, Python):
        minor = Version(python.minor)
        if minor != build.python:
            built, held = f"Python {build.python}", f"the environment has Python {minor}"
            return WheelClash(install, built, held, certain=True, other=None)
    if torch is None or build.torch is None or not isinstance(torch.version, Version):
        return None
    minor = Version(f"{torch.version.major}.{torch.version.minor}")
    held = f"the environment holds {torch.text}"
    if minor != build.torch:
        return WheelClash(install, f"torch {build.torch}", held, certain=True, other=torch)
    if torch.cuda is not None and build.cuda_major not in (None, torch.cuda.major):
        held += f", built for CUDA {torch.cuda}"
        built = f"CUDA {build.cuda_major}"
        return WheelClash(install, built, held, certain=True, other=torch)
    if torch.version.is_prerelease:
        # NVIDIA builds its own torch, from a commit between two releases.
        return WheelClash(install, f"torch {build.torch}", held, certain=False, other=torch)
    return None
