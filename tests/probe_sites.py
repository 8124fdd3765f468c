"""Folders with made-up distributions, sound and broken ones, for the probe to look at."""

import struct
from pathlib import Path

BROKEN = {
    # What each module does when it is imported.
    "sound": "__version__ = '1.2'\n",
    "lazy": "def __getattr__(name):\n    raise RuntimeError(name)\n",
    "hangs": "import time\nprint('one', flush=True)\ntime.sleep(600)\n",
    "crashes": "import ctypes\nctypes.string_at(0)\n",
    "aborts": "import os\nos.abort()\n",
    "quits": "import os\nos._exit(0)\n",
    "exits": "import sys\nsys.exit('nothing to do here')\n",
    "loud": "import sys\nfor _ in range(1600):\n    sys.stdout.write('x' * 65536)\n",
    "lacks_libgl": (
        "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')"
    ),
    "lacks_driver": (
        "raise ImportError('libcuda.so.1: cannot open shared object file: No such file')"
    ),
    "half_numpy": "import sys\nsys.stderr.write('AttributeError: _ARRAY_API not found\\n')\n",
    "bad_syntax": "def broken(:\n",
    "colourful": "raise RuntimeError('\\x1b[31mred\\x1b[0m and \\u202eturned')\n",
    "leaves_a_child": (
        "import subprocess, sys\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(30)'],"
        " start_new_session=True)\n"
    ),
    "forges": (
        "import os\n"
        "parent = os.getppid()\n"
        "found = b''\n"
        "for name in ('cmdline', 'environ'):\n"
        "    try:\n"
        "        found += open(f'/proc/{parent}/{name}', 'rb').read()\n"
        "    except OSError:\n"
        "        pass\n"
        'record = \'{"kind": "system", "distro": "forged"}\'\n'
        "for handle in (1, 2):\n"
        "    os.write(handle, ('\\n' + '0' * 32 + ' ' + record + '\\n').encode())\n"
        "for handle in range(3, 30):\n"
        "    try:\n"
        "        os.write(handle, b'{\"ok\": true}\\n')\n"
        "    except OSError:\n"
        "        pass\n"
        "raise SystemExit(f'saw the token: {b\"0123456789abcdef\" in found}')\n"
    ),
}


def add_distribution(site: Path, name: str, version: str, code: str, *requires: str) -> None:
    """A distribution of one module, as pip leaves it."""
    module = name.replace("-", "_")
    (site / f"{module}.py").write_text(code)
    info = site / f"{module}-{version}.dist-info"
    info.mkdir()
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n\nName: x\n")
    (info / "INSTALLER").write_text("pip\n")
    (info / "RECORD").write_text(
        f"{module}.py,sha256=x,{len(code)}\n{info.name}/METADATA,,\n{info.name}/RECORD,,\n"
    )


def broken_site(site: Path) -> Path:
    """A folder with one distribution for each way to break."""
    site.mkdir(exist_ok=True)
    for module, code in BROKEN.items():
        add_distribution(site, module.replace("_", "-"), "1.0", code)
    return site


def shared_object(needed: list[str], runpath: str = "", machine: int = 62) -> bytes:
    """A 64-bit ELF file that holds nothing but a dynamic section."""
    strings = b"\0"
    entries: list[tuple[int, int]] = []
    for tag, text in [(1, name) for name in needed] + ([(29, runpath)] if runpath else []):
        entries.append((tag, len(strings)))
        strings += text.encode() + b"\0"
    base, headers = 0x1000, 64 + 2 * 56
    table = headers + 16 * (len(entries) + 3)
    entries += [(5, base + table), (10, len(strings)), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", *entry) for entry in entries)
    size = headers + len(dynamic) + len(strings)
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    header = struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 64, 0, 0, 64, 56, 2, 0, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, base, base, size, size, 4096)
    place = struct.pack("<IIQQQQQQ", 2, 4, headers, base + headers, 0, len(dynamic), 0, 8)
    return ident + header + load + place + dynamic + strings


# Stands for a torch built for an older GPU: it sees two, and each kernel on the first fails; on
# the second the process dies.
STAND_IN_TORCH = """
import os
from types import SimpleNamespace as Space

__version__ = "2.1.0+standin"
version = Space(cuda="12.1", hip=None)
_C = Space(_cuda_getArchFlags=lambda: "sm_50 sm_60")
backends = Space(cudnn=Space(version=lambda: 90100))
float32, float16, bfloat16 = "float32", "float16", "bfloat16"
manual_seed = lambda seed: None


def _no_distributed():
    raise RuntimeError("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED")


distributed = Space(is_available=_no_distributed)
cuda = Space(
    is_available=lambda: True,
    device_count=lambda: 2,
    get_device_name=lambda index: f"STAND-IN {index}",
    get_device_capability=lambda index: (9, 0),
    get_device_properties=lambda index: Space(total_memory=1 << 33),
)


class device:
    def __init__(self, kind, index):
        if index == 1:
            os.abort()


def randn(*sizes):
    raise RuntimeError("CUDA error: no kernel image is available for execution on the device")
"""
