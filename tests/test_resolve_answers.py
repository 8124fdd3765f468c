"""The texts of uv, as it wrote them about the indexes of the tests, and what is read of them."""

import time

import pytest

from mllint.resolve.answers import (
    Cause,
    Clue,
    needs_withdrawn,
    read_clues,
    read_tags,
    read_unbuilt,
    read_withdrawn,
)

DEPENDS, PYTHON, NO_TAG = Cause.DEPENDS, Cause.PYTHON, Cause.NO_TAG
NO_VERSION, NO_PROJECT = Cause.NO_VERSION, Cause.NO_PROJECT
CLUES = {
    "a-need": (
        "Because torchvision==0.15.2 depends on torch==2.0.1 and you require torch==2.1.0",
        [Clue(DEPENDS, "torchvision", "==0.15.2", "torch", "==2.0.1")],
    ),
    "at-the-end-of-a-sentence": (
        "we can conclude that all versions of llama-index depend on openai>=1.1.0.\n  And because",
        [Clue(DEPENDS, "llama-index", "", "openai", ">=1.1.0")],
    ),
    "a-range": (
        "Because transformers==4.30.0 depends on tokenizers>=0.11,<0.14 and you require",
        [Clue(DEPENDS, "transformers", "==4.30.0", "tokenizers", ">=0.11,<0.14")],
    ),
    "one-release-left-out": (
        """Because transformers==4.30.0 depends on one of:
               tokenizers>=0.11.1,<0.11.3
               tokenizers>0.11.3,<0.14
           and you require transformers==4.30.0, we can conclude""",
        [Clue(DEPENDS, "transformers", "==4.30.0", "tokenizers", ">=0.11.1,!=0.11.3,<0.14")],
    ),
    "several-left-out": (
        """Because all versions of it depend on one of:
               protobuf<4.21.0
               protobuf>4.21.0,<4.21.1
               protobuf>4.21.1,<5
           and you require""",
        [Clue(DEPENDS, "it", "", "protobuf", "!=4.21.0,!=4.21.1,<5")],
    ),
    "a-gap": (
        """we can conclude that all versions of torchvision depend on one of:
               torch<=2.3.0
               torch>=2.5.1

           And because you require torch==2.4.1 and torchvision""",
        [Clue(DEPENDS, "torchvision", "", "torch", "<=2.3.0 or >=2.5.1")],
    ),
    "with-markers": (
        "Because pandas==2.2.2 depends on numpy{python_full_version < '3.11'}>=1.22.4 and"
        " numpy{python_full_version < '3.11'}<1.22, we can conclude",
        [Clue(DEPENDS, "pandas", "==2.2.2", "numpy", ">=1.22.4")],
    ),
    "with-an-extra": (
        "Because there is no version of jaxlib==0.4.20+cuda12.cudnn89 and jax[cuda12-pip]==0.4.20"
        " depends on jaxlib==0.4.20+cuda12.cudnn89, we can conclude",
        [
            Clue(NO_VERSION, "jaxlib", "==0.4.20+cuda12.cudnn89"),
            Clue(DEPENDS, "jax", "==0.4.20", "jaxlib", "==0.4.20+cuda12.cudnn89"),
        ],
    ),
    "no-such-release": (
        "Because there is no version of torch==2.99.0 and you require torch==2.99.0",
        [Clue(NO_VERSION, "torch", "==2.99.0")],
    ),
    "only-older-ones": (
        "Because only numpy<=2.4.0 is available and you require numpy>=3",
        [Clue(NO_VERSION, "numpy", "<=2.4.0")],
    ),
    "none-in-a-range": (
        """Because only the following versions of numpy are available:
               numpy<1.24
               numpy>1.26
           and you require numpy>=1.24,<1.26""",
        [Clue(NO_VERSION, "numpy", "")],
    ),
    "no-such-package": (
        "Because acme-core was not found in the package registry and all versions of acme-models"
        " depend on acme-core==7.0.0, we can conclude",
        [
            Clue(NO_PROJECT, "acme-core"),
            Clue(DEPENDS, "acme-models", "", "acme-core", "==7.0.0"),
        ],
    ),
    "no-wheel-for-the-python": (
        "Because torch==2.1.0 has no wheels with a matching Python ABI tag (e.g., `cp312`) and you",
        [Clue(NO_TAG, "torch", "==2.1.0")],
    ),
    "no-wheel-for-the-platform": (
        "Because torch==2.1.0 has no wheels with a matching platform tag (e.g., `musllinux_1_2`)",
        [Clue(NO_TAG, "torch", "==2.1.0")],
    ),
    "another-python": (
        "Because the requested Python version (>=3.9) does not satisfy Python>=3.10 and"
        " jax==0.4.35 depends on Python>=3.10, we can conclude",
        [Clue(PYTHON, "jax", "==0.4.35", needs_range=">=3.10")],
    ),
    "a-python-in-a-range": (
        "and scipy==1.7.0 depends on Python>=3.7,<3.10, we can conclude",
        [Clue(PYTHON, "scipy", "==1.7.0", needs_range=">=3.7,<3.10")],
    ),
    "two-that-are-asked-for": (
        "Because you require numpy==1.26.4 and numpy==1.23.5, we can conclude",
        [],
    ),
}


@pytest.mark.parametrize(("text", "clues"), CLUES.values(), ids=CLUES)
def test_what_is_said_of_single_packages(text, clues):
    assert read_clues(f"error: No solution found\n  cause: {text}") == clues


HINTS = {
    "pythons": (
        "hint: You require CPython 3.8 (`cp38`), but we only found wheels for `torch` (v2.5.1) with"
        " the following Python implementation tags: `cp39`, `cp310`, `cp311`",
        ("cp39", "cp310", "cp311"),
    ),
    "platforms": (
        "hint: Wheels are available for `torch` (v2.1.0) on the following platforms:"
        " `manylinux_2_17_x86_64`, `manylinux2014_x86_64`",
        ("manylinux_2_17_x86_64", "manylinux2014_x86_64"),
    ),
    "none": ("Because torch==2.1.0 has no wheels with a matching platform tag", ()),
}


@pytest.mark.parametrize(("text", "tags"), HINTS.values(), ids=HINTS)
def test_the_wheels_that_there_are(text, tags):
    assert read_tags(text) == tags


def test_what_only_a_build_would_tell():
    text = "Because flash-attn==2.5.8 has no usable wheels and scipy>=1.14.0 has no usable wheels"
    assert list(read_unbuilt(text)) == [("flash-attn", "==2.5.8"), ("scipy", ">=1.14.0")]


def test_withdrawn_releases_that_are_taken():
    text = (
        'warning: `jsonschema==4.0.0` is yanked (reason: "Improper metadata")\n'
        "warning: `attrs==99.0.0` is yanked\n"
    )
    found = [(each.name, each.version, each.reason) for each in read_withdrawn(text)]
    assert found == [("jsonschema", "4.0.0", "Improper metadata"), ("attrs", "99.0.0", "")]


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        (
            "Because jsonschema==4.0.0 was yanked (reason: Improper metadata) and all versions of"
            " notebooks depend on jsonschema==4.0.0, we can conclude",
            True,
        ),
        (
            "Because attrs==99.0.0 was yanked and only the following versions of attrs are"
            " available: attrs<50 attrs==99.0.0 we can conclude that attrs>=50 cannot be used",
            False,
        ),
    ],
    ids=["required-by-a-package", "the-last-in-a-range"],
)
def test_a_withdrawn_release_that_is_required(text, needed):
    assert needs_withdrawn(text) is needed


def test_a_long_word_is_read_in_a_moment():
    """`pip install aaaa…`: uv repeats the name; it took eleven seconds from each of its letters."""
    word, started = "a" * 40_000, time.monotonic()
    told = f"Because {word} x, and {word}>=1 depends on {word}<1"
    assert [clue.cause for clue in read_clues(told)] == [DEPENDS]
    assert not needs_withdrawn(told) and not list(read_unbuilt(told))
    assert time.monotonic() - started < 2
