"""The start command of an image in, the interpreters that it may mean out, likeliest first."""

import posixpath
from collections.abc import Iterator
from itertools import pairwise

from mllint.regex import lazy
from mllint.verify.engines.image_info import ImageInfo

_PYTHON = lazy(r"python(?:3(?:\.\d+)?)?")
_OF_SYSTEM = frozenset({"/bin", "/usr/bin", "/sbin", "/usr/sbin", "/usr/local/bin", ""})


def start_pythons(image: ImageInfo) -> tuple[str, ...]:
    """What to start the probe with, in the order in which to try.

    `["/app/.venv/bin/uvicorn", ...]` runs the Python beside it, which need not be on PATH.
    """
    words = [*(image.entrypoint or ()), *(image.command or ())]
    if len(words) == 3 and words[1] == "-c":  # the shell form
        words = words[2].split()
    found = [*_of_words(words, image.workdir or "/"), "python3", "python"]
    return tuple(dict.fromkeys(found))


def _of_words(words: list[str], workdir: str) -> Iterator[str]:
    for position, word in enumerate(words):
        program = posixpath.basename(word)
        if _PYTHON.fullmatch(program):
            yield word
            return
        if word.startswith("/") and posixpath.dirname(word) not in _OF_SYSTEM:
            folder = posixpath.dirname(word)
            if folder.endswith("/bin"):
                yield f"{folder}/python3"
                yield f"{folder}/python"
                return
        if program in ("conda", "mamba", "micromamba") and "run" in words[position:]:
            yield from _of_conda(words[position:])
            return
        if program == "uv" and "run" in words[position:]:
            yield f"{workdir.rstrip('/')}/.venv/bin/python"
            return


def _of_conda(words: list[str]) -> Iterator[str]:
    """`conda run -n app` and `-p /opt/app`; where conda itself lies is not said."""
    for option, value in pairwise(words):
        if option in ("-p", "--prefix"):
            yield f"{value}/bin/python"
        elif option in ("-n", "--name"):
            for root in ("/opt/conda", "/root/miniconda3", "/opt/miniconda3", "/opt/miniforge3"):
                yield f"{root}/envs/{value}/bin/python"
