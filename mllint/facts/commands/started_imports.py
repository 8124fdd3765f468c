"""The stage that ships in, the Python modules that what it starts certainly imports, out.

Reads the started file and the project's own modules that it imports; runs nothing.
"""

import ast
import posixpath
from collections.abc import Iterator

from mllint.errors import InputError
from mllint.facts.commands.entry import started_words
from mllint.facts.commands.filesystem import ContextFile, locate
from mllint.facts.commands.python_code import parse_code
from mllint.facts.project import Project
from mllint.facts.stage import Stage

_FILES = 50  # of the project's own, read at most
_PATHS = 2_000  # where one of them might lie; most modules are no file of the project


def started_imports(project: Project, stage: Stage) -> frozenset[str]:
    """The modules imported for certain; what a function, a test or a `try` holds does not count.

    Empty where it cannot be told what is started, or the file is not one of the build context.
    """
    if not isinstance(stage.workdir, str):
        return frozenset()
    files, folder = _started(started_words(stage), stage.workdir)
    waiting = list(files)
    found: set[str] = set()
    seen: set[str] = set()
    read = 0
    while waiting and read < _FILES and len(seen) < _PATHS:
        path = waiting.pop()
        code = _code(path, project, stage) if path not in seen else None
        seen.add(path)
        if code is None:
            continue
        read += 1
        for module in _imported(code):
            found.add(module.partition(".")[0])
            waiting += _module_files(module, folder)
    return frozenset(found)


def _started(words: tuple[str, ...], folder: str) -> tuple[list[str], str]:
    """Where the file that runs may lie, and the folder that comes first on its sys.path.

    `python src/serve.py` has that of the file, `python -m app.main` and `uvicorn app.main:app` the
    working folder.
    """
    for before, word in zip(("", *words), words, strict=False):
        if before == "-c" or word.startswith("-") or " " in word:
            continue
        if word.endswith(".py"):
            path = posixpath.join(folder, word)
            return [path], posixpath.dirname(path)
        module, colon, _ = word.partition(":")
        if before == "-m" and not colon and module not in ("uvicorn", "gunicorn"):
            files = _module_files(word, folder)
            return [*files, posixpath.join(folder, *word.split("."), "__main__.py")], folder
        if colon and module.replace(".", "").replace("_", "").isalnum():
            return _module_files(module, folder), folder
    return [], folder


def _module_files(module: str, folder: str) -> list[str]:
    """Where the code of a module and of the packages around it may lie."""
    parts = module.split(".")
    packages = [posixpath.join(folder, *parts[: n + 1], "__init__.py") for n in range(len(parts))]
    return [*packages, posixpath.join(folder, *parts) + ".py"]


def _code(path: str, project: Project, stage: Stage) -> str | None:
    context = project.context
    located = locate(path, stage.layers, context, lambda index: project.stages[index].layers)
    if context is None or not isinstance(located, ContextFile):
        return None
    if not context.files.is_file(located.path):
        return None
    try:
        return context.files.read(located.path).text
    except InputError:
        return None


def _imported(code: str) -> Iterator[str]:
    tree = parse_code(code)
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
