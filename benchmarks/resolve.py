"""Measures what `mllint check --resolve` adds to the uv that it calls, on indexes on loopback.

The CPU time of `check --resolve` less that of `check` is held against the same call of uv alone,
all with a warm cache. The indexes are those of the tests, served by this process.
"""

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from local_index import Release, local_indexes  # noqa: E402 - found by the line above
from packaging.version import Version  # noqa: E402
from speed import Row, Usage, measure, mllint, print_table  # noqa: E402

from mllint.resolve.asking import IndexMap  # noqa: E402
from mllint.resolve.request import Manner, Question, Sources, write_question  # noqa: E402
from mllint.resolve.target import Target  # noqa: E402
from mllint.resolve.uv_program import find_uv  # noqa: E402

MANY = 60
_GROWING = tuple(
    Release(f"package-{number}", f"{major}.0", "310", (f"package-{number + 1}>={major}",))
    for number in range(MANY)
    for major in range(1, 11)
)
RELEASES = (*_GROWING, Release(f"package-{MANY}", "10.0"))
Pairs = tuple[tuple[str, str], ...]
SMALL = ("torch==2.1.0", "torchvision==0.16.0", "pandas", "transformers")
LARGE = (*SMALL, "package-0")


def main() -> None:
    """Measure and print the table; exit code 1 only when something cannot be run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="runs of each command [9]")
    parser.add_argument("--own-index", action="store_true", help="also ask uv's default index")
    options = parser.parse_args()
    runs = options.runs
    with local_indexes() as indexes, tempfile.TemporaryDirectory() as name:
        indexes.releases["default"] += RELEASES
        mapped = indexes.mapped
        rows = [one("9 packages", mapped, Path(name) / "small", SMALL, runs)]
        rows.append(one("70 packages", mapped, Path(name) / "large", LARGE, runs))
        if options.own_index:
            rows.append(one("uv's default index", (), Path(name) / "own", SMALL, runs))
    print_table(rows)


def one(what: str, mapped: Pairs, place: Path, requirements: Sequence[str], runs: int) -> Row:
    """One environment: what is added to uv, in hundredths of what uv takes."""
    (place / ".git").mkdir(parents=True)
    (place / "Dockerfile").write_text(
        "FROM python:3.10-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    )
    (place / "requirements.txt").write_text("".join(f"{line}\n" for line in requirements))
    manner = Manner(find_uv("the benchmark"), cache=str(place / "cache"))
    words = bare(mapped, requirements, manner, place / "question")
    os.environ["UV_CACHE_DIR"] = str(manner.cache)
    resolving = [*mllint(), "--resolve", *(f"--index-map={old}={new}" for old, new in mapped)]
    sides: list[list[Usage]] = [[], [], []]
    for number in range(runs + 1):
        found = (
            measure(resolving, place),
            measure(mllint(), place),
            measure(words, place / "question"),
        )
        for side, usage in zip(sides, found if number else (), strict=False):
            side.append(usage)
    with_it, without, uv = (statistics.median(each.cpu_s for each in side) for side in sides)
    added = with_it - without - uv
    detail = f"({with_it * 1000:.0f} - {without * 1000:.0f} - {uv * 1000:.0f}) ms of CPU"
    return Row(f"{what}, added to uv", "<= 20%", f"{added / uv:.0%}", detail)


def bare(mapped: Pairs, requirements: Sequence[str], manner: Manner, folder: Path) -> Sequence[str]:
    """The words by which mllint calls uv for these requirements, and the files for them."""
    folder.mkdir()
    sources = IndexMap(mapped).sources(Sources())
    target = Target(Version("3.10"), "x86_64", Version("2.40"))
    return write_question(Question(target, sources, tuple(requirements)), manner, folder, "txt")


if __name__ == "__main__":
    main()
