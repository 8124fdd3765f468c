"""Options, in-file options, variables and `pip config set` in, where an installer looks out."""

from collections.abc import Iterable

from mllint.facts.commands.variables import Lookup, Value
from mllint.facts.installs.install import Indexes, InstallOptions
from mllint.facts.installs.pip_command import PipCommand
from mllint.facts.unknown import Unknown

_FALSE = frozenset({"", "0", "false", "no", "off", "n", "f"})


def effective_indexes(
    command: PipCommand,
    in_file: Iterable[tuple[str, str]],
    configured: dict[str, Value],
    lookup: Lookup,
    *,
    uv: bool,
    complete: bool,
) -> Indexes:
    """The indexes of one command: options win over in-file options, then variables, then files.

    `configured` holds `pip config set` values by their option name (`index-url`). pip adds up
    extra indexes of one level only: a command-line option replaces the variable.
    """
    in_file = tuple(in_file)
    environment = _Variables(lookup, configured, uv)
    file_primary = [value for name, value in in_file if name in ("--index-url", "--pypi-url")]
    primary = command.last("--index-url")
    if primary is None and file_primary:
        primary = file_primary[-1]
    if primary is None:
        primary = environment.first("index-url")
    extra: list[Value] = [
        *(command.values.get("--extra-index-url") or environment.all("extra-index-url")),
        *(value for name, value in in_file if name == "--extra-index-url"),
    ]
    links: list[Value] = [
        *(command.values.get("--find-links") or environment.all("find-links")),
        *(value for name, value in in_file if name == "--find-links"),
    ]
    no_index = "--no-index" in command.switches or any(n == "--no-index" for n, _ in in_file)
    backend = command.last("--torch-backend")
    if backend is None and uv:
        backend = _nonempty(lookup("UV_TORCH_BACKEND"))
    return Indexes(
        primary=_nonempty(primary),
        extra=tuple(value for value in extra if value != ""),
        find_links=tuple(value for value in links if value != ""),
        no_index=no_index or environment.flag("no-index"),
        complete=complete,
        torch_backend=backend,
    )


def _nonempty(value: Value | None) -> Value | None:
    return None if value == "" else value


_UV_NAMES = {
    "index-url": ("UV_DEFAULT_INDEX", "UV_INDEX_URL"),
    "extra-index-url": ("UV_INDEX", "UV_EXTRA_INDEX_URL"),
    "find-links": ("UV_FIND_LINKS",),
    "no-index": ("UV_NO_INDEX",),
    "constraint": ("UV_CONSTRAINT",),
    "break-system-packages": ("UV_BREAK_SYSTEM_PACKAGES",),
    "no-build-isolation": ("UV_NO_BUILD_ISOLATION",),
    "pre": ("UV_PRERELEASE",),
}


class _Variables:
    """pip's and uv's variables and settings by option name."""

    def __init__(self, lookup: Lookup, configured: dict[str, Value], uv: bool) -> None:
        self._lookup = lookup
        self._configured = configured
        self._uv = uv

    def first(self, option: str) -> Value | None:
        """The value of a variable or setting, None when it is not set."""
        if self._uv:
            names = _UV_NAMES.get(option, ())
        else:
            names = ("PIP_" + option.upper().replace("-", "_"),)
        for name in names:
            value = self._lookup(name)
            if value is not None:
                return value
        return None if self._uv else self._configured.get(option)

    def all(self, option: str) -> list[Value]:
        """The blank-separated values of a variable or setting."""
        value = self.first(option)
        if value is None:
            return []
        return [value] if isinstance(value, Unknown) else list(value.split())

    def flag(self, option: str) -> bool:
        """True when a variable or setting is set to something that pip reads as yes."""
        value = self.first(option)
        return isinstance(value, str) and value.strip().lower() not in _FALSE


def with_variables(
    options: InstallOptions, configured: dict[str, Value], lookup: Lookup, *, uv: bool
) -> InstallOptions:
    """The options with what the variables of pip or uv add."""
    variables = _Variables(lookup, configured, uv)
    isolation = variables.first("no-build-isolation")
    # pip reads PIP_NO_BUILD_ISOLATION=0 as "no isolation", uv reads UV_NO_BUILD_ISOLATION=1 so.
    no_isolation = (
        isolation is not None
        and not isinstance(isolation, Unknown)
        and (variables.flag("no-build-isolation") or not uv)
    )
    return options._replace(
        no_build_isolation=options.no_build_isolation or no_isolation,
        break_system_packages=options.break_system_packages
        or variables.flag("break-system-packages")
        or isinstance(variables.first("break-system-packages"), Unknown),
        no_deps=options.no_deps or variables.flag("no-deps"),
        pre=options.pre or variables.flag("pre"),
        require_hashes=options.require_hashes or variables.flag("require-hashes"),
        user=options.user or variables.flag("user"),
        no_cache=options.no_cache or variables.flag("no-cache-dir"),
        system=options.system or _is_true(lookup("UV_SYSTEM_PYTHON")),
    )


def _is_true(value: Value | None) -> bool:
    return isinstance(value, str) and value.strip().lower() not in _FALSE


def constraint_paths(lookup: Lookup, configured: dict[str, Value], *, uv: bool) -> list[Value]:
    """The constraint files that PIP_CONSTRAINT, UV_CONSTRAINT or a pip setting name."""
    return _Variables(lookup, configured, uv).all("constraint")
