"""What a user wants of a run: GPUs chosen, sizes read, what is asked for by the configuration."""

import pytest
from click.testing import CliRunner

from mllint import catalog
from mllint.cli import commands
from mllint.config import Settings, load_settings
from mllint.loader import load_project
from mllint.tables import Tables
from mllint.verify.engines.container_spec import Gpus
from mllint.verify.engines.engine_info import EngineInfo
from mllint.verify.engines.failures import Refused
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.wishes import Wishes, choose_gpus, refuse_early

TABLES = Tables(catalog.root() / "tables")
PLAIN = EngineInfo("docker", "28.5", (1, 51), "linux/amd64", "", ("runc",), (), 2, 0, ())
NVIDIA = PLAIN._replace(runtimes=("nvidia", "runc"))
CDI = PLAIN._replace(cdi_devices=("nvidia.com/gpu=0", "nvidia.com/gpu=all"))
PODMAN = NVIDIA._replace(kind="podman")
IMAGE = ImageInfo("sha256:0", (), "linux/amd64", 0, {}, None, None, "", "", "", {}, (), (), False)
FOR_GPU = IMAGE._replace(environment={"NVIDIA_VISIBLE_DEVICES": "all"})


def chosen(engine=NVIDIA, image=IMAGE, project=None, **wishes):
    return choose_gpus(Wishes(**wishes), engine, image, project, TABLES)


def planned(tmp_path, text: str):
    (tmp_path / "Dockerfile").write_text(text)
    return load_project("Dockerfile", tmp_path, Settings(tmp_path))


def test_none_is_none():
    assert chosen(image=FOR_GPU, gpus="none") == (None, "--gpus none")


def test_auto_takes_what_the_engine_offers():
    assert chosen(image=FOR_GPU) == (Gpus(), "")
    assert chosen(CDI, FOR_GPU) == (Gpus(("nvidia.com/gpu=all",), driver="cdi"), "")
    gpus, reason = chosen(PLAIN, FOR_GPU)
    assert gpus is None
    assert "the engine offers none" in reason


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("FROM nvidia/cuda:12.4.1-runtime-ubuntu22.04\n", True),
        ("FROM python:3.11\nRUN pip install torch==2.6.0\n", True),
        ("FROM python:3.11\nRUN pip install vllm==0.6.0\n", True),
        (
            "FROM python:3.11\nRUN pip install torch==2.6.0"
            " --index-url https://download.pytorch.org/whl/cpu\n",
            False,
        ),
        ("FROM python:3.11\nRUN pip install flask==3.0.0\n", False),
    ],
)
def test_auto_asks_the_plan(tmp_path, text, wanted):
    gpus, reason = chosen(project=planned(tmp_path, text))
    assert (gpus is not None) is wanted
    assert reason == ("" if wanted else "nothing in the image asks for one")


def test_who_demands_one_is_given_the_request():
    """What the engine says to it tells more than that nothing is offered."""
    assert chosen(PLAIN, gpus="all")[0] == Gpus()
    assert chosen(PLAIN, gpu_required=True)[0] == Gpus()


def test_devices_by_name():
    assert chosen(gpus="device=0,GPU-1a")[0] == Gpus(("0", "GPU-1a"))
    assert chosen(gpus="device=nvidia.com/gpu=0")[0] == Gpus(("nvidia.com/gpu=0",), driver="cdi")


def test_podman_is_not_asked():
    """It would start the container without one, and say nothing."""
    for wish in ("auto", "all", "device=0"):
        gpus, reason = chosen(PODMAN, FOR_GPU, gpus=wish)
        assert gpus is None
        assert "Podman" in reason


def test_gpu_that_cannot_be_had_is_refused_before_the_build():
    wishes = Wishes(gpu_required=True)
    refuse_early(wishes, PLAIN)
    refuse_early(Wishes(), PODMAN)
    with pytest.raises(Refused, match="a GPU is required, and Podman"):
        refuse_early(wishes, PODMAN)


def test_what_the_configuration_says_of_verify(tmp_path):
    file = tmp_path / "mllint.toml"
    file.write_text("[verify]\nimports = ['a']\ntimeout = 3\ngpus = 'none'\nshm-size = '2g'\n")
    told = load_settings(file, tmp_path).verify
    assert told.imports == ("a",)
    assert (told.timeout_s, told.gpus, told.shm_bytes) == (3.0, "none", 2 * 1024**3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gpus", "two"], "'two' is none of auto, none, all and device=ID"),
        (["--gpus", "device="], "is none of auto, none, all and device=ID"),
        (["--shm-size", "big"], "'big' is no size such as 512m or 2g"),
        (["--memory", "0"], "'0' is no size such as 512m or 2g"),
        (["--timeout", "0"], "0 is not in the range"),
        (["--host", ""], "the value is empty"),
        (
            ["--gpus", "none", "--require-gpu"],
            "a GPU is required, and --gpus or [verify] says none",
        ),
        ([], "there is no such file"),
    ],
)
def test_mistakes_of_use(tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(commands, ["verify", "Dockerfile.gone", *arguments])
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_nothing_to_verify():
    done = CliRunner().invoke(commands, ["verify"])
    assert done.exit_code == 2
    assert "Missing argument" in done.output


def test_unreadable_file_is_told_before_an_engine_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_bytes(b"FROM x\0y\n")
    words = ["verify", "Dockerfile", "--host", f"unix://{tmp_path}/none.sock"]
    done = CliRunner().invoke(commands, words)
    assert done.exit_code == 2
