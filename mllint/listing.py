"""What mllint knows in, lists for `mllint rules` out: the rules, and the tables of facts."""

import csv
import tomllib
from collections.abc import Iterator

from mllint import catalog
from mllint.errors import TableError
from mllint.named_tuple import NamedTuple
from mllint.report.json import dump
from mllint.report.text import plural

_LEGEND = (
    "The severity is the highest: a finding with weaker evidence has a lower one."
    " *: `mllint check --fix` can fix it."
)


class TableFacts(NamedTuple):
    """A table: when its facts were read, rows, sources (URLs) and what it is about."""

    name: str
    retrieved: str
    rows: int
    sources: int
    about: str


def rules_text() -> str:
    """One line for each rule: name, highest severity, category, `*` for a safe fix, summary."""
    slugs = catalog.known_slugs()
    width = max(map(len, slugs))
    pages = map(catalog.page, slugs)
    lines = "".join(
        f"{page.slug:{width}}  {page.severity!s:7}  {page.category:8} "
        f"{'*' if page.fixable == 'safe' else ' '} {page.summary}\n"
        for page in pages
    )
    return f"{lines}\n{_LEGEND}\n"


def rules_json() -> str:
    """The rules as a JSON list of objects."""
    return dump(
        [
            {
                "rule": page.slug,
                "severity": str(page.severity),
                "category": page.category,
                "summary": page.summary,
                "fixable": page.fixable,
                "url": page.url,
            }
            for page in map(catalog.page, catalog.known_slugs())
        ]
    )


def tables_text() -> str:
    """One line for each table: name, date, rows, sources, what it is about."""
    tables = list(_tables())
    width = max(len(table.name) for table in tables)
    return "".join(
        f"{table.name:{width}}  {table.retrieved}  {plural(table.rows, 'row'):>9}"
        f"  {plural(table.sources, 'source'):>10}  {table.about}\n"
        for table in tables
    )


def tables_json() -> str:
    """The tables as a JSON list of objects."""
    return dump([table._asdict() for table in _tables()])


def _tables() -> Iterator[TableFacts]:
    for path in sorted((catalog.root() / "tables").glob("*.csv")):
        try:
            about = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
            with path.open(encoding="utf-8", newline="") as stream:
                rows = sum(1 for _ in csv.DictReader(stream))
        except (OSError, ValueError) as error:
            raise TableError(f"the table cannot be read: {error}", str(path)) from error
        sources = len(about["source"])
        yield TableFacts(path.stem, str(about["retrieved"]), rows, sources, about["about"])
