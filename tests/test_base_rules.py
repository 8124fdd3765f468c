"""Severities, help and fixes of the rules on base images and their packages."""

import pytest

from mllint.checks import (
    apt_package_gone,
    base_image_unavailable,
    python_without_wheel,
    unpinned_base_image,
)
from mllint.facts.images.nearest_tag import nearest_tag
from mllint.finding import Severity
from tests.projects import project_of, tables

GONE = "nvidia/cuda:10.1-base-ubuntu18.04"
DIGEST = "@sha256:" + "0123456789abcdef" * 4


def problems(check, folder, dockerfile, **options):
    return list(check(project_of(folder, dockerfile, **options), tables()))


@pytest.mark.parametrize(
    ("tag", "nearest"),
    [
        ("11.0-base-ubuntu20.04", "11.0.3-base-ubuntu20.04"),
        ("10.1-cudnn7-devel-ubuntu18.04", "11.0.3-cudnn8-devel-ubuntu18.04"),
        ("12.4.1-runtime", "12.4.1-runtime-ubuntu22.04"),
        ("12.4.1-cudnn8-runtime-ubuntu22.04", "12.4.1-cudnn-runtime-ubuntu22.04"),
        ("12.7.0-base-ubuntu22.04", "12.8.1-base-ubuntu22.04"),
        ("9.0", "11.0.3-devel-ubuntu20.04"),
        ("nightly", None),
    ],
)
def test_the_nearest_cuda_tag(tag, nearest):
    assert nearest_tag("nvidia/cuda", tag, tables()) == nearest


@pytest.mark.parametrize(
    ("tag", "nearest"),
    [
        ("3.6-slim-bookworm", "3.6-slim-bullseye"),
        ("3.6-bookworm", "3.6-bullseye"),
        ("2.7-bookworm", "2.7-buster"),
        ("4.0-slim", None),
    ],
)
def test_the_nearest_python_tag(tag, nearest):
    assert nearest_tag("python", tag, tables()) == nearest


def test_other_images_have_no_nearest_tag():
    assert nearest_tag("ubuntu", "1.0", tables()) is None


@pytest.mark.parametrize(
    ("dockerfile", "severity"),
    [
        pytest.param(f"FROM {GONE}\n", None, id="tag"),
        pytest.param(f"FROM {GONE}{DIGEST}\n", Severity.WARNING, id="digest"),
        pytest.param(
            f"ARG REGISTRY=docker.io/\nFROM ${{REGISTRY}}{GONE}\n", Severity.WARNING, id="registry"
        ),
        pytest.param(f"ARG BASE={GONE}\nFROM $BASE\n", None, id="whole name"),
    ],
)
def test_a_removed_tag_is_certain_unless_another_registry_may_have_it(
    tmp_path, dockerfile, severity
):
    (found,) = problems(base_image_unavailable.check, tmp_path, dockerfile)
    assert found.severity is severity
    assert "nvidia/cuda:11.0.3-base-ubuntu18.04" in found.help


@pytest.mark.parametrize(
    ("image", "severity"),
    [
        ("nvidia/cuda:12.4.1-runtime", Severity.ERROR),
        ("node", Severity.WARNING),
        ("rocm/pytorch:latest", Severity.WARNING),
        ("rocm/pytorch:rocm6.2_ubuntu22.04_py3.10_pytorch_release_2.3.0", Severity.INFO),
    ],
)
def test_how_bad_a_missing_pin_is(tmp_path, image, severity):
    (found,) = problems(unpinned_base_image.check, tmp_path, f"FROM {image}\nRUN true\n")
    assert found.severity is severity


def test_one_rule_speaks_about_one_from(tmp_path):
    for image in ("nvidia/cuda", GONE, "python:3.8-buster", "nvidia/cuda:12.4.1-runtime"):
        dockerfile = f"FROM {image}\nRUN apt-get update\n"
        checks = (base_image_unavailable.check, unpinned_base_image.check)
        found = [problem for check in checks for problem in problems(check, tmp_path, dockerfile)]
        assert len(found) == 1, image


def test_an_argument_given_for_the_build_counts(tmp_path):
    dockerfile = "ARG BASE\nFROM ${BASE}\nRUN nvcc --version\n"
    assert not problems(base_image_unavailable.check, tmp_path, dockerfile)
    found = problems(base_image_unavailable.check, tmp_path, dockerfile, build_args={"BASE": GONE})
    assert [problem.location.span.line for problem in found] == [1]


def test_the_fix_writes_the_same_library(tmp_path):
    dockerfile = "FROM python:3.11-slim-trixie\nRUN apt-get install -y libgl1-mesa-glx libsm6\n"
    (found,) = problems(apt_package_gone.check, tmp_path, dockerfile)
    assert found.fix is not None
    assert found.fix.safe
    (edit,) = found.fix.edits
    span, line = edit.location.span, dockerfile.split("\n")[1]
    assert line[span.column - 1 : span.end_column - 1] == "libgl1-mesa-glx"
    assert edit.text == "libgl1"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("libgl1-mesa-glx=21.2.6-1", id="version"),
        pytest.param("'libgl1-mesa-glx'", id="quotes"),
        pytest.param("python3-distutils", id="nothing takes its place"),
        pytest.param("libtiff5", id="not the same on older releases"),
    ],
)
def test_no_fix_where_the_word_is_more_than_a_name_or_the_library_another(tmp_path, words):
    dockerfile = f"FROM python:3.11-slim-trixie\nRUN apt-get install -y {words}\n"
    (found,) = problems(apt_package_gone.check, tmp_path, dockerfile)
    assert found.fix is None


@pytest.mark.parametrize(
    ("image", "severity"),
    [("python:3.12-slim", None), ("python:3.12", Severity.WARNING)],
)
def test_compiling_is_an_error_only_without_a_compiler(tmp_path, image, severity):
    dockerfile = f"FROM {image}\nRUN pip install pandas==1.5.3\n"
    (found,) = problems(python_without_wheel.check, tmp_path, dockerfile)
    assert found.severity is severity


def test_a_pip_of_apt_may_bring_a_compiler(tmp_path):
    dockerfile = (
        "FROM python:3.12-slim\n"
        "RUN apt-get update && apt-get install -y cmake\n"
        "RUN pip install pandas==1.5.3\n"
    )
    (found,) = problems(python_without_wheel.check, tmp_path, dockerfile)
    assert found.severity is Severity.WARNING
