"""What a reference says, and what the tables know of the image: never more than that."""

from pathlib import Path

import pytest
from packaging.version import Version

from mllint.facts.images.base_image import (
    BaseImage,
    Cuda,
    CudaFlavor,
    Origin,
    Python,
    TagState,
)
from mllint.facts.images.described import base_image, unknown_image
from mllint.facts.images.reference import parse_reference
from mllint.facts.unknown import Unknown
from mllint.tables import Tables

TABLES = Tables(Path(__file__).parent.parent / "rules" / "tables")
DIGEST = "sha256:" + "0" * 64
V = Version


def image(text: str) -> BaseImage:
    return base_image(parse_reference(text), TABLES)


@pytest.mark.parametrize(
    ("text", "name", "tag", "digest"),
    [
        pytest.param("python", "python", None, None, id="bare"),
        pytest.param("python:3.11-slim", "python", "3.11-slim", None, id="tag"),
        pytest.param("library/python:3", "python", "3", None, id="library"),
        pytest.param("docker.io/library/python:3", "python", "3", None, id="docker-hub"),
        pytest.param("docker.io/python:3", "python", "3", None, id="docker-hub-no-library"),
        pytest.param("index.docker.io/library/python", "python", None, None, id="index-host"),
        pytest.param("nvidia/cuda:12.1.1-x", "nvidia/cuda", "12.1.1-x", None, id="owner"),
        pytest.param(
            "nvcr.io/nvidia/pytorch:24.05-py3",
            "nvcr.io/nvidia/pytorch",
            "24.05-py3",
            None,
            id="registry",
        ),
        pytest.param("localhost/x", "localhost/x", None, None, id="localhost"),
        pytest.param("reg:5000/a/b:1", "reg:5000/a/b", "1", None, id="port-and-tag"),
        pytest.param("reg:5000/a", "reg:5000/a", None, None, id="port-is-no-tag"),
        pytest.param("[::1]:5000/a:1", "[::1]:5000/a", "1", None, id="ipv6-host"),
        pytest.param("MyHost/a", "MyHost/a", None, None, id="upper-case-is-a-host"),
        pytest.param(f"python@{DIGEST}", "python", None, DIGEST, id="digest"),
        pytest.param(f"python:3.11@{DIGEST}", "python", "3.11", DIGEST, id="tag-and-digest"),
        pytest.param("a/b__c/d--e.f:_x", "a/b__c/d--e.f", "_x", None, id="separators"),
    ],
)
def test_reference(text, name, tag, digest):
    reference = parse_reference(text)
    assert (reference.name, reference.tag, reference.digest) == (name, tag, digest)
    assert reference.text == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("Python:3.11", id="upper-case"),
        pytest.param("python:", id="empty-tag"),
        pytest.param("python:-x", id="tag-starts-with-a-dash"),
        pytest.param("python: 3", id="blank"),
        pytest.param("a//b", id="empty-component"),
        pytest.param("-a/b", id="leading-dash"),
        pytest.param("a/b@sha256:12", id="short-digest"),
        pytest.param("python:" + "x" * 129, id="long-tag"),
        pytest.param("a" * 256, id="long-name"),
        pytest.param("a/" * 100_000, id="very-long"),
        pytest.param("0" * 64, id="image-id"),
        pytest.param("${BASE}", id="variable"),
        pytest.param("[::/a", id="broken-ipv6"),
    ],
)
def test_no_reference(text):
    assert isinstance(parse_reference(text), Unknown)


S = TagState


@pytest.mark.parametrize(
    ("text", "state"),
    [
        pytest.param("nvidia/cuda:12.1.1-devel-ubuntu22.04", S.EXISTS, id="listed"),
        pytest.param(
            "nvidia/cuda:12.1.0-cudnn8-devel-ubuntu22.04", S.EXISTS, id="superseded-but-there"
        ),
        pytest.param("nvidia/cuda:10.2-devel-ubuntu18.04", S.GONE, id="removed"),
        pytest.param("nvidia/cuda:11.0-base", S.GONE, id="removed-no-system"),
        pytest.param("nvidia/cuda", S.GONE, id="no-tag"),
        pytest.param("nvidia/cuda:latest", S.GONE, id="latest"),
        pytest.param("nvidia/cuda:12.1.1-devel", S.NEVER, id="no-system"),
        pytest.param("nvidia/cuda:12.1-devel-ubuntu22.04", S.NEVER, id="two-part-version"),
        pytest.param("nvidia/cuda:12.1.1-ubuntu22.04", S.NEVER, id="no-flavour"),
        pytest.param("nvidia/cuda:12.7.0-base-ubuntu22.04", S.NEVER, id="skipped-minor"),
        pytest.param("nvidia/cuda:12.1.1-devel-ubuntu24.04", S.NEVER, id="system-too-new"),
        pytest.param("nvidia/cuda:13.0.0-devel-ubuntu20.04", S.NEVER, id="system-too-old"),
        pytest.param("nvidia/cuda:12.4.1-cudnn8-devel-ubuntu22.04", S.NEVER, id="cudnn-part"),
        pytest.param("nvidia/cuda:12.2.0-cudnn8-devel-ubuntu22.04", S.NEVER, id="no-cudnn-image"),
        pytest.param("nvidia/cuda:12.4.1-cudnn-base-ubuntu22.04", S.NEVER, id="cudnn-in-base"),
        pytest.param("nvidia/cuda:12.4.1-devel-debian12", S.NEVER, id="debian"),
        pytest.param("nvidia/cuda:99.0.0-devel-ubuntu22.04", S.UNKNOWN, id="newer-than-the-table"),
        pytest.param("nvidia/cuda:13.3.9-devel-ubuntu24.04", S.UNKNOWN, id="newer-point-release"),
        pytest.param("nvidia/cuda:13.3.0-devel-ubuntu26.04", S.UNKNOWN, id="newer-system"),
        pytest.param("nvidia/cuda:11.0.3-cudnn8-devel-centos7", S.UNKNOWN, id="low-confidence"),
        pytest.param("nvidia/cuda:something", S.UNKNOWN, id="other-grammar"),
        pytest.param("nvcr.io/nvidia/cuda:10.2-devel-ubuntu18.04", S.UNKNOWN, id="gone-elsewhere"),
        pytest.param(f"nvidia/cuda:10.2-devel-ubuntu18.04@{DIGEST}", S.UNKNOWN, id="digest"),
        pytest.param("my.registry.io/nvidia/cuda:latest", S.UNKNOWN, id="private"),
        pytest.param("python:3.11-slim", S.EXISTS, id="floating"),
        pytest.param("python:3.6.8-slim", S.EXISTS, id="frozen-point-release"),
        pytest.param("python:3.11-slim-bookworm", S.EXISTS, id="suite"),
        pytest.param("python:3.8-slim-trixie", S.NEVER, id="python-older-than-the-suite"),
        pytest.param("python:3.14-slim-bullseye", S.NEVER, id="suite-given-up-before"),
        pytest.param("python:3.9.99", S.NEVER, id="no-such-point-release"),
        pytest.param("python:3.12.99-slim", S.UNKNOWN, id="point-release-after-the-table"),
        pytest.param("python:3.12-slim-forky", S.UNKNOWN, id="suite-after-the-table"),
        pytest.param("python:3.99", S.UNKNOWN, id="python-after-the-table"),
        pytest.param("python:3.15-rc-slim", S.UNKNOWN, id="pre-release"),
        pytest.param("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime", S.EXISTS, id="seen"),
        pytest.param("pytorch/pytorch:2.1.0-cuda99.1-cudnn8-runtime", S.NEVER, id="never"),
        pytest.param("pytorch/pytorch:99.1.0-cuda99.1-cudnn8-runtime", S.UNKNOWN, id="unseen"),
        pytest.param("ghcr.io/some/image:1", S.UNKNOWN, id="other-image"),
    ],
)
def test_tag_state(text, state):
    assert image(text).tag_state is state


def _told(value):
    return "?" if isinstance(value, Unknown) else value if value is None else str(value)


@pytest.mark.parametrize(
    ("text", "distro", "python", "distro_python"),
    [
        pytest.param("python:3.11-slim", "Debian 13 (trixie)", "3.11", "3.13", id="floating-slim"),
        pytest.param(
            "python:3.11-slim-bookworm", "Debian 12 (bookworm)", "3.11", "3.11", id="suite"
        ),
        pytest.param("python:3.11.4", "Debian 12 (bookworm)", "3.11.4", "3.11", id="point-release"),
        pytest.param(
            "python:3.11.3", "Debian 11 (bullseye)", "3.11.3", "3.9", id="before-the-move"
        ),
        pytest.param("python:3.99-slim", "?", "3.99", "?", id="newer-than-the-table"),
        pytest.param("python:3.11-slim-jammy", "?", "3.11", "?", id="no-such-suite"),
        pytest.param("python:buster", "Debian 10 (buster)", "?", "3.7", id="suite-that-stopped"),
        pytest.param(f"python:3.11-slim@{DIGEST}", "?", "3.11", "?", id="digest-of-some-day"),
        pytest.param(f"python:3@{DIGEST}", "?", "?", "?", id="digest-of-a-moving-python"),
        pytest.param(f"python@{DIGEST}", "?", "?", "?", id="digest-only"),
        pytest.param("python:3.12-alpine3.20", "Alpine 3.20", "3.12", "3.12", id="alpine"),
        pytest.param("python:3.12-windowsservercore", "?", "?", "?", id="windows"),
        pytest.param(
            "public.ecr.aws/docker/library/python:3.12-bookworm",
            "Debian 12 (bookworm)",
            "3.12",
            "3.11",
            id="ecr-copy",
        ),
        pytest.param(
            "mirror.gcr.io/library/python:3.12-bookworm",
            "Debian 12 (bookworm)",
            "3.12",
            "3.11",
            id="gcr-copy",
        ),
        pytest.param("harbor.corp/library/python:3.12-bookworm", "?", "?", "?", id="private-copy"),
        pytest.param(
            "nvidia/cuda:12.1.1-devel-ubuntu22.04", "Ubuntu 22.04", None, "3.10", id="cuda"
        ),
        pytest.param("nvidia/cuda:12.1.1-base-rockylinux9", "Rocky 9", "?", "3.9", id="cuda-rocky"),
        pytest.param("nvidia/cuda:12.6.3-base-cm2", "?", "?", "?", id="cuda-mariner"),
        pytest.param(
            "my.registry.io/nvidia/cuda:12.1.1-devel-ubuntu22.04", "?", "?", "?", id="cuda-private"
        ),
        pytest.param(
            "pytorch/pytorch:1.12.1-cuda11.3-cudnn8-runtime",
            "Ubuntu 18.04",
            "3.7",
            "3.6",
            id="pytorch-conda",
        ),
        pytest.param(
            "pytorch/pytorch:2.12.0-cuda13.0-cudnn9-devel",
            "Ubuntu 24.04",
            "3.12",
            "3.12",
            id="pytorch-no-conda",
        ),
        pytest.param(
            "pytorch/pytorch:9.0.0-cuda13.0-cudnn9-devel", "?", "?", "?", id="pytorch-newer"
        ),
        pytest.param("pytorch/pytorch", "?", "?", "?", id="pytorch-latest"),
        pytest.param("nvcr.io/nvidia/pytorch:24.05-py3", "Ubuntu 22.04", "3.10", "3.10", id="ngc"),
        pytest.param("nvcr.io/nvidia/pytorch:99.05-py3", "?", "?", "?", id="ngc-newer"),
        pytest.param("ubuntu:22.04", "Ubuntu 22.04", None, "3.10", id="ubuntu"),
        pytest.param("ubuntu:jammy-20240111", "Ubuntu 22.04", None, "3.10", id="ubuntu-dated"),
        pytest.param("ubuntu", "Ubuntu 26.04", None, "3.14", id="ubuntu-latest"),
        pytest.param(f"ubuntu@{DIGEST}", "?", "?", "?", id="ubuntu-digest"),
        pytest.param("ubuntu:28.04", "?", None, "?", id="ubuntu-newer"),
        pytest.param("debian:bookworm-slim", "Debian 12 (bookworm)", None, "3.11", id="debian"),
        pytest.param("alpine:3.19.1", "Alpine 3.19", None, "3.11", id="alpine-image"),
        pytest.param("alpine", "?", None, "?", id="alpine-latest"),
        pytest.param("continuumio/miniconda3:23.5.2-0", "?", "?", "?", id="miniconda"),
        pytest.param(
            "ghcr.io/astral-sh/uv:0.5-python3.12-bookworm-slim",
            "Debian 12 (bookworm)",
            "3.12",
            "3.11",
            id="uv",
        ),
        pytest.param(
            "public.ecr.aws/lambda/python:3.12", "Amazon Linux 2023", "3.12", "3.9", id="lambda"
        ),
        pytest.param("scratch", "?", None, "?", id="scratch"),
        pytest.param("ghcr.io/some/image:1", "?", "?", "?", id="other-image"),
    ],
)
def test_distro_and_python(text, distro, python, distro_python):
    found = image(text)
    versions = [
        str(value.version) if isinstance(value, Python) else _told(value)
        for value in (found.python, found.distro_python)
    ]
    assert [_told(found.distro), *versions] == [distro, python, distro_python]


@pytest.mark.parametrize(
    ("text", "cuda", "cudnn"),
    [
        pytest.param(
            "nvidia/cuda:12.1.1-devel-ubuntu22.04", ("12.1.1", "devel"), None, id="no-cudnn"
        ),
        pytest.param(
            "nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04", ("11.8.0", "runtime"), 8, id="cudnn8"
        ),
        pytest.param(
            "nvidia/cuda:12.4.1-cudnn-devel-ubuntu22.04", ("12.4.1", "devel"), 9, id="plain-cudnn"
        ),
        pytest.param(
            "nvidia/cuda:99.1.0-cudnn-devel-ubuntu22.04", ("99.1.0", "devel"), "?", id="cudnn-newer"
        ),
        pytest.param(
            "nvcr.io/nvidia/cuda:12.1.1-base-ubuntu22.04", ("12.1.1", "base"), None, id="ngc-copy"
        ),
        pytest.param(
            "pytorch/pytorch:2.1.0-cuda12.1-cudnn8-devel", ("12.1", "devel"), 8, id="pytorch"
        ),
        pytest.param("nvcr.io/nvidia/pytorch:24.05-py3", ("12.4.1", "devel"), "?", id="ngc"),
        pytest.param("nvcr.io/nvidia/pytorch:25.11-py3", "?", 9, id="ngc-low-confidence"),
        pytest.param("python:3.11", None, None, id="python"),
        pytest.param("ghcr.io/some/image:1", "?", "?", id="other-image"),
    ],
)
def test_cuda(text, cuda, cudnn):
    found = image(text)
    told = found.cuda
    if isinstance(told, Cuda):
        told = (str(told.version), told.flavor.value)
    assert ("?" if isinstance(told, Unknown) else told) == cuda
    assert ("?" if isinstance(found.cudnn, Unknown) else found.cudnn) == cudnn


def test_python_origin_and_marker():
    official = image("python:3.12-bookworm")
    assert (official.python.prefix, official.python.origin) == ("/usr/local", Origin.IMAGE)
    assert official.python.externally_managed is False
    assert official.distro_python.externally_managed is True
    assert image("nvidia/cuda:12.6.3-base-ubuntu24.04").distro_python.externally_managed is True
    # The marker of Ubuntu's Python is removed there, and both fields mean that same Python.
    ngc = image("nvcr.io/nvidia/pytorch:25.03-py3")
    assert ngc.python == ngc.distro_python
    assert ngc.python.externally_managed is False
    assert image("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime").python.origin is Origin.CONDA


def test_commands():
    assert "git" in image("python:3.11").commands
    assert image("python:3.11-slim").commands == frozenset()
    devel = image("nvidia/cuda:12.1.1-devel-ubuntu22.04").commands
    assert devel >= {"gcc", "g++", "make", "nvcc"}
    assert "git" not in devel
    assert isinstance(image("continuumio/miniconda3").commands, Unknown)


def test_preinstalled():
    held = image("pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime").preinstalled
    assert [(item.name, str(item.version)) for item in held] == [
        ("torch", "2.1.0"),
        ("torchvision", "0.16.0"),
        ("torchaudio", "2.1.0"),
    ]
    assert image("nvcr.io/nvidia/pytorch:24.05-py3").preinstalled[0].version.is_prerelease
    assert isinstance(image("pytorch/pytorch").preinstalled[0].version, Unknown)
    assert image("python:3.11").preinstalled == ()
    assert isinstance(image("ghcr.io/some/image:1").preinstalled, Unknown)


def test_variables():
    cuda = image("nvidia/cuda:12.1.1-runtime-ubuntu22.04")
    assert cuda.variable("CUDA_VERSION") == "12.1.1"
    assert cuda.variable("LD_LIBRARY_PATH") == "/usr/local/nvidia/lib:/usr/local/nvidia/lib64"
    assert cuda.variable("PIP_INDEX_URL") is None
    assert isinstance(cuda.variable("NV_CUDNN_VERSION"), Unknown)
    assert image("nvidia/cuda:12.9.1-base-ubuntu22.04").variable("LD_LIBRARY_PATH") == (
        "/usr/local/cuda/lib64"
    )
    # 13.3 is listed, but what its images set was not read.
    assert isinstance(
        image("nvidia/cuda:13.3.0-base-ubuntu24.04").variable("LD_LIBRARY_PATH"), Unknown
    )
    assert image("python:3.11").variable("PATH").startswith("/usr/local/bin:")
    constraint = [image(f"nvcr.io/nvidia/pytorch:{m}-py3") for m in ("25.02", "25.03")]
    assert isinstance(constraint[0].variable("PIP_CONSTRAINT"), Unknown)
    assert constraint[1].variable("PIP_CONSTRAINT") == "/etc/pip/constraint.txt"


def test_end_of_life_counts_extended_support():
    assert image("debian:11").eol == "2026-08-31"
    assert image("ubuntu:23.04").eol == "2024-01-20"
    assert image("ghcr.io/some/image:1").eol is None


def test_libc_is_known_where_the_release_is_not():
    assert image("python:3.99-alpine").libc.name == "musl"
    assert image("alpine").libc.name == "musl"
    assert image("nvidia/cuda:12.1.1-devel-ubuntu18.04").libc.version == V("2.27")


def test_unknown_image():
    found = unknown_image("BASE has no default")
    assert str(found.distro) == str(found.python) == "BASE has no default"
    assert found.tag_state is TagState.UNKNOWN
    assert isinstance(found.variable("PATH"), Unknown)


def test_flavors_are_those_of_the_tags():
    assert {flavor.value for flavor in CudaFlavor} == {"base", "runtime", "devel"}
