"""The options of pip and uv that take a value, held against the programs themselves."""

import re
import shutil
import subprocess

import pytest

from mllint.facts.commands.variables import Argument
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.parse.shell import parse_script
from mllint.parse.source import MappedText


def arguments(text):
    (command,) = parse_script(MappedText(text, (0,), ((1, 1),))).commands
    return tuple(Argument(word.literal, word.literal, word) for word in command.argv)


def requirements(text):
    return [argument.value for argument in read_pip_arguments(arguments(text)).requirements]


def pip_options():
    from pip._internal.commands import create_command

    for name in ("install", "download", "wheel"):
        parser = create_command(name).parser
        for group in (parser, *parser.option_groups):
            for option in group.option_list:
                for spelling in (*option._long_opts, *option._short_opts):
                    yield spelling, option.takes_value()


@pytest.mark.filterwarnings("ignore")
def test_pip_options_with_and_without_values():
    for spelling, valued in sorted(set(pip_options())):
        expected = ["torch"] if valued else ["value", "torch"]
        assert requirements(f"{spelling} value torch") == expected, spelling


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_uv_options_with_and_without_values():
    for name in ("install", "sync"):
        text = subprocess.run(["uv", "help", "pip", name], capture_output=True, text=True).stdout
        found = re.findall(r"(?m)^\s+(?:(-\w), )?(--[\w-]+)( <|$)", text)
        assert found
        for short, spelling, value in found:
            for option in filter(None, (short, spelling)):
                if option in ("-h", "--help"):
                    continue
                expected = ["torch"] if value.strip() else ["value", "torch"]
                files = name == "sync" and not value.strip()
                assert requirements(f"{option} value torch") == expected or files, option


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-r a.txt torch", ["torch"]),
        ("-ra.txt torch", ["torch"]),
        ("-qr a.txt torch", ["torch"]),
        ("-Uq torch", ["torch"]),
        ("--index-url=https://x.test torch", ["torch"]),
        ("--no-cache-dir torch -f y torchvision", ["torch", "torchvision"]),
        ("-- -odd", ["-odd"]),
    ],
)
def test_spellings(text, expected):
    assert requirements(text) == expected
