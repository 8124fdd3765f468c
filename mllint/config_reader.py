"""The parsed table of a configuration in, `Settings` out; knows the keys and their types."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mllint.catalog import known_slugs
from mllint.config import PLATFORMS, Settings, Target, parse_level, parse_platform
from mllint.config_table import ConfigText, Table
from mllint.finding import Severity
from mllint.rule_names import rules_named, unknown_rule, unknown_rules

if TYPE_CHECKING:
    from mllint.config_verify import VerifySettings

_LEVELS = ("info", "warning", "error")
TOP_KEYS = (
    "select",
    "ignore",
    "severity",
    "per-file-ignores",
    "exclude",
    "fail-level",
    "min-level",
    "require-ignore-reason",
    "context",
    "baseline",
    "build-args",
    "target",
    "verify",
)
TARGET_KEYS = ("platform", "driver", "gpus", "stage", "build-args")


def read_settings(value: object, path: str, text: str, folder: Path, cwd: Path) -> Settings:
    """The settings that the table `value` of the file holds; raises ConfigError if it is wrong."""
    source = ConfigText(path, text)
    top = Table(value, "mllint", source, TOP_KEYS)
    target = top.table("target", TARGET_KEYS)
    patterns = top.table("per-file-ignores")
    context, baseline = top.text("context"), top.text("baseline")
    level = top.choice("fail-level", (*_LEVELS, "none")) if "fail-level" in top else "warning"
    return Settings(
        folder,
        path,
        select=_rules(top, "select", source) if "select" in top else None,
        ignore=_rules(top, "ignore", source),
        severity=_severities(top.table("severity"), source),
        per_file_ignores={pattern: _rules(patterns, pattern, source) for pattern in patterns},
        exclude=tuple(_excludes(top.texts("exclude"), folder, cwd)),
        fail_level=parse_level(level),
        min_level=Severity[top.choice("min-level", _LEVELS).upper()]
        if "min-level" in top
        else Severity.INFO,
        require_ignore_reason=top.flag("require-ignore-reason"),
        context=None if context is None else folder / context,
        baseline=None if baseline is None else folder / baseline,
        build_args=_build_args(top) | _build_args(target),
        target=Target(
            _platform(target, source),
            _driver(target, source),
            _gpus(target, source),
            target.text("stage"),
        ),
        verify=_verify(top, source),
    )


def _verify(top: Table, source: ConfigText) -> "VerifySettings | None":
    if "verify" not in top:
        return None
    # Most runs verify nothing: what reads sizes is imported only now.
    from mllint.config_verify import VERIFY_KEYS, read_verify

    return read_verify(top.table("verify", VERIFY_KEYS), source)


def _platform(target: Table, source: ConfigText) -> str | None:
    text = target.text("platform")
    platform = None if text is None else parse_platform(text)
    if text is not None and platform is None:
        raise source.error(f"platform takes {PLATFORMS}, not {text!r}", "platform")
    return platform


def _driver(target: Table, source: ConfigText) -> str | None:
    text = target.text("driver")
    if text is not None and not all(map(_is_number, text.split("."))):
        raise source.error(
            f"driver takes a version such as 535 or 535.54.03, not {text!r}", "driver"
        )
    return text


def _is_number(field: str) -> bool:
    """Of ASCII digits: `5²` has one more that is a digit, but no number."""
    return field.isascii() and field.isdecimal()


def _gpus(target: Table, source: ConfigText) -> tuple[str, ...]:
    """The GPUs, each of which must be one whose compute capability is known."""
    gpus = target.texts("gpus")
    if gpus:
        # Most projects name none: the table is loaded for those that do.
        from mllint.catalog import root
        from mllint.tables import Tables

        table = Tables(root() / "tables").gpus
        for gpu in gpus:
            if table.gpu(gpu) is None:
                message = f"unknown GPU {gpu!r}: write its compute capability, such as sm_90"
                raise source.error(message, "gpus")
    return gpus


def _rules(table: Table, key: str, source: ConfigText) -> tuple[str, ...]:
    """The rules that the list under `key` names, by their own names or by those of groups."""
    rules: list[str] = []
    for word in table.texts(key):
        named = rules_named(word)
        if not named:
            raise source.error(unknown_rules(word), word)
        rules += named
    return tuple(dict.fromkeys(rules))


def _severities(table: Table, source: ConfigText) -> dict[str, Severity]:
    for slug in table:
        if slug not in known_slugs():
            raise source.error(unknown_rule(slug), slug)
    return {slug: Severity[table.choice(slug, _LEVELS).upper()] for slug in table}


def _build_args(table: Table) -> dict[str, str]:
    arguments = table.table("build-args")
    return {name: arguments.text(name) or "" for name in arguments}


def _excludes(patterns: tuple[str, ...], folder: Path, cwd: Path) -> Iterator[str]:
    """The patterns, written for `folder`, as they have to be written for `cwd`."""
    for pattern in patterns:
        bare = pattern.removeprefix("!")
        for moved in _moved(bare, folder, cwd):
            yield moved if bare == pattern else f"!{moved}"


def _moved(pattern: str, folder: Path, cwd: Path) -> Iterator[str]:
    """One pattern of `folder` for `cwd`, which lies below it or above it."""
    anchored = "/" in pattern.rstrip("/") and not pattern.startswith("**/")
    if folder != cwd and folder.is_relative_to(cwd):
        inner = folder.relative_to(cwd).as_posix()
        yield f"/{inner}/{pattern.lstrip('/')}" if anchored else f"/{inner}/**/{pattern}"
        return
    below = cwd.relative_to(folder).as_posix() if cwd.is_relative_to(folder) else "."
    if below == "." or not anchored:
        yield pattern
    elif pattern.lstrip("/").startswith(f"{below}/"):
        yield pattern.lstrip("/").removeprefix(below)
    elif f"{below}/".startswith(f"{pattern.strip('/')}/"):
        yield "*"  # the folder in which mllint runs is itself left out
