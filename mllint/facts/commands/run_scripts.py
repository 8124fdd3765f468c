"""A RUN instruction and the SHELL in, the shell script it runs out (or why there is none)."""

import posixpath

from mllint.named_tuple import NamedTuple
from mllint.parse.dockerfile import Instruction
from mllint.parse.shell import SHELLS, Script, parse_script, parse_words
from mllint.parse.source import MappedText

_POSIX = SHELLS | {"busybox"}


class RunScript(NamedTuple):
    """The script of one RUN; `skipped` says why its text is not read as shell.

    activated: the environment that the SHELL itself enters (`["conda", "run", "-n", "x", …]`).
    options: errexit and pipefail, as far as the words that start the shell set them. shell: those
    words, none for the exec form.
    """

    script: Script
    skipped: str | None = None
    activated: str | None = None
    options: frozenset[str] = frozenset()
    shell: tuple[str, ...] = ()


def run_script(instruction: Instruction, shell: tuple[str, ...]) -> RunScript:
    """The commands of a RUN in shell form, exec form or heredoc form."""
    if instruction.exec_form is not None:
        array = instruction.arguments
        return RunScript(parse_words(instruction.exec_form, array.span(0, len(array.text))))
    program, activated = _shell_program(shell)
    if program not in _POSIX:
        return RunScript(Script(()), f"{program} text is not read")
    text = instruction.arguments
    if instruction.heredocs:
        first = instruction.heredocs[0]
        marker = text.text.strip().lstrip("0123456789").removeprefix("<<").removeprefix("-")
        if marker.strip("\"'") == first.name:  # RUN <<EOF: the body is the script
            return _body_script(first.body, shell, activated)
        text = _with_bodies(instruction)
    return RunScript(parse_script(text), None, activated, shell_options(shell), shell)


def shell_options(words: tuple[str, ...]) -> frozenset[str]:
    """Which of errexit and pipefail the words set: `-euo pipefail`, `set -e`."""
    found = {word for word in words if word in ("errexit", "pipefail")}
    # `-e`, `-exc`; the letters of `--login` are none.
    if any(word.startswith("-") and word[1:2] != "-" and "e" in word for word in words):
        found.add("errexit")
    return frozenset(found)


def _shell_program(shell: tuple[str, ...]) -> tuple[str, str | None]:
    """The shell among the words of SHELL, and the conda environment it runs in."""
    activated: str | None = None
    words = [posixpath.basename(word.replace("\\", "/")) for word in shell]
    if words[:1] and words[0] in ("conda", "mamba", "micromamba") and "run" in words:
        for option in ("-n", "--name"):
            if option in words[:-1]:
                activated = f"conda:{words[words.index(option) + 1]}"
        if "-p" in shell[:-1]:
            activated = shell[shell.index("-p") + 1]
        rest = [word for word in words[1:] if word in _POSIX]
        return (rest[0] if rest else "bash"), activated
    if words[:1] == ["env"] or words[:1] == ["exec"]:
        words = words[1:]
    return (words[0].removesuffix(".exe") if words else "sh"), activated


def _body_script(body: MappedText, shell: tuple[str, ...], activated: str | None) -> RunScript:
    """A heredoc run by itself; a `#!` line names its interpreter."""
    line = body.text.lstrip().partition("\n")[0]
    if line.startswith("#!"):
        words = line[2:].split()
        shell = tuple(words)
        program = posixpath.basename(words[0]) if words else "sh"
        if program == "env" and len(words) > 1:
            program = posixpath.basename(words[-1])
        if program not in _POSIX:
            return RunScript(Script(()), f"{program} text is not read")
    return RunScript(parse_script(body), None, activated, shell_options(shell), shell)


def _with_bodies(instruction: Instruction) -> MappedText:
    """The text as the shell gets it: the first line, then each body and its delimiter."""
    pieces = _pieces(instruction.arguments)
    end_line = instruction.span.end_line
    for heredoc in instruction.heredocs:
        pieces.append(("\n", *_end(pieces)))
        pieces.extend(_pieces(heredoc.body))
        pieces.append((heredoc.name, end_line, 1))
    pieces.append(("\n", end_line, 1))
    return MappedText.from_pieces(pieces)


def _pieces(text: MappedText) -> list[tuple[str, int, int]]:
    bounds = (*text.starts, len(text.text))
    return [
        (text.text[bounds[i] : bounds[i + 1]], *position)
        for i, position in enumerate(text.positions)
    ]


def _end(pieces: list[tuple[str, int, int]]) -> tuple[int, int]:
    text, line, column = pieces[-1]
    return line, column + len(text)
