"""A URL or path that stands for a package in, what its text says of the package out.

Reads the text alone: opens no file, follows no link; knows nothing of PEP 508.
"""

import re

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from mllint.regex import lazy

_URL = lazy(
    r"""
    (?: https? | file | ftp
      | git\+(?: https? | ssh | git | file )
      | hg\+(?: https? | ssh | static-http | file )
      | svn\+(?: https? | ssh | svn | file )
      | bzr\+(?: https? | ssh | sftp | ftp | lp | file )
    ) :
    """,
    re.VERBOSE | re.IGNORECASE,
)
_VERSION_CONTROL = lazy(r"(?:git|hg|svn|bzr)(?:\+[a-z-]+)?:", re.IGNORECASE)
_SSH_FORM = lazy(r"(?:git\+)?\w+@[\w.-]+:\S")
_ARCHIVE = lazy(r"\.(?:whl|zip|tar|tgz|tbz|txz|tlz|tar\.(?:gz|bz2|xz|lz|lzma))$", re.I)
_EGG = lazy(
    r"""
    [#&]egg=
    (?P<name> [A-Za-z0-9] [A-Za-z0-9._-]* )
    (?P<extras> \[ [^]&]* \] )?              # pip 25 and older take `#egg=name[extra]`
    """,
    re.VERBOSE,
)


def is_url(text: str) -> bool:
    """Whether `text` begins with a scheme that pip takes."""
    return _URL.match(text) is not None


def is_repository(text: str) -> bool:
    """Whether `text` names a repository, in full (`git+https:`) or cut short (`git:`)."""
    return _VERSION_CONTROL.match(text) is not None


def is_ssh_form(text: str) -> bool:
    """Whether `text` is git's own `git@github.com:owner/name`, with or without `git+`."""
    return _SSH_FORM.match(text) is not None


def is_checkout(url: str) -> bool:
    """Whether `url` can be installed editable: a local file URL or a repository.

    pip reads `git://…` behind `-e` as `git+git://…`.
    """
    scheme = url.partition(":")[0].lower()
    if scheme == "file":
        return True
    return is_repository(url) and is_url(url if "+" in scheme else f"{scheme}+{url}")


def is_archive(path: str) -> bool:
    """Whether the file name ends as a wheel or source archive does."""
    return _ARCHIVE.search(path) is not None


def is_wheel(url: str) -> bool:
    """Whether the file name ends as a wheel's does."""
    return _file_name(url).endswith(".whl")


def looks_like_path(text: str) -> bool:
    """Whether pip takes `text` for a path when there is one of that name."""
    return "/" in text or text.startswith(".")


def read_wheel(url: str) -> tuple[str | None, Version | None]:
    """Name and version that a wheel's file name gives; (None, None) for anything else."""
    file_name = _file_name(url)
    parts = file_name.removesuffix(".whl").split("-")
    if not file_name.endswith(".whl") or len(parts) not in (5, 6) or not parts[0]:
        return None, None
    try:
        return canonicalize_name(parts[0]), Version(parts[1].replace("_", "-"))
    except InvalidVersion:
        return None, None


def read_egg(url: str) -> tuple[str | None, tuple[str, ...]]:
    """Name and extras of an `#egg=` fragment; (None, ()) when there is none.

    Raises InvalidRequirement when the brackets hold no names, as split_extras does.
    """
    egg = _EGG.search(url)
    return (canonicalize_name(egg["name"]), _extras(egg["extras"] or "")) if egg else (None, ())


def split_extras(text: str) -> tuple[str, tuple[str, ...]]:
    """Path and extras: ("./pkg", ("a", "b")) for `./pkg[a,b]`."""
    start = text.rfind("[")
    if not text.endswith("]") or start < 1 or start == len(text) - 2:
        return text, ()
    return text[:start].rstrip(), _extras(text[start:])


def _extras(brackets: str) -> tuple[str, ...]:
    return tuple(sorted(Requirement(f"name{brackets.lower()}").extras))


def _file_name(url: str) -> str:
    """The last part of the path: without query and fragment, `%2B` read as `+`."""
    path = re.split(r"[?#]", url, maxsplit=1)[0] if is_url(url) else url
    name = path.rstrip("/").rpartition("/")[2]
    if "%" in name:
        from urllib.parse import unquote

        return unquote(name)
    return name
