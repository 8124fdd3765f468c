"""duplicate-cuda-stacks: the CUDA libraries of two majors are installed into one environment."""

from collections.abc import Iterator

from mllint.facts.cuda.cuda_stacks import CudaStack, cuda_stacks
from mllint.facts.project import Project
from mllint.finding import Problem, Related
from mllint.parse.source import Location
from mllint.tables import Tables


def check_resolved(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each environment that ships such a pair: on what brings the smaller one."""
    told: set[Location] = set()
    for stage in project.ends:
        for environment in stage.environments:
            stacks = cuda_stacks(environment)
            if len(stacks) > 1 and stacks[-1].asker.location not in told:
                told.add(stacks[-1].asker.location)
                yield _problem(stacks[0], stacks[-1])._replace(stage=stage.label)


def _problem(main: CudaStack, other: CudaStack) -> Problem:
    return Problem(
        other.asker.location,
        f"{_what(other)} is there for CUDA {other.major}, and {_what(main)} for CUDA {main.major}",
        f"take {other.asker.name} and {main.asker.name} for the same CUDA",
        (Related(main.asker.location, f"{_what(main)} comes from here"),),
    )


def _what(stack: CudaStack) -> str:
    """`nvidia-cublas-cu12 of torch==2.3.0`; its name alone where it is asked for itself."""
    first = stack.packages[0]
    return first if first == stack.asker.name else f"{first} of {stack.asker.text}"
