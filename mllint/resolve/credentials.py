"""The address of an index in, the address and the header to ask it with, as uv finds them, out."""

import base64
import netrc
import os
import subprocess
import urllib.parse

_KEYRING_TIMEOUT_S = 20.0


def with_credentials(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the header that says them.

    They stand in the address, in a netrc file, or are those that the program keyring tells.
    """
    parts = urllib.parse.urlsplit(url)
    user, password = parts.username, parts.password
    if user is None:
        found = _in_netrc(parts.hostname or "")
        if found is None:
            return url, {}
        user, password = found
    host = parts.netloc.rpartition("@")[2]
    bare = parts._replace(netloc=host).geturl()
    user = urllib.parse.unquote(user)
    password = _in_keyring(bare, host, user) if password is None else urllib.parse.unquote(password)
    said = base64.b64encode(f"{user}:{password or ''}".encode()).decode()
    return bare, {"Authorization": f"Basic {said}"}


def _in_netrc(host: str) -> tuple[str, str] | None:
    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return None
    return (found[0], found[2]) if found is not None else None


def _in_keyring(url: str, host: str, user: str) -> str | None:
    """The password as the program keyring tells it, for the address or for its host."""
    if os.environ.get("UV_KEYRING_PROVIDER") != "subprocess" or user.startswith("-"):
        return None  # a user that is an option of the program
    for service in (url, host):
        try:
            told = subprocess.run(
                ["keyring", "get", service, user],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_KEYRING_TIMEOUT_S,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
            return None
        if told.returncode == 0 and told.stdout.strip():
            return told.stdout.strip()
    return None
