"""What the catalogue of rules tells of them, and which rules a project makes idle."""

from importlib import import_module

from mllint import catalog
from mllint.config import Settings
from mllint.finding import Severity
from mllint.runner import run
from mllint.tables import Tables
from mllint.tables.packages import Role


def test_words_that_let_a_rule_be_passed_over_are_those_of_its_module():
    with_words = 0
    for slug in catalog.slugs():
        module = import_module(f"mllint.checks.{slug.replace('-', '_')}")
        words = getattr(module, "WORDS", ())
        assert all(word == word.lower() for word in words)
        assert catalog.is_idle(slug, "") == bool(words)
        for word in words:
            assert not catalog.is_idle(slug, f"run {word} x")
            with_words += 1
    assert with_words > 10


def test_words_cover_the_names_of_the_tables_that_a_rule_looks_into():
    tables = Tables(catalog.root() / "tables")
    for slug, names in (
        ("gpu-library-without-cuda-runtime", tables.gpus.library_packages),
        ("runtime-needs-c-compiler", tables.packages.python(Role.TRITON)),
    ):
        assert names
        assert not [name for name in names if catalog.is_idle(slug, name)]


def test_a_rule_is_judged_when_its_word_stands_in_a_file_that_is_read(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("pkg @ git+https://github.com/a/pkg\n")
    text = "FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    (tmp_path / "Dockerfile").write_text(text)
    report = run((".",), tmp_path, Settings(tmp_path, select=("unpinned-git",)))
    assert [finding.rule for finding in report.findings] == ["unpinned-git"]


def test_a_word_that_a_continued_line_takes_apart_is_seen(tmp_path):
    text = "FROM python:3.12\nRUN pip install git\\\n+https://github.com/a/pkg\n"
    (tmp_path / "Dockerfile").write_text(text)
    report = run((".",), tmp_path, Settings(tmp_path, select=("unpinned-git",)))
    assert [finding.rule for finding in report.findings] == ["unpinned-git"]


def test_what_a_rule_outranks_is_a_rule():
    pages = [catalog.page(slug) for slug in catalog.slugs()]
    outranked = {name for page in pages for name in page.outranks}
    assert outranked <= set(catalog.slugs())
    assert "unpinned-requirement" in outranked
    assert not [page.slug for page in pages if page.slug in page.outranks]


def test_one_mistake_is_one_finding(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(
        "FROM python:3.12-slim\n# mllint: ignore[packaging-break]\nRUN pip install sklearn\n"
        "RUN pip install sklearn\n"
    )
    rules = ("packaging-break", "unpinned-requirement", "unused-ignore")
    report = run((".",), tmp_path, Settings(tmp_path, select=rules))
    found = [(each.problem.location.span.line, each.rule) for each in report.findings]
    # Where the stronger one is ignored, the weaker one is all that is said.
    assert found == [(3, "packaging-break"), (3, "unpinned-requirement"), (4, "packaging-break")]


def test_a_weaker_finding_outranks_none(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text("FROM python:3.12-slim\nRUN pip install pytorch\n")
    settings = Settings(tmp_path, select=("packaging-break", "unpinned-accelerator"))
    assert len(run((".",), tmp_path, settings).findings) == 1
    settings = settings._replace(severity={"packaging-break": Severity.INFO})
    assert len(run((".",), tmp_path, settings).findings) == 2
