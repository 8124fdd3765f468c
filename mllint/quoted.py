"""What a run has read in, what its outputs may quote of it out, and which credentials they may not.

Knows no rule and no format.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from mllint.errors import InputError
from mllint.facts.secrets.redaction import known_secrets
from mllint.finding import Finding
from mllint.parse.files import Files
from mllint.parse.source import SourceFile


def shown_sources(
    findings: Iterable[Finding], sources: Mapping[str, SourceFile], gates: Iterable[Files]
) -> dict[str, str]:
    """The texts of the files that the findings point into; `gates` to those not read yet."""
    read = dict(sources)
    problems = [finding.problem for finding in findings]
    paths = {problem.location.path for problem in problems}
    paths |= {related.location.path for problem in problems for related in problem.related}
    for path in paths - read.keys():
        for files in gates:
            if files.inside(files.absolute(path)):
                with suppress(InputError):
                    read[path] = files.read(files.absolute(path))
    return {path: read[path].text for path in sorted(paths & read.keys())}


def secrets_of(sources: Mapping[str, SourceFile]) -> tuple[str, ...]:
    """The credentials of the files that people write; locks are large and hold none."""
    return known_secrets(
        source.text for path, source in sources.items() if not path.endswith(".lock")
    )
