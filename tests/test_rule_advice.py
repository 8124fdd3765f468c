"""What the findings of single rules say beyond their place: message, notes, help, severity."""

import pytest

from mllint.checks import (
    deps_after_copy_all,
    externally_managed_python,
    missing_multi_stage_build,
    missing_shared_library,
    python_without_wheel,
    root_final_user,
    secret_in_layer,
    signal_handling,
    silent_cpu_build,
    unpinned_accelerator,
    venv_copied_across_stages,
)
from mllint.finding import Severity
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


MANAGED = "RUN apt-get update && apt-get install -y python3-pip {more}\nRUN pip3 install numpy\n"


@pytest.mark.parametrize(
    ("image", "more", "names_it"),
    [
        ("ubuntu:24.04", "", True),
        ("debian:12-slim", "git", True),
        ("debian:12-slim", "python3-venv", False),
        ("ubuntu:24.04", "python3.12-venv", False),
    ],
)
def test_a_venv_needs_a_package_on_debian(tmp_path, image, more, names_it):
    dockerfile = f"FROM {image}\n{MANAGED.format(more=more)}"
    (found,) = problems(externally_managed_python.check, tmp_path, dockerfile)
    assert found.help is not None
    assert found.help.startswith("install python3-venv and write `RUN python3 -m venv") == names_it


def test_a_venv_needs_no_package_on_alpine(tmp_path):
    dockerfile = "FROM alpine:3.20\nRUN apk add python3 py3-pip\nRUN pip3 install numpy\n"
    (found,) = problems(externally_managed_python.check, tmp_path, dockerfile)
    assert found.help is not None
    assert found.help.startswith("write `RUN python3 -m venv")


CPU = "FROM python:3.11-slim-bookworm\nENV NVIDIA_VISIBLE_DEVICES=all\nRUN pip install {line}\n"
CPU_INDEX = "--index-url https://download.pytorch.org/whl/cpu"


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        (
            f"torch==2.4.0+cpu {CPU_INDEX}",
            "write `torch==2.4.0+cu121` with `--index-url https://download.pytorch.org/whl/cu121`",
        ),
        (
            f"torch==2.4.0 {CPU_INDEX}",
            "take a build with CUDA: `--index-url https://download.pytorch.org/whl/cu121`",
        ),
    ],
    ids=["local-version", "index"],
)
def test_another_index_alone_does_not_undo_a_local_version(tmp_path, line, advice):
    (found,) = problems(silent_cpu_build.check, tmp_path, CPU.format(line=line))
    assert found.help == advice


@pytest.mark.parametrize(
    ("requirement", "url", "advice"),
    [
        ("torch==2.1.2", None, "install `torch==2.2.0`, or run Python 3.11"),
        ("torch==2.1.2+cu121", "cu121", "install `torch==2.2.0+cu121`, or run Python 3.11"),
        (
            "torchvision==0.16.2+cu121",
            "cu121",
            "install `torchvision==0.17.0+cu121`, or run Python 3.11",
        ),
        ("torch==1.13.1+cu117", "cu117", "run Python 3.11"),
    ],
)
def test_another_release_is_of_the_same_build(tmp_path, requirement, url, advice):
    index = f" --extra-index-url https://download.pytorch.org/whl/{url}" if url else ""
    dockerfile = f"FROM python:3.12-slim-bookworm\nRUN pip install {requirement}{index}\n"
    (found,) = problems(python_without_wheel.check, tmp_path, dockerfile)
    assert found.help == advice


PACKAGES = "/usr/local/lib/python3.9/site-packages"
CUDA = "nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04"


@pytest.mark.parametrize(
    ("image", "copied", "advice"),
    [
        (
            CUDA,
            PACKAGES,
            "install Python 3.9 in this stage, or start it from an image that has it",
        ),
        (
            "python:3.11-slim-bookworm",
            PACKAGES,
            "build the environment with the Python of the image that runs it",
        ),
    ],
    ids=["no-python", "another-python"],
)
def test_a_stage_without_python_needs_one(tmp_path, image, copied, advice):
    dockerfile = (
        "FROM python:3.9-slim-bookworm AS build\nRUN pip install numpy==1.26.4\n"
        f'FROM {image}\nCOPY --from=build {copied} {copied}\nCMD ["python", "app.py"]\n'
    )
    (found,) = problems(venv_copied_across_stages.check, tmp_path, dockerfile)
    assert found.help == advice


def test_a_venv_without_its_interpreter_in_a_stage_without_python(tmp_path):
    dockerfile = (
        "FROM python:3.11-slim-bookworm AS build\nRUN python -m venv /opt/venv\n"
        f"FROM {CUDA}\nCOPY --from=build /opt/venv /opt/venv\n"
        'CMD ["/opt/venv/bin/python", "app.py"]\n'
    )
    (found,) = problems(venv_copied_across_stages.check, tmp_path, dockerfile)
    assert found.message.endswith("this stage has no Python")
    assert found.help == (
        "start this stage from an image that has Python 3.11 in /usr/local, "
        "or copy the interpreter to the same path"
    )


CLONE = "RUN git clone https://ci:${GIT_PASSWORD}@git.example.org/lab/models.git\n"


@pytest.mark.parametrize("default", ["", "=s3cr3t-lab"])
def test_a_build_argument_with_a_value_is_no_less_than_one_without(tmp_path, default):
    dockerfile = f"FROM python:3.11-slim-bookworm\nARG GIT_PASSWORD{default}\n{CLONE}"
    (found,) = problems(secret_in_layer.check, tmp_path, dockerfile)
    assert found.severity is None
    assert [(note.location.span.line, note.message) for note in found.related] == [
        (3, "a RUN that takes it")
    ]


def test_a_short_password_that_nothing_takes_may_be_a_mere_default(tmp_path):
    dockerfile = "FROM python:3.11-slim-bookworm\nARG GIT_PASSWORD=s3cr3t-lab\n"
    (found,) = problems(secret_in_layer.check, tmp_path, dockerfile)
    assert found.severity is Severity.WARNING


def test_an_install_of_the_project_without_dependencies_still_needs_its_files(tmp_path):
    dockerfile = TRAIN + "RUN pip install --no-deps /app && pip install torch==2.6.0\n"
    assert not problems(deps_after_copy_all.check, tmp_path, dockerfile)


VISION = (
    "FROM python:3.11-slim-bookworm\nWORKDIR /app\nCOPY . .\n"
    "RUN pip install opencv-python==4.10.0.84\n"
)


@pytest.mark.parametrize(
    ("command", "severity"),
    [
        pytest.param('["python", "serve.py"]', None, id="script"),
        pytest.param('["python", "-m", "app"]', None, id="module"),
        pytest.param("uvicorn app.main:app --port 80", None, id="asgi"),
        pytest.param('["python", "lazy.py"]', Severity.WARNING, id="in-a-function"),
        pytest.param('["python", "absent.py"]', Severity.WARNING, id="absent"),
        pytest.param('["/start"]', Severity.WARNING, id="unread"),
    ],
)
def test_a_missing_library_is_an_error_where_the_program_imports_it(tmp_path, command, severity):
    files = {
        "serve.py": "import os\nfrom app import main\n",
        "lazy.py": "def look():\n    import cv2\ntry:\n    import cv2\nexcept OSError:\n    pass\n",
        "app/__init__.py": "",
        "app/__main__.py": "import app.main\n",
        "app/main.py": "import cv2.aruco\n",
    }
    dockerfile = f"{VISION}CMD {command}\n"
    (found,) = problems(missing_shared_library.check, tmp_path, dockerfile, files)
    assert found.severity is severity


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ('CMD ["python", "a.py"]', "`USER app` above CMD"),
        ('ENTRYPOINT ["python", "a.py"]', "`USER app` above ENTRYPOINT"),
        ('USER root\nENTRYPOINT ["python"]\nCMD ["a.py"]', "`USER app` above ENTRYPOINT"),
    ],
)
def test_a_user_is_set_above_what_starts_the_program(tmp_path, start, said):
    text = f"FROM python:3.11-slim\nEXPOSE 80\n{start}\n"
    (found,) = problems(root_final_user.check, tmp_path, text)
    assert found.help.endswith(said)


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("CMD python a.py", 'write `CMD ["python", "a.py"]`'),
        ("CMD python a.py $PORT", "write `CMD exec python a.py $PORT`"),
        ("CMD umask 002 && python a.py", "write `exec` before the last command of CMD"),
        (
            "ENTRYPOINT ./run.sh",
            'write `ENTRYPOINT ["./run.sh"]`, and `exec` before the last command of ./run.sh',
        ),
    ],
)
def test_how_signals_reach_the_program(tmp_path, start, said):
    text = f"FROM python:3.11-slim\n{start}\n"
    (found,) = problems(signal_handling.check, tmp_path, text)
    assert found.help == said


def test_a_version_is_written_as_the_installer_reads_it(tmp_path):
    text = "FROM condaforge/miniforge3:24.9.2-0\nRUN conda install -y pytorch && pip install jax\n"
    conda, pip = problems(unpinned_accelerator.check, tmp_path, text)
    assert conda.help == "write `pytorch=` and the version you tested, or hold it with a lock"
    assert pip.help.startswith("write `jax==` and the version you tested")
