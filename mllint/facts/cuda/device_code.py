"""Python code in, the first call in it that fails without a GPU, out; runs nothing.

What stands in a `try`, a function, or behind a test of whether there is a GPU, is not counted.
"""

import ast
from collections.abc import Iterator

from mllint.facts.commands.python_code import dotted_name, parse_code

# torch.cuda.is_available(), device_count(), and what prints a version, work without a GPU.
_TORCH = frozenset(
    {"current_device", "get_device_name", "get_device_properties", "get_device_capability"}
    | {"init", "set_device", "synchronize", "mem_get_info", "current_stream"}
)
_ASKS = frozenset(
    {"torch.cuda.is_available", "torch.cuda.device_count", "tf.test.is_gpu_available"}
    | {"tf.config.list_physical_devices", "tensorflow.config.list_physical_devices"}
)
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.Try)


def device_call(code: str) -> str | None:
    """`torch.cuda.get_device_name`, `assert torch.cuda.is_available()`; None when nothing fails."""
    if not any(word in code for word in ("cuda", "gpu", "GPU")):
        return None
    tree = parse_code(code)
    if tree is None:
        return None
    for node in _certain(tree):
        found = _failing(node)
        if found is not None:
            return found
    return None


def _certain(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes that run for certain, in order."""
    waiting: list[ast.AST] = list(reversed(tree.body))
    while waiting:
        node = waiting.pop()
        if isinstance(node, _SCOPES):
            continue
        yield node
        if isinstance(node, ast.If | ast.IfExp | ast.While):
            waiting.append(node.test)
        elif isinstance(node, ast.BoolOp):
            waiting.append(node.values[0])
        else:
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))


def _failing(node: ast.AST) -> str | None:
    if isinstance(node, ast.Assert):
        asked = _asked(node.test)
        return f"assert {asked}()" if asked is not None else None
    if not isinstance(node, ast.Call):
        return None
    name = dotted_name(node.func)
    if name.startswith("torch.cuda.") and name.removeprefix("torch.cuda.") in _TORCH:
        return name
    if name in ("jax.devices", "jax.local_devices") and _names_gpu(node.args):
        return f'{name}("gpu")'
    if isinstance(node.func, ast.Attribute):
        if node.func.attr == "cuda" and name != "torch.cuda":
            return ".cuda()"
        if node.func.attr == "to" and _names_gpu(node.args):
            return '.to("cuda")'
    if name.startswith("torch.") and _names_gpu(
        [keyword.value for keyword in node.keywords if keyword.arg == "device"]
    ):
        return f'{name}(device="cuda")'
    return None


def _asked(test: ast.expr) -> str | None:
    """What an assert asks: `torch.cuda.is_available()`, `torch.cuda.device_count() > 0`."""
    if isinstance(test, ast.Compare):
        test = test.left
    if isinstance(test, ast.Call):
        if dotted_name(test.func) == "len" and test.args:
            return _asked(test.args[0])
        name = dotted_name(test.func)
        return name if name in _ASKS else None
    return None


def _names_gpu(values: list[ast.expr]) -> bool:
    return any(
        isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and value.value.partition(":")[0] in ("cuda", "gpu")
        for value in values
    )
