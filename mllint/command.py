"""Options of the command line and the configuration in, settings, output text and exit code out.

What `cli.py` calls; knows no option's spelling beyond its name, prints nothing.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mllint import catalog
from mllint.config import Settings, find_settings, load_settings, parse_level
from mllint.errors import ConfigError, InputError
from mllint.finding import Report, Severity


def build_settings(cwd: Path, options: Mapping[str, Any]) -> Settings:
    """The configuration, overridden by the options that say how the image is built."""
    settings = _configured(cwd, options)
    target = settings.target
    context = cwd / options["context"] if options["context"] else settings.context
    if context is not None and not context.is_dir():
        if options["context"]:
            raise InputError(f"--context: {options['context']!r} is not a folder")
        raise ConfigError(f"context: {str(context)!r} is not a folder", settings.path)
    return settings._replace(
        context=context,
        build_args={**settings.build_args, **options["build_args"]},
        target=target._replace(
            stage=options["target"] or target.stage,
            stage_required=bool(options["target"]),
            platform=options["platform"] or target.platform,
        ),
    )


def _configured(cwd: Path, options: Mapping[str, Any]) -> Settings:
    if options["no_config"] and options["config"]:
        raise ConfigError("--config does not go with --no-config")
    if options["no_config"]:
        return Settings(cwd)
    if not options["config"]:
        return find_settings(cwd)
    path = cwd / options["config"]
    settings = load_settings(path, cwd)
    if settings is None:
        raise ConfigError("holds no [tool.mllint] table", options["config"])
    return settings


def check_settings(cwd: Path, options: Mapping[str, Any]) -> Settings:
    """The configuration, overridden by the options of `mllint check`."""
    settings = build_settings(cwd, options)
    level, least = options["fail_level"], options["min_level"]
    return settings._replace(
        select=_rules(options, "select") or settings.select,
        ignore=(*settings.ignore, *_rules(options, "ignore")),
        exclude=(*settings.exclude, *options["exclude"]),
        fail_level=settings.fail_level if level is None else parse_level(level),
        min_level=settings.min_level if least is None else Severity[least.upper()],
        baseline=cwd / options["baseline"] if options["baseline"] else settings.baseline,
    )


def refuse_without_resolve(options: Mapping[str, Any]) -> None:
    """Raise ConfigError for an option that does nothing without --resolve."""
    for name in ("offline", "allow_builds", "index_map", "resolve_timeout"):
        if options[name] and not options["resolve"]:
            raise ConfigError(f"--{name.replace('_', '-')} goes with --resolve")


def _rules(options: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The rules that the words of an option name."""
    if not options[name]:
        return ()
    from mllint.rule_names import require_rules

    return tuple(slug for word in options[name] for slug in require_rules(word, f"--{name}"))


def exit_code(report: Report, fail_level: Severity | None) -> int:
    """0 clean or below the level, 1 findings at it or above, 2 failures, 3 nothing to check."""
    if report.failures:
        return 2
    if not report.files and not report.unchecked:
        return 3
    shown = (finding for finding in report.findings if finding.suppressed is None)
    failed = fail_level is not None and any(finding.severity >= fail_level for finding in shown)
    return int(failed)


def render(report: Report, code: int, options: Mapping[str, Any]) -> str:
    """The report in the form that the options ask for."""
    form = options["form"]
    if form == "json":
        from mllint.report import json

        return json.render(report)
    if form == "sarif":
        from mllint.report import sarif

        pages = {finding.rule: catalog.page(finding.rule) for finding in report.findings}
        return sarif.render(report, pages, code)
    if form == "github":
        from mllint.report import github

        return github.render(report)
    from mllint.report import text

    terminal = options["output"] is None and sys.stdout.isatty()
    style = text.TextStyle(
        color=wants_color(options["color"], os.environ, terminal),
        quiet=options["quiet"],
        verbose=options["verbose"],
        show_suppressed=options["show_suppressed"],
    )
    return text.render(report, style) if code != 3 else ""


def wants_color(choice: str, environ: Mapping[str, str], is_terminal: bool) -> bool:
    """Whether to colour: the option, then NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, the terminal."""
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    if any(environ.get(name, "0") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    return is_terminal and environ.get("TERM") != "dumb"
