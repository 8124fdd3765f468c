"""The flags of a RUN in, its mounts out, and what they make visible while it runs."""

from collections.abc import Iterator

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.source import Span

_TRUE = frozenset({"", "1", "t", "T", "TRUE", "true", "True"})


class BindMount(NamedTuple):
    """One `--mount=type=bind`: paths and the stage or image as written; `origin` None: context.

    A cache mount that starts with the content of a stage (`type=cache,from=wheels`) is one, too.
    writable: it takes writes (`rw`), though they are lost behind the RUN. span: of the flag.
    """

    source: str
    target: str
    origin: str | None
    writable: bool
    span: Span


def mount_options(instruction: Instruction) -> Iterator[tuple[Span, dict[str, str]]]:
    """Where each `--mount=type=cache,target=…` stands, and its options; bind by default."""
    for flag in instruction.flags:
        if flag.name == "mount" and flag.value:
            options = dict(part.partition("=")[::2] for part in flag.value.split(",") if part)
            yield flag.span, {"type": "bind", **options}


def bind_mounts(instruction: Instruction) -> Iterator[BindMount]:
    """The bind mounts of a RUN."""
    for span, options in mount_options(instruction):
        target = options.get("target") or options.get("dst") or options.get("destination")
        kind, origin = options["type"], options.get("from")
        if not target or kind not in ("bind", "cache") or (kind == "cache" and not origin):
            continue
        source = options.get("source") or options.get("src") or "."
        writable = kind == "cache" or any(
            options.get(name, "no") in _TRUE for name in ("rw", "readwrite")
        )
        yield BindMount(source, target, origin, writable, span)


def secret_targets(instruction: Instruction) -> Iterator[str]:
    """Where the secret mounts of a RUN put their files."""
    for options in secret_mounts(instruction):
        target = options.get("target") or options.get("dst") or options.get("destination")
        if target or not options.get("env"):
            yield target or f"/run/secrets/{options.get('id', '')}"


def secret_variables(instruction: Instruction) -> Iterator[str]:
    """The variables that `--mount=type=secret,id=x,env=NAME` sets for a RUN."""
    yield from (options["env"] for options in secret_mounts(instruction) if options.get("env"))


def secret_mounts(instruction: Instruction) -> Iterator[dict[str, str]]:
    """The options of the secret mounts of a RUN."""
    return (options for _, options in mount_options(instruction) if options["type"] == "secret")
