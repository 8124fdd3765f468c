"""The packages of a lock in, those that a second index has in the same version out."""

from mllint.facts.wheels.torch_packages import FAMILY
from mllint.facts.wheels.variant_names import is_pytorch_page
from mllint.resolve.answers import Package
from mllint.resolve.asking import Asking
from mllint.resolve.request import Sources

_MOST_ASKED = 60


def doubled(asking: Asking, sources: Sources, packages: tuple[Package, ...]) -> tuple[str, ...]:
    """The packages tied to an index of which pip may as well take those of the default one."""
    default = sources.default if sources.default is not None else asking.default_index()
    if default is None or sources.no_index:
        return ()
    versions = {each.name: each.version for each in packages}
    found = []
    for name, url in sorted(sources.named.items())[:_MOST_ASKED]:
        version = versions.get(name)
        # What torch requires is the same file there; a local part tells the others apart.
        copied = is_pytorch_page(asking.indexes.original(url)) and name not in FAMILY
        if version is None or version.local is not None or copied:
            continue
        if version in (asking.listings.versions(default, name) or ()):
            found.append(name)
    return tuple(found)
