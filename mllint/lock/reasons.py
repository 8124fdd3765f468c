"""Answers that are none in, why nothing can be locked out: as the findings of the rules say it."""

from collections.abc import Iterator, Mapping

from packaging.version import Version

from mllint import catalog
from mllint.facts.project import Project
from mllint.facts.resolution import Answer, Answers, Refusal
from mllint.finding import Unchecked
from mllint.resolve.answers import Cause, read_clues, read_unbuilt
from mllint.resolve.applying import with_answers
from mllint.tables import Tables

BUILD = "only a build would tell what "
"""How the reason begins that `--allow-builds` would take away."""


def refused(project: Project, answers: tuple[Answer, ...], tables: Tables) -> Iterator[Unchecked]:
    """Each requirement that the indexes refuse, with the message of the rule that tells of it."""
    refusals = {each.install.location: each for answer in answers for each in answer.refusals}
    if not refusals:
        return
    answered = with_answers(project, Answers({answer.group: answer for answer in answers}))
    for slug in catalog.slugs():
        check = catalog.load_resolved_check(slug)
        for problem in check(answered, tables) if check is not None else ():
            if refusals.pop(problem.location, None) is not None:
                yield Unchecked(problem.location, problem.message)
    for location, refusal in refusals.items():
        yield Unchecked(location, _plain_text(refusal))


def _plain_text(refusal: Refusal) -> str:
    return f"{refusal.package}{refusal.release} is not to be had: {refusal.kind.value}"


def clash_text(told: str, held: Mapping[str, Version]) -> str:
    """Which of the installed packages do not go together, as the text of the resolver tells."""
    for clue in read_clues(told):
        if clue.cause is Cause.DEPENDS and clue.needs in held and clue.name in held:
            wants = f"{clue.name} {held[clue.name]} requires {clue.needs}{clue.needs_range}"
            return f"{wants}, and {clue.needs} {held[clue.needs]} is there in the end"
    for name, span in read_unbuilt(told):
        return BUILD + name + span + " requires"
    return "what is there in the end cannot be installed by one command"
