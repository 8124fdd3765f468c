"""Brings those tables of facts up to date that follow from the metadata of packages.

    python tools/refresh_tables.py            print what has changed; 1 when anything has
    python tools/refresh_tables.py --write    write it as well

The index is the one that pip asks. What it does not tell stays as it is: cells that come from
documents, and requirements of wheels whose metadata it does not serve.
"""

import csv
import difflib
import io
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import click
from packaging.version import Version

sys.path.insert(0, str(Path(__file__).parent))

from package_index import IndexFile, PackageIndex, configured_index

FOLDER = Path(__file__).parent.parent / "rules" / "tables"
_ARCHES = ("x86_64", "aarch64")
_LEGACY = {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}
_MANYLINUX = re.compile(r"(manylinux(?:1|2010|2014)|manylinux_(\d+)_(\d+))_(x86_64|aarch64)")
# CPython 3.6 and later, and what runs on all of 3: `cp311`, `py3`.
_INTERPRETER = re.compile(r"cp3(?:[6-9]|\d\d)|py3\d*|cp3[2-5]")

Row = dict[str, str]


class Release(NamedTuple):
    """The files of one final release."""

    version: Version
    files: tuple[IndexFile, ...]

    def wheels(self, arch: str) -> Iterable[tuple[IndexFile, tuple[str, str, str]]]:
        """The wheels for Linux on `arch`, with each of their tags."""
        for file in self.files:
            for tag in file.tags:
                if tag[2] == "any" or (tag[2].endswith(arch) and "linux" in tag[2]):
                    yield file, tag

    @property
    def is_for_linux(self) -> bool:
        """Whether pip on Linux can install it, from a wheel or from source."""
        return any(file.is_sdist for file in self.files) or any(self.wheels("x86_64"))

    @property
    def uploaded(self) -> str:
        """The date of the first upload, empty where the index does not say."""
        return min((file.uploaded for file in self.files if file.uploaded), default="")

    @property
    def requires_python(self) -> str:
        """Requires-Python of the files for Linux x86-64, empty where none is declared."""
        wheels = [file for file, _ in self.wheels("x86_64")] or self.files
        return next((file.requires_python for file in wheels if file.requires_python), "")


def releases(index: PackageIndex, package: str) -> list[Release]:
    """The final releases of a package, oldest first."""
    found: dict[Version, list[IndexFile]] = {}
    for file in index.files(package):
        if not file.version.is_prerelease:
            found.setdefault(file.version, []).append(file)
    return [Release(version, tuple(found[version])) for version in sorted(found)]


def wheel_cells(release: Release) -> Row:
    """The cells of package_wheels.csv that the names of the files decide."""
    tags = {_python_tag(tag) for _, tag in release.wheels("x86_64")} - {None}
    glibc = [
        found
        for _, (_, _, platform) in release.wheels("x86_64")
        if (found := _glibc(platform)) is not None
    ]
    platforms = {tag[2] for _, tag in release.wheels("x86_64")}
    return {
        "requires_python": release.requires_python,
        "python_tags": " ".join(sorted(map(str, tags), key=_tag_order)),
        "glibc_min": str(min(glibc, default="")),
        "musl": _yes(any(p == "any" or p.startswith("musllinux") for p in platforms)),
        "aarch64": _yes(any(release.wheels("aarch64"))),
        "sdist": _yes(any(file.is_sdist for file in release.files)),
    }


def _python_tag(tag: tuple[str, str, str]) -> str | None:
    interpreter, abi, _ = tag
    if not _INTERPRETER.fullmatch(interpreter):
        return None
    if abi == "abi3":
        return f"{interpreter}-abi3"
    if interpreter in ("cp32", "cp33", "cp34", "cp35"):
        return None
    return f"{interpreter}t" if abi.startswith("cp") and abi.endswith("t") else interpreter


def _tag_order(tag: str) -> tuple[int, str]:
    digits = re.search(r"3(\d*)", tag)
    return (int(digits[1] or 0) if digits else 0, tag)


def _glibc(platform: str) -> Version | None:
    match = _MANYLINUX.fullmatch(platform)
    if match is None:
        return None
    return Version(f"{match[2]}.{match[3]}" if match[2] else _LEGACY[match[1]])


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def refresh_wheels(index: PackageIndex, rows: list[Row]) -> list[Row]:
    """package_wheels.csv: every release of the packages that it covers, from the oldest row on."""
    found = []
    for package in dict.fromkeys(row["package"] for row in rows):
        oldest = min(Version(row["version"]) for row in rows if row["package"] == package)
        for release in releases(index, package):
            if release.is_for_linux and release.version >= oldest:
                key = {"package": package, "version": str(release.version)}
                found.append({**key, **wheel_cells(release), "confidence": "high"})
    return found


def refresh_torch(index: PackageIndex, rows: list[Row]) -> list[Row]:
    """torch_releases.csv: dates, Requires-Python and tags; a new release needs its documents."""
    known = {str(release.version): release for release in releases(index, "torch")}
    for row in rows:
        release = known.get(row["torch"])
        if release is not None:
            cells = wheel_cells(release)
            row |= {name: cells[name] for name in ("requires_python", "python_tags") if cells[name]}
            row["released"] = release.uploaded or row["released"]
    return rows


def refresh_companions(index: PackageIndex, rows: list[Row]) -> list[Row]:
    """torch_companions.csv: what the wheels require, where the index serves their metadata."""
    asked = [name for name in rows[0] if name in _REQUIREMENTS]
    found: list[Row] = []
    for package in dict.fromkeys(row["package"] for row in rows):
        old = {row["version"]: row for row in rows if row["package"] == package}
        for release in releases(index, package):
            version = str(release.version)
            row = old.pop(version, None)
            newer = row is None and release.version > max(map(Version, old), default=Version("0"))
            wheel = next((file for file, _ in release.wheels("x86_64")), None)
            if row is None and not (newer and wheel is not None):
                continue
            fresh = _requirements(index, wheel, asked) if wheel is not None else None
            if row is None and fresh is None:
                click.echo(f"{package} {version} is new, and its metadata is not served", err=True)
            elif row is None:
                dates = {"released": release.uploaded, "requires_python": release.requires_python}
                key = {"package": package, "version": version}
                found.append({**key, **dates, **(fresh or {}), "confidence": "high"})
            else:
                found.append({**row, **(fresh or {})})
        found += old.values()
    return found


_REQUIREMENTS = frozenset({"torch", "torchvision", "torchaudio", "numpy", "triton"}) | {
    "xformers",
    "transformers",
}


def _requirements(index: PackageIndex, wheel: IndexFile, names: list[str]) -> Row | None:
    """The requirement of a wheel on each of `names` as a cell; None when it is not served."""
    metadata = index.metadata(wheel)
    if metadata is None:
        return None
    cells = dict.fromkeys(names, "")
    for requirement in metadata.requirements:
        marker = str(requirement.marker or "")
        if requirement.name in cells and "extra" not in marker and "win32" not in marker:
            text = re.sub(r"\+[\w.]+", "", str(requirement.specifier))
            cells[requirement.name] = cells[requirement.name] or text or "any"
    return cells


def refresh_foreign(index: PackageIndex, rows: list[Row]) -> list[Row]:
    """foreign_packages.csv: a package that has a file for Linux today is taken out."""

    def is_foreign(row: Row) -> bool:
        newest = releases(index, row["package"])[-1]
        return not newest.is_for_linux

    return [row for row in rows if is_foreign(row)]


TABLES: dict[str, Callable[[PackageIndex, list[Row]], list[Row]]] = {
    "package_wheels": refresh_wheels,
    "torch_releases": refresh_torch,
    "torch_companions": refresh_companions,
    "foreign_packages": refresh_foreign,
}


def read(path: Path) -> list[Row]:
    """The rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text_of(rows: list[Row]) -> str:
    """The rows as the text of a table."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()


def difference(table: str, index: PackageIndex, folder: Path = FOLDER) -> tuple[str, str]:
    """The text that a table would have now, and how it differs from what it has."""
    path = folder / f"{table}.csv"
    fresh = text_of(TABLES[table](index, read(path)))
    old, new = path.read_text(encoding="utf-8").splitlines(), fresh.splitlines()
    lines = difflib.unified_diff(old, new, table, f"{table} now", lineterm="", n=0)
    return fresh, "\n".join(lines)


def write(table: str, text: str, folder: Path = FOLDER) -> None:
    """Write a table, and today's date into what stands beside it."""
    (folder / f"{table}.csv").write_text(text, encoding="utf-8")
    sidecar = folder / f"{table}.toml"
    today = f"retrieved = {datetime.now(UTC).date()}"
    old = sidecar.read_text(encoding="utf-8")
    sidecar.write_text(re.sub(r"(?m)^retrieved = .*$", today, old), encoding="utf-8")


@click.command(help=__doc__)
@click.argument("names", metavar="[TABLE]…", nargs=-1, type=click.Choice(list(TABLES)))
@click.option("--write", "writes", is_flag=True, help="Write what has changed.")
def main(names: tuple[str, ...], writes: bool) -> None:
    """Refresh the tables named, all by default."""
    index = configured_index()
    if index is None:
        raise click.ClickException("pip is not there to say which index it asks")
    changed = False
    for table in names or TABLES:
        text, lines = difference(table, index)
        if lines:
            changed = True
            click.echo(lines)
            if writes:
                write(table, text)
    sys.exit(1 if changed and not writes else 0)


if __name__ == "__main__":
    main()
