"""What became of the plan's predictions in, the findings of the rule about it out.

An ignore comment on the line of a prediction counts here as it does for every other rule.
"""

from collections.abc import Iterator
from pathlib import Path

from mllint.config import Settings
from mllint.facts.project import Project
from mllint.finding import Finding
from mllint.judge import Evidence, judge, selected_rules
from mllint.parse.files import decode
from mllint.suppress import Ignore, dockerfile_ignores, text_ignores
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.comparing.plan import REFUTED, problem_of, refuted


def findings_of(
    pairs: tuple[Pair, ...], project: Project, text: bytes, settings: Settings, cwd: Path
) -> tuple[Finding, ...]:
    """The findings at the configured level, those that a user ignores marked; text: as built."""
    if REFUTED not in selected_rules(settings):
        return ()
    problems = tuple((REFUTED, problem) for problem in refuted(pairs))
    evidence = Evidence(problems, tuple(_ignores(project, text)), (), frozenset({REFUTED}))
    found = judge(evidence, settings, cwd)
    return tuple(each for each in found if each.severity >= settings.min_level)


def accepted(pairs: tuple[Pair, ...], findings: tuple[Finding, ...]) -> tuple[Pair, ...]:
    """The pairs; of a prediction whose finding a user ignores the image is not held at fault."""
    ignored = {each.problem for each in findings if each.suppressed is not None}
    return tuple(
        pair._replace(declared=False)
        if pair.verdict is Verdict.REFUTED and problem_of(pair) in ignored
        else pair
        for pair in pairs
    )


def _ignores(project: Project, text: bytes) -> Iterator[Ignore]:
    source = decode(project.path, text)
    yield from dockerfile_ignores(source, project.dockerfile, _not_explained).valid
    if project.context is not None:
        files = project.context.files
        for path in project.read_files:
            yield from text_ignores(files.read(files.absolute(path)), _not_explained).valid


def _not_explained(_slug: str) -> None:
    """Unknown names are told by `mllint check`."""
