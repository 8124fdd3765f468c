"""The indexes of several commands in, those of one command that finds the same out."""

from collections.abc import Iterable

from mllint.resolve.request import Sources


def united(all_sources: Iterable[Sources]) -> Sources:
    """One default index, and the others beside it."""
    several = tuple(all_sources)
    usual = [each.default for each in several if not each.no_index]
    default = None if None in usual or not usual else usual[0]
    others = (
        *(url for url in usual if url is not None),
        *(url for each in several for url in each.extra),
        *(url for each in several for url in each.named.values()),
    )
    return Sources(
        default=default,
        extra=tuple(url for url in dict.fromkeys(others) if url != default),
        find_links=tuple(dict.fromkeys(link for each in several for link in each.find_links)),
        no_index=bool(several) and all(each.no_index for each in several),
        torch_backend=next((each.torch_backend for each in several if each.torch_backend), None),
    )
