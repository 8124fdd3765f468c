"""A bound that the shell takes for a redirect ends where another redirect begins."""

import pytest

from mllint.config import Settings
from mllint.runner import run


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        ("torch>=2.0>log", '"torch>=2.0"'),
        ("torch>=2.0>/dev/null", '"torch>=2.0"'),
        ("torch>=2.0,<3", '"torch>=2.0,<3"'),
        ("torch>=2.0,<$MAX", '"torch>=2.0,<$MAX"'),
    ],
)
def test_the_advice_quotes_the_bound_alone(words, advice, tmp_path):
    (tmp_path / "Dockerfile").write_text(f"FROM python:3.11-slim\nRUN pip install {words}\n")
    settings = Settings(tmp_path, select=("unquoted-version-redirect",))
    report = run(("Dockerfile",), tmp_path, settings)
    assert [finding.problem.help for finding in report.findings] == [f"quote it: {advice}"]
