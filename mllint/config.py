"""The text of `mllint.toml` or `[tool.mllint]` in, `Settings` out; an unknown key is an error.

Knows the keys and their types; not what a rule does, and not the command line, which overrides
what stands here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mllint.catalog import known_slugs, unknown_rule
from mllint.config_table import ConfigText, Table
from mllint.errors import ConfigError
from mllint.finding import Severity

_SIZE_LIMIT_BYTES = 1_000_000
_LEVELS = ("info", "warning", "error")
_TOP_KEYS = (
    "select",
    "ignore",
    "severity",
    "per-file-ignores",
    "exclude",
    "fail-level",
    "require-ignore-reason",
    "context",
    "build-args",
    "target",
    "verify",
)
_TARGET_KEYS = ("platform", "driver", "gpus", "python", "stage", "build-args")
_VERIFY_KEYS = ("imports", "commands", "timeout", "gpus", "shm-size")


@dataclass(frozen=True, slots=True)
class Target:
    """What the image is built for and run on; None or () where the configuration does not say.

    gpus: names as written (`sm_90`, `H100`). driver: version of the NVIDIA driver. stage: the
    stage to build instead of the last one.
    """

    platform: str = "linux/amd64"
    driver: str | None = None
    gpus: tuple[str, ...] = ()
    python: str | None = None
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Verify:
    """What `mllint verify` tries in the image; gpus is what `docker run --gpus` takes."""

    imports: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    timeout_s: int | None = None
    gpus: str | None = None
    shm_size: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """All that a configuration file can say.

    select: None means every rule. fail_level: None means that no finding fails the run. exclude
    and the keys of per_file_ignores: globs relative to `folder`, the configuration's folder.
    context: absolute. build_args: from both places where they may be written.
    """

    folder: Path
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_file_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    fail_level: Severity | None = Severity.WARNING
    require_ignore_reason: bool = False
    context: Path | None = None
    build_args: Mapping[str, str] = field(default_factory=dict)
    target: Target = Target()
    verify: Verify = Verify()


def find_settings(cwd: Path) -> Settings:
    """The settings of the nearest configuration at or above `cwd`; the defaults if there is none.

    In one folder `mllint.toml` wins over `pyproject.toml`; a `pyproject.toml` without
    `[tool.mllint]` is passed over.
    """
    for folder in (cwd, *cwd.parents):
        for name in ("mllint.toml", "pyproject.toml"):
            path = folder / name
            # Most projects have no table of ours: then the TOML parser is not even imported.
            if path.is_file() and (name == "mllint.toml" or "mllint" in _read(path, cwd)):
                settings = load_settings(path, cwd)
                if settings is not None:
                    return settings
    return Settings(cwd)


def load_settings(path: Path, cwd: Path) -> Settings | None:
    """The settings of one file; None for a pyproject.toml without `[tool.mllint]`."""
    import tomllib

    text, shown = _read(path, cwd), _shown(path, cwd)
    try:
        table = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"not valid TOML: {error}", shown) from error
    if path.name == "pyproject.toml":
        tools = table.get("tool")
        if not isinstance(tools, dict) or "mllint" not in tools:
            return None
        table = tools["mllint"]
    return _settings(table, ConfigText(shown, text), path.absolute().parent)


def _read(path: Path, cwd: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_SIZE_LIMIT_BYTES + 1)
        if len(data) > _SIZE_LIMIT_BYTES:
            raise ConfigError("larger than 1 MB", _shown(path, cwd))
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", _shown(path, cwd)) from error
    except UnicodeDecodeError as error:
        raise ConfigError("not encoded in UTF-8", _shown(path, cwd)) from error


def _shown(path: Path, cwd: Path) -> str:
    return path.relative_to(cwd).as_posix() if path.is_relative_to(cwd) else str(path)


def parse_level(word: str) -> Severity | None:
    """The severity that a fail level names; None for `none`."""
    return None if word == "none" else Severity[word.upper()]


def _settings(value: object, source: ConfigText, folder: Path) -> Settings:
    """The settings that the table holds; raises ConfigError for the first thing that is wrong."""
    top = Table(value, "mllint", source, _TOP_KEYS)
    target = top.table("target", _TARGET_KEYS)
    patterns, context = top.table("per-file-ignores"), top.text("context")
    level = top.choice("fail-level", (*_LEVELS, "none")) if "fail-level" in top else "warning"
    return Settings(
        folder,
        select=_rules(top, "select", source) if "select" in top else None,
        ignore=_rules(top, "ignore", source),
        severity=_severities(top.table("severity"), source),
        per_file_ignores={pattern: _rules(patterns, pattern, source) for pattern in patterns},
        exclude=top.texts("exclude"),
        fail_level=parse_level(level),
        require_ignore_reason=top.flag("require-ignore-reason"),
        context=None if context is None else folder / context,
        build_args=_build_args(top) | _build_args(target),
        target=Target(
            target.text("platform") or Target().platform,
            target.text("driver"),
            target.texts("gpus"),
            target.text("python"),
            target.text("stage"),
        ),
        verify=_verify(top.table("verify", _VERIFY_KEYS)),
    )


def _verify(table: Table) -> Verify:
    return Verify(
        table.texts("imports"),
        table.texts("commands"),
        table.seconds("timeout"),
        table.text("gpus"),
        table.text("shm-size"),
    )


def _rules(table: Table, key: str, source: ConfigText) -> tuple[str, ...]:
    """The list of rule names under `key`, each of which must exist."""
    return tuple(_known(slug, source) for slug in table.texts(key))


def _severities(table: Table, source: ConfigText) -> dict[str, Severity]:
    return {_known(slug, source): Severity[table.choice(slug, _LEVELS).upper()] for slug in table}


def _known(slug: str, source: ConfigText) -> str:
    if slug not in known_slugs():
        raise source.error(unknown_rule(slug), slug)
    return slug


def _build_args(table: Table) -> dict[str, str]:
    arguments = table.table("build-args")
    return {name: arguments.text(name) or "" for name in arguments}
