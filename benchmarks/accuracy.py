"""Measures findings against a corpus of real defects: recall, silence on fixed files, noise.

The corpus is a folder with the tables fixes.tsv, labels.tsv, head_positives.tsv and repos.tsv; the
repositories are git directories `OWNER+NAME` or `OWNER+NAME/repo` in another folder. What is not
there is skipped and counted. Files are laid out in a temporary folder and never kept.
"""

import csv
import os
import shutil
import subprocess
import tempfile
import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import click

from mllint.config import Settings
from mllint.finding import Finding, Report, Severity
from mllint.runner import Resolver, run

NEAR = 3  # lines between a finding and the line that the corpus names
# Class of the corpus -> rules that are about it.
RULES = {
    "apt-exact-pin-gone": ("apt-package-gone",),
    "apt-missing-yes": ("apt-without-yes",),
    "apt-noninteractive": ("interactive-apt",),
    "apt-package-removed": ("apt-package-gone",),
    "base-image-eol": ("base-image-unavailable",),
    "base-tag-not-found": ("unpinned-base-image", "base-image-unavailable"),
    "bind-mount-readonly": ("read-only-bind-mount",),
    "conda-missing-yes": ("conda-without-yes",),
    "copy-source-missing": ("copy-source-missing",),
    "cuda-libs-missing": ("gpu-library-without-cuda-runtime",),
    "cudnn-mismatch": ("gpu-library-without-cuda-runtime",),
    "deprecated-package": ("packaging-break",),
    "dockerfile-syntax": ("dockerfile-syntax",),
    "driver-compat-path": ("ld-library-path-shadow",),
    "driver-stubs-path": ("ld-library-path-shadow",),
    "extra-index-mixing": ("unpinned-accelerator", "exclusive-pytorch-index"),
    "floating-base": ("unpinned-base-image",),
    "git-head": ("unpinned-git",),
    "gpu-arch-list-syntax": ("arch-list-syntax",),
    "index-url-wrong": (
        "env-from-command",
        "local-version-without-index",
        "exclusive-pytorch-index",
    ),
    "missing-system-lib": ("missing-shared-library",),
    "model-revision-unpinned": ("model-fetch-at-build",),
    "numpy-abi": ("numpy-abi",),
    "numpy2": ("numpy-abi",),
    "nvidia-gpg-key": ("nvidia-apt-key", "base-image-unavailable"),
    "package-removed": ("packaging-break", "apt-package-gone", "python-without-wheel"),
    "pep668": ("externally-managed-python",),
    "pip-spec-syntax": ("requirement-syntax",),
    "platform-pinned-base": ("arm64-gpu-base",),
    "python-eol": ("get-pip-python", "python-without-wheel", "base-image-unavailable"),
    "python-minor-mismatch": ("pip-of-other-python", "venv-copied-across-stages"),
    "python-spec-loose": ("python-without-wheel", "unpinned-requirement"),
    "requirements-include-not-copied": ("requirements-not-copied",),
    "runtime-base-needs-devel": ("cuda-extension-needs-toolchain",),
    "secret-in-layer": ("secret-in-layer",),
    "sequential-pin-conflict": ("torch-family-mismatch", "torch-replaced-by-later-install"),
    "torch-family-mismatch": ("torch-family-mismatch",),
    "torch-index-missing": ("cuda-wheels-in-cpu-image", "silent-cpu-build", "cuda-wheel-mismatch"),
    "torch-overwritten-order": ("torch-replaced-by-later-install",),
    "unpinned-break": ("unpinned-accelerator", "unpinned-requirement", "unpinned-git"),
    "unpinned-ml-dep": ("unpinned-accelerator", "unpinned-requirement", "unpinned-git"),
    "unquoted-version-redirect": ("unquoted-version-redirect",),
}


class Repositories(NamedTuple):
    """The folder with the git directories."""

    folder: Path

    def find(self, name: str) -> Path | None:
        """The git directory of `owner/name`, None when it is not there."""
        for suffix in ("repo", ".git", ""):
            path = self.folder / name.replace("/", "+") / suffix
            if (path / "HEAD").is_file():
                return path
        return None

    @contextmanager
    def laid_out(self, name: str, commit: str) -> Iterator[Path | None]:
        """A folder with the files of a commit; None when they cannot be had."""
        git = self.find(name)
        folder = Path(tempfile.mkdtemp(prefix="mllint-accuracy-"))
        try:
            yield folder if git is not None and _extract(git, commit, folder) else None
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _extract(git: Path, commit: str, folder: Path) -> bool:
    """Write the files of a commit; those that the copy of the repository lacks are empty."""
    base = ["git", f"--git-dir={git}"]
    listing = subprocess.run([*base, "ls-tree", "-r", "-z", commit], capture_output=True)
    if listing.returncode != 0:
        return False
    entries = [entry.split(b"\t", 1) for entry in listing.stdout.split(b"\0") if entry]
    blobs = [(head.split(), Path(os.fsdecode(path))) for head, path in entries]
    wanted = b"".join(head[2] + b"\n" for head, _ in blobs)
    with tempfile.TemporaryFile() as names:
        names.write(wanted)
        names.seek(0)
        batch = [*base, "cat-file", "--batch"]
        with subprocess.Popen(batch, stdin=names, stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            for head, path in blobs:
                answer = process.stdout.readline().split()
                data = process.stdout.read(int(answer[2]) + 1)[:-1] if len(answer) == 3 else b""
                if head[1] == b"blob":
                    _write(folder / path, data, is_link=head[0] == b"120000")
    (folder / ".git").mkdir(exist_ok=True)
    return True


def _write(path: Path, data: bytes, *, is_link: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_link and data:
        path.symlink_to(os.fsdecode(data))
    else:
        path.write_bytes(data)


def rows(corpus: Path, table: str) -> list[dict[str, str]]:
    """The rows of one table."""
    with (corpus / f"{table}.tsv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


class Checker:
    """Checks paths of a project by its built-in defaults; resolver: asks the indexes as well."""

    def __init__(self, resolver: Resolver | None) -> None:
        self.resolver = resolver

    def __call__(self, folder: Path, *paths: str) -> Report:
        """The report on some paths of a folder."""
        return run(paths, folder, Settings(folder), resolver=self.resolver)


def about(report: Report, path: str, rules: tuple[str, ...], line: int | None) -> list[Finding]:
    """The findings of these rules in a file, near a line when one is given."""
    return [
        finding
        for finding in report.findings
        if finding.rule in rules
        and finding.problem.location.path == path
        and (line is None or _distance(finding, line) <= NEAR)
    ]


def _distance(finding: Finding, line: int) -> int:
    span = finding.problem.location.span
    return max(span.line - line, line - span.end_line, 0)


def measure_fixes(
    corpus: Path, repositories: Repositories, check: Checker, only: str | None, static: str | None
) -> None:
    """Print which defects that commits fixed are found, and whether the fixed file is silent."""
    found: Counter[str] = Counter()
    for row in rows(corpus, "fixes"):
        if only not in (None, row["class"]):
            continue
        kind = row["static"]
        if static not in (None, kind):
            continue
        state = _fix_state(row, repositories, check)
        found[f"{kind} {state}"] += 1
        where = f"{row['repo']} {row['parent_commit'][:8]} {row['path']}:{row['parent_line']}"
        click.echo(f"  {kind:14} {state:10} {row['class']:28} {where}")
    click.echo(f"fixes: {_counts(found)}")
    good, bad = found["yes found"], found["yes missed"] + found["yes stays"]
    if good + bad:
        click.echo(f"recall on static=yes: {good} of {good + bad} = {good / (good + bad):.0%}")


def _fix_state(row: dict[str, str], repositories: Repositories, check: Checker) -> str:
    """found, missed, stays (the fixed file has it, too), silent or fires (controls), skipped.

    Where the corpus itself says that the fix left the defect in place, it is found all the same.
    """
    rules, line = RULES.get(row["class"], ()), int(row["parent_line"])
    with repositories.laid_out(row["repo"], row["parent_commit"]) as folder:
        if folder is None or not (folder / row["path"]).is_file():
            return "skipped"
        before = check(folder, row["path"])
    if row["class"] == "negative-control":
        loud = [f for f in before.findings if f.severity > Severity.INFO and _distance(f, line) < 1]
        return "fires" if loud else "silent"
    hits = {(f.rule, f.problem.message) for f in about(before, row["path"], rules, line)}
    if not hits:
        return "missed"
    with repositories.laid_out(row["repo"], row["fix_commit"]) as folder:
        if folder is None or not (folder / row["path"]).is_file():
            return "found"
        after = check(folder, row["path"])
    left = {(f.rule, f.problem.message) for f in about(after, row["path"], rules, None)}
    known = "still positive after the fix" in row["evidence"]
    return "stays" if hits <= left and not known else "found"


def measure_labels(corpus: Path, repositories: Repositories, check: Checker) -> None:
    """Print which labelled defects are found, and each error that no label backs."""
    for table in ("head_positives", "labels"):
        by_file: dict[tuple[str, str, str], list[dict[str, str]]] = defaultdict(list)
        for row in rows(corpus, table):
            by_file[row["repo"], row["commit"], row["path"]].append(row)
        states: Counter[str] = Counter()
        for (repo, commit, path), labels in sorted(by_file.items()):
            with repositories.laid_out(repo, commit) as folder:
                if folder is None or not (folder / path).is_file():
                    states["skipped"] += len(labels)
                    continue
                report = check(folder, path)
            for label in labels:
                if label["class"] != "none":
                    hit = about(report, path, RULES.get(label["class"], ()), int(label["line"]))
                    states["found" if hit else "missed"] += 1
                    place = f"{repo} {path}:{label['line']}"
                    click.echo(f"  {'found' if hit else 'missed'} {label['class']} {place}")
            lines = [int(label["line"]) for label in labels if label["class"] != "none"]
            for finding in report.findings:
                if finding.severity is Severity.ERROR:
                    backed = any(_distance(finding, line) <= NEAR for line in lines)
                    states["error backed" if backed else "error to read"] += 1
                    if not backed:
                        _tell(repo, finding)
        click.echo(f"{table}: {_counts(states)}")


def _tell(repo: str, finding: Finding) -> None:
    place, message = finding.problem.location, finding.problem.message
    click.echo(f"  read: {repo} {place.path}:{place.span.line} {finding.rule}: {message}")


def _counts(states: Counter[str]) -> str:
    return ", ".join(f"{state} {count}" for state, count in sorted(states.items()))


def measure_repositories(corpus: Path, repositories: Repositories, check: Checker) -> None:
    """Print crashes, errors for each Dockerfile and how often each rule fires."""
    files, skipped = 0, []
    crashes: list[str] = []
    rules: Counter[tuple[str, str]] = Counter()
    for row in rows(corpus, "repos"):
        with repositories.laid_out(row["repo"], row["commit"]) as folder:
            if folder is None:
                skipped.append(row["repo"])
                continue
            try:
                report = check(folder, ".")
            except Exception:  # whatever it is, it is what this looks for
                crashes.append(f"{row['repo']}: {traceback.format_exc(limit=-1)}")
                continue
        crashes += [f"{row['repo']}: {f.message}" for f in report.failures if "bug" in f.message]
        files += sum("requirements" not in path for path in report.files)
        rules.update((f.rule, str(f.severity)) for f in report.findings)
        for finding in report.findings:
            if finding.severity is Severity.ERROR:
                _tell(row["repo"], finding)
    errors = sum(count for (_, severity), count in rules.items() if severity == "error")
    click.echo(f"{files} files, {len(skipped)} repositories skipped: {' '.join(skipped)}")
    click.echo("\n  ".join((f"crashes: {len(crashes)}", *crashes)))
    click.echo(f"errors for each file: {errors / max(files, 1):.2f}")
    for (rule, severity), count in rules.most_common():
        click.echo(f"  {count:6} {severity:8} {rule}")


def _resolver() -> Resolver:
    from mllint.resolve.session import Session

    usual = {"offline": False, "allow_builds": False, "resolve_timeout": None, "index_map": ()}
    return Session(usual).resolve


@click.command()
@click.argument("corpus", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("repositories", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--part", type=click.Choice(("fixes", "labels", "repos")), multiple=True)
@click.option("--only", metavar="CLASS", help="Of the fixes, only those of this class.")
@click.option("--static", metavar="KIND", help="Of the fixes, only those of this kind.")
@click.option("--resolve", is_flag=True, help="Ask the package indexes, as check --resolve does.")
def main(
    corpus: Path,
    repositories: Path,
    part: tuple[str, ...],
    only: str | None,
    static: str | None,
    resolve: bool,
) -> None:
    """Measure recall and noise on CORPUS, with the git directories in REPOSITORIES."""
    found, check = Repositories(repositories), Checker(_resolver() if resolve else None)
    parts = part or ("fixes", "labels", "repos")
    if "fixes" in parts:
        measure_fixes(corpus, found, check, only, static)
    if "labels" in parts:
        measure_labels(corpus, found, check)
    if "repos" in parts:
        measure_repositories(corpus, found, check)


if __name__ == "__main__":
    main()
