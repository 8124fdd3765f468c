"""Options of the test run."""

import pytest


def pytest_addoption(parser):
    parser.addoption(
        "--update-golden", action="store_true", help="write the golden files of fixtures/projects"
    )


@pytest.fixture
def update_golden(request):
    return request.config.getoption("--update-golden")
