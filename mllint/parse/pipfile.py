"""The text of a Pipfile in, its requirements by section out."""

from mllint.named_tuple import NamedTuple
from mllint.parse.pyproject.entries import Entry, text
from mllint.parse.pyproject.poetry import listed_entries
from mllint.parse.source import SourceFile
from mllint.parse.toml_text import load_toml


class Pipfile(NamedTuple):
    """What a Pipfile asks for: `packages`, and `dev` beside them. indexes: addresses, in order."""

    path: str
    packages: tuple[Entry, ...]
    dev: tuple[Entry, ...]
    indexes: tuple[str, ...]


def read_pipfile(source: SourceFile) -> Pipfile:
    """The requirements; raises InputError when the text is no TOML."""
    toml = load_toml(source)
    listed = toml.data.get("source")
    tables = listed if isinstance(listed, list) else []
    urls = (text(item.get("url")) for item in tables if isinstance(item, dict))
    return Pipfile(
        source.path,
        tuple(listed_entries(toml, ("packages",))),
        tuple(listed_entries(toml, ("dev-packages",))),
        tuple(url for url in urls if url),
    )
