"""arch-list-syntax: TORCH_CUDA_ARCH_LIST holds what torch, or nvcc, refuses."""

from collections.abc import Iterator

from mllint.facts.cuda.arch_lists import FaultyList, ListFault, faulty_lists
from mllint.facts.project import Project
from mllint.finding import Problem, Related, Severity
from mllint.parse.source import Location
from mllint.tables import Tables

WORDS = ("arch",)


def check(project: Project, tables: Tables) -> Iterator[Problem]:
    """A problem for each such list, once for each place."""
    told: set[Location] = set()
    for stage in project.judged:
        for found in faulty_lists(project, stage, tables):
            if found.location in told:
                continue
            told.add(found.location)
            nvcc = found.nvcc
            yield Problem(
                location=found.location,
                message=_message(found),
                help=_help(found),
                related=(Related(nvcc.location, "nvcc comes from here"),) if nvcc else (),
                severity=None if found.used else Severity.WARNING,
                stage=stage.label,
            )


def _message(found: FaultyList) -> str:
    match found.fault:
        case ListFault.SEPARATOR:
            return (
                f"TORCH_CUDA_ARCH_LIST is {found.text}: torch splits it at semicolons and blanks, "
                "and takes this for the name of one architecture"
            )
        case ListFault.FORM:
            return (
                f"TORCH_CUDA_ARCH_LIST names {found.item}, which torch does not know: "
                "it writes architectures as 8.6"
            )
        case ListFault.NVCC:
            nvcc = found.nvcc
            source = f"nvcc {nvcc.version} of {nvcc.source}" if nvcc else "nvcc"
            return (
                f"TORCH_CUDA_ARCH_LIST names {found.item}, and {source} "
                f"compiles for {_dotted(found.lowest)} to {_dotted(found.highest)}"
            )


def _help(found: FaultyList) -> str:
    match found.fault:
        case ListFault.SEPARATOR:
            parts = ";".join(part.strip() for part in found.text.split(",") if part.strip())
            return f'write `TORCH_CUDA_ARCH_LIST="{parts}"`'
        case ListFault.FORM:
            digits = "".join(char for char in found.item if char.isdigit())
            return f"write {digits[:-1]}.{digits[-1]}" if len(digits) > 1 else "write it as 8.6"
        case ListFault.NVCC:
            return f"leave {found.item} out, or compile with a CUDA that knows it"


def _dotted(arch: int) -> str:
    return f"{arch // 10}.{arch % 10}"
