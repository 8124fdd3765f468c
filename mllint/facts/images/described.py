"""The name of an image in, what the dated tables say that it holds, out."""

from collections.abc import Mapping

from packaging.version import Version

from mllint.facts.commands.variables import Value
from mllint.facts.images.base_image import BaseImage
from mllint.facts.images.contents import (
    Cuda,
    CudaFlavor,
    Distro,
    Libc,
    Origin,
    Preinstalled,
    Python,
)
from mllint.facts.images.reference import ImageReference, parse_reference
from mllint.facts.images.tag_states import TagState, tag_state
from mllint.facts.images.tags import tag_facts
from mllint.facts.unknown import Unknown
from mllint.tables import Tables
from mllint.tables.base_images import BaseImageRow
from mllint.tables.distros import DistroRelease
from mllint.tables.rows import Confidence

IMAGE_CONTEXT = "docker-image://"
"""What a named build context begins with that is an image."""


def base_image(reference: ImageReference, tables: Tables) -> BaseImage:
    """What `reference` holds by the tables; fields that no row covers are Unknown."""
    name = tables.base_images.original(reference.name) or reference.name
    state = _tag_state(reference, name, tables)
    pinned = reference.digest is not None
    tag = reference.tag or "latest"
    # `ubuntu:latest@sha256:…` and `ubuntu@sha256:…` are the latest of some day, not of today.
    found = None if pinned and tag == "latest" else tables.base_images.find(name, tag)
    if found is None:
        what = (
            f"the tag {tag} of {name}" if tables.base_images.covers(name) else f"the image {name}"
        )
        return _blank(reference, f"the tables do not know {what}", state)
    row, groups = found
    cells = _Cells(row, tag_facts(name, tag, groups, pinned, tables), f"{name}:{tag}")
    return _described(reference, cells, tables, state)


def named_image(text: str | Unknown, tables: Tables) -> BaseImage:
    """What the image that FROM or `--from` names holds; nothing is known of a faulty reference."""
    if isinstance(text, Unknown):
        return unknown_image(str(text))
    reference = parse_reference(text)
    if isinstance(reference, Unknown):
        return unknown_image(str(reference))
    return base_image(reference, tables)


def supplied_image(name: Value, supplied: Value | None, tables: Tables) -> BaseImage:
    """What the image holds that FROM names, or that the build supplies in its place.

    The reference of the latter has no text: nobody would edit it in the Dockerfile.
    """
    if supplied is None:
        return named_image(name, tables)
    if isinstance(supplied, str) and supplied.startswith(IMAGE_CONTEXT):
        image = named_image(supplied.removeprefix(IMAGE_CONTEXT), tables)
        return image._replace(reference=image.reference._replace(text=""))
    return unknown_image(f"the build supplies {name}: {supplied}")


def unknown_image(reason: str) -> BaseImage:
    """An image of which nothing is known, e.g. `FROM ${BASE}` without a default."""
    return _blank(ImageReference("", "", "", None, None), reason, TagState.UNKNOWN)


def _blank(reference: ImageReference, reason: str, state: TagState) -> BaseImage:
    unknown = Unknown(reason)
    return BaseImage(
        reference=reference,
        distro=unknown,
        libc=unknown,
        python=unknown,
        distro_python=unknown,
        has_pip=unknown,
        cuda=unknown,
        cudnn=unknown,
        commands=unknown,
        preinstalled=unknown,
        env={},
        env_complete=False,
        user=unknown,
        workdir=unknown,
        eol=None,
        tag_state=state,
    )


def _tag_state(reference: ImageReference, name: str, tables: Tables) -> TagState:
    """What is known of the tag; a copy or a digest may outlive a tag that the registry removed."""
    if reference.tag is None and reference.digest is not None:
        return TagState.UNKNOWN
    state = tag_state(name, reference.tag or "latest", tables)
    elsewhere = name != reference.name or reference.digest is not None
    return TagState.UNKNOWN if elsewhere and state is not TagState.EXISTS else state


class _Cells:
    """The cells of a row with the facts of the tag filled in."""

    def __init__(self, row: BaseImageRow, facts: Mapping[str, str], image: str) -> None:
        self.row = row
        self.facts = facts
        self.unknown = Unknown(f"the tables do not tell what {image} holds")

    def fill(self, cell: str | None) -> str | None:
        """The text of a cell; None when it is empty or names a fact that is not known."""
        try:
            return None if cell is None else cell.format_map(self.facts)
        except KeyError:
            return None

    def env(self, tables: Tables) -> tuple[dict[str, str], tuple[str, ...]]:
        """The variables with known values, and the beginnings of those with unknown ones."""
        known: dict[str, str] = {}
        hidden = list(self.row.environment_unknown)
        for row in tables.base_images.variables(self.row.environment or ""):
            value = self.fill(row.value)
            if value is None:
                hidden.append(row.variable)
            else:
                known[row.variable] = value
        return known, tuple(hidden)


def _described(
    reference: ImageReference, cells: _Cells, tables: Tables, state: TagState
) -> BaseImage:
    row, unknown = cells.row, cells.unknown
    name, number = cells.fill(row.distro), cells.fill(row.release)
    release = tables.distros.release(name, number) if name and number else None
    env, env_unknown = cells.env(tables)
    python = _python(cells)
    cudnn = cells.fill(row.cudnn)
    return BaseImage(
        reference=reference,
        distro=_distro(cells, release),
        libc=_libc(row, release, unknown),
        python=python,
        distro_python=_distro_python(python, release, unknown),
        has_pip=unknown if row.pip is None else row.pip,
        cuda=_cuda(cells),
        cudnn=unknown if cudnn is None else None if cudnn == "none" else int(cudnn),
        commands=unknown if row.commands is None else frozenset(row.commands.split()) - {"none"},
        preinstalled=_preinstalled(cells),
        env=env,
        env_complete=row.environment_complete or False,
        user=row.user or unknown,
        workdir=row.workdir or unknown,
        eol=None if release is None else release.eol_extended or release.eol,
        tag_state=state,
        env_unknown=env_unknown,
    )


def _distro(cells: _Cells, release: DistroRelease | None) -> Distro | Unknown:
    name, number = cells.fill(cells.row.distro), cells.fill(cells.row.release)
    if name is None or number is None:
        return cells.unknown
    return Distro(name, number, (release.codename if release else None) or "")


def _libc(row: BaseImageRow, release: DistroRelease | None, unknown: Unknown) -> Libc | Unknown:
    if release is not None:
        return Libc(release.libc, release.libc_version)
    return unknown if row.libc is None else Libc(row.libc, None)


def _distro_python(
    python: Python | Unknown | None, release: DistroRelease | None, unknown: Unknown
) -> Python | Unknown:
    # NVIDIA's images run on the distribution's Python, without its PEP 668 marker.
    if isinstance(python, Python) and python.origin is Origin.DISTRO:
        return python
    if release is None or release.python is None or release.confidence is Confidence.LOW:
        return unknown
    return Python(release.python, "/usr", Origin.DISTRO, release.externally_managed)


def _python(cells: _Cells) -> Python | Unknown | None:
    row, version = cells.row, cells.fill(cells.row.python)
    if version == "none":
        return None
    if version is None or row.python_prefix is None or row.python_origin is None:
        return cells.unknown
    managed = cells.unknown if row.externally_managed is None else row.externally_managed
    origin = Origin[row.python_origin.upper()]
    return Python(Version(version), row.python_prefix, origin, managed)


def _cuda(cells: _Cells) -> Cuda | Unknown | None:
    version, flavor = cells.fill(cells.row.cuda), cells.fill(cells.row.cuda_flavor)
    if version == "none":
        return None
    if version is None or flavor is None:
        return cells.unknown
    return Cuda(Version(version), CudaFlavor(flavor))


def _preinstalled(cells: _Cells) -> tuple[Preinstalled, ...] | Unknown:
    if cells.row.preinstalled is None:
        return cells.unknown
    found: list[Preinstalled] = []
    for item in cells.row.preinstalled.split():
        name, equals, version = item.partition("=")
        if name != "none":
            text = cells.fill(version) if equals else None
            found.append(Preinstalled(name, Version(text) if text else cells.unknown))
    return tuple(found)
