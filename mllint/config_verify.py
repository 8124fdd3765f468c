"""The `[verify]` table of a configuration in, what it wants of `mllint verify` out."""

from mllint.config_table import ConfigText, Table
from mllint.named_tuple import NamedTuple
from mllint.parse.compose.short_forms import parse_size

VERIFY_KEYS = ("imports", "commands", "timeout", "gpus", "shm-size", "graceful-stop")


class VerifySettings(NamedTuple):
    """What is tried in an image besides what always is; None where the table does not say.

    imports: modules. commands: for the image's shell. gpus: `auto`, `none`, `all`, `device=ID,ID`.
    graceful_stop: whether the start command has to end on its stop signal.
    """

    imports: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    timeout_s: float | None = None
    gpus: str | None = None
    shm_bytes: int | None = None
    graceful_stop: bool = False


def read_verify(table: Table, source: ConfigText) -> VerifySettings:
    """The settings; raises ConfigError."""
    gpus, size = table.text("gpus"), table.text("shm-size")
    if gpus is not None and not is_gpus(gpus):
        raise source.error(f"gpus takes auto, none, all or device=ID,ID, not {gpus!r}", "gpus")
    shm_bytes = None if size is None else parse_size(size)
    if size is not None and not shm_bytes:
        raise source.error(f"shm-size takes a size such as 2g, not {size!r}", "shm-size")
    return VerifySettings(
        table.texts("imports"),
        table.texts("commands"),
        table.number("timeout"),
        gpus,
        shm_bytes,
        table.flag("graceful-stop"),
    )


def is_gpus(text: str) -> bool:
    """Whether the text is `auto`, `none`, `all` or `device=ID,ID`."""
    ids = text.removeprefix("device=")
    return text in ("auto", "none", "all") or (ids != text and all(ids.split(",")))
