"""What an environment will hold, as its indexes tell, in; its packages and their sizes out."""

from collections.abc import Iterator
from typing import Any

from mllint.facts.project import Project
from mllint.facts.unknown import Unknown
from mllint.report.size import size_text
from mllint.resolve.contents import Contents, Package

_SHOWN = 10
_MOST_WANTING = 3


def content_lines(held: Contents, every_package: bool) -> Iterator[str]:
    """The sums, then the packages that cost the most; all of them for `every_package`."""
    place = "an environment" if isinstance(held.prefix, Unknown) else held.prefix
    yield f"resolved for {place}: {_sums(held)}"
    yield from (f"  not certain: {doubt}" for doubt in held.doubts)
    largest = tuple(each for each in held.packages if each.size_bytes is not None)[:_SHOWN]
    shown = held.packages if every_package else largest
    names = [f"{each.name} {each.version}" for each in shown]
    sizes = ["?" if each.size_bytes is None else size_text(each.size_bytes) for each in shown]
    wide, wider = (max(map(len, texts), default=0) for texts in (names, sizes))
    for each, name, size in zip(shown, names, sizes, strict=True):
        yield f"  {name:<{wide}}  {size:>{wider}}  {_origin(each)}"
    rest = held.packages[len(shown) :]
    if rest:
        size = size_text(sum(each.size_bytes or 0 for each in rest))
        yield f"  {len(rest)} more, {size} (see --all)"


def _sums(held: Contents) -> str:
    count = len(held.packages)
    parts = [f"{count} package{'' if count == 1 else 's'}"]
    if held.unsized < count:
        parts.append(f"{size_text(held.size_bytes)} to download")
        parts.append(f"about {size_text(held.installed_bytes)} installed")
    if held.unsized:
        parts.append(f"the size of {held.unsized} is not known")
    return ", ".join(parts)


def _origin(package: Package) -> str:
    """Who wants it, and the index where that is not the default one."""
    wanting = package.wanted_by
    if wanting:
        more = f" and {len(wanting) - _MOST_WANTING} more" if len(wanting) > _MOST_WANTING else ""
        told = f"for {', '.join(wanting[:_MOST_WANTING])}{more}"
    else:
        told = f"{package.location.path}:{package.location.span.line}"
    return f"{told}; {package.origin}" if package.origin else told


def content_json(project: Project, held: Contents) -> dict[str, Any]:
    """The same for a program; sizes in bytes, null where they are not known."""
    return {
        "stage": held.stage,
        "stage_name": project.stages[held.stage].label,
        "prefix": {"unknown": held.prefix.reason}
        if isinstance(held.prefix, Unknown)
        else held.prefix,
        "doubts": list(held.doubts),
        "download_bytes": held.size_bytes,
        "installed_bytes": held.installed_bytes,
        "without_size": held.unsized,
        "packages": [
            {
                "name": each.name,
                "version": str(each.version),
                "index": each.origin or None,
                "wanted_by": list(each.wanted_by),
                "path": each.location.path,
                "line": each.location.span.line,
                "download_bytes": each.size_bytes,
                "installed_bytes": each.installed_bytes,
            }
            for each in held.packages
        ],
    }
