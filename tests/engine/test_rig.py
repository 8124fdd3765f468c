"""The engines that the other tests stand on: they run, and the stand-in says that it is one."""

import contextlib

import docker
import images
import pytest
from docker.types import DeviceRequest

GPU = DeviceRequest(count=-1, capabilities=[["gpu", "utility", "compute"]])


@pytest.fixture
def client(engine):
    with contextlib.closing(engine.client()) as connected:
        yield connected
    engine.mode(mode="ok")


def run(client, image, command, **host):
    """What a container prints; the container is removed."""
    made = client.create_container(image, command, host_config=client.create_host_config(**host))
    try:
        client.start(made["Id"])
        client.wait(made["Id"], timeout=30)
        return client.logs(made["Id"]).decode()
    finally:
        client.remove_container(made["Id"], force=True)


def test_images_say_that_they_are_stand_ins(client):
    for image in (images.TINY, images.PYTHON, images.CUDA):
        assert client.inspect_image(image)["Config"]["Labels"]["io.mllint.standin"] == "1"
    assert run(client, images.PYTHON, ["python", "-c", "print(6 * 7)"]) == "42\n"


def test_stand_in_gives_a_gpu_that_says_it_is_none(client, engine):
    engine.mode(gpus=2)
    assert (
        run(client, images.CUDA, ["nvidia-smi", "-L"], device_requests=[GPU]).count("not real") == 2
    )
    assert "STAND-IN" in run(client, images.CUDA, ["nvidia-smi"], runtime="nvidia")


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("no-driver", "nvml error: driver not loaded"),
        ("no-libnvml", "load library failed: libnvidia-ml.so.1"),
        ("mismatch", "driver/library version mismatch"),
        ("too-old", "unsatisfied condition: cuda>=12.1, please update your driver"),
        ("crash", "exit status 42"),
    ],
)
def test_stand_in_refuses_as_the_real_one(client, engine, mode, words):
    engine.mode(mode=mode)
    with pytest.raises(docker.errors.APIError, match=words):
        run(client, images.CUDA, ["nvidia-smi"], device_requests=[GPU])


def test_new_engine_knows_the_stand_in_by_cdi(new_engine):
    device = DeviceRequest(driver="cdi", device_ids=["nvidia.com/gpu=all"])
    with contextlib.closing(new_engine.client()) as client:
        assert "not real" in run(
            client, images.TINY, ["nvidia-smi", "-L"], device_requests=[device]
        )
