"""What the caller wants to know of an image in, the script that finds it out, and its order, out.

The script is one text of Python 3.6, standard library only: `python3 script.py` with the order in
the environment variable `VARIABLE`. It prints records that `probes.py` reads.
"""

import json
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from mllint.named_tuple import NamedTuple
from mllint.verify import inside
from mllint.verify.inside.bundle import bundle
from mllint.verify.inside.request import VARIABLE

__all__ = ["VARIABLE", "ProbeOrder", "new_token", "probe_script"]

MOST_RECORDS = 20_000


class ProbeOrder(NamedTuple):
    """What the probe is to find out, besides what it always tells.

    token: stands before each record, so that nothing else that the image prints passes for one.
    distributions: canonical names; of each, the top-level modules are imported. modules_of: their
    modules where the image's own metadata does not tell them. imports: further modules.
    timeout_s: for each import; total_s: for all together. gpu: whether one was given. probes: the
    names of those to run (`interpreter`, `system`, `distributions`, `system packages`, `nvidia`,
    `imports`, `frameworks`, `libraries`, `leftovers`); none: all of them. system_packages: names
    of distribution packages to look for.
    """

    token: str
    distributions: tuple[str, ...] = ()
    modules_of: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    imports: tuple[str, ...] = ()
    timeout_s: float = 120.0
    total_s: float = 900.0
    gpu: bool = False
    probes: tuple[str, ...] = ()
    system_packages: tuple[str, ...] = ()

    @property
    def variables(self) -> dict[str, str]:
        """The environment variable to start the script with."""
        given = self._asdict() | {
            "modules_of": dict(self.modules_of),
            "most_records": MOST_RECORDS,
        }
        return {VARIABLE: json.dumps(given)}


def new_token() -> str:
    """A token that nobody can guess."""
    return secrets.token_hex(16)


@cache
def probe_script() -> str:
    """The text of the script; always the same."""
    folder = Path(inside.__file__).parent
    names = sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")
    return bundle("main", names)
