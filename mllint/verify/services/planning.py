"""A service and the options of a run in, the plan of the image that it builds out.

The command line wins over the service, the service over the configuration.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mllint.config import Settings
from mllint.errors import InputError
from mllint.facts.compose.inline import inline_dockerfile
from mllint.facts.compose.known import known_text, wrong
from mllint.facts.compose.model import Builder, ImageBuild
from mllint.facts.compose.tree import Node
from mllint.facts.project import Options, build_project
from mllint.facts.unknown import Unknown
from mllint.parse.compose.short_forms import parse_size
from mllint.parse.discover import require_dockerfile
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import Files
from mllint.parse.source import SourceFile
from mllint.tables import Tables
from mllint.verify.plan import Plan
from mllint.verify.services.asking import AskedService
from mllint.verify.wishes import Wishes

_REFUSED = (
    *("additional_contexts", "contexts", "ssh", "entitlements", "privileged"),
    *("extra_hosts", "ulimits", "isolation"),
)


def plan_service(
    asked: AskedService,
    settings: Settings,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
    tables: Tables,
) -> Plan | None:
    """The plan of its image; None where it builds none. Raises InputError."""
    builder, files = asked.builder, asked.files
    if builder is None:
        return None
    source, path = _dockerfile(builder, files)
    chosen = _options(asked, builder.build, settings, options, environ)
    place = path if path is not None else files.absolute(source.path)
    dockerfile = parse_dockerfile(source)
    project = build_project(dockerfile, place, files, chosen, tables, (builder,))
    if not project.stages:
        raise InputError("has no FROM, so it builds no stage", project.path)
    if project.target is None:
        raise InputError(f"no stage is named {chosen.target!r}", project.path)
    return Plan(project, source.text.encode() if path is None else path.read_bytes(), path)


def build_wishes(wishes: Wishes, asked: AskedService) -> Wishes:
    """The wishes with what the service says of its build; raises InputError for what we cannot."""
    build = asked.build
    if build is None:
        return wishes
    for key in _REFUSED:
        node = build.at(key)
        if node is not None and node.value:
            raise wrong(node, f"build.{key} is not passed on: build the image and name it")
    given = {_id(secret) for secret in wishes.secrets}
    secrets = (_secret(item, asked) for item in build.items_at("secrets"))
    size = _text(build, "shm_size")
    return wishes._replace(
        build_network=wishes.build_network or _text(build, "network"),
        build_shm_bytes=parse_size(size) if size else None,
        no_cache=wishes.no_cache or _text(build, "no_cache") == "true",
        pull=wishes.pull or _text(build, "pull") == "true",
        secrets=(*wishes.secrets, *(each for each in secrets if _id(each) not in given)),
    )


def _id(secret: str) -> str:
    """`hf` of `id=hf,src=token.txt`."""
    parts = (part.partition("=") for part in secret.split(","))
    return next((value for key, _, value in parts if key == "id"), secret)


def _secret(item: Node, asked: AskedService) -> str:
    """`id=hf,src=/app/token.txt`, as the docker command takes it."""
    source = known_text(item.at("source") or item, "build.secrets")
    named = asked.secrets.at(source) if asked.secrets is not None else None
    target = item.at("target")
    name = source if target is None else known_text(target, "build.secrets.target")
    if named is None:
        raise wrong(item, f"build.secrets: the file has no secret {source}")
    path, variable = named.at("file"), named.at("environment")
    if path is not None:
        folder = asked.files.absolute(path.location.path).parent
        return f"id={name},src={folder / known_text(path, f'secrets.{source}.file')}"
    if variable is not None:
        return f"id={name},env={known_text(variable, f'secrets.{source}.environment')}"
    raise wrong(item, f"build.secrets: give {source} on the command line: --secret id={name},src=…")


def _text(node: Node, key: str) -> str | None:
    found = node.at(key)
    return known_text(found, f"build.{key}") if found is not None and found.value else None


def _dockerfile(builder: Builder, files: Files) -> tuple[SourceFile, Path | None]:
    """The Dockerfile; its path is None where it stands in the compose file."""
    build, place = builder.build, builder.location
    if build.inline is not None:
        source = inline_dockerfile(build, files.read(files.absolute(build.inline[0].path)))
        if source is None:
            message = "dockerfile_inline is read as a block (|) without variables of Compose's"
            raise InputError(message, place.path, build.inline[0].span.line)
        return source, None
    if build.dockerfile is None:
        known = isinstance(build.context, Path)
        reason = "the name of its Dockerfile is not known" if known else str(build.context)
        raise InputError(f"{builder.label}: {reason}", place.path, place.span.line)
    require_dockerfile(build.dockerfile, files)
    return files.read(build.dockerfile), build.dockerfile


def _options(
    asked: AskedService,
    build: ImageBuild,
    settings: Settings,
    options: Mapping[str, Any],
    environ: Mapping[str, str],
) -> Options:
    context = settings.context if options["context"] else build.context
    if not isinstance(context, Path):
        raise InputError(f"{context}: name one with --context", asked.path, asked.line)
    if not asked.files.inside(context):
        raise asked.files.outside(context)
    if not context.is_dir():
        raise InputError("its build context is no folder", asked.files.show(context))
    target = options["target"] or build.target
    if isinstance(target, Unknown):
        raise InputError(f"build.target: {target.reason}", asked.path, asked.line)
    chosen = settings.target
    platform = options["platform"] or build.platform or chosen.platform or Options().platform
    return Options(
        {**settings.build_args, **dict(_arguments(build, environ)), **options["build_args"]},
        target,
        context,
        platform,
        driver=chosen.driver,
        gpus=chosen.gpus,
    )


def _arguments(build: ImageBuild, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The build arguments; one without a value is that of the shell, where it is set."""
    for argument in build.args:
        value, place = argument.value, argument.location
        if isinstance(value, Unknown):
            message = f"build.args.{argument.name}: {value.reason}: set it in the environment"
            raise InputError(message, place.path, place.span.line)
        if value is not None:
            yield argument.name, value
        elif argument.name in environ:
            yield argument.name, environ[argument.name]
