"""Edits of an install command or a requirement file: an index added, a version text replaced."""

from packaging.version import Version

from mllint.facts.installs.install import Install, Installer
from mllint.finding import Edit
from mllint.parse.source import Location, Span


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


def ask_for(install: Install, version: Version) -> Edit | None:
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
