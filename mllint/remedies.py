"""What a check found in, what mends it out: edits of what a person wrote, lines to type.

Facts know no cure, and a check is one sentence: what takes more than a word to mend stands here.
"""

from typing import TYPE_CHECKING

from mllint.facts.installs.install import Install, Installer
from mllint.finding import Edit
from mllint.parse.source import Location, Span

if TYPE_CHECKING:
    from packaging.version import Version

    from mllint.facts.wheels.numpy_builds import OldBuild
    from mllint.facts.wheels.torch_pairs import OddPair
    from mllint.tables.distributions import RetiredPackage


def add_extra_index(install: Install, url: str) -> Edit | None:
    """Add `--extra-index-url`: a line above the requirement in a file, else behind its word.

    None where it cannot be added, as in pyproject.toml or a lock, or the installer has no option.
    """
    written, path, span = install.written, install.location.path, install.location.span
    if written is None or install.installer not in (Installer.PIP, Installer.UV_PIP):
        return None
    if written.is_line:
        start = Span(span.line, 1, span.line, 1)
        return Edit(Location(path, start), f"--extra-index-url {url}\n")
    end = Span(span.end_line, span.end_column, span.end_line, span.end_column)
    return Edit(Location(path, end), f" --extra-index-url {url}")


def how_to_add_index(install: Install, url: str) -> str:
    """What to type so that the installer asks one more index."""
    if install.metadata and install.installer.reads_sources:
        return f"name the index {url} in pyproject.toml, and make it the source of {install.name}"
    if install.location.path.endswith((".yml", ".yaml")):
        return f"add the line `- --extra-index-url {url}` above it"
    where = f" to `{install.installer.value} install`" if install.metadata else ""
    return f"add `--extra-index-url {url}`{where}"


def how_to_take_from(install: Install, url: str) -> str:
    """What to type so that the installer asks this index and no other."""
    if install.locked or (install.metadata and install.installer.reads_sources):
        return f"make {url} the source of {install.name}, and lock again"
    if install.location.path.endswith((".yml", ".yaml")):
        return f"add the line `- --index-url {url}` above it"
    return f"add `--index-url {url}`"


def _ask_for(install: Install, version: "Version") -> Edit | None:
    """Write `version` into a requirement, its local part kept: `torchvision==0.15.2+cu118`.

    None unless it is a bare name, or a name with one `==`, that stands there to the letter and has
    no hash, which is that of one version.
    """
    written, text = install.written.text if install.written else None, install.text
    if written is None or install.hashed or install.locked or install.url is not None:
        return None
    specifiers = tuple(install.specifier)
    name, operator, old = text.partition("==")
    if specifiers:
        same = len(specifiers) == 1 and specifiers[0].version == old.strip() != ""
        if specifiers[0].operator != "==" or not same:
            return None
        old = old.partition("+")[0].rstrip()
    elif install.requirement is None or text != install.requirement.name:
        return None
    line, column = written.line, written.column + len(name + operator)
    column += len(old) - len(old.lstrip())
    old = old.strip()
    span = Span(line, column, line, column + len(old))
    return Edit(Location(install.location.path, span), str(version) if operator else f"=={version}")


def fit_companion(pair: "OddPair", fitting: "Version") -> Edit | None:
    """Let a companion of torch be of version `fitting`; None unless torch is pinned to the letter.

    `torch==${TORCH}` may be another one tomorrow. None as well for a build that torch is not of:
    whether there is that build is not known.
    """
    torch, companion = pair.beside.fixed, pair.asked.fixed
    literal = pair.beside.written is not None and pair.beside.written.text is not None
    if torch is None or pair.pulls or not literal:
        return None
    local = companion.local if companion is not None else None
    return _ask_for(pair.asked, fitting) if local in (None, torch.local) else None


def rename(install: Install, row: "RetiredPackage") -> Edit | None:
    """Write the name that is meant; None unless the retired one stands there bare.

    Extras are left to a person: in a command the shell would take `[` for a pattern.
    """
    written, requirement = install.written, install.requirement
    if written is None or written.text is None or requirement is None or install.hashed:
        return None
    if row.instead is None or "[" in row.instead or install.text != requirement.name:
        return None
    return Edit(Location(install.location.path, written.text), row.instead)


def cap_numpy(found: "OldBuild") -> Edit | None:
    """Keep NumPy below 2 where a line of a requirement file names it and leaves it open.

    Not in a command, where the shell would take `<` for a redirection.
    """
    asked = found.asked
    if asked is None or asked.written is None or not asked.written.is_line or asked.hashed:
        return None
    place, requirement = asked.written.text, asked.requirement
    if place is None or requirement is None or requirement.marker or asked.fixed is not None:
        return None
    end = Span(place.end_line, place.end_column, place.end_line, place.end_column)
    return Edit(Location(asked.location.path, end), ",<2" if asked.specifier else "<2")


def how_to_leave_cuda_out(twin: str | None) -> str:
    """What to type so that the image holds no CUDA beside that of the wheels.

    twin: the image of the same kind without libraries, None where none is known.
    """
    start = f"use `FROM {twin}`" if twin else "start from the `-base-` image"
    return f"{start}, or an image without CUDA: the wheels bring what they load"
