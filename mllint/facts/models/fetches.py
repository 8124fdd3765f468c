"""A stage in; the model weights and data sets that its build fetches, out."""

import ast
import posixpath
from collections.abc import Iterator

from mllint.facts.commands.clones import read_clone
from mllint.facts.commands.executions import Execution
from mllint.facts.commands.python_code import dotted_name, parse_code, python_code
from mllint.facts.environments.programs import is_interpreter, operands
from mllint.facts.project import Project
from mllint.facts.stage import Stage
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

_HUB = ("https://huggingface.co/", "https://hf.co/")
_CALLS = frozenset({"from_pretrained", "snapshot_download", "hf_hub_download", "load_dataset"})
_FOLDERS = frozenset({"local_dir", "cache_dir", "cache_folder", "download_root"})
_FETCHERS = frozenset({"wget", "curl", "aria2c"})
_VALUED = frozenset({"--repo-type", "--include", "--exclude", "--token", "--local-dir"})


class ModelFetch(NamedTuple):
    """One fetch of files from the hub, or by an address there.

    what: the repository or the command, for a message. pinned: a commit is named, or a checksum.
    cached: the files land in the cache of the user that runs it. execution: None for ADD.
    """

    what: str
    pinned: bool
    cached: bool
    location: Location
    execution: Execution | None = None


def model_fetches(project: Project, stage: Stage) -> Iterator[ModelFetch]:
    """What this stage's own instructions fetch, in order of kind: commands, then ADDs."""
    for run in stage.runs:
        chosen = any(
            execution.program == "git" and {"checkout", "reset", "switch"} & set(execution.words)
            for execution in run.executions
        )
        for execution in run.executions:
            for fetch in _by_command(execution):
                cloned = execution.program == "git" and chosen
                yield fetch._replace(pinned=True) if cloned else fetch
    for instruction in stage.instructions:
        if instruction.keyword == "ADD":
            for word in instruction.words():
                if word.text.startswith(_HUB):
                    pinned = instruction.flag("checksum") is not None or _names_commit(word.text)
                    yield ModelFetch(_repository(word.text), pinned, False, project.at(instruction))


def _by_command(execution: Execution) -> Iterator[ModelFetch]:
    program, words, place = execution.program, execution.words, execution.location
    if program in ("hf", "huggingface-cli") and words[:1] == ("download",):
        what = next(operands(words[1:], _VALUED), program)
        pinned = any(word.startswith("--revision") for word in words)
        cached = not any(word.startswith(("--local-dir", "--cache-dir")) for word in words)
        yield ModelFetch(what, pinned, cached, place, execution)
    elif program == "git":
        clone = read_clone(execution)
        if clone is not None and clone.address.startswith(_HUB):
            # Only a branch can be named here; a commit is checked out behind it.
            yield ModelFetch(_repository(clone.address), False, False, place, execution)
    elif program in _FETCHERS:
        for word in words:
            if word.startswith(_HUB) and "/resolve/" in word:
                pinned = _names_commit(word)
                yield ModelFetch(_repository(word), pinned, False, place, execution)
    elif is_interpreter(program):
        code = python_code(execution)
        if code is not None and any(name in code for name in _CALLS):
            yield from _by_code(code, execution)


def _by_code(code: str, execution: Execution) -> Iterator[ModelFetch]:
    tree = parse_code(code)
    for node in ast.walk(tree) if tree is not None else ():
        if not isinstance(node, ast.Call):
            continue
        name = dotted_name(node.func).rpartition(".")[2]
        if name not in _CALLS:
            continue
        keywords = {keyword.arg: keyword.value for keyword in node.keywords}
        if None in keywords or _is_local(node, keywords):
            continue
        named = node.args[:1] or [keywords[key] for key in ("repo_id", "path") if key in keywords]
        value = named[0].value if named and isinstance(named[0], ast.Constant) else None
        what = value if isinstance(value, str) and value else name
        pinned, cached = "revision" in keywords, not _FOLDERS & set(keywords)
        yield ModelFetch(what, pinned, cached, execution.location, execution)


_LOCAL = frozenset({"local_files_only", "data_files", "data_dir"})


def _is_local(node: ast.Call, keywords: dict[str | None, ast.expr]) -> bool:
    """`from_pretrained("./model")`, `local_files_only=True`."""
    named = [*node.args[:1], *(keywords[key] for key in ("repo_id", "path") if key in keywords)]
    paths = [each.value for each in named if isinstance(each, ast.Constant)]
    return not _LOCAL.isdisjoint(keywords) or any(
        isinstance(path, str) and path.startswith(("/", ".", "~")) for path in paths
    )


def _names_commit(url: str) -> bool:
    """`…/resolve/3f2b…/model.safetensors` names a commit, `…/resolve/main/…` a branch."""
    revision = url.partition("/resolve/")[2].partition("/")[0]
    return len(revision) >= 7 and all(char in "0123456789abcdef" for char in revision)


def _repository(url: str) -> str:
    path = url.partition("//")[2].partition("/")[2].partition("?")[0]
    return posixpath.join(*path.split("/")[:2]) if path else url
