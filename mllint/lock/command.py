"""The options of `mllint lock` in, texts and files out; prints nothing."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mllint import catalog
from mllint.command import build_settings
from mllint.errors import ConfigError, InputError
from mllint.facts.environments.environment import Environment
from mllint.facts.project import Project
from mllint.facts.secrets.redaction import redacted
from mllint.facts.secrets.values import is_secret_name
from mllint.finding import Failure, Unchecked
from mllint.loader import load_project
from mllint.lock.comparing import differences
from mllint.lock.lock import Lock, Unsettled, Wish
from mllint.lock.reading import Written, read_file, read_written, refuse_input
from mllint.lock.reasons import BUILD
from mllint.lock.settling import settle
from mllint.lock.writing import Place, pylock_text, requirements_text
from mllint.named_tuple import NamedTuple
from mllint.parse.files import show
from mllint.parse.rewrite import replace_file
from mllint.parse.source import SourceFile
from mllint.redact import Redact, project_redactor, redacted_failures
from mllint.report.visible import visible
from mllint.resolve.resolving import Chain, Tell
from mllint.resolve.session import Session
from mllint.tables import Tables

_TOOLS = {"pip", "setuptools", "wheel", "virtualenv", "uv", "poetry", "pipenv", "pdm"}
_NAMES = {"requirements": "requirements.lock", "pylock": "pylock.toml"}


class Done(NamedTuple):
    """What a run came to. output: for standard output; reasons, notes: for standard error."""

    code: int
    output: str = ""
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    failures: tuple[Failure, ...] = ()


class _File(NamedTuple):
    """Where the lock of one environment goes, and what stands there now. path: None for output."""

    chain: Chain
    path: Path | None
    shown: str
    written: Written | None


def lock(dockerfile: str, cwd: Path, options: Mapping[str, Any]) -> Done:
    """Lock each environment of the target stage; raises MllintError."""
    settings = build_settings(cwd, options)
    project = load_project(dockerfile, cwd, settings, allow_outside=options["allow_outside"])
    redact = _redactor(project)
    if project.failures:
        return Done(2, failures=redacted_failures(project.failures, redact))
    files = _files(project, cwd, options)
    session = Session(options, "mllint lock")

    def settled(tell: Tell) -> list[Lock | Unsettled]:
        return [_settled(project, file, session, tell, options) for file in files]

    found = session.work(settled, project.path)
    reasons = [why for each in found if isinstance(each, Unsettled) for why in each.reasons]
    if reasons:
        told = tuple(redact(_reason(each)) for each in dict.fromkeys(reasons))
        built = any(each.reason.startswith(BUILD) for each in reasons)
        help_ = ("--allow-builds lets uv build it, which runs its code on this machine",) * built
        return Done(1, reasons=told, notes=(*help_, "nothing is locked"))
    locks = [each for each in found if isinstance(each, Lock)]
    pairs = zip(files, locks, strict=True)
    texts = [_text(project, file, each, cwd, redact, options) for file, each in pairs]
    if options["check"]:
        return _checked(files, texts, redact, options)
    done = _given(files, locks, texts)
    return done._replace(notes=(*map(redact, done.notes), *_circular(files, project)))


def _redactor(project: Project) -> Redact:
    """What hides credentials, those of build arguments even where they are plain words.

    A lock is kept in a repository, where a message is not.
    """
    redact = project_redactor(project)
    given = project.options.build_args.items()
    known = tuple(v for name, v in given if isinstance(v, str) and v and is_secret_name(name))
    return lambda text: redacted(redact(text), known)


def _settled(
    project: Project, file: _File, session: Session, tell: Tell, options: Mapping[str, Any]
) -> Lock | Unsettled:
    tell(file.chain.label)
    tables = Tables(catalog.root() / "tables")
    return settle(project, file.chain, session.asking, tables, _wish(file, options))


def _files(project: Project, cwd: Path, options: Mapping[str, Any]) -> list[_File]:
    """Where each lock goes; raises ConfigError where there are several and one output."""
    chains = _chosen(project, options["environment"])
    if len(chains) > 1 and options["output"] is None:
        prefixes = ", ".join(str(each.environment.prefix) for each in chains)
        raise ConfigError(
            f"there are several environments, {prefixes}: name one by --environment, or a file for"
            " each by --output"
        )
    return [_file(project, each, len(chains) > 1, cwd, options) for each in chains]


def _chosen(project: Project, prefix: str | None) -> list[Chain]:
    """The environments of the target stage that an index fills; raises InputError for none."""
    stage = project.target
    assert stage is not None
    filled = [Chain(stage, each) for each in stage.environments if _names(each)]
    if not filled:
        raise InputError(f"stage {stage.label} installs nothing by name", project.path)
    if prefix is None:
        # `pip install uv` into the system's, all else into another one.
        return [each for each in filled if _names(each.environment) - _TOOLS] or filled
    found = [each for each in filled if each.environment.prefix == prefix.rstrip("/")]
    if not found:
        known = ", ".join(str(each.environment.prefix) for each in filled)
        raise ConfigError(f"--environment: there is no {prefix}, but {known}")
    return found


def _names(environment: Environment) -> set[str | None]:
    """What its commands install of an index; None for what is not known."""
    installs = environment.installs
    return {each.name for each in installs if each.url is None and not each.uninstall}


def _file(
    project: Project, chain: Chain, several: bool, cwd: Path, options: Mapping[str, Any]
) -> _File:
    if options["output"] is None:
        return _File(chain, None, _NAMES[options["form"]], None)
    pylock = options["form"] == "pylock"
    path = Path(cwd / options["output"]).resolve()
    if several:
        label = re.sub(r"[^a-z0-9]+", "-", str(chain.environment.prefix).lower()).strip("-")
        path = path.with_name(_labelled(path.name, label, pylock=pylock))
    if pylock and not re.fullmatch(r"pylock(\.[^.]+)?\.toml", path.name):
        raise ConfigError(f"--output: {path.name} is neither pylock.toml nor pylock.NAME.toml")
    shown = show(path, cwd)
    source = read_file(path, shown)
    written = None if source is None else read_written(source, pylock=pylock)
    refuse_input(source, (project.path, *project.read_files), written)
    return _File(chain, path, shown, written)


def _labelled(name: str, label: str, *, pylock: bool) -> str:
    """`requirements-opt-venv.lock` of `requirements.lock`, `pylock.opt-venv.toml`."""
    if pylock:
        stem = name.removesuffix(".toml")
        return f"{stem}{'.' if stem == 'pylock' else '-'}{label}.toml"
    return f"{Path(name).stem}-{label}{Path(name).suffix}"


def _wish(file: _File, options: Mapping[str, Any]) -> Wish:
    written = file.written
    preferred = {} if written is None or options["upgrade"] else written.versions
    hashed = written is not None and any(written.hashes.values())
    shown = file.shown if file.path is not None else None
    return Wish(preferred, options["hashes"] or hashed, options["form"] == "pylock", shown)


def _text(
    project: Project,
    file: _File,
    lock: Lock,
    cwd: Path,
    redact: Redact,
    options: Mapping[str, Any],
) -> str:
    context = project.context.folder if project.context is not None else cwd
    inside = file.path is not None and file.path.is_relative_to(context)
    name = file.shown.rpartition("/")[2]  # what stands elsewhere has to be copied there first
    copied = file.path.relative_to(context).as_posix() if inside and file.path else name
    place = Place(project.path, copied, redact)
    return (pylock_text if options["form"] == "pylock" else requirements_text)(lock, place)


def _circular(files: list[_File], project: Project) -> Iterator[str]:
    """The locks that the Dockerfile installs: what they hold stays, whatever was asked for."""
    for file in files:
        installs = file.chain.environment.installs
        if file.path is not None and any(each.file == file.shown for each in installs):
            yield f"{project.path} installs {file.shown} itself, so its versions stay"


def _reason(why: Unchecked) -> str:
    return f"{why.location.path}:{why.location.span.line}: {why.reason}"


def _checked(
    files: list[_File], texts: list[str], redact: Redact, options: Mapping[str, Any]
) -> Done:
    """What differs from what is written, which may be the file of a person, with credentials."""
    lines = []
    for file, text in zip(files, texts, strict=True):
        now = read_written(SourceFile(file.shown, text), pylock=options["form"] == "pylock")
        if file.written is None:
            lines.append(f"--- {file.shown} is not there")
        elif differing := list(differences(file.written, now)):
            lines += [f"--- {file.shown}", "+++ now", *differing]
    return Done(int(bool(lines)), "".join(f"{visible(redact(line))}\n" for line in lines))


def _given(files: list[_File], locks: list[Lock], texts: list[str]) -> Done:
    """The text for standard output, or each in its file."""
    notes = []
    for file, lock, text in zip(files, locks, texts, strict=True):
        apart = dict.fromkeys(each.text for each in lock.left)
        notes += [f"not in the lock: {text}" for text in apart]
        if file.path is None:
            return Done(0, text, notes=tuple(notes))
        replace_file(str(file.path), file.shown, text.encode())
        notes.append(f"{file.shown}: {len(lock.pins)} packages of {lock.chain.label}")
    return Done(0, notes=tuple(notes))
