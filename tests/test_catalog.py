"""What the catalogue of rules tells of them, and which rules a project makes idle."""

from importlib import import_module

from mllint import catalog
from mllint.config import Settings
from mllint.runner import run


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
