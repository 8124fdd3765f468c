"""COPY instructions in, the files of credentials among what they name out.

Reads `.env` and `pip.conf` where the build context holds them; tells no value.
"""

import posixpath
from collections.abc import Iterator

from mllint.errors import InputError
from mllint.facts.commands.filesystem import Context, Copy
from mllint.facts.secrets.values import (
    address_with_password,
    holds_token,
    is_placeholder,
    is_secret_name,
)
from mllint.facts.unknown import Unknown
from mllint.named_tuple import NamedTuple
from mllint.parse.source import Location

# Files that hold nothing but credentials.
_ALWAYS = frozenset(
    {".netrc", "kaggle.json", ".pypirc", ".git-credentials", "id_rsa", "id_ed25519", "id_ecdsa"}
    | {".dockercfg"}
)
_ALWAYS_PATHS = (
    *(".aws/credentials", ".docker/config.json", "huggingface/token", ".huggingface/token"),
    *(".kaggle", ".ssh", ".aws"),
)
# Files whose names say that they hold some.
_LIKELY = frozenset(
    {"password.txt", "passwords.txt", "token.txt", "credentials.json", "service-account.json"}
    | {"secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml"}
)
# Files that may hold some: their text decides where it is there to read.
_MAYBE = frozenset({".env", ".env.local", ".env.prod", ".env.production", "pip.conf", ".npmrc"})


class SecretFile(NamedTuple):
    """A file of credentials that a COPY or ADD takes; not `certain` when only its name says so."""

    name: str
    location: Location
    certain: bool


def secret_files(copies: tuple[Copy, ...], context: Context | None) -> Iterator[SecretFile]:
    """The files of credentials that the copies name, or take with all of the context."""
    for copy in copies:
        if not copy.from_context or copy.mount:
            continue
        for source in copy.sources:
            if isinstance(source, Unknown) or "://" in source:
                continue
            name = posixpath.basename(source.rstrip("/"))
            if name in ("", ".") and _holds_secret(".env", context):
                yield SecretFile(".env", copy.location, certain=True)
            if name in _ALWAYS or source.rstrip("/").endswith(_ALWAYS_PATHS):
                yield SecretFile(source, copy.location, certain=True)
            elif name in _LIKELY:
                yield SecretFile(source, copy.location, certain=False)
            elif name in _MAYBE:
                held = _holds_secret(source, context)
                if held is not False and not (held is None and name == "pip.conf"):
                    yield SecretFile(source, copy.location, certain=held is True)


def _holds_secret(source: str, context: Context | None) -> bool | None:
    """Whether the text of the file holds a credential; None when it is not there to read."""
    found = context.find(source) if context is not None else None
    if context is None or found is None or not context.files.is_file(found.path):
        return None
    try:
        text = context.files.read(found.path).text
    except InputError:
        return None
    return any(_is_secret(line) for line in text.split("\n"))


def _is_secret(line: str) -> bool:
    if line.lstrip().startswith(("#", ";")):
        return False
    name, _, value = line.strip().removeprefix("export ").partition("=")
    value = value.strip().strip("\"'")
    if value and is_secret_name(name.strip()) and not is_placeholder(value):
        return True
    return holds_token(line) or address_with_password(line) is not None
