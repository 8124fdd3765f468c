"""What a run reports: which files it checks, how findings are weighed, what a crash costs."""

import io
import os
from collections.abc import Iterator

import pytest

from mllint import catalog
from mllint.config import Settings, Target
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location, Span
from mllint.runner import run
from mllint.tables import Tables

BAD = "FROM a\nRUNN b\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    # One rule and the built-in ones: what others say of these files does not matter here.
    monkeypatch.setattr(catalog, "slugs", lambda: ("dockerfile-syntax",))
    return tmp_path


def write(folder, **texts):
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_txt", ".txt")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def places(report):
    return [
        (finding.problem.location.path, finding.problem.location.span.line, finding.rule)
        for finding in report.findings
        if finding.suppressed is None
    ]


SYNTAX = "dockerfile-syntax"


def fake_rule(monkeypatch, check):
    """Let `check` speak for dockerfile-syntax, and run nothing else."""
    monkeypatch.setattr(catalog, "load_check", lambda slug: check)
    monkeypatch.setattr(catalog, "slugs", lambda: (SYNTAX,))


def test_a_folder_is_searched_and_every_path_is_relative(folder):
    write(folder, Dockerfile=BAD, sub__Dockerfile="FROM a\n")
    report = run((".",), folder, Settings(folder))
    assert report.files == ("Dockerfile", "sub/Dockerfile")
    assert places(report) == [("Dockerfile", 2, SYNTAX)]
    assert report.sources == {"Dockerfile": BAD}


def test_the_order_and_number_of_paths_do_not_matter(folder):
    write(folder, b__Dockerfile=BAD, a__Dockerfile=BAD)
    settings = Settings(folder)
    one = run(("b/Dockerfile", "a", "a/Dockerfile"), folder, settings)
    assert one == run((".",), folder, settings)
    assert places(one) == [("a/Dockerfile", 2, SYNTAX), ("b/Dockerfile", 2, SYNTAX)]


def test_standard_input(folder, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    report = run(("-",), folder, Settings(folder))
    assert report.files == ("-",)
    assert places(report) == [("-", 2, SYNTAX)]


def test_a_file_that_cannot_be_read_does_not_cost_the_others(folder):
    write(folder, Dockerfile=BAD)
    report = run(("missing/Dockerfile", "Dockerfile"), folder, Settings(folder))
    (failure,) = report.failures
    assert failure.path == "missing/Dockerfile"
    assert places(report) == [("Dockerfile", 2, SYNTAX)]


@pytest.mark.parametrize("text", ["", "\n", "# x\n", "RUN a\n", "ARG X\n", "\r\n\r"])
def test_a_dockerfile_without_stages(folder, text):
    write(folder, Dockerfile=text)
    report = run((".",), folder, Settings(folder))
    assert report.files == ("Dockerfile",)
    assert not report.failures


def test_what_is_no_text_is_a_failure(folder):
    write(folder, Dockerfile="FROM a\n\0")
    (failure,) = run((".",), folder, Settings(folder)).failures
    assert (failure.path, failure.line) == ("Dockerfile", 2)


def test_a_target_that_no_dockerfile_has_is_a_failure(folder):
    write(folder, Dockerfile="FROM a AS final\n", other__Dockerfile="FROM b\n")
    settings = Settings(folder, target=Target(stage="finl", stage_required=True))
    (failure,) = run((".",), folder, settings).failures
    assert (failure.path, failure.message) == ("", "--target: no stage is named 'finl'")
    settings = Settings(folder, target=Target(stage="Final", stage_required=True))
    report = run((".",), folder, settings)
    assert not report.failures
    assert "other/Dockerfile" in {each.location.path for each in report.unchecked}


def test_requirements_lead_to_the_dockerfiles_that_read_them(folder):
    write(
        folder,
        a__Dockerfile="FROM python:3.12\nCOPY *.txt /\nRUN pip install -r requirements.txt\nRUNN\n",
        a__requirements_txt="numpy\n",
        b__Dockerfile=BAD,
    )
    report = run(("a/requirements.txt",), folder, Settings(folder))
    assert report.files == ("a/Dockerfile", "a/requirements.txt")
    assert places(report) == [("a/Dockerfile", 4, SYNTAX)]


def test_requirements_that_no_dockerfile_reads_are_not_an_error(folder):
    write(folder, requirements_txt="numpy\n", Dockerfile=BAD)
    report = run(("requirements.txt",), folder, Settings(folder))
    assert not report.files and not report.failures
    (unchecked,) = report.unchecked
    assert unchecked.location.path == "requirements.txt"


def test_nothing_to_check(folder):
    report = run((".",), folder, Settings(folder))
    assert not report.files and not report.unchecked and not report.failures


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({}, True),
        ({"select": (SYNTAX,)}, True),
        ({"select": ("unused-ignore",)}, False),
        ({"ignore": (SYNTAX,)}, False),
        ({"select": (SYNTAX,), "ignore": (SYNTAX,)}, False),
        ({"exclude": ("Dockerfile",)}, False),
    ],
)
def test_rules_and_files_can_be_left_out(folder, settings, found):
    write(folder, Dockerfile=BAD)
    report = run((".",), folder, Settings(folder)._replace(**settings))
    assert bool(report.findings) == found


@pytest.mark.parametrize(
    ("problem", "configured", "expected"),
    [
        (None, None, Severity.ERROR),
        (Severity.INFO, None, Severity.INFO),
        (None, Severity.WARNING, Severity.WARNING),
        (Severity.WARNING, Severity.WARNING, Severity.INFO),  # one step below, as before
        (Severity.INFO, Severity.ERROR, Severity.INFO),
        (Severity.INFO, Severity.INFO, Severity.INFO),
        (Severity.ERROR, Severity.WARNING, Severity.WARNING),
    ],
)
def test_severity_is_the_configured_one_or_the_pages_lowered_by_the_check(
    folder, monkeypatch, problem, configured, expected
):
    def check(project: Project, tables: Tables) -> Iterator[Problem]:
        yield Problem(Location(project.path, Span(1, 1, 1, 2)), "m", "h", severity=problem)

    fake_rule(monkeypatch, check)
    write(folder, Dockerfile="FROM a\n")
    severity = {} if configured is None else {SYNTAX: configured}
    (finding,) = run((".",), folder, Settings(folder, severity=severity)).findings
    assert finding.severity is expected
    assert finding.url == catalog.page(SYNTAX).url


def test_two_dockerfiles_with_one_requirements_file_find_its_fault_once(folder, monkeypatch):
    def check(project: Project, tables: Tables) -> Iterator[Problem]:
        other = Related(Location(project.path, Span(1, 1, 1, 2)), "installed here")
        yield Problem(Location("r.txt", Span(1, 1, 1, 2)), "m", "h", related=(other,))

    fake_rule(monkeypatch, check)
    write(folder, a__Dockerfile="FROM a\n", b__Dockerfile="FROM b\n", r_txt="numpy\n")
    report = run(("a", "b"), folder, Settings(folder))
    (finding,) = report.findings
    assert [each.location.path for each in finding.problem.related] == [
        "a/Dockerfile",
        "b/Dockerfile",
    ]
    assert report.sources["r.txt"] == "numpy\n"


def test_a_check_that_raises_is_named_and_keeps_what_it_had_found(folder, monkeypatch):
    def check(project: Project, tables: Tables) -> Iterator[Problem]:
        yield Problem(Location(project.path, Span(1, 1, 1, 2)), "m", "h")
        raise ValueError("boom")

    fake_rule(monkeypatch, check)
    write(folder, Dockerfile="# mllint: ignore-file[unused-ignore]\nFROM a\n")
    report = run((".",), folder, Settings(folder))
    assert len(report.findings) == 1
    (failure,) = report.failures
    assert failure.path == "Dockerfile"
    assert failure.message == (
        "rule dockerfile-syntax failed, which is a bug in mllint: ValueError: boom"
    )


def test_comments_and_configuration_mark_findings_but_drop_none(folder):
    write(
        folder,
        Dockerfile="FROM a\n# mllint: ignore[dockerfile-syntax] -- why\nRUNN b\n",
        gpu__Dockerfile=BAD,
        legacy__Dockerfile=BAD,
    )
    settings = Settings(folder, per_file_ignores={"legacy/*": (SYNTAX,)})
    report = run((".",), folder, settings)
    assert [finding.suppressed and finding.suppressed.kind for finding in report.findings] == [
        "comment",
        None,
        "configuration",
    ]
    assert places(report) == [("gpu/Dockerfile", 2, SYNTAX)]


@pytest.mark.parametrize(
    ("pattern", "covered"),
    [
        ("sub/Dockerfile", True),
        ("./sub/Dockerfile", True),
        ("Dockerfile", True),
        ("sub", True),
        ("sub/", True),
        ("**/Dockerfile", True),
        ("sub/**", True),
        ("other/*", False),
        ("Docker", False),
    ],
)
@pytest.mark.parametrize("start", [".", "sub"])
def test_patterns_are_relative_to_the_configuration(folder, pattern, covered, start):
    write(folder, sub__Dockerfile=BAD)
    settings = Settings(folder, per_file_ignores={pattern: (SYNTAX,)})
    (finding,) = run((".",), folder / start, settings).findings
    assert bool(finding.suppressed) == covered


def test_an_unused_comment_is_reported_and_can_itself_be_ignored(folder):
    text = "# mllint: ignore[dockerfile-syntax]\nFROM a\n"
    write(folder, Dockerfile=text)
    settings = Settings(folder)
    assert places(run((".",), folder, settings)) == [("Dockerfile", 1, "unused-ignore")]
    write(folder, Dockerfile="# mllint: ignore-file[unused-ignore]\n" + text)
    assert places(run((".",), folder, settings)) == []


def test_a_comment_in_a_stage_that_is_not_judged_is_not_unused(folder):
    comment = "# mllint: ignore[dockerfile-syntax]\nRUN a\n"
    write(folder, Dockerfile=f"FROM a AS dev\n{comment}FROM b\n{comment}")
    report = run((".",), folder, Settings(folder))
    assert places(report) == [("Dockerfile", 5, "unused-ignore")]


def test_a_comment_in_requirements_is_unused_only_when_all_readers_were_checked(folder):
    write(
        folder,
        Dockerfile="FROM python:3.12\nCOPY r.txt /\nRUN pip install -r /r.txt\n",
        r_txt="# mllint: ignore[dockerfile-syntax]\nnumpy\n",
    )
    assert places(run(("Dockerfile",), folder, Settings(folder))) == []
    assert places(run((".",), folder, Settings(folder))) == [("r.txt", 1, "unused-ignore")]


def test_an_unknown_rule_in_a_comment_is_a_failure(folder):
    write(folder, Dockerfile="FROM a\n# mllint: ignore[dockerfile-sintax]\nRUN b\n")
    (failure,) = run((".",), folder, Settings(folder)).failures
    assert (failure.path, failure.line) == ("Dockerfile", 2)
    assert "did you mean 'dockerfile-syntax'?" in failure.message


def test_reasons_are_asked_for_when_the_configuration_says_so(folder):
    write(folder, Dockerfile="FROM a\n# mllint: ignore[dockerfile-syntax]\nRUNN b\n")
    settings = Settings(folder)
    assert places(run((".",), folder, settings)) == []
    strict = settings._replace(require_ignore_reason=True)
    assert places(run((".",), folder, strict)) == [("Dockerfile", 2, "ignore-without-reason")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission(folder):
    write(folder, Dockerfile=BAD)
    (folder / "Dockerfile").chmod(0)
    assert run((".",), folder, Settings(folder)).failures


SYNCING = "FROM python:3.11\nWORKDIR /app\nCOPY . .\nRUN {}\n"


@pytest.mark.parametrize(
    ("command", "files", "changed"),
    [
        ("pip install .", {"pyproject.toml": "[project]\nname = 'a'\n"}, "pyproject.toml"),
        ("pip install .", {"setup.cfg": "[metadata]\nname = a\n"}, "setup.cfg"),
        (
            "uv sync --frozen",
            {"pyproject.toml": "[project]\nname = 'a'\n", "uv.lock": "version = 1\n"},
            "uv.lock",
        ),
        (
            "conda env create -f environment.yml",
            {"environment.yml": "name: x\n"},
            "environment.yml",
        ),
    ],
)
def test_a_changed_project_file_leads_to_its_dockerfile(folder, command, files, changed):
    for name, text in {"Dockerfile": SYNCING.format(command), **files}.items():
        (folder / name).write_text(text)
    assert "Dockerfile" in run((changed,), folder, Settings(folder)).files


def test_a_comment_in_a_project_file_ignores_its_line(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "Dockerfile").write_text(SYNCING.format("pip install ."))
    (tmp_path / "pyproject.toml").write_text(
        "[project]\nname = 'a'\ndependencies = [\n"
        "  'fastapi',  # mllint: ignore[unpinned-requirement] -- a library\n]\n"
    )
    report = run((".",), tmp_path, Settings(tmp_path))
    found = [f for f in report.findings if f.rule == "unpinned-requirement"]
    assert [f.suppressed.reason for f in found if f.suppressed] == ["a library"]
    assert len(found) == 1
    assert not [f for f in report.findings if f.rule == "unused-ignore"]


def test_comment_about_what_only_an_image_shows_is_not_called_unused(tmp_path):
    text = 'FROM scratch\n# mllint: ignore[prediction-refuted]\nCMD ["/app"]\n'
    (tmp_path / "Dockerfile").write_text(text)
    report = run((".",), tmp_path, Settings(tmp_path))
    assert "unused-ignore" not in {finding.rule for finding in report.findings}
