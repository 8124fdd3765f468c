"""A lock that was written and the one of now in, what differs out, like a diff."""

from collections.abc import Iterator

from mllint.lock.reading import Written


def differences(old: Written, new: Written) -> Iterator[str]:
    """`-numpy==1.23.5` for what is written and no longer so, `+numpy==1.26.4` for what is now."""
    for before, after in ((old.facts, new.facts), (old.options, new.options)):
        yield from (f"-{line}" for line in before if line not in after)
        yield from (f"+{line}" for line in after if line not in before)
    for name in sorted(old.versions.keys() | new.versions.keys()):
        locked, now = old.versions.get(name), new.versions.get(name)
        if locked != now:
            yield from [f"-{name}=={locked}"] if locked is not None else []
            yield from [f"+{name}=={now}"] if now is not None else []
        elif _has_other_files(old.hashes.get(name), new.hashes.get(name)):
            yield f"-{name}=={locked}, whose hashes are of none of its files"


def _has_other_files(locked: frozenset[str] | None, now: frozenset[str] | None) -> bool:
    """Whether no hash fits any more; that a release gained a file is no difference."""
    return bool(now) and not (locked or frozenset()) & (now or frozenset())
