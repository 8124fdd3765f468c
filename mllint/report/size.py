"""A number of bytes in, the text that a reader sees out."""


def size_text(size_bytes: int) -> str:
    """`2.1 GB`, as engines count: powers of 1000."""
    size = float(size_bytes)
    for unit in ("B", "kB", "MB"):
        if size < 999.5:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
