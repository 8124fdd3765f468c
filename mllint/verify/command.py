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
from mllint.named_tuple import NamedTuple
from mllint.redact import Redact
from mllint.report.visible import visible
from mllint.signals import stopped_by_signals
from mllint.tables import Tables
from mllint.verify.engines.cleanup import clean, new_run
from mllint.verify.engines.engine import Engine, connect
from mllint.verify.engines.hosts import find_endpoints
from mllint.verify.progress import progress
from mllint.verify.rendering import output_text, page_text, redactor_of
from mllint.verify.services.asking import AskedService
from mllint.verify.services.planning import build_wishes
from mllint.verify.subject import read_subject
from mllint.verify.verification import Verification
from mllint.verify.verifying import Verifier
from mllint.verify.wishes import Wishes, refuse_early

_NO_GPU = "a GPU is required, and --gpus or [verify] says none"
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
    """Verify a Dockerfile, an image or a service; raises MllintError, of the engine EngineError."""
    for written in (options["output"], options["html"]):
        if written is not None and not (cwd / written).parent.is_dir():
            raise InputError("there is no such folder to write into", written)
        if written is not None and (cwd / written).resolve() == (cwd / subject).resolve():
            raise InputError("is the file to verify, which is not written over", written)
    settings = build_settings(cwd, options)
    if options["fail_level"] is not None:
        settings = settings._replace(fail_level=parse_level(options["fail_level"]))
    if options["require_gpu"] and options["gpus"] == "none":
        raise InputError(_NO_GPU)
    # Before an engine is asked for: what cannot be read is told wherever this runs.
    asked = read_subject(subject, cwd, options)
    wishes = _wishes(options, settings, asked.service)
    plan = asked.plan(settings)
    with stopped_by_signals(), _connected(options) as engine:
        refuse_early(wishes, engine.info)
        platform = engine.info.platform
        elsewhere = plan is not None and plan.project.options.platform != platform
        if elsewhere and not asked.names_platform(settings) and platform in PLATFORMS:
            there = settings._replace(target=settings.target._replace(platform=platform))
            plan = asked.plan(there)
        redact = redactor_of(plan.project if plan is not None else None, asked.service)
        with progress(redact, quiet=options["quiet"]) as listener:
            tables, run = Tables(catalog.root() / "tables"), new_run()
            context = (engine, run, cwd, settings, tables, wishes, os.environ, listener)
            verifier = Verifier(*context, asked.service)
            found = verifier.verify_plan(plan) if plan else verifier.verify_image(asked.image)
    return _done(found, settings, options, redact)


def _done(
    found: Verification, settings: Settings, options: Mapping[str, Any], redact: Redact
) -> Done:
    failures = found.project.failures if found.project is not None else ()
    notes = (str(InputError(each.message, each.path, each.line)) for each in failures)
    page = page_text(found, settings, redact) if options["html"] else None
    output = output_text(found, settings, options, redact)
    return Done(output, found.exit_code(settings.fail_level), tuple(notes), page)


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


def _wishes(options: Mapping[str, Any], settings: Settings, service: AskedService | None) -> Wishes:
    """What the options ask for, else what the service does, else the configuration."""
    configured, usual = settings.verify or VerifySettings(), Wishes()
    of = service.container if service is not None else None
    gpus = configured.gpus if of is None else usual.gpus
    wishes = Wishes(
        gpus=options["gpus"] or gpus or usual.gpus,
        gpu_required=options["require_gpu"],
        imports=(*configured.imports, *options["imports"]),
        commands=(*configured.commands, *options["commands"]),
        timeout_s=options["timeout"] or configured.timeout_s or usual.timeout_s,
        shm_bytes=options["shm_size"] or (of and of.shm_bytes) or configured.shm_bytes,
        memory_bytes=options["memory"] or (of and of.memory_bytes),
        user=options["user"],
        network=options["network"],
        keep=options["keep"],
        build_timeout_s=options["build_timeout"],
        build_network=options["build_network"],
        secrets=options["secrets"],
        no_cache=options["no_cache"],
        pull=options["pull"],
        builder=options["builder"],
        graceful_stop=configured.graceful_stop,
    )
    _refuse_contradiction(wishes, service)
    return wishes if service is None else build_wishes(wishes, service)


def _refuse_contradiction(wishes: Wishes, service: AskedService | None) -> None:
    if not wishes.gpu_required:
        return
    if wishes.gpus == "none":
        raise InputError(_NO_GPU)
    if service is not None and wishes.gpus == "auto" and service.container.gpus is None:
        message = f"a GPU is required, and the service {service.name} asks for none"
        raise InputError(message, service.path, service.line)
