"""The history of an image and its content in, what takes the space and which line put it there."""

import pytest
from projects import project_of
from verify_samples import IMAGE, recorded

from mllint.report.size import size_text
from mllint.verify.comparing.sizes import (
    image_sizes,
    step_keyword,
    step_text,
    twin_libraries,
)
from mllint.verify.engines.image_info import Layer
from mllint.verify.probing.content_facts import CudaLibrary, Leftover, Tool

DOCKERFILE = """\
FROM debian:12 AS base
RUN apt-get update && \\
    apt-get install -y python3
FROM base
ENV A=1
COPY . /app
RUN pip install torch
CMD ["python3"]
"""
BASE = ("/bin/sh -c #(nop) ADD file:1 in / ", '/bin/sh -c #(nop)  CMD ["bash"]')
CLASSIC = (
    "/bin/sh -c apt-get update && apt-get install -y python3",
    "/bin/sh -c #(nop)  ENV A=1",
    "/bin/sh -c #(nop) COPY dir:1 in /app ",
    "|1 X=2 /bin/sh -c pip install torch",
    '/bin/sh -c #(nop)  CMD ["python3"]',
)
BUILDKIT = (
    "RUN /bin/sh -c apt-get update &&     apt-get install -y python3 # buildkit",
    "ENV A=1",
    "COPY . /app # buildkit",
    "RUN |1 X=2 /bin/sh -c pip install torch # buildkit",
    'CMD ["python3"]',
)


@pytest.mark.parametrize("steps", [CLASSIC, BUILDKIT], ids=["classic", "buildkit"])
def test_layers_and_their_lines(tmp_path, steps):
    layers = [Layer(text, 10 * n, "") for n, text in enumerate((*BASE, *steps))]
    sizes = image_sizes(IMAGE, layers, None, project_of(tmp_path, DOCKERFILE))
    lines = [layer.location and layer.location.span.line for layer in sizes.layers]
    assert lines == [None, None, 2, 5, 6, 7, 8]
    assert [layer.size_bytes for layer in sizes.layers] == [0, 10, 20, 30, 40, 50, 60]


def test_layers_of_another_image(tmp_path):
    layers = [Layer(text, 1, "") for text in (*BASE, "RUN /bin/sh -c make # buildkit")]
    sizes = image_sizes(IMAGE, layers, None, project_of(tmp_path, DOCKERFILE))
    assert [layer.location for layer in sizes.layers] == [None, None, None]


@pytest.mark.parametrize(
    ("created_by", "keyword", "text"),
    [
        ("/bin/sh -c #(nop)  ENV A=1", "ENV", "ENV A=1"),
        ("/bin/sh -c pip install x", "RUN", "RUN pip install x"),
        ("|2 A=1 B=2 /bin/sh -c make", "RUN", "RUN make"),
        ("RUN /bin/bash -o pipefail -c a | b # buildkit", "RUN", "RUN a | b"),
        ("RUN python3 -c 1 # buildkit", "RUN", "RUN python3 -c 1"),
        ("WORKDIR /app", "WORKDIR", "WORKDIR /app"),
        ("", "", "a step without a name"),
    ],
)
def test_step(created_by, keyword, text):
    assert (step_keyword(created_by), step_text(created_by)) == (keyword, text)


def test_packages():
    sizes = image_sizes(IMAGE, (), recorded())
    assert [each.name for each in sizes.packages[:3]] == [
        "torch",
        "nvidia-cudnn-cu12",
        "nvidia-cublas-cu12",
    ]
    assert sizes.packages_bytes == sum(each.size_bytes for each in sizes.packages)


def test_twins():
    def library(name, size, path, owner=None):
        return CudaLibrary(name, "8", path, size, owner)

    wheel = library("cudnn", 700, "/opt/venv/nvidia/libcudnn.so.8", "nvidia-cudnn-cu12")
    system = library("cudnn", 600, "/usr/lib/libcudnn.so.8.9")
    (twin,) = twin_libraries([library("nccl", 5, "/a"), system, wheel])
    assert (twin.name, twin.copies, twin.extra_bytes) == ("cudnn", (wheel, system), 600)


def test_leftovers_and_compilers():
    facts = recorded()._replace(
        leftovers=(Leftover("pip cache", "/root/.cache/pip", 5), Leftover("apt lists", "/x", 9)),
        tools=(Tool("gcc", "/usr/bin/gcc-12"), Tool("curl", "/usr/bin/curl")),
    )
    sizes = image_sizes(IMAGE, (), facts)
    assert [each.what for each in sizes.leftovers] == ["apt lists", "pip cache"]
    assert [each.name for each in sizes.compilers] == ["gcc"]


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1500, "2 kB"), (47_000_000, "47 MB"), (5.25e9, "5.2 GB")],
)
def test_size_text(size, text):
    assert size_text(size) == text
