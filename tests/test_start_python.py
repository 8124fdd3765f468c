"""Which interpreter a start command means."""

import pytest
from verify_samples import IMAGE

from mllint.verify.probing.start_python import start_pythons


@pytest.mark.parametrize(
    ("entrypoint", "command", "first"),
    [
        (None, ("python", "app.py"), "python"),
        (("python3.12", "-m", "app"), None, "python3.12"),
        (("/opt/venv/bin/python",), ("app.py",), "/opt/venv/bin/python"),
        (None, ("/app/.venv/bin/uvicorn", "app:app"), "/app/.venv/bin/python3"),
        (None, ("/bin/sh", "-c", "exec /opt/env/bin/gunicorn app"), "/opt/env/bin/python3"),
        (("/usr/bin/tini", "--"), ("/opt/venv/bin/serve",), "/opt/venv/bin/python3"),
        (("conda", "run", "-n", "app"), ("python", "x.py"), "/opt/conda/envs/app/bin/python"),
        (("conda", "run", "--prefix", "/env"), ("serve",), "/env/bin/python"),
        (None, ("uv", "run", "serve"), "/srv/.venv/bin/python"),
        (None, ("uvicorn", "app:app"), "python3"),
        (("/opt/nvidia/nvidia_entrypoint.sh",), ("python", "a.py"), "python"),
        (("/usr/local/bin/serve",), None, "python3"),
        (None, None, "python3"),
    ],
)
def test_start_pythons(entrypoint, command, first):
    image = IMAGE._replace(entrypoint=entrypoint, command=command)
    found = start_pythons(image)
    assert found[0] == first
    assert found[-1] == "python" or first == "python"
    assert "python3" in found
