"""The name of a distribution in, the modules that show whether it works out."""

from functools import cached_property
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.tables.rows import Confidence, RowGroups


class ImportNames(NamedTuple):
    """A distribution whose modules have another name: `scikit-learn`, `sklearn`."""

    package: str
    modules: tuple[str, ...]
    confidence: Confidence


class ImportNameTable:
    """import_names.csv; a distribution without a row has a module of its own name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _rows(self) -> RowGroups[ImportNames]:
        return RowGroups(self._folder / "import_names.csv", ImportNames)

    def modules(self, package: str) -> tuple[str, ...]:
        """The modules of a distribution with another name; none for all others."""
        row = self._rows.first(package)
        return row.modules if row is not None else ()
