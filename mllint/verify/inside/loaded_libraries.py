"""The memory map of this process in, the CUDA libraries that it has loaded out."""

import re
from typing import Dict, List

CUDA_LIBRARY = re.compile(
    r"""
    lib (?P<stem>
        cudart | cublas(?:Lt)? | cudnn(?:_[a-z_0-9]+)? | nccl | cufft | cusparse(?:Lt)? | cusolver
        | curand | nvrtc(?:-builtins)? | nvJitLink | cupti | nvinfer | cuda | nvidia-ml
    )
    (?: -[0-9a-f]{8} )?              # auditwheel's hash: libcudart-9335f6a2.so.12
    (?: \.alt )?                     # libnvrtc-builtins.alt
    \.so (?P<version> (?: \.[0-9]+ )* ) $
    """,
    re.VERBOSE,
)
# The others come along with these.
_TOLD = frozenset({"cudart", "cublas", "cudnn", "nccl", "nvrtc", "cuda"})
_MOST = 20


def loaded_cuda_libraries() -> List[str]:
    """The paths of the main CUDA libraries that this process has mapped, each once."""
    found: Dict[str, None] = {}
    try:
        with open("/proc/self/maps", errors="replace") as file:
            lines = file.readlines()
    except OSError:
        return []
    for line in lines:
        path = line.rstrip("\n").partition("/")[2]
        match = CUDA_LIBRARY.match(path.rpartition("/")[2])
        if match and match.group("stem") in _TOLD:
            found["/" + path] = None
    return sorted(found)[:_MOST]
