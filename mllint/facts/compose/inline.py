"""A build with `dockerfile_inline` and its compose file in, the Dockerfile with true places out."""

from mllint.facts.compose.model import ImageBuild
from mllint.parse.source import SourceFile


def inline_dockerfile(build: ImageBuild, source: SourceFile) -> SourceFile | None:
    """The lines of the block at their own line numbers, all others blank.

    Docker takes the indentation of instructions for nothing, so that columns stay true too. None
    for a text that is no literal block (`|`), or that holds a variable of Compose's.
    """
    if build.inline is None:
        return None
    (_, span), written = build.inline
    lines = source.lines
    first = lines[span.line - 1][span.column - 1 :]
    if not first.startswith("|") or "$" in written.replace("$$", ""):
        return None
    body = lines[span.line : span.line + written.rstrip("\n").count("\n") + 1]
    # Compose takes `$$` for a dollar: the Dockerfile's own variables are written so.
    text = "\n" * span.line + "\n".join(line.replace("$$", "$") for line in body) + "\n"
    return source._replace(text=text)
