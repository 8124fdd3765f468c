"""The options of `mllint verify` in, its output and exit code out: what `cli.py` calls."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mllint import catalog
from mllint.command import build_settings
from mllint.config import Settings, parse_level
from mllint.config_verify import VerifySettings
from mllint.errors import InputError
from mllint.facts.project import Project
from mllint.loader import STDIN, load_project
from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible
from mllint.signals import stopped_by_signals
from mllint.tables import Tables
from mllint.verify.engines.cleanup import clean, new_run
from mllint.verify.engines.engine import Engine, connect
from mllint.verify.engines.hosts import find_endpoints
from mllint.verify.progress import progress
from mllint.verify.rendering import output_text, page_text, redactor_of
from mllint.verify.verification import Verification
from mllint.verify.verifying import Verifier
from mllint.verify.wishes import Wishes, refuse_early

PLATFORMS = ("linux/amd64", "linux/arm64")
"""Those that facts are about."""


class Done(NamedTuple):
    """What is to be printed, and the exit code; notes: what the plan could not read.

    page: what `--html` asks for.
    """

    output: str
    code: int
    notes: tuple[str, ...] = ()
    page: str | None = None


def verify(subject: str, cwd: Path, options: Mapping[str, Any]) -> Done:
    """Verify a Dockerfile or an image; raises MllintError, of the engine EngineError."""
    for written in (options["output"], options["html"]):
        if written is not None and not (cwd / written).parent.is_dir():
            raise InputError("there is no such folder to write into", written)
    settings = build_settings(cwd, options)
    if options["fail_level"] is not None:
        settings = settings._replace(fail_level=parse_level(options["fail_level"]))
    wishes = _wishes(options, settings)
    if wishes.gpu_required and wishes.gpus == "none":
        raise InputError("a GPU is required, and --gpus or [verify] says none")
    path = cwd / subject if is_dockerfile(subject, cwd) else None
    outside = options["allow_outside"]
    # Before an engine is asked for: what cannot be read is told wherever this runs.
    project = None if path is None else _project(subject, cwd, settings, outside)
    with stopped_by_signals(), _connected(options) as engine:
        refuse_early(wishes, engine.info)
        platform = engine.info.platform
        elsewhere = project is not None and project.options.platform != platform
        if elsewhere and settings.target.platform is None and platform in PLATFORMS:
            there = settings._replace(target=settings.target._replace(platform=platform))
            project = _project(subject, cwd, there, outside)
        with progress(redactor_of(project), quiet=options["quiet"]) as listener:
            tables, run = Tables(catalog.root() / "tables"), new_run()
            verifier = Verifier(engine, run, cwd, settings, tables, wishes, os.environ, listener)
            if path is None or project is None:
                found = verifier.verify_image(subject)
            else:
                found = verifier.verify_dockerfile(project, path.read_bytes(), path)
    return _done(found, settings, options)


def _done(found: Verification, settings: Settings, options: Mapping[str, Any]) -> Done:
    failures = found.project.failures if found.project is not None else ()
    notes = (str(InputError(each.message, each.path, each.line)) for each in failures)
    page = page_text(found, settings) if options["html"] else None
    output = output_text(found, settings, options)
    return Done(output, found.exit_code(settings.fail_level), tuple(notes), page)


def _project(subject: str, cwd: Path, settings: Settings, outside: bool) -> Project:
    """The plan; raises InputError for what is not built from this machine's files alone."""
    project = load_project(subject, cwd, settings, allow_outside=outside)
    if project.options.remote:
        raise InputError("its build context is elsewhere: name one with --context", project.path)
    if project.options.contexts:
        name = next(iter(project.options.contexts))
        raise InputError(f"is built with a further context, {name}: name --context", project.path)
    return project


def is_dockerfile(subject: str, cwd: Path) -> bool:
    """Whether the word names a file; else it is the name of an image."""
    path = cwd / subject
    if path.is_file():
        return True
    if subject == STDIN:
        raise InputError("a build is not read from standard input: name a file", subject)
    if path.is_dir():
        raise InputError("is a folder: name the Dockerfile in it", subject)
    if "dockerfile" in path.name.lower() or subject.startswith((".", "/")):
        raise InputError("there is no such file", subject)
    return False


def remove_leftovers(options: Mapping[str, Any]) -> Done:
    """Remove what killed runs left, and say what that was."""
    with _connected(options) as engine:
        over, left = clean(engine)
    lines = [f"removed {each.kind} {visible(each.name)}" for each in over]
    lines = lines or ["nothing was left behind"]
    lines += [f"could not be removed: {visible(each)}" for each in left]
    return Done("".join(f"{line}\n" for line in lines), 6 if left else 0)


def _connected(options: Mapping[str, Any]) -> Engine:
    return connect(find_endpoints(options["host"], os.environ, Path.home()))


def _wishes(options: Mapping[str, Any], settings: Settings) -> Wishes:
    """What the options ask for, else what the configuration does."""
    configured = settings.verify or VerifySettings()
    usual = Wishes()
    return Wishes(
        gpus=options["gpus"] or configured.gpus or usual.gpus,
        gpu_required=options["require_gpu"],
        imports=(*configured.imports, *options["imports"]),
        commands=(*configured.commands, *options["commands"]),
        timeout_s=options["timeout"] or configured.timeout_s or usual.timeout_s,
        shm_bytes=options["shm_size"] or configured.shm_bytes,
        memory_bytes=options["memory"],
        user=options["user"],
        network=options["network"],
        keep=options["keep"],
        build_timeout_s=options["build_timeout"],
        build_network=options["build_network"],
        secrets=options["secrets"],
        no_cache=options["no_cache"],
        pull=options["pull"],
        builder=options["builder"],
    )
