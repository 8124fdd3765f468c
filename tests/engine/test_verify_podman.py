"""`mllint verify` by Podman's Docker-compatible socket."""

import pytest
from verifying import nothing_left, spawn

LONG = 120


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ('FROM busybox:1.36\nRUN true\nCMD ["echo", "hello"]\n', 0, "on Podman"),
        ("FROM busybox:1.36\nRUN echo before; exit 3\n", 5, "Dockerfile:2:1: the build failed"),
        ("FROM busybox:1.36\nRUN <<EOF\ntrue\nEOF\n", 6, "line 2: RUN <<EOF needs BuildKit"),
    ],
)
def test_good_and_bad(podman, tmp_path, text, code, said):
    (tmp_path / "Dockerfile").write_text(text)
    process = spawn(podman, tmp_path, "Dockerfile", "--run", "true", "--host", podman.url)
    out, err = process.communicate(timeout=LONG)
    assert process.returncode == code, out + err
    assert said in out + err
    assert "Traceback" not in err
    assert nothing_left(podman)
