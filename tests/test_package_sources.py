"""Where apt may find packages that the release of the image does not have."""

import pytest

from mllint.config import Settings
from mllint.runner import run

BASE = "FROM ubuntu:22.04\n"
INSTALL = "apt-get install -y python-pip"


def findings(folder, text):
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "rootfs/etc/apt").mkdir(parents=True, exist_ok=True)
    (folder / "app/src").mkdir(parents=True, exist_ok=True)
    (folder / "setup.sh").touch()
    (folder / "Dockerfile").write_text(text)
    report = run(("Dockerfile",), folder, Settings(folder, select=("apt-package-gone",)))
    assert not report.failures
    return [finding.problem.location.span.line for finding in report.findings]


@pytest.mark.parametrize(
    "before",
    [
        "RUN dpkg -i repo.deb",
        "RUN apt-get install -y ./repo.deb",
        "RUN curl -sL https://example.org/setup | bash",
        "RUN curl -fsSL https://example.org/setup | sudo -E bash -",
        'RUN bash -c "$(curl -fsSL https://example.org/install)"',
        "RUN wget https://example.org/i -O /tmp/i && bash /tmp/i",
        "COPY setup.sh /\nRUN ./setup.sh",
        "RUN python3 add_sources.py",
        "COPY rootfs /",
        "COPY rootfs/etc /etc",
        "COPY gone /",
        "ADD rootfs.tar.gz /",
    ],
)
def test_a_source_may_come_unseen(before, tmp_path):
    assert findings(tmp_path, f"{BASE}{before}\nRUN {INSTALL}\n") == []
    inherited = f"FROM ubuntu:22.04 AS base\n{before}\nFROM base\nRUN {INSTALL}\n"
    assert findings(tmp_path, inherited) == []


@pytest.mark.parametrize(
    "command",
    [
        "apt-get install -t focal -y python-pip",
        "apt-get -o Dir::Etc::sourcelist=/x.list install -y python-pip",
        "--mount=type=bind,source=x.list,target=/etc/apt/sources.list.d/x.list " + INSTALL,
        "apt-get install --dry-run python-pip",
        INSTALL + "; true",
    ],
)
def test_a_command_that_asks_elsewhere_or_may_fail(command, tmp_path):
    assert findings(tmp_path, f"{BASE}RUN {command}\n") == []


@pytest.mark.parametrize(
    "before",
    [
        "RUN apt-get update",
        "RUN dpkg -i cuda-keyring_1.1-1_all.deb",
        "RUN bash Miniconda3-latest-Linux-x86_64.sh -b -p /opt/conda",
        "RUN . /opt/venv/bin/activate",
        "RUN source /etc/profile.d/conda.sh",
        "RUN python3 setup.py install",
        "COPY setup.sh /",
        "COPY app /",
    ],
)
def test_what_brings_no_source_hides_nothing(before, tmp_path):
    lines = len(before.splitlines()) + 2
    assert findings(tmp_path, f"{BASE}{before}\nRUN {INSTALL}\n") == [lines]


def test_what_comes_later_helps_no_earlier_command(tmp_path):
    text = f"{BASE}RUN {INSTALL}\nRUN curl -sL https://example.org/setup | bash\n"
    assert findings(tmp_path, text) == [2]
