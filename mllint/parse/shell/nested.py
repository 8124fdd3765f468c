"""Which words of a command are shell scripts themselves: `bash -c "…"`, `eval "…"`, `sh <<EOF`."""

import re
from collections.abc import Sequence

from mllint.named_tuple import NamedTuple
from mllint.parse.shell.quoting import stretch_end
from mllint.parse.shell.syntax import Word
from mllint.parse.shell.text import ShellText
from mllint.regex import lazy

SHELLS = frozenset(("bash", "sh", "dash", "ash", "zsh", "ksh"))
"""The shells whose language is read here."""
_PASSING_INPUT_ON = frozenset(("sudo", "env", "exec", "command", "gosu"))
# Their words name a shell that they do not start here: useradd -s /bin/bash -c "a user". A shell
# in another root, container or machine changes nothing of this one.
_NAMING_A_SHELL = frozenset(
    ("useradd", "adduser", "usermod", "chsh", "chroot", "ssh", "docker", "podman", "echo", "printf")
)
_OPTIONS_WITH_VALUE = frozenset(("--rcfile", "--init-file"))
_ESCAPED_IN_DOUBLE_QUOTES = lazy(r'\\[$`"\\]')


class ScriptArgument(NamedTuple):
    """The place in argv of a word that holds commands; `own_shell` is False for `eval`."""

    place: int
    own_shell: bool


def script_argument(argv: list[Word]) -> ScriptArgument | None:
    """The word that a shell reads as commands, or None.

    The shell need not be the first word: `sudo bash -c "…"`, `conda run -n x sh -c "…"`.
    """
    if len(argv) < 2:
        return None
    if argv[0].text == "eval":
        return ScriptArgument(1, False) if len(argv) == 2 and argv[1].literal else None
    if argv[0].text in ("su", "runuser"):
        # su - user -c "pip install x"
        places = [i for i, word in enumerate(argv[:-1]) if word.text in ("-c", "--command")]
        return ScriptArgument(places[0] + 1, True) if places else None
    shell = _shell_index(argv)
    if shell is None:
        return None
    operand, has_command = first_operand([word.text for word in argv[shell + 1 :]])
    operand += shell + 1
    if not has_command or operand >= len(argv):
        return None
    return ScriptArgument(operand, True)


def heredoc_is_script(argv: list[Word]) -> bool:
    """Whether the command is a shell that reads its commands from standard input."""
    shell = _shell_index(argv)
    if shell is None or (shell > 0 and argv[0].text not in _PASSING_INPUT_ON):
        return False  # not `apt-get install bash <<EOF`
    words = [word.text for word in argv[shell + 1 :]]
    operand, has_command = first_operand(words)
    if has_command:
        return False
    reads_input = any(re.fullmatch(r"-[a-z]*s[a-z]*", option) for option in words[:operand])
    return reads_input or operand >= len(words) or words[operand] in ("-", "/dev/stdin")


def quoted_script(text: ShellText, word: Word, start: int, end: int) -> ShellText | None:
    """The script in the word at `start`…`end`; None when its text is only known at run time."""
    visible = text.visible
    quote = visible[start] if end - start >= 2 and visible[start] == visible[end - 1] else ""
    if quote == "'" and visible.count("'", start, end) == 2:
        return text.part(start + 1, end - 1)
    if quote == '"' and stretch_end(visible, quote, start + 1, end) == end:
        return text.unescaped(start + 1, end - 1, _ESCAPED_IN_DOUBLE_QUOTES)
    literal = word.literal
    return None if literal is None else text.fixed_at(literal, word.span)


def _shell_index(argv: list[Word]) -> int | None:
    if argv and argv[0].text.rpartition("/")[2] in _NAMING_A_SHELL:
        return None
    for i, word in enumerate(argv):
        name = word.text
        if "sh" in name and name.rpartition("/")[2].strip("'\"") in SHELLS:
            return i
    return None


def first_operand(words: Sequence[str]) -> tuple[int, bool]:
    """The index of the first word behind a shell's options, and whether one of them is `-c`."""
    at, has_command = 0, False
    while at < len(words):
        option = words[at]
        if len(option) < 2 or option[0] not in "-+":
            break
        at += 1
        if option == "--":
            break
        if option.startswith("--"):
            at += option in _OPTIONS_WITH_VALUE
            continue
        has_command = has_command or (option[0] == "-" and "c" in option)
        at += option.count("o") + option.count("O")  # bash -euo pipefail -c "…"
    return at, has_command
