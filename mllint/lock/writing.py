"""A lock in, the text of its file out; never a credential of an index."""

from collections.abc import Callable, Iterator

from mllint.facts.environments.environment import EnvironmentKind
from mllint.facts.installs.install import Install
from mllint.lock.lock import Lock
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location
from mllint.report.visible import visible
from mllint.resolve.request import plain

MADE = "# Made by `mllint lock`"
_DEFAULT = "the default one of the installer"


class Place(NamedTuple):
    """Where a lock belongs. copied: its file, from the build context; redact: hides credentials."""

    dockerfile: str
    copied: str
    redact: Callable[[str], str]


class Index(NamedTuple):
    """An index as a lock names it. url: None where the address itself holds a credential.

    option: `--extra-index-url`; variable: what gives pip or uv the address with credentials, None
    where it has none.
    """

    option: str
    url: str | None
    variable: str | None


def requirements_text(lock: Lock, place: Place) -> str:
    """A requirements file: a header that says what it fits, the indexes, a package a line."""
    indexes = tuple(_indexes(lock, place))
    lines = list(_header(lock, place, indexes))
    lines += [f"{each.option} {each.url}" for each in indexes if each.url is not None]
    lines += [*["--no-index"] * lock.sources.no_index, ""]
    for pin in lock.pins:
        hashes = [f"--hash={each}" for each in pin.hashes]
        lines.append(" \\\n    ".join([f"{pin.name}=={pin.version}", *hashes]))
        if len(pin.via) == 1:
            lines.append(f"    # via {visible(pin.via[0])}")
        elif pin.via:
            lines += ["    # via", *(f"    #   {visible(each)}" for each in pin.via)]
    return "\n".join(lines) + "\n"


def pylock_text(lock: Lock, place: Place) -> str:
    """A pylock file (PEP 751) with the same header."""
    header = _header(lock, place, tuple(_indexes(lock, place)))
    return "\n".join([*header, "", lock.pylock])


def _header(lock: Lock, place: Place, indexes: tuple[Index, ...]) -> Iterator[str]:
    """Comment lines; what stands in files of the user is hidden and made visible like a message."""
    for text in _sentences(lock, place, indexes):
        yield f"# {visible(place.redact(text))}"


def _sentences(lock: Lock, place: Place, indexes: tuple[Index, ...]) -> Iterator[str]:
    yield f"{MADE.removeprefix('# ')}: {lock.chain.label} of {place.dockerfile}"
    yield f"image: {lock.image}"
    yield f"python: {lock.target.python}"
    yield f"platform: {lock.target.platform}"
    first = [] if lock.sources.default or lock.sources.no_index else [_DEFAULT]
    named = [each.url if each.url is not None else "one that is not named" for each in indexes]
    yield f"indexes: {', '.join([*first, *named])}"
    for index in indexes:
        if index.variable is not None:
            what = index.url or "An index is not named, as its address holds a credential:"
            verb = "asks for credentials: " if index.url else ""
            yield f"{what} {verb}give the whole address in {index.variable}, from a build secret"
    if lock.kept:
        told = ", ".join(f"{name} {version}" for name, version in lock.kept)
        yield f"Kept as the base image brings it: {told}"
    if lock.doubt is not None:
        yield f"It may replace what else the image holds at first: {lock.doubt}"
    for install in lock.left:
        also = "" if _needs_are_known(install, lock) else ", nor what it alone requires"
        yield f"Not in this lock{also}: {install.text} ({_at(install.location)})"
    if lock.doubled:
        yield (
            f"Two of the indexes have {', '.join(lock.doubled)} in that version: only hashes"
            " (--hashes) say which is meant"
        )
    inside = f"stage {lock.stage}, " if lock.stage != lock.chain.stage.label else ""
    yield f"In the place of the installs of {inside}{_lines(lock)}:"
    yield f"  COPY {place.copied} /tmp/"
    yield f"  RUN {_command(lock, place)}"


def _indexes(lock: Lock, place: Place) -> Iterator[Index]:
    sources, uv = lock.sources, _is_uv(lock)
    extra = list(sources.extra)
    if sources.torch_backend is not None:
        extra.append(f"https://download.pytorch.org/whl/{sources.torch_backend}")
    for option, variable, urls in (
        ("--index-url", "UV_DEFAULT_INDEX" if uv else "PIP_INDEX_URL", [sources.default]),
        ("--extra-index-url", "UV_INDEX" if uv else "PIP_EXTRA_INDEX_URL", extra),
        ("--find-links", "UV_FIND_LINKS" if uv else "PIP_FIND_LINKS", sources.find_links),
    ):
        for url in urls:
            if url is None:
                continue
            bare = plain(url)
            hidden = place.redact(bare) != bare
            secret = hidden or bare != url.rstrip("/")
            yield Index(option, None if hidden else bare, variable if secret else None)


def _is_uv(lock: Lock) -> bool:
    return lock.chain.environment.installs[-1].installer.is_uv


def _command(lock: Lock, place: Place) -> str:
    """What installs the lock, into the same environment."""
    environment = lock.chain.environment
    prefix, kind = environment.prefix, environment.kind
    own = isinstance(prefix, str) and kind in (EnvironmentKind.VENV, EnvironmentKind.CONDA)
    if lock.pylock or _is_uv(lock):
        words = ["uv pip install", f"--python {prefix}" if own else "--system"]
        if lock.sources.extra or lock.sources.torch_backend:
            words.append("--index-strategy unsafe-best-match")
    else:
        words = [f"{prefix}/bin/pip install" if own else "pip install"]
    if kind is EnvironmentKind.TARGET:
        words.append(f"--target {prefix}")
    if any(install.options.break_system_packages for install in environment.installs):
        words.append("--break-system-packages")
    words += ["--no-deps"] * (not lock.with_needs)
    return " ".join([*words, f"-r /tmp/{place.copied.rpartition('/')[2]}"])


def _needs_are_known(install: Install, lock: Lock) -> bool:
    """Whether they are in the lock themselves, or are not installed with it."""
    if install.url is None or install.options.no_deps:
        return True
    installs = lock.chain.environment.installs
    group = [each for each in installs if each.group == install.group]
    return install.name is not None and any(each.metadata for each in group)


def _at(location: Location) -> str:
    return f"{location.path}:{location.span.line}"


def _lines(lock: Lock) -> str:
    """`Dockerfile:3, 5`."""
    numbers = ", ".join(dict.fromkeys(str(each.span.line) for each in lock.commands))
    return f"{lock.commands[0].path}:{numbers}" if lock.commands else "the Dockerfile"
