"""What the findings of single rules say beyond their place: message, notes, help, severity."""

import pytest

from mllint.checks import deps_after_copy_all, missing_multi_stage_build
from tests.projects import project_of, tables


def problems(check, folder, dockerfile, files=None):
    return list(check(project_of(folder, dockerfile, files), tables()))


TRAIN = "FROM python:3.11-slim-bookworm\nCOPY . /app\n"


@pytest.mark.parametrize(
    ("folders", "ignore", "clutter"),
    [
        ([".git"], None, "; there is no .dockerignore, so .git comes along"),
        ([".git", "wandb"], None, "; there is no .dockerignore, so .git, wandb come along"),
        ([".git", "wandb"], ".git\n", "; .dockerignore lets wandb in as well"),
        ([".git"], ".git\n", ""),
    ],
    ids=["no-file", "two", "one-named", "all-named"],
)
def test_what_comes_with_the_context(tmp_path, folders, ignore, clutter):
    for folder in folders:
        (tmp_path / folder).mkdir()
    files = {} if ignore is None else {".dockerignore": ignore}
    dockerfile = TRAIN + "RUN pip install torch==2.6.0\n"
    (found,) = problems(deps_after_copy_all.check, tmp_path, dockerfile, files)
    assert found.message == f"any change of any file installs torch (line 3) again{clutter}"


def test_requirement_files_are_named_by_their_path_in_the_context(tmp_path):
    dockerfile = TRAIN + "RUN pip install -r /app/requirements/gpu.txt\n"
    files = {"requirements/gpu.txt": "torch==2.6.0\n"}
    (found,) = problems(deps_after_copy_all.check, tmp_path, dockerfile, files)
    assert (
        found.help == "write a COPY of requirements/gpu.txt and the RUN on line 3 above this COPY"
    )


def test_programs_run_and_packages_are_compiled(tmp_path):
    dockerfile = (
        "FROM python:3.11-slim-bookworm\n"
        "RUN apt-get update && apt-get install -y build-essential\n"
        "RUN pip install llama-cpp-python==0.3.2\n"
        "RUN make -C /src\n"
        'CMD ["python", "serve.py"]\n'
    )
    (found,) = problems(missing_multi_stage_build.check, tmp_path, dockerfile)
    notes = [note.message for note in found.related]
    assert "make runs here" in notes
    assert "llama-cpp-python is compiled here" in notes
