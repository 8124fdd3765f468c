"""What a CPU or TPU image is told of versions that move: nothing about CUDA."""

import pytest

from mllint.config import Settings
from mllint.runner import run


@pytest.mark.parametrize(
    ("name", "text", "cuda"),
    [
        ("Dockerfile", "RUN pip install torch\n", True),
        ("Dockerfile.cpu", "RUN pip install torch\n", False),
        ("Dockerfile.cpu-gpu", "RUN pip install torch\n", True),
        ("Dockerfile", "ARG DEVICE=cpu\nRUN pip install torch\n", False),
        ("Dockerfile", "RUN pip install torch_xla[tpu]==2.5.0 && pip install torch\n", False),
        ("Dockerfile", "RUN pip install jax[tpu]\n", False),
        ("Dockerfile", "RUN pip install jax[cuda12]\n", True),
        ("Dockerfile", "RUN pip install vllm\n", True),
    ],
)
def test_a_moving_version_is_said_to_move_its_cuda(name, text, cuda, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / name).write_text(f"FROM python:3.11-slim\n{text}")
    report = run((name,), tmp_path, Settings(tmp_path, select=("unpinned-accelerator",)))
    messages = [finding.problem.message for finding in report.findings]
    assert messages
    assert all(("and its CUDA" in message) is cuda for message in messages)
