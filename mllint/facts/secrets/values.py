"""A name, value or word in; whether it is a credential out. Knows no instruction.

Names alone mislead: TOKENIZERS_PARALLELISM and MAX_TOKENS are settings, OPENAI_API_KEY=EMPTY is a
usual way to say that there is none.
"""

import re

from mllint.regex import lazy

_LAST_WORDS = frozenset({"TOKEN", "APIKEY", "PASSWORD", "PASSWD", "SECRET", "PAT"})
_LAST_PAIRS = frozenset(
    {("API", "KEY"), ("ACCESS", "KEY"), ("SECRET", "KEY"), ("PRIVATE", "KEY"), ("AUTH", "KEY")}
    | {("ACCOUNT", "KEY"), ("KAGGLE", "KEY"), ("LICENSE", "KEY")}
)
# Words that make a setting of a name: PAD_TOKEN, HF_HUB_DISABLE_IMPLICIT_TOKEN, USE_AUTH_TOKEN.
_SETTINGS = frozenset(
    {"PAD", "EOS", "BOS", "UNK", "MASK", "SEP", "CLS", "STOP", "MAX", "MIN", "NUM", "SPECIAL"}
    | {"START", "END", "NEXT", "PER", "IMPLICIT", "IMAGE", "USE", "DISABLE", "ENABLE", "SKIP"}
    | {"NO", "REQUIRE", "REQUIRED", "HAS", "IS", "FIRST", "LAST", "IGNORE", "ALLOW", "VERIFY"}
)
_PLACEHOLDERS = (
    *("change", "xxx", "your", "dummy", "fake", "example", "placeholder", "replace", "insert"),
    *("todo", "secret", "password", "token", "not-needed", "notneeded", "not_needed", "sample"),
    *("no-key", "nokey", "default", "empty", "unset", "fill", "...", "redacted", "test"),
)
_PLAIN_VALUES = frozenset(
    {"none", "null", "nil", "na", "n/a", "true", "false", "yes", "no", "on", "off", "ollama"}
    | {"local", "postgres", "mysql", "root", "admin", "guest", "user", "minio", "minioadmin"}
    | {
        "docker",
        "jupyter",
        "pgadmin",
        "demo",
        "dev",
        "redis",
        "rabbitmq",
        "mongo",
        "neo4j",
        "elastic",
    }
)
_SHORTEST_KEY = 20  # OpenAI's have 51 characters and more
# One of them stands, in lower case, in every text that holds a token of a known service.
TOKEN_PREFIXES = (
    *("hf_", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "sk-", "nvapi-"),
    *("r8_", "xox", "akia", "asia", "aiza"),
)
_TOKEN_SHAPE = lazy(
    r"""
    (?<! [A-Za-z0-9] )
    (?:
        hf_ [A-Za-z0-9]{30,}                     # Hugging Face
      | gh[pousr]_ [A-Za-z0-9]{30,}              # GitHub
      | github_pat_ \w{30,}
      | glpat- [\w-]{20,}                        # GitLab
      | sk- (?: ant- | proj- )? [\w-]{30,}       # OpenAI, Anthropic
      | nvapi- [\w-]{30,}                        # NVIDIA
      | r8_ [A-Za-z0-9]{30,}                     # Replicate
      | xox[abprs]- [\w-]{20,}                   # Slack
      | A[KS]IA [0-9A-Z]{16}                     # AWS
      | AIza [\w-]{35}                           # Google
    )
    """,
    re.VERBOSE,
)
_HEADER = lazy(
    r"(?:--header=|-H)?"
    r"(?:authorization:\s*(?:bearer|basic|token)|(?:x-api-key|private-token|api-key):)"
    r"\s*(?P<credential>\S+)",
    re.IGNORECASE,
)
_DENSE = lazy(r"[A-Za-z0-9_+/=.~-]{20,}")
_USERINFO = lazy(
    r"""
    :// (?P<user> [^/\s:@?\#]* )
    (?: : (?P<password> [^/\s@]+ ) )?
    @
    """,
    re.VERBOSE,
)


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name is there to hold a credential."""
    words = name.upper().split("_")
    if _SETTINGS.intersection(words[:-1]):
        return False
    return words[-1] in _LAST_WORDS or tuple(words[-2:]) in _LAST_PAIRS


def is_password_name(name: str) -> bool:
    """Whether the variable is for a password, which may be short."""
    return name.upper().endswith(("PASSWORD", "PASSWD"))


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a credential without being one; a path or a number is none."""
    text = value.strip().lower()
    return (
        len(set(text)) <= 5
        or text in _PLAIN_VALUES
        or text.isdigit()
        or text[0] in "<{[/%*$"
        or (text.startswith("sk-") and len(text) < _SHORTEST_KEY)  # sk-ollama
        or any(part in text for part in _PLACEHOLDERS)
    )


def is_credential(value: str) -> bool:
    """Whether a value has the form of a true credential: long, of letters and digits."""
    if holds_token(value):
        return True
    return (
        _DENSE.fullmatch(value) is not None
        and any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
        and not is_placeholder(value)
    )


def is_exposed(name: str, value: str) -> bool:
    """Whether a variable with that literal value gives a credential away."""
    if not value or value.isspace():
        return False
    if not is_secret_name(name):
        return holds_token(value)
    return is_credential(value) or (is_password_name(name) and not is_placeholder(value))


def holds_token(text: str) -> bool:
    """Whether somewhere in the text stands a token in the form of a known service."""
    lower = text.lower()
    if not any(prefix in lower for prefix in TOKEN_PREFIXES):
        return False
    match = _TOKEN_SHAPE.search(text)
    return match is not None and not is_placeholder(match[0].partition("_")[2] or match[0][4:])


def authorizes(text: str) -> bool:
    """Whether the text is a header with a literal credential: `Authorization: Bearer eyJ0…`."""
    match = _HEADER.fullmatch(text)
    return match is not None and is_credential(match["credential"])


def address_with_password(text: str) -> str | None:
    """The host behind a literal password or token in an address (`https://user:pw@host`)."""
    match = _USERINFO.search(text)
    if match is None:
        return None
    password = match["password"]
    literal = password is not None and "$" not in match[0] and "{" not in match[0]
    # `postgresql://mlflow:mlflow@db`: a mere default.
    literal = literal and password != match["user"]
    if (literal and not is_placeholder(password)) or holds_token(match["user"]):
        return re.split(r"[/?#:\s]", text[match.end() :], maxsplit=1)[0]
    return None
