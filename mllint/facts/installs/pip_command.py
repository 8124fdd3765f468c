"""The arguments of `pip install` and `uv pip install` in, what they ask for out.

Knows pip's and uv's option names; opens no file and knows no stage.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from mllint.facts.commands.variables import Argument, Value
from mllint.facts.installs.install import InstallOptions
from mllint.facts.unknown import Unknown

# All long options of `pip install`; a test holds them against pip.
_LONG_OPTIONS = frozenset(
    """
    --abi --all-releases --break-system-packages --build-constraint --cache-dir --cert
    --check-build-dependencies --client-cert --compile --config-settings --constraint
    --debug --default-timeout --disable-pip-version-check --dry-run --editable
    --exists-action --extra-index-url --find-links --force-reinstall --group --help
    --ignore-installed --ignore-requires-python --implementation --index-url --isolated
    --keyring-provider --local-log --log --log-file --no-binary --no-build-isolation
    --no-cache-dir --no-clean --no-color --no-compile --no-dependencies --no-deps --no-index
    --no-input --no-proxy-env --no-python-version-warning --no-require-hashes --no-user
    --no-warn-conflicts --no-warn-script-location --only-binary --only-dependencies
    --only-deps --only-final --platform --pre --prefer-binary --prefix --progress-bar
    --proxy --pypi-url --python --python-version --quiet --refresh-package --report
    --require-hashes --require-venv --require-virtualenv --requirement
    --requirements-from-script --resume-retries --retries --root --root-user-action --source
    --source-dir --source-directory --src --target --timeout --trusted-host --upgrade
    --upgrade-strategy --uploaded-prior-to --use-deprecated --use-feature --use-pep517
    --user --verbose
    """.split()
)
# Short options and synonyms -> the long name used below.
_LONG = {
    "-r": "--requirement",
    "--requirements": "--requirement",
    "-c": "--constraint",
    "--constraints": "--constraint",
    "-e": "--editable",
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "--default-index": "--index-url",
    "--index": "--extra-index-url",
    "-f": "--find-links",
    "-U": "--upgrade",
    "--no-dependencies": "--no-deps",
    "-I": "--ignore-installed",
    "-t": "--target",
    "-p": "--python",
    "-b": "--build-constraint",
    "-d": "--dest",
    "-w": "--wheel-dir",
    "-C": "--config-settings",
    "-P": "--upgrade-package",
    "--no-cache": "--no-cache-dir",
    "-n": "--no-cache-dir",  # uv
    "--overrides": "--override",
}
# The options of pip and uv pip that take a value; a test holds them against both programs.
_VALUED = frozenset(
    """
    --requirement --constraint --editable --index-url --extra-index-url --find-links --target
    --prefix --root --src --source --source-dir --source-directory --upgrade-strategy --no-binary
    --only-binary --all-releases --only-final --platform --python-version --implementation --abi
    --progress-bar --report --config-settings --global-option --build-option --install-option
    --cache-dir --proxy --retries --resume-retries --timeout --default-timeout --trusted-host
    --cert --client-cert --exists-action --log --log-file --local-log --python --build-constraint
    --use-feature --use-deprecated --root-user-action --requirements-from-script --group
    --keyring-provider --uploaded-prior-to --dest --destination-dir --destination-directory
    --wheel-dir
    --override --excludes --torch-backend --index-strategy --resolution --fork-strategy
    --prerelease --prerelease-package --exclude-newer --exclude-newer-package --link-mode
    --no-build-isolation-package --no-build-package --no-binary-package --reinstall-package
    --refresh-package --upgrade-package --upgrade-group --no-sources-package --extra --package
    --no-editable-package --build-constraints --config-setting --config-settings-package
    --python-platform --allow-insecure-host --directory --project --color --output-format
    --config-file
    """.split()
)
_SHORT_VALUED = frozenset("bcdefiprtwCP")


@dataclass(slots=True, eq=False, repr=False)
class PipCommand:
    """What one pip command line asks for; values may be Unknown, each with its argument."""

    requirements: list[Argument] = field(default_factory=list)
    editables: list[Argument] = field(default_factory=list)
    files: list[Argument] = field(default_factory=list)
    constraints: list[Argument] = field(default_factory=list)
    overrides: list[Argument] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    values: dict[str, list[Value]] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)

    def last(self, name: str) -> Value | None:
        """The value of the last use of an option, None when it was not given."""
        values = self.values.get(name)
        return values[-1] if values else None


def takes_value(option: str) -> bool:
    """Whether the next word is the value of an option that stands before the sub-command."""
    return option.startswith("--") and option in _VALUED


def read_pip_arguments(arguments: tuple[Argument, ...]) -> PipCommand:
    """Options and requirements of the arguments behind `install`."""
    command = PipCommand()
    for name, argument, value in _options(arguments):
        if name == "":
            command.requirements.append(argument)
        elif name == "--editable":
            command.editables.append(_with_value(argument, value))
        elif name == "--requirement":
            command.files.append(_with_value(argument, value))
        elif name == "--constraint":
            command.constraints.append(_with_value(argument, value))
        elif name == "--override":
            command.overrides.append(_with_value(argument, value))
        elif value is None:
            command.switches.add(name)
        else:
            command.values.setdefault(name, []).append(value)
    return command


def _with_value(argument: Argument, value: Value | None) -> Argument:
    known = value if value is not None else Unknown("the option has no value")
    return Argument(known, known if isinstance(known, str) else "", argument.word)


def _options(
    arguments: tuple[Argument, ...],
) -> Iterator[tuple[str, Argument, Value | None]]:
    """(long option name or "", argument, value) in order; value None for switches."""
    position, only_positional = 0, False
    while position < len(arguments):
        argument = arguments[position]
        position += 1
        text = argument.text
        if only_positional or not text.startswith("-") or text == "-":
            yield "", argument, None
            continue
        if text == "--":
            only_positional = True
            continue
        *switches, (name, value) = _split_option(argument)
        for switch, _ in switches:
            yield switch, argument, None
        if value is None and name in _VALUED:
            if position < len(arguments):
                yield name, arguments[position], arguments[position].value
            position += 1
        else:
            yield name, argument, value


def _split_option(argument: Argument) -> list[tuple[str, Value | None]]:
    """`--name=value`, `-rfile`, `-Uqr` and so on; value None when it is not in this argument."""
    text = argument.text
    if text.startswith("--"):
        name, equals, known = text.partition("=")
        name = _LONG.get(name, name)
        if name not in _VALUED:
            whole = whole_option(name)
            name = _LONG.get(whole, whole)
        if not equals:
            return [(name, None)]
        return [(name, argument.value if isinstance(argument.value, Unknown) else known)]
    found: list[tuple[str, Value | None]] = []
    for position, letter in enumerate(text[1:], start=2):
        name, rest = _LONG.get(f"-{letter}", f"-{letter}"), text[position:].removeprefix("=")
        if letter in _SHORT_VALUED:
            value = argument.value if isinstance(argument.value, Unknown) else rest
            found.append((name, value if text[position:] or value != rest else None))
            break
        found.append((name, None))
    return found


# They make it resolve for another Python, platform or day, or take other releases.
_OTHER_RULES = (
    *("--platform", "--python-version", "--implementation", "--abi", "--python-platform"),
    *("--exclude-newer", "--uploaded-prior-to", "--resolution", "--upgrade-strategy"),
    "--use-deprecated",
)


def install_options(command: PipCommand) -> InstallOptions:
    """The options that change what an install does, pip's and uv's spellings made one."""
    switches, values = command.switches, command.values
    targets = [values[name][-1] for name in ("--target", "--prefix", "--root") if name in values]
    return InstallOptions(
        upgrade="--upgrade" in switches,
        reinstall=bool(switches & {"--force-reinstall", "--ignore-installed", "--reinstall"}),
        no_deps="--no-deps" in switches,
        any_python="--ignore-requires-python" in switches,
        other_rules=next((name for name in _OTHER_RULES if name in values), None),
        no_build_isolation="--no-build-isolation" in switches
        or "--no-build-isolation-package" in values,
        no_binary=_names(values, "--no-binary", "--no-binary-package"),
        only_binary=_names(values, "--only-binary"),
        pre="--pre" in switches or values.get("--prerelease", [""])[-1] == "allow",
        break_system_packages="--break-system-packages" in switches,
        require_hashes="--require-hashes" in switches,
        user="--user" in switches,
        system="--system" in switches,
        target=targets[-1] if targets else None,
        no_cache="--no-cache-dir" in switches,
        dry_run="--dry-run" in switches or "--help" in switches or "-h" in switches,
    )


def _names(values: dict[str, list[Value]], *options: str) -> frozenset[str]:
    given = (value for option in options for value in values.get(option, ()))
    return frozenset(
        name if name.startswith(":") else canonicalize_name(name)
        for value in given
        if isinstance(value, str)
        for name in value.split(",")
        if name
    )


def whole_option(typed: str) -> str:
    """What `--requ` is the beginning of; `typed` itself where it is of none, or of several."""
    if typed in _LONG_OPTIONS:
        return typed
    found = [option for option in _LONG_OPTIONS if option.startswith(typed)]
    return found[0] if len(found) == 1 and len(typed) > 2 else typed
