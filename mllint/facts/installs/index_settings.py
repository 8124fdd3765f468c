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
    """The indexes of one command, put together as its installer does.

    `configured` holds `pip config set` values by their option name (`index-url`). An option wins
    over the variable, the variable over the file; where pip takes a list it adds the options to
    the variable. uv takes `--index-url` of a requirements file where nothing else names one; for
    pip it replaces all indexes that were named before, and those behind it add up.
    """
    in_file = tuple(in_file)
    environment = _Variables(lookup, configured, uv)
    primary = _nonempty(command.last("--index-url")) or _nonempty(environment.first("index-url"))
    extra = _listed(command, environment, "extra-index-url", uv=uv)
    for name, value in in_file:
        if name == "--extra-index-url":
            extra.append(value)
        elif name in ("--index-url", "--pypi-url") and (not uv or primary is None):
            primary, extra = value, extra if uv else []
    links = _listed(command, environment, "find-links", uv=uv)
    links += [value for name, value in in_file if name == "--find-links"]
    no_index = "--no-index" in command.switches or any(n == "--no-index" for n, _ in in_file)
    backend = command.last("--torch-backend")
    if backend is None and uv:
        backend = _nonempty(lookup("UV_TORCH_BACKEND"))
    if uv:
        primary = None if primary is None else _address(primary)
        extra = [_address(value) for value in extra]
    return Indexes(
        primary=_nonempty(primary),
        extra=tuple(value for value in extra if value != ""),
        find_links=tuple(value for value in links if value != ""),
        no_index=no_index or environment.flag("no-index"),
        complete=complete and not (uv and _asks_every_index(command, lookup)),
        torch_backend=backend,
    )


def _asks_every_index(command: PipCommand, lookup: Lookup) -> bool:
    """Whether uv takes a package from another index than the first that has it."""
    strategy = command.last("--index-strategy") or lookup("UV_INDEX_STRATEGY")
    return strategy not in (None, "", "first-index")


def _address(value: Value) -> Value:
    """The address of an index that uv lets one name: `pytorch=https://…/cu124`."""
    if not isinstance(value, str):
        return value
    name, equals, url = value.partition("=")
    return url if equals and not set(name) & set(":/?") else value


def _listed(
    command: PipCommand, environment: "_Variables", option: str, *, uv: bool
) -> list[Value]:
    """What options and variables give for an option that may be repeated."""
    given = list(command.values.get(f"--{option}") or ())
    return given if uv and given else [*environment.all(option), *given]


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
        if self._uv:  # UV_INDEX and UV_EXTRA_INDEX_URL add up
            values = [self._lookup(name) for name in _UV_NAMES.get(option, ())]
        else:
            values = [self.first(option)]
        found: list[Value] = []
        for value in values:
            if value is not None:
                found += [value] if isinstance(value, Unknown) else value.split()
        return found

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
