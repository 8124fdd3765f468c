"""The memory map of this process in, the CUDA libraries that it has loaded out."""

import re
from typing import List

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
_MOST = 100


def loaded_cuda_libraries() -> List[str]:
    """The paths of the CUDA libraries that this process has mapped, each once."""
    found = {}
    with open("/proc/self/maps", errors="replace") as lines:
        for line in lines:
            path = line.rstrip("\n").partition("/")[2]
            if CUDA_LIBRARY.match(path.rpartition("/")[2]):
                found["/" + path] = None
    return sorted(found)[:_MOST]
