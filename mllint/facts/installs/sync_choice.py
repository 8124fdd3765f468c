"""The options of `uv sync` in, which groups and extras of the project they choose out."""

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.commands.variables import Lookup
from mllint.facts.installs.command_options import CommandOptions, read_options
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from mllint.parse.pyproject import Pyproject

_VALUED = frozenset(
    """
    --extra --no-extra --group --no-group --only-group --package --no-install-package
    --only-install-package --directory --project --python -p --script --link-mode
    --index --default-index --index-url -i --extra-index-url --find-links -f --index-strategy
    --keyring-provider --resolution --prerelease --fork-strategy --config-setting -C
    --config-settings-package --no-build-isolation-package --exclude-newer
    --exclude-newer-package --upgrade-package -P --upgrade-group --reinstall-package
    --refresh-package --no-build-package --no-binary-package --no-sources-package --cache-dir
    --config-file --color --allow-insecure-host --trusted-host --python-platform --output-format
    --python-preference --malware-check
    """.split()
)
_TRUE = frozenset({"1", "true", "yes", "on", "y", "t"})


class SyncChoice(NamedTuple):
    """What one `uv sync` installs of a project.

    dependencies: its own ones, not only those of groups. skipped: packages that stay away.
    left_out: what else stays away: "project", "workspace" (all its members), "local" (whatever
    comes from a folder), or "".
    """

    groups: tuple[str, ...]
    extras: tuple[str, ...]
    dependencies: bool
    skipped: frozenset[str]
    left_out: str


def sync_options(execution: Execution) -> CommandOptions:
    """The options of a `uv sync`."""
    return read_options(execution, _VALUED)


def sync_choice(
    options: CommandOptions, project: "Pyproject", lookup: Lookup
) -> SyncChoice | Unknown:
    """What the options choose of the project; Unknown when one of their values is."""
    values: dict[str, list[str]] = {}
    for name in ("--extra", "--no-extra", "--group", "--no-group", "--only-group"):
        found = options.names(name)
        if isinstance(found, Unknown):
            return found
        values[name] = [canonicalize_name(item) for item in found]
    skipped = options.names("--no-install-package")
    if isinstance(skipped, Unknown):
        return skipped
    only = [*values["--only-group"], *(["dev"] if options.has("--only-dev") else [])]
    extras = list(project.extras) if options.has("--all-extras") else values["--extra"]
    return SyncChoice(
        groups=tuple(only) if only else _groups(options, values, project, lookup),
        extras=() if only else tuple(e for e in extras if e not in values["--no-extra"]),
        dependencies=not only,
        skipped=frozenset(map(canonicalize_name, skipped)),
        left_out=next(
            (
                what
                for what in ("local", "workspace", "project")
                if options.has(f"--no-install-{what}")
            ),
            "",
        ),
    )


def _groups(
    options: CommandOptions, values: dict[str, list[str]], project: "Pyproject", lookup: Lookup
) -> tuple[str, ...]:
    """The groups: those by default (`dev`), and those that are named, less those refused."""
    default = project.default_groups if project.default_groups is not None else ("dev",)
    if options.has("--no-default-groups") or _is_set(lookup, "UV_NO_DEFAULT_GROUPS"):
        default = ()
    groups = [*(project.groups if options.has("--all-groups") else default), *values["--group"]]
    if options.has("--dev"):
        groups.append("dev")
    refused = set(values["--no-group"])
    if options.has("--no-dev") or _is_set(lookup, "UV_NO_DEV"):
        refused.add("dev")
    return tuple(dict.fromkeys(group for group in groups if group not in refused))


def _is_set(lookup: Lookup, name: str) -> bool:
    value = lookup(name)
    return isinstance(value, str) and value.strip().lower() in _TRUE
