"""Words by which users name rules in, the rules out; an unknown one is told with the nearest.

A word is a rule, a category of rules (`pin`), `ALL`, or a pattern (`compose-*`). Knows no rule.
"""

from fnmatch import fnmatchcase

from mllint import catalog
from mllint.errors import ConfigError

ALL = "ALL"
_MOST_SUGGESTED = 5


def rules_named(word: str) -> tuple[str, ...]:
    """The rules that a word of the user names, sorted; () when it names none."""
    if word in catalog.known_slugs():
        return (word,)
    if word == ALL:
        return catalog.known_slugs()
    if word in catalog.CATEGORIES:
        return tuple(slug for slug in catalog.known_slugs() if catalog.page(slug).category == word)
    # Without a wildcard a word can match nothing but the rule of that name.
    return tuple(slug for slug in catalog.known_slugs() if fnmatchcase(slug, word))


def groups() -> tuple[str, ...]:
    """The names of more than one rule, in the order in which they are told."""
    return (ALL, *sorted(catalog.CATEGORIES))


def require_rules(word: str, path: str | None = None) -> tuple[str, ...]:
    """The rules that `word` names; raises ConfigError naming the nearest word when there is none.

    path: what took the word, such as an option.
    """
    rules = rules_named(word)
    if not rules:
        raise ConfigError(unknown_rules(word), path)
    return rules


def unknown_rules(word: str) -> str:
    """The message for a word that names no rule and no group of rules."""
    if any(char in word for char in "*?["):
        return f"no rule is named like {word!r}"
    candidates = (*catalog.known_slugs(), *groups())
    return f"unknown rule {word!r}{nearest(word, candidates)}"


def require_known(slug: str) -> str:
    """`slug` itself when such a rule exists; else raises ConfigError naming the nearest one."""
    if slug in catalog.known_slugs():
        return slug
    raise ConfigError(unknown_rule(slug))


def unknown_rule(slug: str) -> str:
    """The message for a rule name that does not exist, with the nearest name that does."""
    return f"unknown rule {slug!r}{nearest(slug, catalog.known_slugs())}"


def nearest(word: str, candidates: tuple[str, ...]) -> str:
    """`; did you mean 'x'?` for what is most similar, or "" when nothing is.

    `unpinned` may mean each name that begins so.
    """
    from difflib import get_close_matches

    lower = word[:100].lower().replace("_", "-")
    matches = [name for name in candidates if name.lower() == lower]
    matches = matches or [name for name in candidates if lower and name.startswith(f"{lower}-")]
    matches = matches or get_close_matches(lower, candidates, n=1)
    *others, last = map(repr, matches[:_MOST_SUGGESTED]) if matches else ("",)
    return f"; did you mean {', '.join(others)}{' or ' if others else ''}{last}?" if last else ""
