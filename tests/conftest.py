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
