"""Tables that follow from package metadata say what the index says today; skipped without one."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import package_index  # noqa: E402
import refresh_tables  # noqa: E402

FOLDER = ROOT / "rules" / "tables"
# A few packages of each table: the whole of them is what `refresh_tables.py` is for.
SAMPLES = {
    "package_wheels": ("torch", "jaxlib", "triton"),
    "torch_releases": ("torch",),
    "foreign_packages": ("pywin32", "tensorflow-macos"),
}


@pytest.fixture(scope="module")
def index():
    found = package_index.configured_index()
    if found is None:
        pytest.skip("pip is not there to say which index it asks")
    try:
        found.files("packaging")
    except (OSError, ValueError) as error:
        pytest.skip(f"the index of pip does not answer: {error}")
    return found


@pytest.mark.parametrize("table", SAMPLES)
def test_rows_are_those_of_the_index(table, index):
    rows = refresh_tables.read(FOLDER / f"{table}.csv")
    key = next(iter(rows[0]))
    if key == "package":
        rows = [row for row in rows if row["package"] in SAMPLES[table]]
    old = [dict(row) for row in rows]
    fresh = refresh_tables.TABLES[table](index, rows)
    # A later release is no mistake of the table; a row that says something else is.
    keys = ("package", "version") if "version" in old[0] else (key,)
    known = {tuple(row[name] for name in keys): row for row in fresh}
    assert [row for row in old if known.get(tuple(row[name] for name in keys)) != row] == []


class _Index(package_index.PackageIndex):
    """An index with the answers given, by the end of their address."""

    def __init__(self, answers):
        super().__init__("https://index.example.com/simple")
        self.answers = answers

    def _get(self, url, accept):
        return self.answers[url.rstrip("/").rpartition("/")[2]]


PAGE = b"""{"files": [
 {"filename": "numba-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl",
  "url": "../a.whl", "requires-python": ">=3.11", "upload-time": "2026-01-02T00:00:00Z"},
 {"filename": "numba-1.0-cp39-abi3-manylinux_2_28_aarch64.whl", "url": "../b.whl"},
 {"filename": "numba-1.0.tar.gz", "url": "../c.tar.gz"},
 {"filename": "numba-1.1rc1-py3-none-any.whl", "url": "../d.whl"},
 {"filename": "numba-1.2-cp311-cp311-win_amd64.whl", "url": "../e.whl"},
 {"filename": "not a distribution", "url": "../f"}
]}"""
HEADER = "package,version,requires_python,python_tags,glibc_min,musl,aarch64,sdist,confidence\n"
ROW = "numba,1.0,>=3.11,cp311,2.17,no,yes,yes,high\n"


def test_difference_is_shown_written_and_then_gone(tmp_path):
    index = _Index({"numba": PAGE})
    (tmp_path / "package_wheels.csv").write_text(HEADER + ROW.replace(",cp311", ",cp310"))
    (tmp_path / "package_wheels.toml").write_text("retrieved = 2020-01-01\n")
    text, lines = refresh_tables.difference("package_wheels", index, tmp_path)
    assert text == HEADER + ROW
    assert lines.splitlines()[-2:] == [
        "-" + ROW.replace(",cp311", ",cp310").strip(),
        "+" + ROW.strip(),
    ]
    refresh_tables.write("package_wheels", text, tmp_path)
    assert "2020" not in (tmp_path / "package_wheels.toml").read_text()
    assert refresh_tables.difference("package_wheels", index, tmp_path) == (text, "")


def test_package_that_runs_on_linux_by_now_is_taken_out():
    rows = [{"package": "numba", "system": "Windows", "versions": "any", "confidence": "high"}]
    linux = _Index({"numba": PAGE.replace(b"win_amd64", b"manylinux2014_x86_64")})
    assert refresh_tables.refresh_foreign(linux, list(rows)) == []
    assert refresh_tables.refresh_foreign(_Index({"numba": PAGE}), list(rows)) == rows
