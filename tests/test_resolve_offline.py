"""`--offline` takes uv's cache alone, `--index-map` sends each index to its mirror."""

import json

import pytest
from click.testing import CliRunner
from local_index import PYTORCH, local_indexes

from mllint.cli import commands

TEXT = """\
FROM python:3.10-slim
RUN pip install torch==2.1.0 torchvision --index-url {pytorch}/cu118
RUN pip install transformers==4.30.0
"""


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "1")


def plan(*arguments):
    done = CliRunner().invoke(
        commands,
        ["plan", "Dockerfile", "--resolve", "--format", "json", *arguments],
        prog_name="mllint",
    )
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def reasons(planned):
    found = (note["reason"] for note in planned["unknown"])
    return [reason for reason in found if reason.startswith("not resolved")]


def test_a_warm_cache_gives_the_same_answer_without_the_index(folder):
    (folder / "Dockerfile").write_text(TEXT.format(pytorch=PYTORCH))
    with local_indexes() as found:
        options = found.options
        online = plan(*options)
        requests = len(found.asked)
        assert plan("--offline", *options) == online
        assert len(found.asked) == requests, "no index is asked"
    assert plan("--offline", *options) == online  # and none is there
    assert len(online["resolved"][0]["packages"]) == 7
    assert reasons(plan(*options)), "the index is gone"


def test_a_warm_cache_gives_the_same_findings(folder):
    (folder / "Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install torch==2.1.0 torchvision==0.15.2\n"
    )
    with local_indexes() as found:
        options = ["check", "--resolve", "-q", "--select", "unresolvable-requirements"]
        online = CliRunner().invoke(commands, [*options, *found.options])
    offline = CliRunner().invoke(commands, [*options, "--offline", *found.options])
    assert (online.exit_code, online.stdout) == (1, offline.stdout)
    assert "torchvision" in offline.stdout


@pytest.mark.parametrize(
    "wanted", ["torch==2.1.0", "torch", "torch torchvision", "nobody-has-this==1.0"]
)
def test_a_cold_cache_is_no_finding(wanted, folder, indexes):
    (folder / "Dockerfile").write_text(f"FROM python:3.10-slim\nRUN pip install {wanted}\n")
    planned = plan("--offline", *indexes.options)
    assert planned["resolved"] == []
    assert reasons(planned) == [
        "not resolved: uv's cache does not hold what it needs, and --offline asks no index"
    ]
    checked = CliRunner().invoke(
        commands, ["check", "--resolve", "--offline", *indexes.options, "--format", "json"]
    )
    rules = {finding["rule"] for finding in json.loads(checked.stdout)["findings"]}
    assert not rules & {"unresolvable-requirements", "version-not-on-index", "no-wheel-for-python"}


def test_every_kind_of_source_is_mapped(folder):
    """A primary index, an added one, links, and the indexes of a project's own table."""
    (folder / "links.Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install acme-core --no-index"
        " --find-links https://links.acme.example/page/\n"
    )
    (folder / "extra.Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install acme-core filelock"
        " --extra-index-url https://pypi.acme.example/simple\n"
    )
    (folder / "primary.Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install -i https://pypi.acme.example/simple/ acme-core\n"
    )
    (folder / "sources.Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install uv\nWORKDIR /app\nCOPY pyproject.toml .\n"
        "RUN uv pip install --system -r pyproject.toml\n"
    )
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "a"\nversion = "1"\ndependencies = ["acme-core", "filelock"]\n'
        '[tool.uv.sources]\nacme-core = { index = "acme" }\n'
        '[[tool.uv.index]]\nname = "acme"\nurl = "https://pypi.acme.example/simple"\n'
        "explicit = true\n"
    )
    with local_indexes() as found:
        found.releases["links"] = found.releases["acme"]
        links = f"--index-map=https://links.acme.example/page={found.url}/links/acme-core"
        found.html_only.add("links")
        origins = {}
        for path in sorted(folder.glob("*.Dockerfile")):
            done = CliRunner().invoke(
                commands,
                ["plan", path.name, "--resolve", "--format", "json", links, *found.options],
            )
            planned = json.loads(done.stdout)
            assert not reasons(planned), (path, reasons(planned))
            (held,) = planned["resolved"]
            origins[path.stem] = {
                package["name"]: package["index"]
                for package in held["packages"]
                if package["name"] in ("acme-core", "filelock")
            }
        hosts = {path.split("/")[1] for path, _ in found.asked}
    acme = "https://pypi.acme.example/simple"
    assert origins == {
        "extra": {"acme-core": acme, "filelock": None},
        "links": {"acme-core": "https://links.acme.example/page"},
        "primary": {"acme-core": acme},
        "sources": {"acme-core": acme, "filelock": None},
    }
    assert hosts <= {"default", "acme", "links", "files"}
