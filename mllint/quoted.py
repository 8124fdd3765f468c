"""What a run has read in, what its outputs may quote of it out.

Knows no rule and no format.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from mllint.errors import InputError
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
