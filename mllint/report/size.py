"""A number of bytes in, the text that a reader sees out."""


def size_text(size_bytes: int) -> str:
    """`2.1 GB`, as engines count: powers of 1000."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"


def memory_text(size_bytes: int) -> str:
    """`64 MiB`, as `--shm-size 64m` means it: powers of 1024."""
    mebibytes = size_bytes / 1024**2
    return f"{mebibytes:.0f} MiB" if mebibytes < 1023.5 else f"{mebibytes / 1024:.1f} GiB"
