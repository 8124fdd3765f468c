"""An instruction in, what the builder refuses about its arguments out: number, form and names.

Messages are BuildKit's (frontend/dockerfile, github.com/moby/buildkit, read 2026-11-24). Each
function names the one thing that it refuses; the order in which they apply is not known here.
"""

import json

from mllint.parse.dockerfile.flags import Refusal
from mllint.parse.dockerfile.heredoc import parse_mark
from mllint.parse.dockerfile.instruction import Instruction
from mllint.parse.dockerfile.words import BLANKS, read_json, word_texts
from mllint.regex import lazy

_STAGE_NAME = lazy(r"[a-z][a-z0-9._-]*")
_VARIABLE = lazy(r"\$(?:\w|\{)")


def _values(instruction: Instruction) -> list[str]:
    """The arguments as the builder counts them: the JSON form's strings, or the words."""
    if instruction.exec_form is not None:
        return list(instruction.exec_form)
    return _words(instruction)


def refuse_other_than_strings(instruction: Instruction) -> Refusal | None:
    """A JSON form that holds a number, a list or the like."""
    if instruction.exec_form is not None or "[" not in instruction.text:
        return None
    if read_json(instruction.keyword, instruction.text) is None:
        return None
    message = "when using JSON array syntax, arrays must be comprised of strings only"
    return Refusal(message, "put every item of the array in double quotes")


def refuse_none(instruction: Instruction) -> Refusal | None:
    """No argument at all."""
    if instruction.text and instruction.exec_form != ():
        return None
    message = f"{instruction.keyword} requires at least one argument"
    return Refusal(message, f"give {instruction.keyword} an argument, or delete the line")


def refuse_not_one(instruction: Instruction) -> Refusal | None:
    """No argument where the rest of the line counts as one."""
    if instruction.text:
        return None
    message = f"{instruction.keyword} requires exactly one argument"
    return Refusal(message, f"give {instruction.keyword} an argument, or delete the line")


def refuse_missing_destination(instruction: Instruction) -> Refusal | None:
    """ADD or COPY with fewer than two words."""
    keyword, values = instruction.keyword, _values(instruction)
    if len(values) < 2:
        message = (
            f"{keyword} requires at least two arguments, but only one was provided."
            " Destination could not be determined"
        )
        return Refusal(message, f"write {keyword} SOURCE DESTINATION")
    return None


def refuse_heredoc_destination(instruction: Instruction) -> Refusal | None:
    """ADD or COPY to a heredoc."""
    if "<<" in instruction.text and parse_mark(_values(instruction)[-1]) is not None:
        message = f"{instruction.keyword} cannot accept a heredoc as a destination"
        return Refusal(message, "write the heredoc first and the destination after it")
    return None


def refuse_variable_stage(instruction: Instruction) -> Refusal | None:
    """`COPY --from` with a variable."""
    stage = instruction.flag("from") if instruction.keyword == "COPY" else None
    if stage is None or not _VARIABLE.search(stage):
        return None
    message = (
        "variable expansion is not supported for --from, define a new stage with FROM using ARG"
        " from global scope as a workaround"
    )
    return Refusal(message, f"write FROM {stage} AS NAME above, and --from=NAME here")


def refuse_bad_pair(instruction: Instruction) -> Refusal | None:
    """ENV and LABEL: `name value`, or `name=value` any number of times."""
    words = _words(instruction)
    if not words:
        return None
    if "=" not in words[0]:
        if len(BLANKS.split(instruction.text, 1)) == 2:
            return None
        message = f"{instruction.keyword} must have two arguments"
        return Refusal(message, f"write {instruction.keyword} {words[0]}=VALUE")
    for word in words:
        if "=" not in word:
            quoted = json.dumps(word, ensure_ascii=False)
            message = f"Syntax error - can't find = in {quoted}. Must be of the form: name=value"
            return Refusal(message, "put a value that holds blanks in double quotes")
    return None


def refuse_blank_name(instruction: Instruction) -> Refusal | None:
    """`=value` without a name."""
    if "=" not in instruction.text:
        return None
    words = _words(instruction)
    # `LABEL a = b` is the form with a blank: the label a has the value "= b"
    if instruction.keyword != "ARG" and "=" not in words[0]:
        return None
    if not any(word.startswith("=") for word in words):
        return None
    return Refusal(f"{instruction.keyword} names can not be blank", "write a name before the =")


def refuse_bad_stage(instruction: Instruction) -> Refusal | None:
    """FROM with anything but `IMAGE` or `IMAGE AS NAME`."""
    words = _words(instruction)
    if len(words) == 3 and words[1].lower() == "as":
        if _STAGE_NAME.fullmatch(words[2].lower()):
            return None
        message = (
            f"invalid name for build stage: {json.dumps(words[2], ensure_ascii=False)},"
            " name can't start with a number or contain symbols"
        )
        return Refusal(message, "start the name with a letter; use letters, digits, - _ .")
    if len(words) == 1:
        return None
    message = "FROM requires either one or three arguments"
    if "#" in (word[0] for word in words[1:]):
        return Refusal(message, "put the comment on a line of its own")
    return Refusal(message, "write FROM IMAGE or FROM IMAGE AS NAME")


def refuse_plain_shell(instruction: Instruction) -> Refusal | None:
    """SHELL without the JSON form."""
    if instruction.exec_form is not None:
        return None
    message = "SHELL requires the arguments to be in JSON form"
    return Refusal(message, 'write SHELL ["/bin/bash", "-c"]')


def refuse_blank_volume(instruction: Instruction) -> Refusal | None:
    """`VOLUME [""]`."""
    if all(value.strip() for value in _values(instruction)):
        return None
    return Refusal("VOLUME specified can not be an empty string", 'delete the empty ""')


def refuse_trigger(instruction: Instruction) -> Refusal | None:
    """What ONBUILD may not hold; its trigger is looked at in full only by a later build."""
    trigger = instruction.trigger
    if trigger is None:
        return None
    if trigger.keyword == "ONBUILD":
        message = "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"
        return Refusal(message, "write ONBUILD once")
    if trigger.keyword in ("FROM", "MAINTAINER"):
        message = f"{trigger.keyword} isn't allowed as an ONBUILD trigger"
        return Refusal(message, "delete the line")
    return (
        refuse_bad_pair(trigger)
        if trigger.keyword in ("ENV", "LABEL")
        else refuse_other_than_strings(trigger)
    )


def _words(instruction: Instruction) -> list[str]:
    return word_texts(instruction.keyword, instruction.text, instruction.escape)
