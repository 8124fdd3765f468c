"""An execution of Python in, the code that the command itself holds, out."""

import ast

from mllint.facts.commands.executions import Execution

_LONGEST = 50_000


def python_code(execution: Execution) -> str | None:
    """The code in `python -c "…"` or `python - <<EOF`; None for a file, or what is not known."""
    for position, word in enumerate(execution.words):
        if word == "-c" and position + 1 < len(execution.arguments):
            value = execution.arguments[position + 1].value
            return value if isinstance(value, str) else None
        if not word.startswith("-"):
            return None
    for redirect in execution.command.redirects:
        if redirect.body is not None:
            return redirect.body.text
    return None


def parse_code(code: str) -> ast.Module | None:
    """The syntax of Python code; None where it is none, or is too large to be worth it."""
    if len(code) > _LONGEST:
        return None
    from warnings import catch_warnings, simplefilter

    try:
        with catch_warnings():
            # Python 3.12 and later would print one about the `"\d"` of somebody else's code.
            simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def dotted_name(node: ast.expr) -> str:
    """`torch.cuda.init` of an attribute chain, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join((node.id, *reversed(parts))) if isinstance(node, ast.Name) else ""
