"""What this machine has of NVIDIA's, read from its own files: no program of it is trusted to run.

Of an engine elsewhere nothing of this is told: its machine is another one.
"""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible

_NVIDIA = "0x10de"
_DISPLAYS = ("0x0300", "0x0302")
"""PCI classes: a VGA and a 3D controller, the first two bytes."""
_SMI_TIMEOUT_S = 20.0
_CDI = ("etc/cdi", "var/run/cdi")


class Machine(NamedTuple):
    """gpus: NVIDIA's, on the PCI bus. driver: of the kernel, None where none is loaded.

    smi: what `nvidia-smi -L` said, None: there is no such program; smi_ok: whether it succeeded.
    toolkit: whether nvidia-ctk is on the PATH. cdi: a file that describes the devices, None: none.
    """

    gpus: int
    driver: str | None
    smi: str | None
    smi_ok: bool
    toolkit: bool
    cdi: str | None = None


def read_machine(root: Path, environ: Mapping[str, str]) -> Machine:
    """What there is below `root` (`/`) and on the PATH."""
    path = environ.get("PATH")
    said, ok = _smi(shutil.which("nvidia-smi", path=path))
    toolkit = shutil.which("nvidia-ctk", path=path) is not None
    return Machine(_gpus(root), _driver(root), said, ok, toolkit, _cdi(root))


def _gpus(root: Path) -> int:
    devices = (root / "sys/bus/pci/devices").glob("*")
    return sum(
        _text(device / "vendor") == _NVIDIA and _text(device / "class").startswith(_DISPLAYS)
        for device in devices
    )


def _driver(root: Path) -> str | None:
    """The version in `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  Thu …`."""
    words = _text(root / "proc/driver/nvidia/version").split()
    numbers = (word for word in words if word.count(".") in (1, 2) and word[0].isdigit())
    return next(numbers, None)


def _cdi(root: Path) -> str | None:
    """`/etc/cdi/nvidia.yaml`, where nvidia-ctk writes it, or its neighbour in /var/run/cdi."""
    files = (file for folder in _CDI for file in sorted((root / folder).glob("*")))
    found = next((file for file in files if "nvidia.com/gpu" in _text(file)), None)
    return None if found is None else f"/{found.relative_to(root)}"


def _smi(program: str | None) -> tuple[str | None, bool]:
    if program is None:
        return None, False
    try:
        done = subprocess.run(
            [program, "-L"], capture_output=True, timeout=_SMI_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return visible(str(error)), False
    said = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    return visible(said[:400]), done.returncode == 0


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
