"""What `mllint doctor` says of machines, made of values; no engine is needed."""

import json

import pytest
from click.testing import CliRunner

from mllint.cli import commands
from mllint.report.verify_doctor import doctor_json, doctor_text
from mllint.verify.building.docker_cli import DockerCli
from mllint.verify.doctor import Seen, Trial, doctor_checks
from mllint.verify.engines.engine_info import EngineInfo
from mllint.verify.engines.machine import Machine, read_machine
from mllint.verify.engines.run_results import GpuStart, HostFault

ENGINE = EngineInfo(
    "docker", "28.5.2", (1, 51), "linux/amd64", "/var/lib/docker", ("runc",), (), 8, 10**10, ()
)
CLI = DockerCli("/usr/bin/docker", "28.5.2", True)
PLAIN = Machine(0, None, None, False, False)
GPU = Machine(1, "550.54.14", "GPU 0: NVIDIA L4", True, True)
GOOD = Seen("unix:///s", ENGINE, "", "", CLI, 10**11, PLAIN, Trial("busybox:1.36"))


def told(seen: Seen) -> dict[str, str]:
    return {each.name: f"{each.outcome.value}: {each.detail}" for each in doctor_checks(seen)}


def test_a_machine_without_a_gpu_is_ready():
    assert told(GOOD) == {
        "engine": "pass: Docker 28.5.2, linux/amd64, at unix:///s",
        "disk": "pass: 100.0 GB free below /var/lib/docker",
        "docker command": "pass: /usr/bin/docker, 28.5.2",
        "BuildKit": "pass: docker buildx is there",
        "NVIDIA GPU": "skipped: this machine has none",
        "a container": "pass: of busybox:1.36 runs",
    }
    assert doctor_text(doctor_checks(GOOD)).endswith("\nready to build and run\n")


@pytest.mark.parametrize(
    ("seen", "name", "start", "help"),
    [
        (Seen("", None, "no engine answers", "start one"), "engine", "no engine", "start one"),
        (GOOD._replace(free_bytes=10**9), "disk", "1.0 GB free", "docker system prune"),
        (GOOD._replace(cli=None), "docker command", "there is no docker command", "apt install"),
        (
            GOOD._replace(cli=DockerCli("/d", "28.2.2", False)),
            "BuildKit",
            "docker 28.2.2 needs buildx for it, and there is none",
            "docker-buildx",
        ),
        (
            GOOD._replace(machine=Machine(2, None, None, False, False)),
            "NVIDIA driver",
            "no driver is loaded",
            "nvidia-driver",
        ),
        (
            GOOD._replace(machine=GPU._replace(smi="mismatch", smi_ok=False)),
            "NVIDIA driver",
            "550.54.14, and nvidia-smi fails: mismatch",
            "reboot",
        ),
        (
            GOOD._replace(machine=GPU),
            "container toolkit",
            "the engine has no runtime nvidia",
            "sudo nvidia-ctk runtime configure --runtime=docker",
        ),
        (
            GOOD._replace(machine=GPU._replace(toolkit=False)),
            "container toolkit",
            "the engine has no runtime nvidia",
            "nvidia-container-toolkit",
        ),
        (
            GOOD._replace(trial=Trial("busybox:1.36", "cgroups: no")),
            "a container",
            "of busybox:1.36 does not run: cgroups: no",
            "restart docker",
        ),
        (
            GOOD._replace(trial=Trial("busybox:1.36", "no space left", help="docker system prune")),
            "a container",
            "of busybox:1.36 does not run: no space left",
            "docker system prune",
        ),
        (
            GOOD._replace(
                machine=GPU,
                gpu_trial=Trial(
                    "u:1", "x", GpuStart(True, "", HostFault.NO_DRIVER, "not loaded", "install")
                ),
            ),
            "nvidia-smi in a container",
            "the machine has no working NVIDIA driver: not loaded",
            "install",
        ),
    ],
)
def test_what_is_to_mend_is_told_with_what_to_type(seen, name, start, help):
    check = next(each for each in doctor_checks(seen) if each.name == name)
    assert check.outcome.value == "fail"
    assert check.detail.startswith(start)
    assert help in check.help
    read = json.loads(doctor_json(doctor_checks(seen)))
    assert read["ready"] is False
    assert f"help: {check.help}".split()[1] in doctor_text(doctor_checks(seen))


def test_little_disk_is_enough_for_images_without_cuda():
    seen = GOOD._replace(free_bytes=10**10)
    assert told(seen)["disk"].startswith("warning: 10.0 GB free below /var/lib/docker: too little")
    assert json.loads(doctor_json(doctor_checks(seen)))["ready"] is True


def test_podman_gives_gpus_by_its_own_command_alone():
    podman = GOOD._replace(engine=ENGINE._replace(kind="podman"), machine=GPU)
    assert told(podman)["container toolkit"].startswith("fail: no file in /etc/cdi")
    assert told(podman)["nvidia-smi in a container"].startswith("not measured: Podman gives")
    ready = podman._replace(machine=GPU._replace(cdi="/etc/cdi/nvidia.yaml"))
    assert told(ready)["container toolkit"].startswith("pass: /etc/cdi/nvidia.yaml describes")


def test_what_could_not_be_removed_is_told():
    (*_, last) = doctor_checks(GOOD._replace(left=("container 1: it hangs",)))
    assert (last.outcome.value, last.detail) == ("warning", "container 1: it hangs")
    assert last.help == "mllint verify --clean"


def test_a_gpu_that_is_on_no_bus_was_not_seen():
    trial = Trial("u:1", said="GPU 0: some")
    seen = GOOD._replace(gpu_trial=trial)
    assert told(seen)["nvidia-smi in a container"].startswith("not measured: it says GPU 0: some")
    seen = GOOD._replace(machine=GPU, gpu_trial=trial)
    assert told(seen)["nvidia-smi in a container"] == "pass: in u:1: GPU 0: some"


def test_a_stand_in_is_no_gpu_wherever_it_answers():
    trial = Trial("u:1", said="GPU 0: STAND-IN-GPU (not real)")
    seen = GOOD._replace(machine=None, gpu_trial=trial)
    assert told(seen)["nvidia-smi in a container"].startswith("not measured: what answers is no")


def test_a_driver_without_a_device_on_the_bus_is_no_count_of_gpus():
    seen = GOOD._replace(machine=GPU._replace(gpus=0))
    assert told(seen)["NVIDIA GPU"] == "pass: a driver is loaded for one"


def test_an_engine_that_is_not_there_is_told_with_what_to_type(tmp_path):
    words = ["doctor", "--host", f"unix://{tmp_path}/none.sock"]
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 6
    assert "there is no such socket" in done.output
    assert "help: start one" in done.output


def test_an_engine_elsewhere_tells_nothing_of_this_machine():
    seen = GOOD._replace(machine=None, free_bytes=None)
    assert told(seen)["NVIDIA GPU"] == "not measured: the engine is on another machine"
    assert told(seen)["disk"].startswith("not measured: ")


def test_podman_builds_without_a_docker_command():
    seen = GOOD._replace(engine=ENGINE._replace(kind="podman"), cli=None)
    assert told(seen)["docker command"].startswith("skipped: ")
    old = told(seen._replace(cli=DockerCli("/d", "28.2.2", False)))
    assert old["BuildKit"] == "skipped: Podman builds by itself"


def test_nothing_that_a_machine_says_steers_the_terminal():
    seen = GOOD._replace(trial=Trial("busybox:1.36", "\x1b[31mred"))
    assert "\x1b" not in doctor_text(doctor_checks(seen))


def test_the_machine_is_read_from_its_own_files(tmp_path):
    device = tmp_path / "sys/bus/pci/devices/0000:01:00.0"
    device.mkdir(parents=True)
    (device / "vendor").write_text("0x10de\n")
    (device / "class").write_text("0x030200\n")
    sound = tmp_path / "sys/bus/pci/devices/0000:01:00.1"
    sound.mkdir()
    (sound / "vendor").write_text("0x10de\n")
    (sound / "class").write_text("0x040300\n")
    version = tmp_path / "proc/driver/nvidia/version"
    version.parent.mkdir(parents=True)
    version.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu Feb\n")
    programs = tmp_path / "bin"
    programs.mkdir()
    smi = programs / "nvidia-smi"
    smi.write_text("#!/bin/sh\necho 'GPU 0: NVIDIA L4'\n")
    smi.chmod(0o755)
    cdi = tmp_path / "var/run/cdi/nvidia.yaml"
    cdi.parent.mkdir(parents=True)
    cdi.write_text("cdiVersion: 0.5.0\nkind: nvidia.com/gpu\n")
    found = read_machine(tmp_path, {"PATH": str(programs)})
    place = "/var/run/cdi/nvidia.yaml"
    assert found == Machine(1, "550.54.14", "GPU 0: NVIDIA L4", True, False, place)
    smi.write_text("#!/bin/sh\necho 'Failed to initialize NVML'; exit 18\n")
    assert read_machine(tmp_path, {"PATH": str(programs)}).smi_ok is False
    assert read_machine(tmp_path / "none", {"PATH": ""}) == PLAIN
