"""A `Project` in, what each of its stages will hold out: as text or JSON; judges nothing."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from mllint.facts.environments.environment import Environment, Held
from mllint.facts.environments.interpreters import UNKNOWN_PATH
from mllint.facts.images.base_image import BaseImage, Cuda, Python
from mllint.facts.installs.install import Install
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.facts.unknown import Unknown
from mllint.report.plan_inherited import (
    ShownEnvironment,
    base_stage,
    shown_environments,
    shown_packages,
)
from mllint.report.plan_installs import fact_text, install_lines
from mllint.report.visible import visible_lines


def plan_text(project: Project, redact: Callable[[str], str] = str) -> str:
    """The plan for a reader: one block a stage, one line a fact; `redact`: as for a report."""
    lines = list(_builder_lines(project))
    for stage in project.stages:
        lines.extend(_stage_lines(project, stage))
        lines.append("")
    for note in project.unchecked:
        span = note.location.span
        lines.append(f"not known: {note.location.path}:{span.line}: {note.reason}")
    return visible_lines("\n".join(map(redact, lines)).rstrip("\n")) + "\n"


def plan_json(project: Project, redact: Callable[[str], str] = str) -> str:
    """The plan for a program: version 1 of its shape; unknown facts are {"unknown": reason}.

    Of a stage that is FROM another (`parent`) and does not ship, what it adds is shown.
    """
    document = {
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
    return json.dumps(_each_text(document, redact), indent=2, ensure_ascii=False) + "\n"


def _each_text(value: Any, change: Callable[[str], str]) -> Any:  # noqa: ANN401 - JSON
    """The document with each of its texts changed."""
    if isinstance(value, dict):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return change(value) if isinstance(value, str) else value


def _builder_lines(project: Project) -> Iterator[str]:
    for builder in project.builders:
        yield f"built by {builder}"
    for builder in project.other_builders:
        yield f"built differently, so not as shown here, by {builder}"
    if project.builders or project.other_builders:
        yield ""


def _stage_lines(project: Project, stage: Stage) -> Iterator[str]:
    ships = " (ships)" if project.target is stage else ""
    unused = "" if stage in project.judged else " (not used)"
    yield f"stage {stage.label}, line {stage.location.span.line}{ships}{unused}"
    yield f"  base        {_base_text(project, stage)}"
    if stage.platform is not None:
        yield f"  platform    {fact_text(stage.platform)}"
    base = stage.base
    yield f"  system      {fact_text(base.distro)}, {_libc_text(base)}"
    yield f"  CUDA        {_cuda_text(base.cuda)}, cuDNN {fact_text(base.cudnn, 'none')}"
    yield f"  user        {fact_text(stage.user)}   workdir {fact_text(stage.workdir)}"
    path = stage.env.get("PATH")
    if isinstance(path, str):
        yield f"  PATH        {path.replace(UNKNOWN_PATH, '(base image)')}"
    named = shown_packages(project, stage)
    if named:
        yield f"  packages    {' '.join(named)}"
    for shown in shown_environments(project, stage, _shown(stage)):
        yield from _environment_lines(shown)
    above = base_stage(project, stage)
    if above is not None and (above.packages or any(_shown(above))):
        yield f"  besides     what stage {above.label} holds"


def _shown(stage: Stage) -> Iterator[Environment]:
    """Environments with an interpreter or content; an empty placeholder says nothing."""
    for environment in stage.environments:
        brought = isinstance(environment.python, Python) and (
            stage.base.python is not None or _is_packaged(environment.python, stage)
        )
        if environment.installs or environment.created or environment.preinstalled or brought:
            yield environment


def _is_packaged(python: Python, stage: Stage) -> bool:
    """Whether a distribution package brings a Python that the image did not hold."""
    default = stage.base.distro_python
    minor = f"python{python.version.major}.{python.version.minor}"
    names = [package.name for package in stage.packages if not package.removed]
    if isinstance(default, Python) and default.version == python.version:
        return any(name == "python3" or name.startswith(("python3-", minor)) for name in names)
    return any(name.startswith(minor) for name in names)


def _environment_lines(shown: ShownEnvironment) -> Iterator[str]:
    environment, installs = shown.environment, shown.installs
    prefix = fact_text(environment.prefix)
    yield f"  {environment.kind.value:<11} {prefix}: Python {_python_text(environment.python)}"
    if shown.brought and isinstance(environment.preinstalled, tuple):
        for package in environment.preinstalled:
            yield f"    {package.name} {fact_text(package.version)} (base image)"
    for line in install_lines(installs):
        yield f"    {line}"
    unread = [i.constrained for i in installs if isinstance(i.constrained, Unknown)]
    for reason in dict.fromkeys(unknown.reason for unknown in unread):
        yield f"    {reason}: it may change these versions"


def _base_text(project: Project, stage: Stage) -> str:
    if stage.parent is not None:
        return f"stage {project.stages[stage.parent].label}"
    return stage.base.reference.text or fact_text(stage.base.distro)


def _libc_text(base: BaseImage) -> str:
    if isinstance(base.libc, Unknown):
        return "libc unknown"
    return f"{base.libc.name} {base.libc.version or ''}".rstrip()


def _cuda_text(cuda: Cuda | Unknown | None) -> str:
    if isinstance(cuda, Cuda):
        return f"{cuda.version} ({cuda.flavor.value})"
    return fact_text(cuda, "none")


def _python_text(python: Python | Unknown | None) -> str:
    if not isinstance(python, Python):
        return fact_text(python, "none yet")
    managed = ", externally managed" if python.externally_managed is True else ""
    return f"{python.version} ({python.origin.value}{managed})"


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
        "libc": _libc_text(base) if not isinstance(base.libc, Unknown) else _value(base.libc),
        "cuda": {"version": str(cuda.version), "flavor": cuda.flavor.value}
        if isinstance(cuda, Cuda)
        else _value(cuda),
        "cudnn": _value(base.cudnn),
        "user": _value(stage.user),
        "workdir": _value(stage.workdir),
        "packages": list(shown_packages(project, stage)),
        "environments": [
            _environment_json(shown) for shown in shown_environments(project, stage, _shown(stage))
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
        "installs": [_install_json(install) for install in shown.installs],
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
        "pinned": _value(install.exact or install.pinned),
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
