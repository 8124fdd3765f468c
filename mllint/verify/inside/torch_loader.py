"""Whether torch's worker processes hand over batches; runs in a child of the probe."""

import os
from typing import Any

from .child import Facts

_BATCHES = 4
_WORKERS = 2
_LARGE_BYTES = 80000000
"""More than the 64 MiB that /dev/shm holds where nobody asks for more."""
_HELD = 6
"""So many batches may lie in /dev/shm at once: two of each worker, and two more on their way."""
_LIMIT_S = 20


def load_batches(torch: Any) -> Facts:
    """Batches of two workers through /dev/shm, large ones where it is large; `ok` None: not tried.

    What a container of the default size cannot hold is no fault of the image.
    """
    if not hasattr(torch.utils.data, "get_worker_info"):
        return {"ok": None, "message": "this torch is older than 1.2"}
    try:
        place = os.statvfs("/dev/shm")
    except OSError:
        return {"ok": None, "message": "there is no /dev/shm"}
    size = min(_LARGE_BYTES, place.f_bavail * place.f_frsize // _HELD)
    if size < 8:
        return {"ok": None, "message": "/dev/shm is full"}
    count = size // 4
    loader = torch.utils.data.DataLoader(
        _Rows(torch, count),
        batch_size=1,
        num_workers=_WORKERS,
        timeout=_LIMIT_S,
        multiprocessing_context="fork",  # others import this module again, which is in no file
    )
    found = [(tuple(batch.shape), float(batch[0, -1])) for batch in loader]
    right = sorted(found) == [((1, count), float(number)) for number in range(_BATCHES)]
    told = f"batches of {size // 1000000} MB by {_WORKERS} workers"
    return {"ok": right, "message": told if right else told + " came out as others"}


class _Rows:
    """A data set of a few long rows, each full of its number."""

    def __init__(self, torch: Any, count: int) -> None:
        self._torch = torch
        self._count = count

    def __len__(self) -> int:
        """How many rows there are."""
        return _BATCHES

    def __getitem__(self, number: int) -> Any:
        """The row of that number."""
        return self._torch.full((self._count,), float(number))
