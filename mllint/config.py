"""The text of `mllint.toml` or `[tool.mllint]` in, `Settings` out; an unknown key is an error.

Knows what can be configured and where it is looked for; not what a rule does, and not the command
line, which overrides what stands here.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from mllint.errors import ConfigError
from mllint.finding import Severity
from mllint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from mllint.config_verify import VerifySettings

_SIZE_LIMIT_BYTES = 1_000_000
# Machine as users may write it -> as images name it (github.com/containerd/platforms, 2026-11).
_MACHINES = {
    **{"amd64": "amd64", "x86_64": "amd64", "x86-64": "amd64"},
    **{"arm64": "arm64", "aarch64": "arm64", "arm64/v8": "arm64"},
}
PLATFORMS = "linux/amd64 or linux/arm64"


class Target(NamedTuple):
    """What the image is built for and run on; None or () where the configuration does not say.

    gpus: names as written (`sm_90`, `H100`). driver: version of the NVIDIA driver. stage: the
    stage to build instead of the last one; stage_required: a Dockerfile without it is a mistake.
    """

    platform: str | None = None
    driver: str | None = None
    gpus: tuple[str, ...] = ()
    stage: str | None = None
    stage_required: bool = False


class Settings(NamedTuple):
    """All that a configuration file can say.

    select, ignore, per_file_ignores: slugs. select: None means every rule. fail_level: None means
    that no finding fails the run. min_level: findings below it count for nothing. exclude: patterns
    as in .gitignore, from the working folder. The keys of per_file_ignores: globs from `folder`,
    that of the configuration; path: the file, None when there is none. context, baseline: absolute.
    build_args: from both places that name them. verify: None where there is no such table.
    """

    folder: Path
    path: str | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] = ()
    severity: Mapping[str, Severity] = MappingProxyType({})
    per_file_ignores: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    exclude: tuple[str, ...] = ()
    fail_level: Severity | None = Severity.WARNING
    min_level: Severity = Severity.INFO
    require_ignore_reason: bool = False
    context: Path | None = None
    baseline: Path | None = None
    build_args: Mapping[str, str] = MappingProxyType({})
    target: Target = Target()
    verify: "VerifySettings | None" = None


def find_settings(cwd: Path) -> Settings:
    """The settings of the nearest configuration at or above `cwd`; the defaults if there is none.

    What lies above the root of the repository is somebody else's. In one folder `mllint.toml`
    wins over `pyproject.toml`; a `pyproject.toml` without `[tool.mllint]` is passed over.
    """
    for folder in (cwd, *cwd.parents):
        for name in ("mllint.toml", "pyproject.toml"):
            path = folder / name
            # Most projects have no table of ours: then the TOML parser is not even imported.
            if path.is_file() and (name == "mllint.toml" or "mllint" in _read(path, cwd)):
                settings = load_settings(path, cwd)
                if settings is not None:
                    return settings
        if os.path.lexists(folder / ".git"):
            break
    return Settings(cwd)


def load_settings(path: Path, cwd: Path) -> Settings | None:
    """The settings of one file; None for a pyproject.toml without `[tool.mllint]`."""
    # Most runs have no configuration to read: what that takes is imported only now.
    import tomllib

    from mllint.config_reader import read_settings
    from mllint.config_table import ConfigText

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
    elif "tool" in table:
        source = ConfigText(shown, text)
        raise source.error("only in pyproject.toml do the keys stand under [tool.mllint]", "tool")
    return read_settings(table, shown, text, path.absolute().parent, cwd)


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


def parse_platform(text: str) -> str | None:
    """`linux/arm64` for `arm64`, `linux/aarch64` and so on; None for what no fact is about."""
    machine = _MACHINES.get(text.lower().removeprefix("linux/"))
    return None if machine is None else f"linux/{machine}"


def parse_level(word: str) -> Severity | None:
    """The severity that a fail level names; None for `none`."""
    return None if word == "none" else Severity[word.upper()]
