"""Where the fixes of install commands stand, and when there is none rather than a wrong one."""

import pytest
from projects import project_of, tables

from mllint.catalog import load_check
from mllint.edits import TextEditor

BASE = "FROM python:3.11-slim-bookworm\n"
INDEX = "--extra-index-url https://download.pytorch.org/whl/cu118"


def fixed(folder, slug, dockerfile, files=None):
    """The Dockerfile and the file r.txt with the fixes of a rule; None when it has no fix."""
    texts = {"Dockerfile": BASE + dockerfile, **(files or {})}
    project = project_of(folder, texts["Dockerfile"], files)
    problems = list(load_check(slug)(project, tables()))
    assert problems
    fixes = [problem.fix for problem in problems if problem.fix]
    if not fixes:
        return None
    for path, text in texts.items():
        editor = TextEditor(text)
        for fix in fixes:
            assert fix.safe
            edits = tuple(edit for edit in fix.edits if edit.location.path == path)
            assert editor.accept(edits)
        texts[path] = editor.result()
    return texts["Dockerfile"].removeprefix(BASE) + texts.get("r.txt", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("torch==2.1.0 torchvision==0.15.2", "torch==2.1.0 torchvision==0.16.0"),
        ('"torch==2.1.0" "torchvision == 0.15.2"', '"torch==2.1.0" "torchvision == 0.16.0"'),
        ("torch==2.1.0 'torchvision==0.15.2'", "torch==2.1.0 'torchvision==0.16.0'"),
        ("torch==2.1.0 torchaudio", "torch==2.1.0 torchaudio==2.1.0"),
        ("torch==2.1.0 torchvision==${TV}", None),
        ("torch==${T} torchvision==0.15.2", None),
    ],
)
def test_the_companion_of_a_pinned_torch(tmp_path, before, after):
    head = "ARG TV=0.15.2\nARG T=2.1.0\n"
    result = fixed(tmp_path, "torch-family-mismatch", f"{head}RUN pip install {before}\n")
    assert result == (f"{head}RUN pip install {after}\n" if after else None)


def test_the_companion_within_a_string_for_another_shell(tmp_path):
    dockerfile = 'RUN bash -c "pip install torch==2.1.0 torchvision==0.15.2"\n'
    result = fixed(tmp_path, "torch-family-mismatch", dockerfile)
    assert result == dockerfile.replace("0.15.2", "0.16.0")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("torch==2.1.0\ntorchvision==0.15.2  # x\n", "torch==2.1.0\ntorchvision==0.16.0  # x\n"),
        ("torch==2.1.0\ntorchvision==0.15.2 --hash=sha256:aa\n", None),
        ("torch==2.1.0\ntorchvision==\\\n0.15.2\n", None),
    ],
)
def test_the_companion_in_a_file(tmp_path, before, after):
    dockerfile = "COPY r.txt .\nRUN pip install -r r.txt\n"
    result = fixed(tmp_path, "torch-family-mismatch", dockerfile, {"r.txt": before})
    assert result == (dockerfile + after if after else None)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RUN pip install torch==2.1.0+cu118\n", f"RUN pip install torch==2.1.0+cu118 {INDEX}\n"),
        (
            'RUN pip install "torch==2.1.0+cu118" x\n',
            f'RUN pip install "torch==2.1.0+cu118" {INDEX} x\n',
        ),
        ('RUN ["pip", "install", "torch==2.1.0+cu118"]\n', None),
        ("RUN uv pip install --system --torch-backend=cpu torch==2.1.0+cu118\n", None),
        (
            "COPY <<E r.txt\ntorch==2.1.0+cu118\nE\nRUN pip install -r r.txt\n",
            f"COPY <<E r.txt\n{INDEX}\ntorch==2.1.0+cu118\nE\nRUN pip install -r r.txt\n",
        ),
    ],
)
def test_the_index_of_a_build(tmp_path, before, after):
    assert fixed(tmp_path, "local-version-without-index", before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("apt-get install -y libgl1-mesa-glx", "apt-get install -y libgl1"),
        ('["apt-get", "install", "-y", "libgl1-mesa-glx"]', None),
    ],
)
def test_the_package_of_the_same_library(tmp_path, before, after):
    dockerfile = f"FROM ubuntu:24.04\nRUN {before}\n"
    result = fixed(tmp_path, "apt-package-gone", dockerfile)
    assert result == (f"FROM ubuntu:24.04\nRUN {after}\n" if after else None)
