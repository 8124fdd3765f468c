"""`mllint plan --resolve`: every package with its size, what is not certain, what cannot be had."""

import json
from dataclasses import replace

from click.testing import CliRunner
from local_index import PYTORCH, local_indexes

from mllint.cli import commands


def plan(indexes, *arguments, text=None):
    arguments = ["plan", "Dockerfile" if text is None else "-", "--resolve", *arguments]
    runner = CliRunner()
    return runner.invoke(commands, [*arguments, *indexes.options], input=text, prog_name="mllint")


TORCH = """\
FROM python:3.10-slim
RUN pip install torch==2.1.0 torchvision
RUN pip install transformers==4.30.0
"""


def test_every_package_with_its_size_the_largest_first(indexes, folder):
    told = plan(indexes, text=TORCH)
    assert told.exit_code == 0, told.output
    _, _, below = told.stdout.partition("  resolved for /usr/local: ")
    lines = below.splitlines()
    assert lines[:5] == [
        "8 packages, 1.2 GB to download, about 2.4 GB installed",
        "    torch 2.1.0                  800 MB  -:2",
        "    nvidia-cublas-cu12 12.1.3.1  410 MB  for torch",
        "    numpy 2.1.0                   16 MB  for torchvision",
        "    torchvision 0.16.0             7 MB  -:2",
    ]
    assert sorted(line.split()[0] for line in lines[5:]) == [
        *("filelock", "tokenizers", "transformers", "typing-extensions")
    ]


def test_what_comes_along_stands_in_no_list_of_requirements(indexes, folder):
    shown = plan(indexes, text=TORCH).stdout.partition("  resolved for")[0]
    assert "      2  torch==2.1.0\n      2  torchvision -> 0.16.0\n" in shown
    assert "nvidia" not in shown


def test_the_ten_largest_or_all(indexes, folder):
    text = TORCH + "RUN pip install pandas timm acme-utils\n"
    few, many = plan(indexes, text=text).stdout, plan(indexes, "--all", text=text).stdout
    assert "    2 more, 1 kB (see --all)\n" in few and " more, " not in many
    assert "    filelock 3.13.0 " not in few and "    filelock 3.13.0 " in many


def test_as_fields(indexes, folder):
    (held,) = json.loads(plan(indexes, "--format", "json", text=TORCH).stdout)["resolved"]
    torch, cublas = held["packages"][:2]
    assert torch == {
        "name": "torch",
        "version": "2.1.0",
        "index": None,
        "wanted_by": [],
        "path": "-",
        "line": 2,
        "download_bytes": 800_000_000,
        "installed_bytes": torch["installed_bytes"],
    }
    assert 1.5e9 < torch["installed_bytes"] < 1.8e9
    assert cublas["wanted_by"] == ["torch"] and cublas["line"] == 2
    for key in ("download_bytes", "installed_bytes"):
        assert held[key] == sum(package[key] for package in held["packages"])
    assert (held["prefix"], held["without_size"], held["doubts"]) == ("/usr/local", 0, [])


def test_nothing_of_it_without_the_option(folder):
    told = CliRunner().invoke(commands, ["plan", "-", "--format", "json"], input=TORCH)
    assert "resolved" not in json.loads(told.stdout)
    refused = CliRunner().invoke(commands, ["plan", "-", "--offline"], input=TORCH)
    assert refused.exit_code == 2 and "--offline goes with --resolve" in refused.stderr


def test_the_index_of_each_and_what_a_later_command_puts_in_its_place(indexes, folder):
    text = (
        "FROM python:3.10-slim\n"
        f"RUN pip install torch==2.1.0 --index-url {PYTORCH}/cu118\n"
        "RUN pip install torch==2.3.0 && pip uninstall -y filelock\n"
    )
    told = plan(indexes, text=text).stdout
    assert "    torch 2.3.0 " in told and "    torch 2.1.0+cu118" not in told
    assert f"for torch; {PYTORCH}/cu118\n" in told  # typing-extensions stays
    assert "    filelock" not in told


def test_an_index_that_tells_no_size_is_asked_for_the_length_of_the_file(folder):
    with local_indexes() as found:
        found.html_only.add("default")  # pages in HTML name no sizes
        told = plan(found, text="FROM python:3.10-slim\nRUN pip install filelock\n")
    assert "resolved for /usr/local: 1 package, 695 B to download" in told.stdout, told.output


def test_what_is_not_certain_is_said(indexes, folder):
    text = "FROM python:3.10-slim\nARG X\nRUN if [ $X ]; then pip install numpy; fi\n"
    told = plan(indexes, text=text + "RUN pip install pandas\n").stdout
    assert "  resolved for /usr/local: 2 packages" in told
    assert "\n    not certain: " in told
    assert "\nnot known\n" in told


def test_a_project_whose_files_are_read_leaves_nothing_open(indexes, folder):
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["filelock"]\n'
    )
    text = "FROM python:3.10-slim\nWORKDIR /app\nCOPY pyproject.toml .\nRUN pip install -e .\n"
    told = plan(indexes, text=text).stdout
    assert "  resolved for /usr/local: 1 package" in told
    assert "not certain" not in told
    assert "not known" not in told


def test_what_cannot_be_had_is_told_among_what_is_not_known(indexes, folder):
    (folder / "requirements.txt").write_text("torch==2.1.0\ntorchvision==0.15.2\n")
    (folder / "Dockerfile").write_text(
        "FROM python:3.10-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\n"
    )
    told = plan(indexes)
    assert told.exit_code == 0
    (line,) = [line for line in told.stdout.splitlines() if "cannot be installed: " in line]
    assert line.startswith("  requirements.txt:2: torchvision==0.15.2 cannot be installed: ")
    assert line.endswith("requires torch==2.0.1; torch==2.1.0 is asked for as well")
    left_out = "torchvision==0.15.2 is left out, as it cannot be installed"
    assert f"    not certain: {left_out}\n" in told.stdout
    as_json = json.loads(plan(indexes, "--format", "json").stdout)
    assert "requirements.txt" in {note["path"] for note in as_json["unknown"]}


def test_a_lock_and_a_wheel_at_an_address(indexes, folder):
    (folder / "requirements.txt").write_text("numpy==1.26.4 --hash=sha256:" + "0" * 64 + "\n")
    indexes.page("acme", "acme-core", as_json=True)
    wheel = f"{indexes.url}/files/acme/acme_core-7.0.0-py3-none-any.whl"
    (folder / "Dockerfile").write_text(
        "FROM python:3.10-slim\nCOPY requirements.txt .\n"
        "RUN pip install --require-hashes -r requirements.txt\n"
        f"RUN pip install --no-deps {wheel}\n"
    )
    told = plan(indexes).stdout
    assert "    numpy 1.26.4     18 MB  requirements.txt:1\n" in told
    assert f"Dockerfile:4; {wheel}\n" in told
    assert "2 packages, 18 MB to download" in told


def test_each_environment_for_itself(indexes, folder):
    text = (
        "FROM python:3.10-slim AS build\nRUN python -m venv /opt/venv\n"
        "RUN /opt/venv/bin/pip install numpy==1.26.4\n"
        "FROM python:3.10-slim\nCOPY --from=build /opt/venv /opt/venv\n"
        "RUN pip install filelock\n"
    )
    found = json.loads(plan(indexes, "--format", "json", text=text).stdout)["resolved"]
    held = {(each["stage_name"], each["prefix"]): len(each["packages"]) for each in found}
    assert held == {("1", "/opt/venv"): 1, ("1", "/usr/local"): 1, ("build", "/opt/venv"): 1}


def test_the_wheel_that_fits_best_is_counted(folder):
    from local_index import Release

    releases = (
        Release("many", "1.0", "39 310 311", size=5_000_000),
        replace(Release("many", "1.0", "310", size=9_000_000), platform="manylinux_2_28_x86_64"),
    )
    with local_indexes(default=releases) as found:
        told = plan(found, text="FROM python:3.10-slim\nRUN pip install many\n")
    assert "1 package, 9 MB to download" in told.stdout
