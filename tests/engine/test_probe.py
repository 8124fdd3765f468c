"""The probe in real containers: as root and as nobody, beside the stand-in GPU, under attack."""

import images
import pytest
from building import connected

from mllint import catalog
from mllint.tables import Tables
from mllint.verify.container_spec import ContainerSpec, Gpus
from mllint.verify.containers import container
from mllint.verify.failures import StartFailed
from mllint.verify.gpu_start import gpu_start_failure
from mllint.verify.image_info import read_image
from mllint.verify.probe_script import ProbeOrder, new_token, probe_script
from mllint.verify.probes import read_probe
from mllint.verify.run_results import GpuStart, HostFault
from mllint.verify.smoke import GpuState, smoke_test
from mllint.verify.smoke_input import SmokeInput

PLACE = "/mllint-probe.py"


def probe(engine, image=images.PYTHON, files=None, order=None, **options):
    """What the probe tells of the image, with further files laid into the container."""
    order = order or ProbeOrder(new_token(), imports=("json",), timeout_s=20)
    spec = ContainerSpec(
        image,
        entrypoint=["python3", PLACE],
        command=[],
        environment={**order.variables, **options.pop("environment", {})},
        **options,
    )
    with connected(engine) as connection, container(connection, spec) as made:
        made.put(PLACE, probe_script().encode())
        for path, text in (files or {}).items():
            made.put(path, text.encode())
        made.start()
        end = made.wait(60)
        assert end.code == 0, made.output(2000).stderr
        return read_probe([made.output(2_000_000).stdout], order.token)


def test_root_and_the_image(engine):
    facts = probe(engine)
    assert facts.complete
    assert facts.faults == ()
    assert facts.interpreter.version.startswith("3.11.")
    assert facts.interpreter.prefix == "/usr"
    assert (facts.system.distro, facts.system.release) == ("debian", "12")
    assert facts.system.shm_bytes == 64 * 1024 * 1024
    assert facts.system.memory_bytes in (None, 4 * 1024**3)
    assert facts.distribution("pip").version
    assert facts.nvidia.path is None
    assert facts.missing_libraries == ()


@pytest.mark.parametrize("user", ["12345:0", "nobody"])
def test_other_users(engine, user):
    facts = probe(engine, user=user)
    assert facts.complete
    assert facts.faults == ()
    (home,) = (folder for folder in facts.user.folders if folder.name == "HOME")
    assert not home.writable
    assert (facts.user.name is None) == (user == "12345:0")


def test_import_that_looks_for_the_token(engine):
    """As root in a container without rights, the environment of the probe cannot be read."""
    attack = (
        "import os\n"
        "token = TOKEN\n"
        "found = []\n"
        "for name in ('environ', 'cmdline', 'mem', 'fd/1'):\n"
        "    try:\n"
        "        with open(f'/proc/{os.getppid()}/{name}', 'rb') as file:\n"
        "            found.append(f'{name} {file.read(65536).count(token)}')\n"
        "    except OSError as error:\n"
        "        found.append(f'{name} {error.errno}')\n"
        "raise SystemExit(', '.join(found))\n"
    )
    token = new_token()
    order = ProbeOrder(token, imports=("attack",), timeout_s=20, probes=("imports",))
    text = attack.replace("TOKEN", repr(token.encode()))
    facts = probe(engine, files={"/attack.py": text}, order=order, workdir="/")
    (found,) = facts.imports
    assert found.error == "SystemExit", found
    told = dict(part.split(" ") for part in found.message.split(", "))
    assert told["environ"] in ("13", "0")  # EACCES
    assert told["cmdline"] == "0"
    assert told["mem"] == "13"
    assert told["fd/1"] == "13"


def test_stand_in_proves_no_gpu(engine):
    engine.mode(mode="ok", gpus=2)
    facts = probe(engine, images.CUDA, gpus=Gpus(), order=ProbeOrder(new_token(), gpu=True))
    assert facts.nvidia.ok
    assert len(facts.gpus) == 2
    with connected(engine) as connection:
        info = read_image(connection, images.CUDA)
    tables = Tables(catalog.root() / "tables")
    test = smoke_test(SmokeInput(info, facts=facts, gpu=GpuStart(asked=True)), tables)
    assert test.gpu is GpuState.UNPROVEN
    assert not test.gpu_shown


@pytest.mark.parametrize(
    ("mode", "fault"),
    [
        ("no-driver", HostFault.NO_DRIVER),
        ("no-libnvml", HostFault.NO_DRIVER),
        ("mismatch", HostFault.DRIVER_MISMATCH),
        ("too-old", HostFault.DRIVER_TOO_OLD),
    ],
)
def test_host_faults(engine, mode, fault):
    engine.mode(mode=mode)
    try:
        with pytest.raises(StartFailed) as caught:
            probe(engine, images.CUDA, gpus=Gpus())
    finally:
        engine.mode(mode="ok")
    assert gpu_start_failure(caught.value.message).fault is fault


def test_memory_kill_costs_one_import(engine):
    hog = "held = []\nwhile True:\n    held.append(bytearray(b'x' * 10_000_000))\n"
    order = ProbeOrder(
        new_token(), imports=("hog", "json"), timeout_s=30, probes=("imports", "system")
    )
    files = {"/hog.py": hog}
    facts = probe(engine, files=files, order=order, workdir="/", memory_bytes=200 * 1024**2)
    assert facts.complete
    assert [each.ok for each in facts.imports] == [False, True]
    assert facts.imports[0].signal == 9 or facts.imports[0].error == "MemoryError"
