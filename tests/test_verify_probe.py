"""The probe runs for real, with this Python: what it finds, and what cannot break or fool it."""

import ast
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from probe_sites import BROKEN, STAND_IN_TORCH, add_distribution, broken_site, shared_object

from mllint.verify.probing.gpu_facts import CudaDriver
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.probing.probe_script import ProbeOrder, probe_script
from mllint.verify.probing.probes import read_probe

TOKEN = "0123456789abcdef" * 2
LIMIT_S = 3.0
pytestmark = pytest.mark.skipif(platform.system() != "Linux", reason="images are Linux")


def run_probe(folder, order: ProbeOrder, python=sys.executable, **variables) -> ImageFacts:
    """Run the script as in a container, with the site folder on the path."""
    script = folder / "mllint-probe.py"
    script.write_text(probe_script())
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **order.variables, **variables}
    ended = subprocess.run(
        [python, str(script)],
        cwd=folder,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
    return read_probe([ended.stdout], order.token)


def only(*probes, **options) -> ProbeOrder:
    return ProbeOrder(TOKEN, probes=probes, **options)


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("probe")
    site = broken_site(folder / "site")
    order = ProbeOrder(
        TOKEN,
        tuple(name.replace("_", "-") for name in BROKEN),
        probes=("interpreter", "system", "distributions", "imports"),
        imports=("no_such_module", "json"),
        timeout_s=LIMIT_S,
    )
    started = time.monotonic()
    facts = run_probe(folder, order, PYTHONPATH=str(site))
    assert time.monotonic() - started < 60
    return facts


def test_probe_comes_to_its_end_whatever_the_packages_do(broken):
    assert broken.complete
    assert broken.faults == ()


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("hangs", "TimeoutError", "took longer than 3 s"),
        ("crashes", "Ended", "the interpreter ended with signal 11"),
        ("aborts", "Ended", "the interpreter ended with signal 6"),
        ("quits", "Ended", "the interpreter ended with status 0"),
        ("exits", "SystemExit", "nothing to do here"),
        (
            "lacks-libgl",
            "ImportError",
            "libGL.so.1: cannot open shared object file: No such file or directory",
        ),
        ("half-numpy", "ImportError", "_ARRAY_API not found"),
        ("forges", "SystemExit", "saw the token: False"),
        ("colourful", "RuntimeError", r"\x1b[31mred\x1b[0m and \u202eturned"),
    ],
)
def test_broken_import(broken, name, error, message):
    found = next(each for each in broken.imports if each.distribution == name)
    assert not found.ok
    assert (found.error, found.message) == (error, message)


@pytest.mark.parametrize("name", ["sound", "lazy", "loud", "leaves-a-child"])
def test_sound_import(broken, name):
    found = next(each for each in broken.imports if each.distribution == name)
    assert found.ok
    assert found.seconds < LIMIT_S


def test_import_facts(broken):
    by_name = {each.distribution or each.module: each for each in broken.imports}
    assert by_name["sound"].version == "1.2"
    assert by_name["lacks-libgl"].missing == "libGL.so.1"
    assert by_name["lacks-driver"].missing == "libcuda.so.1"
    assert by_name["hangs"].timed_out
    assert by_name["bad-syntax"].error == "SyntaxError"
    assert by_name["no_such_module"].error == "ModuleNotFoundError"
    assert by_name["json"].ok


def test_made_up_record_changes_nothing(broken):
    assert broken.system.distro != "forged"


def test_interpreter_and_user(broken):
    interpreter = broken.interpreter
    assert interpreter.executable == sys.executable
    assert interpreter.version == platform.python_version()
    assert interpreter.marker["python_version"] == "{}.{}".format(*sys.version_info[:2])
    assert dict(interpreter.variables)["PATH"] == os.environ["PATH"]
    assert "MLLINT_PROBE" not in dict(interpreter.variables)
    assert broken.user.uid == os.getuid()
    assert {folder.name for folder in broken.user.folders} == {"HOME", "cwd", "tmp"}


def test_distribution_facts(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    add_distribution(
        site, "Some.Thing", "1.0+cu118", "", "numpy<2", 'rich; extra == "shell"', "six>1 ; x"
    )
    add_distribution(site, "plain", "2.0", "x = 1\n")
    (site / "old-0.1.egg-info").write_text("Metadata-Version: 1.0\nName: old\nVersion: 0.1\n\n")
    other = tmp_path / "other"
    other.mkdir()
    add_distribution(other, "plain", "1.0", "")
    facts = run_probe(tmp_path, only("distributions"), PYTHONPATH=f"{site}:{other}")
    found = facts.distribution("some-thing")
    assert (found.name, found.version, found.installer) == ("Some.Thing", "1.0+cu118", "pip")
    assert found.requires == ("numpy<2", "six>1 ; x")
    assert facts.distribution("plain").version == "2.0"
    assert [d.version for d in facts.distributions if d.key == "plain" and d.shadowed] == ["1.0"]
    assert facts.distribution("old").size_bytes is None
    plain = facts.distribution("plain")
    info = site / "plain-2.0.dist-info"
    metadata = sum((info / name).stat().st_size for name in ("METADATA", "RECORD"))
    assert plain.size_bytes == len("x = 1\n") + metadata


def test_damaged_metadata_costs_only_itself(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    add_distribution(site, "good", "1.0", "")
    for name, files in {
        "nul": {"METADATA": "Name: nul\nVersion: 1\n\n", "RECORD": "nul.py,,1\n\0\n"},
        "huge": {"METADATA": "Name: huge\nVersion: 1\n\n", "RECORD": "x" * 200_000},
        "sizes": {"METADATA": "Name: sizes\nVersion: 1\n\n", "RECORD": "a.py,,²\nb.py,,-1\n"},
        "nameless": {"METADATA": "Version: 1\n\n"},
        "empty": {},
        "binary": {"METADATA": "\udcff\udcfe\n"},
        "url": {"METADATA": "Name: url\nVersion: 1\n\n", "direct_url.json": "[1"},
    }.items():
        info = site / f"{name}-1.dist-info"
        info.mkdir()
        for file, text in files.items():
            (info / file).write_bytes(text.encode("utf-8", "surrogateescape"))
    pipe = site / "pipe-1.dist-info"
    pipe.mkdir()
    os.mkfifo(pipe / "METADATA")
    os.mkfifo(site / "_pipe.so")
    order = only("distributions", "imports", "libraries", imports=("good",))
    facts = run_probe(tmp_path, order, PYTHONPATH=str(site))
    assert facts.complete
    assert facts.faults == ()
    found = {each.name for each in facts.distributions if each.site == str(site)}
    assert found == {"good", "nul", "huge", "sizes", "url"}


def test_file_of_the_working_folder_does_not_come_in_the_way(tmp_path):
    for name in ("json", "struct", "selectors", "typing", "importlib"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong module')\n")
    facts = run_probe(tmp_path, only("imports", imports=("csv",)))
    assert facts.complete
    assert [each.ok for each in facts.imports] == [True]


def test_working_folder_is_on_the_path_of_an_import(tmp_path):
    (tmp_path / "app.py").write_text("")
    facts = run_probe(tmp_path, only("imports", imports=("app",)))
    assert facts.imports[0].ok


def test_banner_of_a_start_up_file(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text("print('== a banner ==', end='')\n")
    facts = run_probe(tmp_path, only("user"), PYTHONPATH=str(site))
    assert facts.complete
    assert facts.said == "== a banner =="


def test_missing_libraries(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    add_distribution(site, "native", "1.0", "")
    own = platform.machine()
    if own != "x86_64":
        pytest.skip("the made-up file is for x86-64")
    (site / "libs").mkdir()
    for name, content in {
        "_a.so": shared_object(["libgone.so.1", "libc.so.6", "libbeside.so.2", "libsibling.so"]),
        "_b.so": shared_object(["libgone.so.1", "libcuda.so.1"], "$ORIGIN/libs"),
        "_arm.so": shared_object(["libother.so.3"], machine=183),
        "libs/libbeside.so.2": shared_object([]),
        "libsibling.so": shared_object(["libc.so.6"]),
        "_cut.so": shared_object(["libnever.so"])[:90],
        "_empty.so": b"",
        "_text.so": b"INPUT(libx.so)\n",
    }.items():
        (site / name).write_bytes(content)
    record = site / "native-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "_a.so,,\n_b.so,,\n")
    facts = run_probe(tmp_path, only("libraries"), PYTHONPATH=str(site))
    mine = [each for each in facts.missing_libraries if each.files[0].startswith(str(site))]
    assert {(each.library, each.owner, each.file_count) for each in mine} == {
        ("libgone.so.1", "native", 2),
        ("libcuda.so.1", "native", 1),
    }


def test_cuda_libraries_are_counted_once(tmp_path):
    site = tmp_path / "site"
    folder = site / "nvidia" / "cudnn" / "lib"
    folder.mkdir(parents=True)
    (folder / "libcudnn.so.9").write_bytes(b"x" * 1000)
    (folder / "libcudart-9335f6a2.so.12").write_bytes(b"x" * 10)
    (folder / "libcudnnsomething.so").write_bytes(b"")
    system = tmp_path / "system"
    system.mkdir()
    (system / "libcudnn.so.8.9.2").write_bytes(b"x" * 500)
    for name in ("libcudnn.so", "libcudnn.so.8"):
        (system / name).symlink_to("libcudnn.so.8.9.2")
    facts = run_probe(
        tmp_path, only("libraries"), PYTHONPATH=str(site), LD_LIBRARY_PATH=str(system)
    )
    mine = [each for each in facts.cuda_libraries if each.path.startswith(str(tmp_path))]
    assert {(each.name, each.version, each.size_bytes) for each in mine} == {
        ("cudnn", "9", 1000),
        ("cudart", "12", 10),
        ("cudnn", "8.9.2", 500),
    }


def test_leftovers(tmp_path):
    cache = tmp_path / ".cache" / "pip" / "http"
    cache.mkdir(parents=True)
    (cache / "wheel").write_bytes(b"x" * 200_000)
    facts = run_probe(tmp_path, ProbeOrder(TOKEN))
    mine = [each for each in facts.leftovers if each.path.startswith(str(tmp_path))]
    assert [(each.what, each.size_bytes) for each in mine] == [("pip cache", 200_000)]


def nvidia_smi(folder, text: str):
    tool = folder / "bin" / "nvidia-smi"
    tool.parent.mkdir()
    tool.write_text(f"#!/bin/sh\n{text}\n")
    tool.chmod(0o755)
    return {"PATH": f"{tool.parent}:{os.environ['PATH']}"}


def test_nvidia_smi_with_an_old_driver(tmp_path):
    path = nvidia_smi(
        tmp_path,
        'case "$*" in *compute_cap*) echo "Field \\"compute_cap\\" is not a valid field"; exit 2;;'
        ' *query*) echo "0, GPU-1, Tesla T4, 470.57.02, 15109";;'
        ' *) echo "| NVIDIA-SMI 470.57.02  CUDA Version: 11.4 |";; esac',
    )
    facts = run_probe(tmp_path, only("nvidia", gpu=True), **path)
    nvidia = facts.nvidia
    assert (nvidia.ok, nvidia.asked, nvidia.driver, nvidia.cuda) == (
        True,
        True,
        "470.57.02",
        "11.4",
    )
    assert [(g.name, g.memory_mib, g.capability) for g in facts.gpus] == [("Tesla T4", 15109, None)]


SMI = (
    'case "$*" in *query*) echo "0, GPU-1, NVIDIA L4, 550.54, 23034, 8.9";;'
    ' *) echo "| CUDA Version: 12.4 |";; esac'
)
LIBCUDA = """
int cuInit(unsigned flags) { return %s; }
int cuDriverGetVersion(int *version) { *version = 12040; return 0; }
int cuDeviceGetCount(int *count) { *count = 2; return 0; }
int cuGetErrorName(int error, const char **name) { *name = "CUDA_ERROR_UNKNOWN"; return 0; }
"""


def library(folder: Path, result: str) -> dict[str, str]:
    """A libcuda.so.1 whose cuInit ends so."""
    if not shutil.which("cc"):
        pytest.skip("needs a C compiler")
    (folder / "cuda.c").write_text(LIBCUDA % result)
    command = ["cc", "-shared", "-fPIC", "-o", str(folder / "libcuda.so.1"), "cuda.c"]
    subprocess.run(command, cwd=folder, check=True)
    return {"LD_LIBRARY_PATH": str(folder), **nvidia_smi(folder, SMI)}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ("0", CudaDriver(True, True, 2, "12.4")),
        ("999", CudaDriver(True, False, message="cuInit answers CUDA_ERROR_UNKNOWN (999)")),
        ("*(int *)0", CudaDriver(True, False, message="the process that asked was killed")),
    ],
    ids=["answers", "fails", "crashes"],
)
def test_library_of_the_driver(tmp_path, result, told):
    facts = run_probe(tmp_path, only("nvidia", gpu=True), **library(tmp_path, result))
    assert facts.complete
    assert facts.driver == told


def test_no_library_of_the_driver(tmp_path):
    path = nvidia_smi(tmp_path, SMI)
    driver = run_probe(tmp_path, only("nvidia", gpu=True), **path).driver
    assert (driver.there, driver.ok) == (False, False)
    assert "libcuda.so.1" in driver.message
    assert run_probe(tmp_path, only("nvidia"), **path).driver is None


def test_nvidia_smi_that_fails(tmp_path):
    path = nvidia_smi(tmp_path, "echo 'Failed to initialize NVML: Unknown Error'; exit 255")
    nvidia = run_probe(tmp_path, only("nvidia"), **path).nvidia
    assert not nvidia.ok
    assert nvidia.said == "Failed to initialize NVML: Unknown Error"


def test_without_nvidia_smi(tmp_path):
    assert run_probe(tmp_path, only("nvidia"), PATH="/nowhere").nvidia.path is None


def test_torch_that_fails_on_each_gpu(tmp_path):
    """A made-up torch: what it tells arrives, and what fails or dies on one GPU stays there."""
    site = tmp_path / "site"
    site.mkdir()
    add_distribution(site, "torch", "2.1.0", STAND_IN_TORCH)
    order = only("frameworks", "interpreter", gpu=True)
    facts = run_probe(tmp_path, order, PYTHONPATH=str(site))
    assert facts.complete
    torch = facts.framework("torch")
    assert (torch.ok, torch.cuda, torch.cudnn, torch.device_count) == (True, "12.1", "9.1.0", 2)
    assert torch.archs == ("sm_50", "sm_60")
    assert torch.faults == ("nccl: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED",)
    assert [(each.number, each.name, each.capability) for each in facts.devices] == [
        (0, "STAND-IN 0", "9.0"),
        (1, "STAND-IN 1", "9.0"),
    ]
    on_first = [each for each in facts.computations if each.device == 0]
    kernels = [each for each in on_first if each.operation in ("add", "matmul", "conv2d")]
    assert len(kernels) == 9
    assert {each.ok for each in kernels} == {False}
    assert "no kernel image" in kernels[0].message
    assert [each.signal for each in facts.children if each.name == "child_kernels"] == [None, 6]


@pytest.mark.skipif(not Path("/var/lib/dpkg/status").exists(), reason="this is no Debian")
def test_packages_of_debian(tmp_path):
    order = only("system packages", system_packages=("dpkg", "awk", "no-such-package"))
    facts = run_probe(tmp_path, order)
    asked = {each.name: each.version for each in facts.system_packages if each.asked}
    status = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Version}", "dpkg"], capture_output=True, text=True, check=True
    )
    assert asked["dpkg"] == status.stdout
    assert asked["awk"]  # a name that mawk or gawk provides
    assert asked["no-such-package"] is None
    assert sum(not each.asked for each in facts.system_packages) == 25


def test_script_fits_the_oldest_python():
    """The syntax of 3.6; the Pythons that are there run it below."""
    ast.parse(probe_script(), feature_version=(3, 6))


def python_of(minor: int) -> str | None:
    """An interpreter of that version, on PATH or of pyenv."""
    folders = Path("~/.pyenv/versions").expanduser().glob(f"3.{minor}.*/bin")
    found = [shutil.which(f"python3.{minor}", path=str(folder)) for folder in folders]
    return next(filter(None, [*found, shutil.which(f"python3.{minor}")]), None)


@pytest.mark.parametrize("minor", range(6, 15))
def test_every_python(tmp_path, minor):
    python = python_of(minor)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor}")
    site = broken_site(tmp_path / "site")
    order = ProbeOrder(TOKEN, ("sound", "crashes"))  # all probes
    facts = run_probe(tmp_path, order, python, PYTHONPATH=str(site))
    assert facts.complete
    assert facts.faults == ()
    assert [each.ok for each in facts.imports] == [True, False]


def test_no_token_no_probe(tmp_path):
    script = tmp_path / "probe.py"
    script.write_text(probe_script())
    ended = subprocess.run([sys.executable, script], capture_output=True, check=False)
    assert ended.returncode == 1
    assert ended.stdout == b""
