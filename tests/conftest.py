"""Options of the test run, and the package indexes that tests ask."""

import pytest
from local_index import local_indexes

from mllint.resolve.session import Session


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of fixtures/projects"
    )


@pytest.fixture
def update_golden(request):
    return request.config.getoption("--update-golden")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A project to work in, and a cache of uv's beside it."""
    (tmp_path / "project" / ".git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "project"


@pytest.fixture
def instead_of_uv(folder, monkeypatch):
    """Puts a script in the place of uv, beside the project; it writes to `$LOG`, which is read."""

    def put(script):
        log, program = folder.parent / "log", folder.parent / "uv"
        program.write_text(f"#!/bin/sh\nLOG={log}\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr("mllint.resolve.session.find_uv", lambda asker: str(program))
        return lambda: log.read_text() if log.exists() else ""

    return put


@pytest.fixture(scope="session")
def indexes():
    """Package indexes on loopback, for the whole run: nobody changes how they answer."""
    with local_indexes() as found:
        yield found


@pytest.fixture(scope="session")
def resolving(indexes, tmp_path_factory):
    """What asks those indexes, with a cache of its own."""
    return session(indexes, tmp_path_factory.mktemp("uv-cache"))


def session(indexes, cache, **options):
    """What asks the indexes as the options of a command say."""
    usual = {"offline": False, "allow_builds": False, "resolve_timeout": None, "quiet": True}
    made = Session({**usual, "index_map": indexes.mapped, **options})
    caller = made.asking.caller
    caller.manner = caller.manner._replace(cache=str(cache))
    return made
