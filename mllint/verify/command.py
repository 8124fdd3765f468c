"""The options of `mllint verify` in, its output and exit code out: what `cli.py` calls."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mllint import catalog
from mllint.command import build_settings, wants_color
from mllint.config import Settings, parse_level
from mllint.errors import InputError
from mllint.loader import STDIN, load_project
from mllint.named_tuple import NamedTuple
from mllint.redact import project_redactor, redactor
from mllint.report.verify_text import verify_text
from mllint.report.visible import visible
from mllint.tables import Tables
from mllint.verify.build_events import BuildEvent, Step
from mllint.verify.cleanup import clean, new_run, stopped_by_signals
from mllint.verify.engine import Engine, connect
from mllint.verify.hosts import find_endpoints
from mllint.verify.verification import Verification
from mllint.verify.verifying import Verifier
from mllint.verify.wishes import Wishes

Say = Callable[[str], None]


class Done(NamedTuple):
    """What is to be printed, and the exit code."""

    output: str
    code: int


def verify(subject: str, cwd: Path, options: Mapping[str, Any], say: Say) -> Done:
    """Verify a Dockerfile or an image; raises MllintError, of the engine EngineError.

    say: is told, in lines, what goes on meanwhile.
    """
    settings = build_settings(cwd, options)
    if options["fail_level"] is not None:
        settings = settings._replace(fail_level=parse_level(options["fail_level"]))
    with _connected(options) as engine, stopped_by_signals():
        verifier = Verifier(
            engine,
            new_run(),
            settings,
            Tables(catalog.root() / "tables"),
            _wishes(options),
            os.environ,
            _listener(say),
        )
        if is_dockerfile(subject, cwd):
            found = _dockerfile(verifier, subject, cwd, settings, options)
        else:
            found = verifier.verify_image(subject)
    return Done(_text(found, options), found.exit_code(settings.fail_level))


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


def _dockerfile(
    verifier: Verifier, subject: str, cwd: Path, settings: Settings, options: Mapping[str, Any]
) -> Verification:
    project = load_project(subject, cwd, settings, allow_outside=options["allow_outside"])
    path = cwd / subject
    return verifier.verify_dockerfile(project, path.read_bytes(), path)


def _wishes(options: Mapping[str, Any]) -> Wishes:
    return Wishes(
        gpus=options["gpus"],
        gpu_required=options["require_gpu"],
        imports=options["imports"],
        commands=options["commands"],
        timeout_s=options["timeout"],
        network=options["network"],
        keep=options["keep"],
        build_timeout_s=options["build_timeout"],
        build_network=options["build_network"],
        secrets=options["secrets"],
        no_cache=options["no_cache"],
        pull=options["pull"],
        builder=options["builder"],
    )


def _listener(say: Say) -> Callable[[BuildEvent], None]:
    """Tells each step of the build when it begins, and the one that fails."""
    told: set[str] = set()

    def listen(event: BuildEvent) -> None:
        if isinstance(event, Step) and (event.name not in told or event.state == "failed"):
            told.add(event.name)
            say(visible(f"{event.name}{' (failed)' if event.state == 'failed' else ''}"))

    return listen


def _text(found: Verification, options: Mapping[str, Any]) -> str:
    redact = project_redactor(found.project) if found.project is not None else redactor(())
    terminal = options["output"] is None and sys.stdout.isatty()
    color = wants_color(options["color"], os.environ, terminal)
    return verify_text(
        found, redact, color=color, verbose=options["verbose"], quiet=options["quiet"]
    )
