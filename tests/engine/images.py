"""Base images made without a registry, under the names that Dockerfiles use.

Each carries the label io.mllint.standin=1: it is not what the registry has under that name.
"""

import io
import os
import tarfile
from pathlib import Path

import apt
import docker

TINY = "busybox:1.36"
PYTHON = "python:3.11-slim-bookworm"
CUDA = "nvidia/cuda:12.1.1-base-ubuntu22.04"
SUITE = "bookworm"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_LABEL = "LABEL io.mllint.standin=1"
_CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
_PACKAGES = "python3,python3-pip,python3-venv,ca-certificates"
_NO_DOCUMENTS = ("doc", "man", "locale", "info")

# The environment of NVIDIA's 12.1.1 base image, its list of drivers shortened; no CUDA is in it.
_CUDA_ENV = {
    "NVARCH": "x86_64",
    "NVIDIA_REQUIRE_CUDA": "cuda>=12.1 brand=tesla,driver>=470,driver<471"
    " brand=unknown,driver>=470,driver<471 brand=tesla,driver>=525,driver<526",
    "NV_CUDA_CUDART_VERSION": "12.1.105-1",
    "CUDA_VERSION": "12.1.1",
    "PATH": f"/usr/local/nvidia/bin:/usr/local/cuda/bin:{_PATH}",
    "LD_LIBRARY_PATH": "/usr/local/nvidia/lib:/usr/local/nvidia/lib64",
    "NVIDIA_VISIBLE_DEVICES": "all",
    "NVIDIA_DRIVER_CAPABILITIES": "compute,utility",
}


def python_tree(programs: Path, cache: Path) -> Path:
    """A tar of Debian with Python and pip, made once."""
    target = cache / f"{SUITE}-python.tar"
    if target.is_file():
        return target
    partial = cache / f"{SUITE}-python-{os.getpid()}.tar"
    command = [
        str(programs / "usr/bin/mmdebstrap"),
        "--quiet",
        "--format=tar",
        "--variant=minbase",
        f"--include={_PACKAGES}",
        *(f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _NO_DOCUMENTS),
        # The official image's pip installs into the system, and its python has no number.
        '--customize-hook=rm -f "$1"/usr/lib/python3*/EXTERNALLY-MANAGED',
        '--customize-hook=ln -sf /usr/bin/python3 "$1"/usr/local/bin/python',
        SUITE,
        str(partial),
        apt.source_line(SUITE).strip(),
    ]
    if Path(_CERTIFICATES).is_file():  # an index may stand behind a certificate of this machine
        command.insert(-3, f"--customize-hook=upload {_CERTIFICATES} {_CERTIFICATES}")
    memory = os.statvfs("/dev/shm")
    roomy = memory.f_bavail * memory.f_frsize > 1_500_000_000
    folder = "/dev/shm" if roomy else str(cache)
    try:
        path = f"{programs}/usr/bin:{os.environ['PATH']}"  # of mmtarfilter
        apt.run(command, env=dict(os.environ, TMPDIR=folder, PATH=path))
        partial.rename(target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def add_tiny(client: docker.APIClient, programs: Path) -> None:
    """busybox: a shell, no Python."""
    _import(client, tiny_tree(programs), TINY, ['CMD ["sh"]', f"ENV PATH={_PATH}"])


def tiny_tree(programs: Path) -> bytes:
    """A tar of busybox."""
    busybox = (programs / "bin/busybox").read_bytes()
    names = apt.run([str(programs / "bin/busybox"), "--list"]).split()
    tree = io.BytesIO()
    with tarfile.open(fileobj=tree, mode="w") as archive:
        for folder in ("bin", "etc", "root", "tmp"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755
            archive.addfile(entry)
        _add_file(archive, "bin/busybox", busybox, 0o755)
        _add_file(archive, "etc/passwd", b"root:x:0:0::/root:/bin/sh\n", 0o644)
        _add_file(archive, "etc/group", b"root:x:0:\n", 0o644)
        for name in names:
            if name != "busybox":
                entry = tarfile.TarInfo(f"bin/{name}")
                entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
                archive.addfile(entry)
    return tree.getvalue()


def add_python(client: docker.APIClient, tree: Path) -> None:
    changes = [
        'CMD ["python3"]',
        f"ENV PATH={_PATH}",
        "ENV LANG=C.UTF-8",
        "ENV PYTHON_VERSION=3.11",
    ]
    if Path(_CERTIFICATES).is_file():
        changes.append(f"ENV PIP_CERT={_CERTIFICATES}")
    with tree.open("rb") as stream:
        _import(client, stream, PYTHON, changes)
    client.tag(PYTHON, "python", "3.11-slim")


def add_cuda(client: docker.APIClient) -> None:
    """What NVIDIA's image says of itself, over the Python image: there is no CUDA in it."""
    lines = [f"FROM {PYTHON}", *(f'ENV {n}="{v}"' for n, v in _CUDA_ENV.items())]
    lines += ['CMD ["/bin/bash"]']
    text = "\n".join(lines).encode()
    for event in client.build(fileobj=io.BytesIO(text), tag=CUDA, rm=True, decode=True):
        if "error" in event:
            raise RuntimeError(event["error"])


def _import(client: docker.APIClient, data: object, name: str, changes: list[str]) -> None:
    repository, _, tag = name.partition(":")
    answer = client.import_image_from_data(
        data, repository=repository, tag=tag, changes=[*changes, _LABEL]
    )
    if '"error"' in answer:
        raise RuntimeError(f"{name} was not imported: {answer[-500:]}")


def _add_file(archive: tarfile.TarFile, name: str, data: bytes, mode: int) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), mode
    archive.addfile(entry, io.BytesIO(data))
