"""The probe in real containers: as root and as nobody, beside the stand-in GPU, under attack."""

import images
import pytest
from building import connected

from mllint import catalog
from mllint.tables import Tables
from mllint.verify.engines.container_spec import ContainerSpec, Gpus
from mllint.verify.engines.containers import container
from mllint.verify.engines.image_info import read_image
from mllint.verify.engines.run_results import GpuStart, HostFault
from mllint.verify.probing import probe_run
from mllint.verify.probing.probe_run import probe_image
from mllint.verify.probing.probe_script import ProbeOrder, new_token, probe_script
from mllint.verify.probing.probes import read_probe
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import GpuState, smoke_test
from mllint.verify.smoke.running import CAPABILITIES


def probed(engine, image=images.PYTHON, order=None, info=None, **options):
    """What comes of the probe in a container of the image."""
    order = order or ProbeOrder(new_token(), imports=("json",), timeout_s=20)
    with connected(engine) as connection:
        info = info or read_image(connection, image)
        return probe_image(connection, info, order, ContainerSpec(image, **options))


def probe(engine, image=images.PYTHON, **options):
    """The same, where it has to work."""
    came = probed(engine, image, **options)
    assert came.reason is None
    assert came.result.ok, came.result.why
    return came.facts


def probe_beside(engine, files, order, **options):
    """The same by hand, with further files laid into the container."""
    spec = ContainerSpec(
        images.PYTHON,
        entrypoint=["python3", "/probe.py"],
        environment=order.variables,
        workdir="/",
        **options,
    )
    with connected(engine) as connection, container(connection, spec) as made:
        for path, text in {"/probe.py": probe_script(), **files}.items():
            made.put(path, text.encode())
        made.start()
        assert made.wait(60).code == 0
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
    """As root with the few rights of the smoke test, the environment of the probe is unreadable."""
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
    facts = probe_beside(engine, {"/attack.py": text}, order, capabilities=CAPABILITIES)
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
    """The GPU cannot be had, and the rest of the image is looked at all the same."""
    engine.mode(mode=mode)
    order = ProbeOrder(new_token(), gpu=True, probes=("interpreter", "nvidia"))
    try:
        came = probed(engine, images.CUDA, order, gpus=Gpus())
    finally:
        engine.mode(mode="ok")
    assert came.gpu.fault is fault
    assert came.gpu.help
    assert came.facts.complete
    assert not came.facts.nvidia.asked


def test_image_without_python(engine):
    came = probed(engine, images.TINY)
    assert (came.facts, came.result, came.reason) == (None, None, "the image has no Python")


def test_python_of_the_start_command(engine):
    with connected(engine) as connection:
        info = read_image(connection, images.PYTHON)
    order = ProbeOrder(new_token(), probes=("interpreter",))
    for command in (("/nowhere/bin/serve",), ("/usr/local/bin/python", "app.py")):
        changed = info._replace(command=command)
        came = probed(engine, order=order, info=changed)
        assert came.facts.interpreter.version.startswith("3.11.")


def test_probe_that_takes_too_long(engine, monkeypatch):
    monkeypatch.setattr(probe_run, "_GRACE_S", -899.98)
    came = probed(engine)
    assert came.result.timed_out
    assert came.facts is None or not came.facts.complete
    assert not came.result.ok


def test_memory_kill_costs_one_import(engine):
    hog = "held = []\nwhile True:\n    held.append(bytearray(b'x' * 10_000_000))\n"
    order = ProbeOrder(
        new_token(), imports=("hog", "json"), timeout_s=30, probes=("imports", "system")
    )
    facts = probe_beside(engine, {"/hog.py": hog}, order, memory_bytes=200 * 1024**2)
    assert facts.complete
    assert [each.ok for each in facts.imports] == [False, True]
    assert facts.imports[0].signal == 9 or facts.imports[0].error == "MemoryError"
