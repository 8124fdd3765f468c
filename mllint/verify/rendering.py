"""What verify found out and the form that is asked for in, its text out."""

import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from mllint.command import wants_color
from mllint.config import Settings
from mllint.errors import InputError
from mllint.facts.project import Project
from mllint.facts.secrets.redaction import known_secrets
from mllint.redact import Redact, project_redactor, redactor
from mllint.verify.services.asking import AskedService
from mllint.verify.verification import Verification


def redactor_of(project: Project | None, service: AskedService | None = None) -> Redact:
    """What takes the credentials of the plan's files, its arguments and the service out of a text.

    `--build-arg HF_TOKEN=…`: BuildKit and pip repeat it in what they print.
    """
    given = dict(project.options.build_args) if project is not None else {}
    given |= service.container.environment if service is not None else {}
    told = "\n".join(f"{name}={value}" for name, value in given.items())
    of_values = redactor(known_secrets((told,)))
    if project is None:
        return of_values
    of_files = project_redactor(project)
    return lambda text: of_files(of_values(text))


def output_text(
    found: Verification, settings: Settings, options: Mapping[str, Any], redact: Redact
) -> str:
    """The report in the form of `--format`; what the others need is not imported."""
    code = found.exit_code(settings.fail_level)
    form = options["form"]
    if form == "json":
        from mllint.report.verify_json import verify_json

        return verify_json(found, code, redact)
    if form == "junit":
        from mllint.report.verify_junit import verify_junit

        return verify_junit(found, settings.fail_level, redact)
    if form == "sarif":
        from mllint import catalog
        from mllint.report.verify_sarif import verify_sarif

        return verify_sarif(found, catalog.page, code, redact, _sources(found.project))
    from mllint.report.verify_text import verify_text

    terminal = options["output"] is None and sys.stdout.isatty()
    return verify_text(
        found,
        redact,
        color=wants_color(options["color"], os.environ, terminal),
        verbose=options["verbose"],
        quiet=options["quiet"],
    )


def page_text(found: Verification, settings: Settings, redact: Redact) -> str:
    """The page of `--html`."""
    from mllint.report.verify_html import verify_html

    return verify_html(found, found.exit_code(settings.fail_level), redact)


def _sources(project: Project | None) -> dict[str, str]:
    """The texts of the files that findings can stand in."""
    if project is None or project.context is None:
        return {}
    files = project.context.files
    texts = {}
    for path in (project.path, *project.read_files):
        with suppress(InputError):  # it has changed during the build
            texts[path] = files.read(files.absolute(path)).text
    return texts
