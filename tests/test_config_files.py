"""Configuration of pip and uv that is not read: what may name an index leaves indexes unknown."""

from pathlib import Path

import pytest

from mllint.config import Settings
from mllint.runner import run

INSTALL = "RUN pip install torch==2.1.0+cu118\n"


def findings(folder: Path, text: str, rule: str) -> list[int]:
    (folder / "Dockerfile").write_text(text)
    report = run(("Dockerfile",), folder, Settings(folder, select=(rule,)))
    assert not report.failures
    return [finding.problem.location.span.line for finding in report.findings]


@pytest.mark.parametrize(
    "line",
    [
        "COPY pip.conf /etc/pip.conf\n",
        "COPY settings/ /etc/\n",
        "COPY home /root\n",
        "COPY pip.conf /root/.config/pip/\n",
        "COPY --from=mirror/settings /etc/pip.conf /etc/\n",
        "RUN printf '[global]' | tee /etc/pip.conf\n",
        "RUN mkdir -p ~/.pip && echo '[global]' > ~/.pip/pip.conf\n",
        "COPY pip.conf /tmp/\nRUN mkdir /root/.pip && mv /tmp/pip.conf /root/.pip/pip.conf\n",
        "RUN curl -o /etc/pip.conf https://example.org/pip.conf\n",
        "ENV PIP_CONFIG_FILE=/opt/pip.conf\n",
        "RUN pip config --user set global.index-url https://example.org/simple\n",
        "RUN python -m pip config set global.extra-index-url https://example.org/simple\n",
        "RUN pip3 config set install.find-links /wheels\n",
    ],
)
def test_pip_may_be_told_of_another_index(line, tmp_path):
    (tmp_path / ".git").mkdir()
    for name in ("pip.conf", "settings/pip.conf", "home/.pip/pip.conf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("[global]\n")
    text = f"FROM python:3.11-slim\n{line}{INSTALL}"
    assert findings(tmp_path, text, "local-version-without-index") == []


@pytest.mark.parametrize("kind", ["secret,id=pip,target=/etc/pip.conf", "bind,source=pip.conf"])
def test_a_mount_brings_a_configuration_for_one_run(kind, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "pip.conf").write_text("[global]\n")
    target = "" if "target" in kind else ",target=/root/.config/pip/pip.conf"
    install = INSTALL.removeprefix("RUN ")
    text = f"FROM python:3.11-slim\nRUN --mount=type={kind}{target} {install}"
    assert findings(tmp_path, text, "local-version-without-index") == []
    text += "RUN pip install torchvision==0.16.0+cu118\n"
    assert findings(tmp_path, text, "local-version-without-index") == [3]


@pytest.mark.parametrize(
    "line",
    [
        "COPY pip.conf /opt/app/pip.conf\n",
        "COPY requirements.txt .\n",
        "COPY settings/ /srv/settings/\n",
        "ENV PIP_CONFIG_FILE=/dev/null\n",
        "RUN pip config list\n",
        "RUN pip config set global.extra-index-url https://a.example && \\\n"
        "    pip config unset global.extra-index-url\n",
    ],
)
def test_what_pip_does_not_read_changes_nothing(line, tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings/pip.conf").write_text("[global]\n")
    (tmp_path / "pip.conf").write_text("[global]\n")
    text = f"FROM python:3.11-slim\n{line}{INSTALL}"
    assert len(findings(tmp_path, text, "local-version-without-index")) == 1


@pytest.mark.parametrize(
    "line",
    [
        "RUN pip3 config set global.break-system-packages true\n",
        "RUN python3 -m pip config --global set global.break-system-packages true\n",
        'RUN if [ -n "$CI" ]; then pip3 config set global.break-system-packages true; fi\n',
        "ENV PIP_BREAK_SYSTEM_PACKAGES=1\n",
        "RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED\n",
        "ARG V=3.12\nRUN rm /usr/lib/python${V}/EXTERNALLY-MANAGED\n",
        "ARG V\nRUN rm /usr/lib/python${V}/EXTERNALLY-MANAGED\n",
        "RUN find /usr/lib -name EXTERNALLY-MANAGED -delete\n",
        "ENV MARKER=/usr/lib/python3.12/EXTERNALLY-MANAGED\nRUN mv $MARKER $MARKER.old\n",
        "RUN rm $(find / -name EXTERNALLY-MANAGED)\n",
        "RUN rm /usr/lib/python3.12/EXTERNALLY*\n",
        "ENV PIP_CONFIG_FILE=/opt/pip.conf\n",
    ],
)
def test_the_marker_of_the_distribution_is_passed_over(line, tmp_path):
    base = "FROM ubuntu:24.04\nRUN apt-get update && apt-get install -y python3-pip\n"
    install = "RUN pip3 install numpy==1.26.4\n"
    rule = "externally-managed-python"
    (tmp_path / ".git").mkdir()
    assert findings(tmp_path, base + install, rule) == [3]
    assert findings(tmp_path, base + line + install, rule) == []
