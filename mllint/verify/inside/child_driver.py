"""What the driver's own library says of the GPUs: whether it starts, and how many there are.

It is asked as every CUDA program asks it first. That a kernel then runs is not shown by this.
"""

from typing import Any, List

from .child import Facts, Results, arguments, attempt

_LIBRARY = "libcuda.so.1"


def main(hidden: List[str]) -> None:
    """Write one `driver`: `ok`, `there`, `devices`, `version`, or the error of the call."""
    results = Results()
    arguments(hidden)
    attempt(results, {"kind": "driver", "there": True}, _ask)


def _ask() -> Facts:
    try:
        import ctypes

        cuda: Any = ctypes.CDLL(_LIBRARY)
    except (ImportError, OSError) as error:  # a Python may be built without ctypes
        return {"ok": False, "there": False, "message": str(error)}
    version, devices = ctypes.c_int(), ctypes.c_int()
    for name, argument in (
        ("cuDriverGetVersion", ctypes.byref(version)),
        ("cuInit", 0),
        ("cuDeviceGetCount", ctypes.byref(devices)),
    ):
        status = getattr(cuda, name)(argument)
        if status:
            text = ctypes.c_char_p()
            known = not cuda.cuGetErrorName(status, ctypes.byref(text)) and text.value
            word = (text.value or b"").decode("ascii", "replace") if known else "error"
            return {"ok": False, "message": f"{name} answers {word} ({status})"}
    served = f"{version.value // 1000}.{version.value % 1000 // 10}"
    return {"devices": devices.value, "version": served}
