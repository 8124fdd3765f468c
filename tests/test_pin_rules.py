"""What the findings about distributions say beyond their place: message, help, severity, fix."""

import pytest

from mllint.checks import (
    exclusive_pytorch_index,
    hash_mode_broken,
    numpy_abi,
    packaging_break,
    requirement_local_path,
    torch_replaced_by_later_install,
    twin_packages,
)
from mllint.finding import Severity
from tests.projects import project_of, tables

SLIM = "FROM python:3.11-slim\n"
WITH_FILE = SLIM + "COPY requirements.txt .\nRUN pip install -r requirements.txt\n"


def problems(check, folder, dockerfile, requirements=None):
    files = {} if requirements is None else {"requirements.txt": requirements}
    return list(check.check(project_of(folder, dockerfile, files), tables()))


@pytest.mark.parametrize(
    ("command", "severity", "message"),
    [
        (
            "pandas==2.0.3 numpy==2.1.0",
            None,
            "pandas 2.0.3 is compiled for NumPy 1, and numpy==2.1.0 is installed beside it",
        ),
        (
            "pandas==2.0.3 scikit-learn==1.2.2 matplotlib==3.7.1",
            Severity.WARNING,
            "pandas 2.0.3 and scikit-learn 1.2.2 and 1 more are compiled for NumPy 1, and nothing "
            "here keeps NumPy below 2",
        ),
    ],
    ids=["asked-for", "left-open"],
)
def test_numpy_that_is_only_likely_is_a_warning(tmp_path, command, severity, message):
    (found,) = problems(numpy_abi, tmp_path, f"{SLIM}RUN pip install {command}\n")
    assert (found.severity, found.message) == (severity, message)


@pytest.mark.parametrize(
    ("line", "text"),
    [("numpy", "<2"), ("numpy>=1.24", ",<2"), ('numpy>=1; python_version > "3"', None)],
    ids=["bare", "range", "marker"],
)
def test_numpy_is_capped_where_a_line_leaves_it_open(tmp_path, line, text):
    (found,) = problems(numpy_abi, tmp_path, WITH_FILE, f"pandas==2.0.3\n{line}\n")
    assert (found.fix and found.fix.edits[0].text) == text


@pytest.mark.parametrize(
    ("command", "message", "safe"),
    [
        (
            "pip install sklearn",
            "sklearn ends its own installation with an error: the package is retired",
            True,
        ),
        ("pip install cv2", "the public index has no distribution named cv2", False),
        (
            "pip install -U pip && pip install omegaconf==2.0.6",
            "pip from release 24.1 on cannot read what omegaconf==2.0.6 requires, and refuses it",
            None,
        ),
        (
            "pip install tensorflow-gpu",
            "tensorflow-gpu ends its own installation with an error: the package is retired",
            None,
        ),
    ],
    ids=["retired", "never-there", "metadata", "extra-in-the-name"],
)
def test_packages_that_cannot_be_installed(tmp_path, command, message, safe):
    (found,) = problems(packaging_break, tmp_path, f"{SLIM}RUN {command}\n")
    assert (found.message, found.fix and found.fix.safe) == (message, safe)


@pytest.mark.parametrize("setup", ["pip==24.0", "'pip<24.1' -U", "pip"])
def test_older_pip_reads_the_metadata(tmp_path, setup):
    dockerfile = f"{SLIM}RUN pip install {setup}\nRUN pip install omegaconf==2.0.6\n"
    assert problems(packaging_break, tmp_path, dockerfile) == []


def test_one_problem_for_a_command_with_the_others_beside_it(tmp_path):
    command = "pip install -i https://download.pytorch.org/whl/cpu torch==2.6.0 timm accelerate"
    (found,) = problems(exclusive_pytorch_index, tmp_path, f"{SLIM}RUN {command}\n")
    assert found.message == (
        "timm is asked of https://download.pytorch.org/whl/cpu alone, which does not serve timm"
    )
    assert [note.message for note in found.related] == ["nor accelerate"]


def test_torch_that_was_not_built_for_the_index(tmp_path):
    command = "pip install -i https://download.pytorch.org/whl/cu126 torch==2.1.0"
    (found,) = problems(exclusive_pytorch_index, tmp_path, f"{SLIM}RUN {command}\n")
    assert found.message.startswith("the index cu126 has no torch 2.1.0; its builds are cpu, cu118")


HASHED = "tomli==2.0.1 --hash=sha256:" + "9" * 64 + "\n"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("idna==3.7", "idna==3.7 has no hash, and tomli==2.0.1 has one, so pip asks for all"),
        ("-e git+https://github.com/a/b#egg=b", "cannot have a hash, and tomli"),
    ],
    ids=["plain", "repository"],
)
def test_requirement_without_a_hash(tmp_path, line, message):
    (found,) = problems(hash_mode_broken, tmp_path, WITH_FILE, f"{HASHED}{line}\n")
    assert message in found.message


def test_list_of_local_paths_is_one_problem(tmp_path):
    lines = "".join(f"p{i} @ file:///croot/p{i}_1/work\n" for i in range(9))
    (found,) = problems(requirement_local_path, tmp_path, WITH_FILE, lines)
    assert found.message == ("p0 comes from /croot/p0_1/work, and nothing puts that into the image")
    assert len(found.related) == 5


def test_twin_of_the_base_image_is_named(tmp_path):
    dockerfile = "FROM tensorflow/tensorflow:2.12.0\nRUN pip install tensorflow-cpu==2.12.0\n"
    (found,) = problems(twin_packages, tmp_path, dockerfile)
    assert found.message.startswith("tensorflow and tensorflow-cpu==2.12.0 both install the module")
    assert found.help == "leave tensorflow-cpu out, or run `pip uninstall -y tensorflow` before it"


def test_numpy_is_capped_in_quotes_in_a_command(tmp_path):
    dockerfile = "FROM python:3.11-slim\nRUN pip install torch==2.1.0 torchvision==0.16.0\n"
    project = project_of(tmp_path, dockerfile)
    (found,) = numpy_abi.check(project, tables())
    assert found.help == 'add `"numpy<2"` beside it'


@pytest.mark.parametrize(
    ("pinner", "help_"),
    [
        ("torchvision==0.17.1", "write `torchvision==0.16.2`, which goes with torch==2.1.2"),
        ("xformers==0.0.24", "write `xformers==0.0.23.post1`, which goes with torch==2.1.2"),
    ],
)
def test_what_goes_with_the_torch_of_the_base_image_is_named(tmp_path, pinner, help_):
    base = "FROM pytorch/pytorch:2.1.2-cuda12.1-cudnn8-runtime\n"
    project = project_of(tmp_path, f"{base}RUN pip install {pinner}\n")
    (found,) = torch_replaced_by_later_install.check(project, tables())
    assert found.help == help_
