"""A scalar of a compose file in, its text out; what is not known is an error with its place."""

from mllint.errors import InputError
from mllint.facts.compose.tree import Node
from mllint.facts.unknown import Unknown


def known_text(node: Node, key: str) -> str:
    """The text of a scalar; raises InputError, which names the variable that is missing."""
    value = node.scalar
    if isinstance(value, str):
        return value
    if isinstance(value, Unknown):
        raise wrong(node, f"{key}: {value.reason}: set it in the environment or in .env")
    raise wrong(node, f"{key} takes a text")


def written(node: Node, text: str) -> str:
    """The text as a message quotes it: with what stands in the file, where variables take part."""
    if not node.chosen:
        return repr(text)
    return f"{node.written!r} comes to {text!r} without variables that are not set"


def wrong(node: Node, message: str) -> InputError:
    """The error about a value, at its place."""
    return InputError(message, node.location.path, node.location.span.line)
