"""The sources of a question and the variables of this process in, those that uv runs with out."""

import os

from mllint.resolve.request import Manner, Sources

DEFAULT_INDEX_VARIABLES = ("UV_DEFAULT_INDEX", "UV_INDEX_URL")
_KEPT = (
    *("UV_CACHE_DIR", "UV_NO_CACHE", "UV_KEYRING_PROVIDER", "UV_NETRC", "UV_INSECURE_HOST"),
    *("UV_NATIVE_TLS", "UV_SYSTEM_CERTS", "UV_CONFIG_FILE", "UV_NO_CONFIG", "UV_OFFLINE"),
    "UV_CREDENTIALS_DIR",
)
"""Variables that say how uv reaches an index; the others say what it is to resolve."""
_PAUSE_S = 4.0


def patience_s(manner: Manner) -> int:
    """How long uv waits for one answer of an index, so that it ends within the time limit.

    It asks twice, with a pause; what the user's own variable says counts where that is less.
    """
    most = max(1, int((manner.limit_s - _PAUSE_S) / 2))
    said = os.environ.get("UV_HTTP_TIMEOUT") or os.environ.get("UV_REQUEST_TIMEOUT") or ""
    return min(int(said), most) if said.isascii() and said.isdigit() and int(said) else most


def variables_of_uv(sources: Sources, manner: Manner) -> dict[str, str]:
    """The variables uv runs with: how an index is reached stays, what to resolve does not.

    `UV_INDEX_<NAME>_USERNAME` and the like stay as well.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("UV_")
        or name in _KEPT
        or name.endswith(("_USERNAME", "_PASSWORD"))
        or (name in DEFAULT_INDEX_VARIABLES and sources.default is None)
    }
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONPATH", "PYTHONHOME"):
        kept.pop(name, None)
    kept |= {"UV_HTTP_TIMEOUT": str(patience_s(manner)), "UV_HTTP_RETRIES": "1"}
    return kept | {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", "RUST_BACKTRACE": "0"}
