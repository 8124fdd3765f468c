"""What a command installs from no index in, what then may be there under which name out."""

import posixpath
from collections.abc import Iterable

from packaging.utils import canonicalize_name

from mllint.facts.commands.executions import Execution
from mllint.facts.installs.install import Install
from mllint.facts.resolution import Refusal, RefusalKind
from mllint.named_tuple import NamedTuple

_ENDINGS = (".git", ".zip", ".tar.gz", ".tgz")


class Elsewhere(NamedTuple):
    """What comes from repositories and folders, in versions that nobody knows before a build.

    names: of those that tell it, and what the others are called. nameless: the text of one that
    may be any package, as a repository, `dist/*.whl`, or a requirement file that was not read.
    """

    names: frozenset[str] = frozenset()
    nameless: str | None = None

    def with_installs(self, installs: Iterable[Install]) -> "Elsewhere":
        """With what a command brings; pip asks no index for what is there by then."""
        names, nameless = set(self.names), self.nameless
        for install in installs:
            if install.uninstall or install.fixed is not None:
                continue
            if install.name is None and (install.url is not None or install.opaque is not None):
                nameless = nameless or install.text
            if install.url is not None:
                names.add(install.name or _called(install.url))
        return Elsewhere(frozenset(names - {""}), nameless)

    def reason(self, refusal: Refusal) -> str | None:
        """Why a package that no index has may be there all the same; None: it is not."""
        is_absent = refusal.kind is RefusalKind.NOT_ON_INDEX and not refusal.release
        if self.nameless is None or not is_absent:
            return None
        return f"{self.nameless} may bring {refusal.package}, which no index has"


def of_executions(executions: Iterable[Execution]) -> Elsewhere:
    """What `python setup.py install` brings: no installer that lists what it is given."""
    for execution in executions:
        words = execution.words
        script = next(iter(words), "")
        if posixpath.basename(script) == "setup.py" and not {"install", "develop"}.isdisjoint(
            words
        ):
            return Elsewhere(nameless=f"{execution.program} {script}")
    return Elsewhere()


def _called(url: str) -> str:
    """`mylib` of git+https://example.org/acme/mylib.git@v1 and of ./libs/mylib."""
    path = url.partition("#")[0].partition("?")[0].rstrip("/").rpartition("/")[2].partition("@")[0]
    for ending in _ENDINGS:
        path = path.removesuffix(ending)
    return canonicalize_name(path.strip("."))
