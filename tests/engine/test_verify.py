"""`mllint verify` on real engines: what each kind of image comes to, and what is left behind."""

import re
import subprocess
import sys
import urllib.request

import pytest
from building import build, builder, connected, wanted
from verifying import INSTALL, PYTHON, VENV, make_wheel, names, nothing_left, spawn, verify

from mllint.verify.engines.containers import Container
from mllint.verify.engines.image_info import has_image, remove_image

TINY = "FROM busybox:1.36\n"
SERVE = (
    "import signal, sys, time\n"
    "signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))\n"
    "time.sleep(60)\n"
)
SERVES = f'{VENV}COPY serve.py /app/\nWORKDIR /app\nCMD ["python", "serve.py"]\n'
GOOD = f'{INSTALL}COPY serve.py /app/\nCMD ["python", "serve.py"]\n'


@pytest.fixture
def folder(tmp_path):
    make_wheel(tmp_path / "wheels", "sound", "1.0")
    (tmp_path / "requirements.txt").write_text("sound==1.0\n")
    (tmp_path / "serve.py").write_text(SERVE)
    return tmp_path


def told(done, name: str) -> tuple[str, str]:
    """What is said of a check: its mark, and the rest of the line."""
    match = re.search(
        rf"^(pass|FAIL|warn|skip|\?) +{re.escape(name)}(?:: (.*))?$", done.output, re.M
    )
    assert match, done.output
    return match[1], match[2] or ""


def failed(done) -> list[str]:
    """The names of the checks that failed."""
    return re.findall(r"^FAIL +(.*?)(?::|$)", done.output, re.M)


def verified(daemon, folder, text: str, code: int, *arguments: str):
    """The command on a Dockerfile of that text; it has to end with `code` and leave nothing."""
    (folder / "Dockerfile").write_text(text)
    done = verify(daemon, folder, *arguments)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    assert nothing_left(daemon)
    return done


def test_good_image(engine, folder):
    done = verified(engine, folder, GOOD, 0)
    assert failed(done) == []
    assert told(done, "versions") == ("pass", "all 1 as asked for")
    for name in ("start command", "stop signal", "interpreter", "import sound"):
        assert told(done, name)[0] == "pass"
    assert told(done, "GPU")[0] == "skip"
    assert "no GPU was seen" in done.output
    # The stand-in sets another PATH than the image that has its name.
    assert re.findall(r"^  (.*): the plan says", done.output, re.M) == ["variable PATH"]


def test_without_the_docker_command(old_engine, folder):
    """The classic builder, of the engine itself."""
    (folder / "Dockerfile").write_text(GOOD)
    done = verify(old_engine, folder, path="/nowhere")
    assert done.exit_code == 0
    assert "by the classic builder" in done.output
    assert told(done, "import sound")[0] == "pass"
    assert nothing_left(old_engine)


def test_image_that_is_kept_is_verified_by_its_name(old_engine, folder):
    """With the probe's container; `--clean` knows both, once the run's process is gone."""
    (folder / "Dockerfile").write_text(f"{VENV}RUN echo kept > /srv/note\nCMD true\n")
    process = spawn(old_engine, folder, "Dockerfile", "--keep")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    name = re.search(r"^the image stays as (\S+)$", output, re.M)[1]
    probe = re.search(r"^the probe's container stays as (\S+)$", output, re.M)[1]
    assert f"  remove: docker rm {probe} && docker rmi {name}" in output
    with connected(old_engine) as connection:
        made = Container(connection, probe)
        assert made.state()["Running"] is False
        assert made.get("/srv/note", 10) == b"kept\n"
    done = verify(old_engine, folder, name, file="")
    assert done.exit_code == 0
    with connected(old_engine) as connection:
        assert has_image(connection, name)
    done = verify(old_engine, folder, "--clean", file="")
    assert f"removed container {probe}\n" in done.output
    assert f"removed image {name}\n" in done.output
    assert not {probe, name} & names(old_engine)


def test_failing_build(engine, folder):
    # BuildKit of 20.10 now and then loses what a step prints in its last moment.
    text = f"{TINY}\nRUN echo before; sleep 1; nosuchprogram --now\n"
    done = verified(engine, folder, text, 5)
    assert "Dockerfile:3:1: the build failed" in done.output
    assert "| before" in done.output
    assert "no image: nothing was tested" in done.output


def test_credentials_are_told_nowhere(old_engine, folder):
    text = f"{TINY}ARG HF_TOKEN\nRUN echo using $HF_TOKEN; exit 3\n"
    secret = "hf_" + "aB3" * 12
    done = verified(old_engine, folder, text, 5, "--build-arg", f"HF_TOKEN={secret}")
    assert "| using ***" in done.output
    assert secret not in done.output


def test_failure_that_a_rule_explains(old_engine, folder):
    text = (
        f"{PYTHON}RUN touch $(python3 -c 'import sysconfig as s; print(s.get_path(\"stdlib\"))')"
        "/EXTERNALLY-MANAGED && pip install nosuch\n"
    )
    done = verified(old_engine, folder, text, 5)
    assert re.search(r"^ +mllint explain \S+$", done.output, re.M)


def test_base_image_that_is_not_found(engine, folder):
    done = verified(engine, folder, "FROM nosuch/thing:9\nRUN true\n", 5)
    assert "Dockerfile:1:1: the build failed" in done.output


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("import ctypes; ctypes.CDLL('libnosuch.so.3')\n", "libnosuch.so.3"),
        ("import time; time.sleep(600)\n", "took longer than 2 s"),
        ("import os; os.abort()\n", "signal 6"),
    ],
)
def test_import_that_fails(old_engine, folder, code, said):
    make_wheel(folder / "wheels", "broken", "1.0", code)
    (folder / "requirements.txt").write_text("sound==1.0\nbroken==1.0\n")
    done = verified(old_engine, folder, GOOD, 5, "--timeout", "2")
    assert failed(done) == ["import broken"]
    assert said in " ".join(done.output.split())
    assert told(done, "import sound")[0] == "pass"


def test_version_that_something_changes(old_engine, folder):
    make_wheel(folder / "wheels", "sound", "2.0")
    (folder / "tune.sh").write_text("pip install --no-index --find-links /wheels sound==2.0\n")
    text = f"{INSTALL}COPY tune.sh /app/\nRUN sh tune.sh\nCMD true\n"
    done = verified(old_engine, folder, text, 5)
    assert failed(done) == ["versions"]
    assert "the plan says 1.0, the image has 2.0 (requirements.txt:1:1)" in done.output


def test_version_whose_change_is_accepted(old_engine, folder):
    """The comment stands where `mllint check` would want it, too."""
    make_wheel(folder / "wheels", "sound", "2.0")
    (folder / "tune.sh").write_text("pip install --no-index --find-links /wheels sound==2.0\n")
    (folder / "requirements.txt").write_text(
        "# mllint: ignore[prediction-refuted] -- tune.sh does it\nsound==1.0\n"
    )
    text = f"{INSTALL}COPY tune.sh /app/\nRUN sh tune.sh\nCMD true\n"
    done = verified(old_engine, folder, text, 0)
    assert failed(done) == []


def test_what_the_configuration_wants(old_engine, folder):
    (folder / "mllint.toml").write_text(
        "[verify]\nimports = ['json', 'nosuch']\ncommands = ['exit 4']\nshm-size = '32m'\n"
    )
    done = verified(old_engine, folder, GOOD, 5, "--import", "csv", "--run", "test $(id -u) = 0")
    assert failed(done) == ["run `exit 4`", "import nosuch"]
    assert told(done, "shared memory") == ("pass", "32 MiB")
    for name in ("import json", "import csv", "run `test $(id -u) = 0`"):
        assert told(done, name)[0] == "pass"


def test_what_the_base_image_lacks_is_not_told(old_engine, folder):
    """NVIDIA's own images have many a requirement that does not hold."""
    make_wheel(folder / "wheels", "needy", "1.0", requires="absent>=2")
    install = "pip install --no-deps --no-index --find-links /wheels"
    (folder / "Dockerfile").write_text(f"{VENV}COPY wheels /wheels\nRUN {install} needy\n")
    base = "mllint-test-base:1"
    with connected(old_engine) as engine:
        asked = wanted(folder, (folder / "Dockerfile").read_text())._replace(tag=base)
        build(engine, asked, builder(old_engine, "cli"), lambda _: None)
        try:
            text = f"FROM {base}\nRUN {install} sound==1.0\nCMD true\n"
            done = verified(old_engine, folder, text, 0)
        finally:
            remove_image(engine, base)
    assert told(done, "requirements")[0] == "pass"


def test_another_user(old_engine, folder):
    make_wheel(folder / "wheels", "transformers", "4.0")
    (folder / "requirements.txt").write_text("transformers==4.0\n")
    done = verified(old_engine, folder, GOOD, 5, "--user", "12345:0")
    assert failed(done) == ["folders of another user"]
    assert told(done, "folders of the user")[0] == "pass"


def test_requirement_that_does_not_hold(old_engine, folder):
    make_wheel(folder / "wheels", "needy", "1.0", requires="absent>=2")
    (folder / "requirements.txt").write_text("sound==1.0\nneedy==1.0\n")
    text = GOOD.replace("pip install", "pip install --no-deps")
    done = verified(old_engine, folder, text, 5)
    assert failed(done) == ["requirements"]
    assert "needy 1.0 requires absent>=2" in done.output


def test_image_without_python(engine, folder):
    """That it starts is little, and is not sold as a test of it."""
    done = verified(engine, folder, f"{TINY}CMD echo hello\n", 6)
    assert told(done, "Python") == ("?", "the image has no Python")
    assert told(done, "start command")[0] == "pass"
    assert "nothing in the image was tested but that it starts" in done.output
    assert "help: name a command that has to succeed: --run CMD" in done.output
    done = verified(engine, folder, f"{TINY}CMD echo hello\n", 0, "--run", "busybox true")
    assert "nothing in the image was tested" not in done.output


def test_image_without_a_shell(old_engine, folder):
    text = f'{TINY}FROM scratch\nCOPY --from=0 /bin/busybox /sleep\nCMD ["/sleep", "60"]\n'
    done = verified(old_engine, folder, text, 5, "--run", "echo hello")
    assert failed(done) == ["run `echo hello`"]
    assert told(done, "stop signal")[0] == "warn"
    assert told(done, "start command")[0] == "pass"


def test_entrypoint_that_swallows_commands(old_engine, folder):
    """It answers everything with status 0: of the probe and of --run it must not be asked."""
    text = f'{GOOD}ENTRYPOINT ["sh", "-c", "echo swallowed"]\n'
    done = verified(old_engine, folder, text, 5, "--run", "exit 7", "--run", "true")
    assert failed(done) == ["run `exit 7`"]
    assert told(done, "import sound")[0] == "pass"


def test_user_without_rights(old_engine, folder):
    done = verified(old_engine, folder, f"{GOOD}USER 12345\n", 0)
    assert told(done, "folders of the user")[0] == "pass"
    assert told(done, "import sound")[0] == "pass"


def test_root_that_gives_files_and_itself_away(old_engine, folder):
    """As entrypoints do; root without any capability can do nothing of it."""
    start = (
        "#!/bin/sh\nset -e\nchown -R nobody /srv/data\n"
        "exec setpriv --reuid=nobody --regid=nogroup --clear-groups python /srv/own/serve.py\n"
    )
    (folder / "start.sh").write_text(start)
    text = (
        f"{INSTALL}COPY --chmod=755 start.sh /\nCOPY serve.py /srv/own/\n"
        "RUN mkdir /srv/data /srv/home && chown -R nobody /srv/own /srv/home"
        " && chmod 700 /srv/own /srv/home\n"
        'ENV HF_HOME=/srv/home\nENTRYPOINT ["/start.sh"]\n'
    )
    done = verified(old_engine, folder, text, 0)
    assert failed(done) == []
    for name in ("start command", "stop signal", "folders of the user"):
        assert told(done, name)[0] == "pass"


def test_container_that_ignores_the_signal(old_engine, folder):
    """That fails a run only where the project wants one that ends."""
    (folder / "serve.py").write_text(SERVE.replace("sys.exit(0)", "None"))
    (folder / "mllint.toml").write_text("[verify]\ngraceful-stop = true\n")
    done = verified(old_engine, folder, SERVES, 5)
    assert failed(done) == ["stop signal"]
    assert "does not end within 10 s of SIGTERM" in " ".join(done.output.split())


def test_plain_program_without_a_handler(engine, folder):
    """As most are: no fault of the image, and known without waiting for it to be killed."""
    (folder / "serve.py").write_text("import time\ntime.sleep(60)\n")
    done = verified(engine, folder, SERVES, 0)
    assert told(done, "stop signal")[0] == "warn"
    assert "does not handle SIGTERM when it has run for 3 s" in " ".join(done.output.split())
    assert "1 warning" in done.output


def test_handler_that_comes_late(old_engine, folder):
    """A program that has to end in time gets the time to load what it needs."""
    (folder / "mllint.toml").write_text("[verify]\ngraceful-stop = true\n")
    waits = "signal.pthread_sigmask(signal.SIG_BLOCK, [15])\nsignal.sigwait([15])\n"
    (folder / "serve.py").write_text(f"import signal, time\ntime.sleep(4.5)\n{waits}")
    done = verified(old_engine, folder, SERVES, 0)
    assert told(done, "stop signal")[0] == "pass"


def test_much_output(old_engine, folder):
    """100 MB that an import, the start command and a command of the user print."""
    noise = "import sys\nfor _ in range(100):\n    sys.stdout.write('x' * 999_999 + '\\n')\n"
    make_wheel(folder / "wheels", "sound", "1.0", noise)
    (folder / "serve.py").write_text(f"{noise}{SERVE}")
    done = verified(old_engine, folder, GOOD, 0, "--run", "python serve.py & sleep 1; kill $!")
    assert told(done, "import sound")[0] == "pass"
    assert len(done.output) < 20_000


def test_command_that_takes_all_memory(old_engine, folder):
    hog = "held = []\nwhile True:\n    held.append(bytearray(b'x' * 10_000_000))\n"
    (folder / "hog.py").write_text(hog)
    text = f"{VENV}COPY hog.py /\nCMD true\n"
    done = verified(old_engine, folder, text, 5, "--run", "exec python /hog.py", "--memory", "200m")
    assert failed(done) == ["run `exec python /hog.py`"]
    assert "more memory than it was given" in " ".join(done.output.split())


def test_build_that_hangs(engine, folder):
    text = f"{TINY}RUN echo begun; sleep 600\n"
    done = verified(engine, folder, text, 5, "--build-timeout", "4", "--no-cache")
    assert "Dockerfile:2:1: the build failed: the build took longer than 4 s" in done.output
    assert "| begun" in done.output


def test_what_needs_buildkit_where_there_is_none(old_engine, folder):
    text = f"{TINY}\nRUN --mount=type=cache,target=/c true\nCMD true\n"
    verified(old_engine, folder, text, 0, "--run", "true")
    done = verify(old_engine, folder, path="/nowhere")
    assert done.exit_code == 6
    assert "line 3: RUN --mount needs BuildKit" in done.output


def test_newer_file_on_both_kinds_of_engine(engine, old_engine, folder):
    text = f"{TINY}RUN <<EOF\necho one\nEOF\nCMD true\n"
    if engine is old_engine:
        done = verified(engine, folder, text, 6)
        assert "line 2: RUN <<EOF is newer than the engine" in done.output
        assert "help: write # syntax=docker/dockerfile:1" in done.output
    else:
        verified(engine, folder, text, 0, "--run", "true")


def test_image_that_cannot_fit(rig, folder):
    """Told before anything is fetched: no base image is there, and no network."""
    daemon = rig.daemon(rig.old, standin=False, data_bytes=300_000_000)
    text = "FROM python:3.11-slim\nRUN pip install torch==2.6.0\n"
    done = verified(daemon, folder, text, 6)
    assert "the image takes at least 5.2 GB (3.7 GB of libraries that torch" in done.output
    assert "help: run docker system prune" in done.output
    assert "pip install" not in done.output


def test_name_that_is_nothing(old_engine, folder):
    done = verify(old_engine, folder, "nosuch:1", file="")
    assert done.exit_code == 2
    assert "nosuch:1" in done.output
    done = verify(old_engine, folder, "./Dockerfile.gone", file="")
    assert done.exit_code == 2


def test_no_engine(tmp_path, folder):
    (folder / "Dockerfile").write_text(GOOD)
    done = verify(None, folder, "--host", f"unix://{tmp_path}/nosuch.sock")
    assert done.exit_code == 6
    what, help = done.output.splitlines()
    assert what.endswith("there is no such socket")
    assert help.startswith("mllint: help: start one ")


def test_torch_for_the_cpu(old_engine, folder):
    """A real one, where this machine's pip finds it."""
    version, index = "2.13.0+cpu", "https://download.pytorch.org/whl/cpu"
    command = [sys.executable, "-m", "pip", "download", "-q", "--dest", "wheels"]
    command += ["--python-version=3.11", "--only-binary=:all:", f"torch=={version}"]
    try:
        urllib.request.urlopen(f"{index}/torch/", timeout=5).close()
        command.append(f"--extra-index-url={index}")
    except OSError:
        pass
    if subprocess.run(command, cwd=folder, timeout=170, capture_output=True).returncode:
        pytest.skip(f"pip finds no torch {version}")
    (folder / "requirements.txt").write_text(f"torch=={version}\n")
    limits = ("--build-timeout", "180", "--gpus", "none", "--shm-size", "1g")
    done = verified(old_engine, folder, f"{INSTALL}CMD true\n", 0, *limits)
    assert told(done, "import torch")[1].startswith(version)
    mark, said = told(done, "torch: DataLoader")
    assert (mark, said[:31]) == ("pass", "batches of 80 MB by 2 workers i")


class TestGpu:
    """By the stand-in for NVIDIA's runtime, which proves that the way to a GPU works; no more."""

    TEXT = 'FROM nvidia/cuda:12.1.1-base-ubuntu22.04\nCMD ["true"]\n'

    @pytest.fixture(autouse=True)
    def _mode(self, engine):
        engine.mode(mode="ok", gpus=2)
        yield
        engine.mode(mode="ok")

    def test_gpu_that_is_there(self, engine, folder):
        done = verified(engine, folder, self.TEXT, 0)
        assert told(done, "nvidia-smi")[0] == "pass"
        assert "a GPU was there, and nothing was computed on it" in done.output

    def test_gpu_that_nothing_computed_on_is_none_for_require_gpu(self, engine, folder):
        verified(engine, folder, self.TEXT, 6, "--require-gpu")

    def test_gpu_that_is_not_wanted(self, engine, folder):
        done = verified(engine, folder, self.TEXT, 0, "--gpus", "none")
        assert told(done, "GPU") == ("skip", "GPU checks skipped: --gpus none")

    @pytest.mark.parametrize(
        ("mode", "said"),
        [
            ("no-driver", "the machine has no working NVIDIA driver"),
            ("too-old", "the driver is too old for this image"),
            ("mismatch", "the driver and its library are of two versions"),
            ("crash", "the NVIDIA runtime failed"),
        ],
    )
    def test_machine_that_is_at_fault(self, engine, folder, mode, said):
        """That is no fault of the image, and is one where a GPU is required."""
        engine.mode(mode=mode)
        done = verified(engine, folder, self.TEXT, 0)
        assert told(done, "GPU")[0] == "?"
        assert said in " ".join(done.output.split())
        verified(engine, folder, self.TEXT, 6, "--require-gpu")
