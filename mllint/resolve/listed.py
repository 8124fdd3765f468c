"""What a base image is known to bring and the answer to a command in, the sure part of it out."""

from mllint.facts.resolution import Answer
from mllint.resolve.commands import Command


def listed_only(listed: frozenset[str], command: Command, found: Answer) -> Answer:
    """What happens to packages that are known to be there, by requirements that are fixed.

    `xformers` without a version may be there already, unlike `xformers==0.0.23`.
    """
    fixed = {install.name for install in command.asked if install.fixed is not None}
    sure = {each for each in fixed if each is not None}
    for _ in found.chosen:
        more = {each.name for each in found.chosen if not sure.isdisjoint(each.wanted_by)}
        if more <= sure:
            break
        sure |= more
    kept = tuple(each for each in found.chosen if each.name in listed and each.name in sure)
    doubt = "the base image may hold more packages than are known"
    return found._replace(chosen=kept, doubt=doubt)
