"""A `Project` in, what each of its stages will hold out as JSON; judges nothing."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.images.base_image import Cuda, Python
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.report.plan_environments import libc_text, present_environments
from mllint.report.plan_inherited import ShownEnvironment, shown_environments, shown_packages

if TYPE_CHECKING:
    from mllint.resolve.contents import Contents


def plan_json(
    project: Project,
    redact: Callable[[str], str] = str,
    contents: "tuple[Contents, ...] | None" = None,
) -> str:
    """The plan for a program: version 1 of its shape; unknown facts are {"unknown": reason}.

    Of a stage that is FROM another (`parent`) and does not ship, what it adds is shown. contents:
    what the indexes tell of its environments (`resolved`); None where nobody asked them.
    """
    document: dict[str, Any] = {
        "version": 1,
        "path": project.path,
        "target": project.target.label if project.target else None,
        "stages": [_stage_json(project, stage) for stage in project.stages],
        "built_by": [str(builder) for builder in project.builders],
        "files": list(project.read_files),
        "unknown": [
            {"path": n.location.path, "line": n.location.span.line, "reason": n.reason}
            for n in project.unchecked
        ],
    }
    if contents is not None:
        from mllint.report.plan_contents import content_json

        document["resolved"] = [content_json(project, held) for held in contents]
    return json.dumps(_each_text(document, redact), indent=2, ensure_ascii=False) + "\n"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """The document with each of its texts changed."""
    if isinstance(value, dict):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _value(value: object) -> Any:  # noqa: ANN401 - the JSON boundary
    if isinstance(value, Unknown):
        return {"unknown": value.reason}
    return value if value is None or isinstance(value, bool | int) else str(value)


def _stage_json(project: Project, stage: Stage) -> dict[str, Any]:
    base = stage.base
    cuda = base.cuda
    return {
        "index": stage.index,
        "name": stage.name,
        "line": stage.location.span.line,
        "ships": project.target is stage,
        "used": stage in project.judged,
        "base": base.reference.text,
        "parent": stage.parent,
        "distro": _value(base.distro),
        "libc": libc_text(base) if not isinstance(base.libc, Unknown) else _value(base.libc),
        "cuda": {"version": str(cuda.version), "flavor": cuda.flavor.value}
        if isinstance(cuda, Cuda)
        else _value(cuda),
        "cudnn": _value(base.cudnn),
        "user": _value(stage.user),
        "workdir": _value(stage.workdir),
        "packages": list(shown_packages(project, stage)),
        "environments": [
            _environment_json(shown)
            for shown in shown_environments(project, stage, present_environments(stage))
        ],
    }


def _environment_json(shown: ShownEnvironment) -> dict[str, Any]:
    environment = shown.environment
    python = environment.python
    preinstalled = environment.preinstalled
    return {
        "prefix": _value(environment.prefix),
        "kind": environment.kind.value,
        "python": {
            "version": str(python.version),
            "prefix": python.prefix,
            "origin": python.origin.value,
            "externally_managed": _value(python.externally_managed),
        }
        if isinstance(python, Python)
        else _value(python),
        "preinstalled": [{"name": p.name, "version": _value(p.version)} for p in preinstalled]
        if shown.brought and isinstance(preinstalled, tuple)
        else []
        if isinstance(preinstalled, tuple)
        else _value(preinstalled),
        "inherited_installs": shown.inherited,
        "installs": [_install_json(each) for each in shown.installs if each.is_written],
        "effective": _effective_json(environment, shown.installs),
    }


def _install_json(install: Install) -> dict[str, Any]:
    indexes = install.indexes
    return {
        "requirement": install.text,
        "name": install.name,
        "installer": install.installer.value,
        "path": install.location.path,
        "line": install.location.span.line,
        "command_line": install.command.span.line,
        "pinned": _value(install.fixed or install.pinned),
        "index": _value(indexes.primary),
        "extra_indexes": [_value(url) for url in indexes.extra],
        "find_links": [_value(url) for url in indexes.find_links],
        "torch_backend": _value(indexes.torch_backend),
        "conditional": install.conditional,
        "uninstall": install.uninstall,
        "opaque": install.opaque,
    }


def _effective_json(environment: Environment, installs: tuple[Install, ...]) -> dict[str, Any]:
    names = dict.fromkeys(install.name for install in installs if install.name)
    found: dict[str, Any] = {}
    for name in names:
        held = environment.effective(name)
        found[name] = _value(held.version) if isinstance(held, Held) else _value(held)
    return found
