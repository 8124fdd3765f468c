"""The flags of a RUN in, what the builder refuses about their values out.

Knows the grammar of `--mount`, `--network` and `--security`; a value that holds a variable is
left alone. Taken from BuildKit's frontend/dockerfile/instructions (github.com/moby/buildkit,
read 2026-11-24).
"""

from mllint.parse.dockerfile.flags import Refusal, nearest
from mllint.parse.dockerfile.instruction import Instruction
from mllint.regex import lazy

_MOUNT_KEYS = (
    "destination",
    "dst",
    "env",
    "from",
    "gid",
    "id",
    "mode",
    "readonly",
    "readwrite",
    "required",
    "ro",
    "rw",
    "sharing",
    "size",
    "source",
    "src",
    "target",
    "type",
    "uid",
)
_MOUNT_TYPES = ("bind", "cache", "secret", "ssh", "tmpfs")
_SHARING = ("locked", "private", "shared")
_SWITCHES = frozenset(("readonly", "ro", "readwrite", "rw", "required"))
_BOOLEANS = frozenset(
    ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
)
_VARIABLE = lazy(r"\$.")


def refuse_run_flags(instruction: Instruction) -> Refusal | None:
    """What is wrong with the values of RUN's flags."""
    for flag in instruction.flags:
        value = flag.value or ""
        if flag.name == "mount":
            refusal = _refuse_mount(value)
            if refusal is not None:
                return Refusal(*refusal, flag.span)
        elif flag.name == "network" and value not in ("default", "none", "host"):
            message = f'invalid network mode "{value}"'
            return Refusal(message, "write --network=default, none or host", flag.span)
        elif flag.name == "security" and value not in ("insecure", "sandbox"):
            message = f'security "{value}" is not valid'
            return Refusal(message, "write --security=insecure or sandbox", flag.span)
    return None


def _refuse_mount(text: str) -> tuple[str, str] | None:
    """Message and help for a mount; None as well when a variable or CSV quotes hide the answer."""
    if '"' in text:
        return None
    kind: str | None = "bind"
    for field in text.split(","):
        name, equals, value = field.partition("=")
        key = name.lower()
        if key == "from" and _VARIABLE.search(value):
            message = "'from' doesn't support variable expansion, define alias stage instead"
            return message, "write FROM IMAGE AS NAME above, and from=NAME here"
        if not equals and key not in _SWITCHES:
            return f"invalid field '{field}' must be a key=value pair", f"write {field}=VALUE"
        if key not in _MOUNT_KEYS:
            near = nearest(key, _MOUNT_KEYS)
            hint = f" (did you mean {near}?)" if near else ""
            known = f"write {near}=" if near else "use one of " + ", ".join(_MOUNT_KEYS)
            return f"unexpected key '{key}' in '{field}'{hint}", known
        if "$" in value:
            kind = None if key == "type" else kind
            continue
        if key == "type":
            kind = value.lower()
        refusal = _refuse_mount_value(key, value if equals else "true", kind)
        if refusal is not None:
            return refusal
    return None


def _refuse_mount_value(key: str, value: str, kind: str | None) -> tuple[str, str] | None:
    """Message and help for one `key=value`, given the type so far (None: not known)."""
    if key == "type" and kind not in _MOUNT_TYPES:
        near = nearest(value, _MOUNT_TYPES)
        hint = f" (did you mean {near}?)" if near else ""
        known = ", ".join(_MOUNT_TYPES)
        return f'unsupported mount type "{value}"{hint}', f"use one of {known}"
    wanted = {"required": ("secret", "ssh"), "size": ("tmpfs",)}.get(key)
    if wanted and kind is not None and kind not in wanted:
        message = f"unexpected key '{key}' for mount type '{kind}'"
        return message, f"delete {key}, or write type={wanted[0]} before it"
    if key in _SWITCHES and value not in _BOOLEANS:
        return f"invalid value for {key}: {value}", f"write {key} alone, or delete it"
    if key == "sharing" and value.lower() not in _SHARING:
        return f'unsupported sharing value "{value}"', "use one of locked, private, shared"
    if key in ("mode", "uid", "gid"):
        digits = "01234567" if key == "mode" else "0123456789"
        if not value or value.strip(digits):
            return f"invalid value {value} for {key}", f"write {key}= and a number"
    return None
