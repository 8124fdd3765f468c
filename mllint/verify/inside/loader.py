"""The sources of a bundle's modules in, the modules themselves out; stands first in the script."""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from typing import Dict, List, Optional

PACKAGE = "_mllint_probe"


class BundleFinder(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules of the bundle, and no other ones."""

    def __init__(self, sources: Dict[str, str]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: object = None, target: object = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        """Where the module comes from; None for one that is not of the bundle."""
        if fullname not in self._sources:
            return None
        package = fullname == PACKAGE
        return importlib.util.spec_from_loader(fullname, self, is_package=package)

    def is_package(self, fullname: str) -> bool:
        """Whether it is the package that holds the others."""
        return fullname == PACKAGE

    def get_source(self, fullname: str) -> str:
        """The text of the module."""
        return self._sources[fullname]


def run(sources: Dict[str, str], entry: str, hidden: List[str]) -> None:
    """Run `main` of the module `entry`; `hidden`: what stood first in `sys.path`."""
    named = {PACKAGE + "." + name: text for name, text in sources.items()}
    named[PACKAGE] = ""
    sys.meta_path.insert(0, BundleFinder(named))
    importlib.import_module(PACKAGE + "." + entry).main(hidden)
