"""The indexes of a pip command, held against those that pip's own code puts together."""

import itertools

import pytest

from mllint.facts.commands.variables import Argument
from mllint.facts.installs.index_settings import effective_indexes
from mllint.facts.installs.pip_command import read_pip_arguments
from mllint.parse.requirements import parse_requirements
from mllint.parse.shell import parse_script
from mllint.parse.source import MappedText, SourceFile

PUBLIC = "https://public.example/simple"
VARIABLES = [
    {},
    {"PIP_INDEX_URL": "https://env.example/"},
    {"PIP_EXTRA_INDEX_URL": "https://e1.example/ https://e2.example/"},
    {"PIP_FIND_LINKS": "/l1 /l2", "PIP_INDEX_URL": ""},
    {"PIP_NO_INDEX": "1"},
    {"PIP_NO_INDEX": "0", "PIP_EXTRA_INDEX_URL": "https://e1.example/"},
]
OPTIONS = [
    "",
    "-i https://cli.example/",
    "--extra-index-url https://c1.example/ --extra-index-url=https://c2.example/",
    "-f /l3 --index-url=https://cli.example/ --extra-index-url https://c1.example/",
    "--no-index --find-links /l3",
]
FILES = [
    "",
    "--index-url https://file.example/\n",
    "--extra-index-url https://f1.example/\n--find-links /l4\n",
    "--extra-index-url https://f1.example/\n-i https://file.example/\n",
    "-i https://file.example/\n--extra-index-url https://f1.example/\n-i https://last.example/\n",
    "--no-index\n-f /l5\n",
]


def of_pip(options, file):
    from pip._internal.commands import create_command
    from pip._internal.req.req_file import parse_requirements as read

    command = create_command("install")
    parsed, _ = command.parse_args([*options.split(), "-r", str(file)])
    with command.main_context():
        session = command._build_session(parsed)
        finder = command._build_package_finder(options=parsed, session=session)
        list(read(str(file), session=session, finder=finder, options=parsed))
    scope = finder.search_scope
    # pip keeps the order of links; a file's --no-index leaves those behind it.
    return bool(scope.no_index), [] if scope.no_index else scope.index_urls, scope.find_links


def of_mllint(variables, options, file):
    (command,) = parse_script(MappedText(f"pip {options}", (0,), ((1, 1),))).commands
    words = tuple(Argument(word.literal, word.literal, word) for word in command.argv[1:])
    source = SourceFile("requirements.txt", file)
    in_file = [(option.name, option.value) for option in parse_requirements(source).options]
    found = effective_indexes(
        read_pip_arguments(words), in_file, {}, variables.get, uv=False, complete=True
    )
    urls = [] if found.no_index else [found.primary or PUBLIC, *found.extra]
    return found.no_index, urls, list(found.find_links)


@pytest.mark.parametrize(
    ("variables", "options", "file"), list(itertools.product(VARIABLES, OPTIONS, FILES))
)
@pytest.mark.filterwarnings("ignore")
def test_pip_asks_the_same_indexes(variables, options, file, tmp_path, monkeypatch):
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", "PIP_NO_INDEX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    path = tmp_path / "requirements.txt"
    path.write_text(file)
    expected = of_pip(options, path)
    got = of_mllint(variables, options, file)
    public = [url for url in expected[1] if "example" not in url]
    asked = [PUBLIC if url in public else url for url in expected[1]]
    assert got == (expected[0], asked, expected[2])
