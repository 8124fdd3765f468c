"""What `nvidia-smi` says, where it is there: the driver, the CUDA that it can serve, the GPUs.

And what the driver's library says, which programs use: it may be another one, of the image.
"""

import glob
import os
import re
import shutil
from typing import Iterator, List

from .bundle import bundle
from .isolation import Ended, results_of, run_child, run_program
from .records import Record, last_line
from .request import Request

_LIMIT_S = 30.0
_PLACE = "/usr/bin/nvidia-smi"
_FIELDS = ("index", "uuid", "name", "driver_version", "memory.total", "compute_cap")
_CUDA = re.compile(r"CUDA Version:\s*([\d.]+)")


def probe_nvidia(request: Request) -> Iterator[Record]:
    """One record, then one for each GPU; the record says why there is none."""
    path = shutil.which("nvidia-smi")
    if path is None and request.gpu and os.access(_PLACE, os.X_OK):
        path = _PLACE  # an image may set a PATH of its own
    record: Record = {
        "kind": "nvidia",
        "asked": request.gpu,
        "path": path,
        "devices": sorted(glob.glob("/dev/nvidia*") + glob.glob("/dev/dri/renderD*"))[:64],
        "ok": False,
    }
    if path is None:
        yield record
        return
    plain = run_program([path], _LIMIT_S)
    ended = plain if plain.timed_out else _query(path, _FIELDS)
    if ended.status and "compute_cap" in ended.out + ended.errors:
        # A driver older than 510 does not know that field.
        ended = _query(path, _FIELDS[:-1])
    cuda = _CUDA.search(plain.out)
    gpus = list(_gpus(ended.out)) if ended.status == 0 else []
    record.update(ended.as_record())
    record.update(
        ok=ended.status == 0 and bool(gpus),
        cuda=cuda.group(1) if cuda else None,
        driver=gpus[0]["driver"] if gpus else None,
        said=last_line(ended.errors) or last_line(ended.out if not gpus else ""),
    )
    yield record
    yield from gpus
    if record["ok"] and request.gpu:
        yield from _driver()


def _driver() -> Iterator[Record]:
    """One record of kind `driver`; of a process that came to no end, how it ended."""
    script = bundle("child_driver", ("records", "child", "child_driver"))
    ended = run_child(script, ["{}"], _LIMIT_S)
    for found in results_of(ended):
        yield {"kind": "driver", **found}
        return
    how = f"took longer than {_LIMIT_S:g} s" if ended.timed_out else "was killed"
    yield {"kind": "driver", "there": True, "ok": False, "message": "the process that asked " + how}


def _query(path: str, fields: "tuple[str, ...]") -> Ended:
    words = [path, "--query-gpu=" + ",".join(fields), "--format=csv,noheader,nounits"]
    return run_program(words, _LIMIT_S)


def _gpus(text: str) -> Iterator[Record]:
    for line in text.splitlines():
        cells: List[str] = [cell.strip() for cell in line.split(",")]
        if len(cells) < len(_FIELDS) - 1 or not cells[0].isdigit():
            continue
        yield {
            "kind": "gpu",
            "number": int(cells[0]),
            "uuid": cells[1],
            "name": cells[2],
            "driver": cells[3],
            "memory_mib": int(cells[4]) if cells[4].isdigit() else None,
            "capability": cells[5] if len(cells) > 5 else None,
        }
