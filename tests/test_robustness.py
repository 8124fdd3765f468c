"""Bad input through the whole command: one clear line each, exit 2, the other files still checked.

Never a traceback, whatever the bytes; time and memory stay bounded.
"""

import os
import stat
import tempfile
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mllint.cli import commands

GOOD = "FROM python:3.12.7-slim\nRUN pip install numpy==1.26.4\n"
BAD = "FROM python:3.12.7-slim\nRUNN b\n"
FOUND = "Dockerfile:2:1: error[dockerfile-syntax]"
REQUIRING = "FROM python:3.12.7-slim\nCOPY . /app\nWORKDIR /app\nRUN pip install -r r.txt\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty project, in which the command is run."""
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    monkeypatch.chdir(project)
    return project


def write(folder, **texts):
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_txt", ".txt").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def mllint(*arguments, stdin=None):
    result = CliRunner().invoke(commands, arguments, input=stdin, prog_name="mllint")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert "Traceback" not in result.output
    assert "bug in mllint" not in result.output
    return result


def only_error(result):
    """The one line on standard error of a run that ended with exit code 2."""
    assert result.exit_code == 2, result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith("mllint: ")
    return line.removeprefix("mllint: ")


def test_a_missing_file(folder):
    write(folder, Dockerfile=BAD)
    result = mllint("check", "no/Dockerfile", "Dockerfile")
    assert only_error(result) == "no/Dockerfile: does not exist"
    assert FOUND in result.stdout


def test_a_folder_without_dockerfiles(folder):
    (folder / "src").mkdir()
    result = mllint("check", "src")
    assert (result.exit_code, result.stdout) == (3, "")
    assert result.stderr == "mllint: nothing to check: no Dockerfile or compose file in src\n"


def test_a_binary_file(folder):
    write(folder, Dockerfile=BAD)
    (folder / "Dockerfile.gpu").write_bytes(b"FROM a\n\x7fELF\x00\x00")
    result = mllint("check")
    assert only_error(result).startswith("Dockerfile.gpu:2: is not a text file")
    assert FOUND in result.stdout


def test_a_file_of_50_megabytes(folder):
    write(folder, Dockerfile=BAD)
    with (folder / "Dockerfile.huge").open("wb") as stream:
        stream.truncate(50_000_000)
    result = mllint("check")
    assert only_error(result) == "Dockerfile.huge: is larger than 10 MiB"
    assert FOUND in result.stdout


def test_a_requirements_file_of_50_megabytes(folder):
    write(folder, Dockerfile=REQUIRING + "RUNN b\n")
    with (folder / "r.txt").open("wb") as stream:
        stream.truncate(50_000_000)
    result = mllint("check")
    assert "r.txt" in only_error(result)
    assert "larger than 10 MiB" in result.stderr
    assert "Dockerfile:5:1: error[dockerfile-syntax]" in result.stdout


@pytest.mark.parametrize(
    "line",
    [
        "    && echo numpy==1.26.4 \\\n",
        "    && pip install numpy==1.26.4 \\\n",
        "    numpy==1.26.4 \\\n",
        "    # a comment\n",
        '    && (true || { echo $(date) "${A:-b}"; }) \\\n',
        "\n",
    ],
    ids=["commands", "installs", "packages", "comments", "nested", "blank"],
)
def test_a_run_of_100_000_lines(folder, line):
    text = "FROM python:3.12.7-slim\nRUN pip install numpy==1.26.4 \\\n" + line * 100_000
    write(folder, Dockerfile=text + "    torch==2.4.0\nRUNN b\n")
    start = time.process_time()
    result = mllint("check", "-q")
    # Up to 15 s; what this is to catch is a loop within a loop, which takes minutes.
    assert time.process_time() - start < 60
    assert result.exit_code == 1
    assert "Dockerfile:100004:1: error[dockerfile-syntax]" in result.stdout


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nRUN " + "(" * 50_000,
        "FROM a\nRUN " + "$(" * 20_000 + ")" * 20_000,
        "FROM a\nRUN " + '"$(' * 5_000,
        "FROM a\nRUN " + "{ " * 20_000 + "}; " * 20_000,
        "FROM a\nRUN " + "if a; then " * 10_000,
        "".join(f"FROM s{n - 1} AS s{n}\n" for n in range(1, 2_000)),
        "".join(f"FROM a AS stage{n}\nCOPY --from=satge{n}x / /\n" for n in range(1_000)),
        "".join(f"FROM a AS {'x' * 4_000}\nCOPY --from={'y' * 4_000} / /\n" for _ in range(99)),
        "FROM python:3.11-slim\n"
        "RUN apt-get install -y gcc-٣ python3.٣ cuda-1٢-1 libcudnn8=8.٣\n"
        "RUN conda install python=3.٣\n"
        "RUN python3.٣ -m pip install 'torch==2.٣' && uv venv --python 3.٣ && pyenv install 3.٣\n"
        "RUN pip install https://a.b/torch-2.1.0%2Bcu1٢1-cp3٣-cp3٣-linux_x86_64.whl\n"
        "RUN pip install torch==2.1.0 -i https://download.pytorch.org/whl/cu1٢1\n"
        "ENV TORCH_CUDA_ARCH_LIST=9.٣ CUDA_VERSION=1٢.4 NVIDIA_REQUIRE_CUDA=cuda>=1٢.1",
        "FROM a\nFROM ²\nCOPY --from=² / /\n",
        "FROM a\n" + "ONBUILD " * 20_000 + "RUN a",
        "FROM a\nRUN <<" + "\nRUN <<".join(f"E{n}" for n in range(3_000)),
        "FROM a\nCOPY " + "[" * 50_000,
        "FROM a\nRUN " + "\\" * 100_000,
        "FROM a\n" + "RUN \\\n" * 50_000,
    ],
    ids=lambda text: f"{text[:40]!r}…",
)
def test_hostile_nesting_and_growth(folder, text):
    write(folder, Dockerfile=text)
    start = time.process_time()
    assert mllint("check", "-q").exit_code in (0, 1, 2)
    assert time.process_time() - start < 60


def test_requirement_files_that_include_each_other(folder):
    write(folder, Dockerfile=REQUIRING + "RUNN b\n", r_txt="-r s.txt\n", s_txt="-r r.txt\nnumpy\n")
    result = mllint("check")
    assert "Dockerfile:5:1: error[dockerfile-syntax]" in result.stdout
    assert only_error(result).startswith("s.txt:1: ")


@pytest.mark.parametrize(
    "target", ["../../etc/passwd", "/etc/passwd", "../secret.txt", "link.txt", "up/secret.txt"]
)
def test_a_requirements_file_outside_the_project(folder, target):
    (folder.parent / "secret.txt").write_text("hunter2\n")
    (folder / "link.txt").symlink_to("../secret.txt")
    (folder / "up").symlink_to("..")
    write(folder, Dockerfile=REQUIRING + "RUNN b\n", r_txt=f"numpy\n-r {target}\n")
    result = mllint("check", "-v")
    assert "hunter2" not in result.output
    assert "root:" not in result.output
    assert "Dockerfile:5:1: error[dockerfile-syntax]" in result.stdout
    line = only_error(result)
    assert line.startswith("r.txt:2: ")
    assert "outside the project" in line


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fail-levle = 'error'\n", "mllint.toml:1: unknown key 'fail-levle'; did you mean 'fail-l"),
        ("[target]\ngpu = ['H100']\n", "mllint.toml:2: unknown key 'gpu'; did you mean 'gpus'?"),
        (
            "select = ['dockerfile-sintax']\n",
            "mllint.toml:1: unknown rule 'dockerfile-sintax'; did",
        ),
        ("select = 1\n", "mllint.toml:1: select takes a list of text, not 1"),
        ("select = [\n", "mllint.toml: not valid TOML"),
        ("\ufeff\0", "mllint.toml: not valid TOML"),
        ("[" * 20_000, "mllint.toml: not valid TOML"),
    ],
)
def test_a_wrong_configuration(folder, text, message):
    write(folder, Dockerfile=BAD, mllint_toml=text)
    assert only_error(mllint("check")).startswith(message)


def test_an_unknown_rule_on_the_command_line(folder):
    write(folder, Dockerfile=BAD)
    line = only_error(mllint("check", "--select", "dockerfile-sintax"))
    assert line == "--select: unknown rule 'dockerfile-sintax'; did you mean 'dockerfile-syntax'?"


def test_an_unknown_rule_in_a_comment(folder):
    write(folder, Dockerfile="FROM a\n# mllint: ignore[dockerfile-sintax]\nRUNN b\n")
    result = mllint("check")
    assert only_error(result).startswith("Dockerfile:2: unknown rule 'dockerfile-sintax'; did you")
    assert "Dockerfile:3:1: error[dockerfile-syntax]" in result.stdout


@pytest.fixture
def readable_folder(monkeypatch):
    """A project that a user other than root can reach, and that user for the time of the test."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        (Path(name) / ".git").mkdir()
        monkeypatch.chdir(name)
        write(Path(name), Dockerfile=BAD)
        mllint("check", "none")  # all that it imports is imported while everything may be read
        user = os.geteuid()
        yield Path(name)
        os.seteuid(user)
        for path in Path(name).iterdir():
            path.chmod(stat.S_IRWXU)


def without_rights():
    """Be nobody from now on, if this is root, whom nothing is forbidden."""
    if os.geteuid() == 0:
        os.seteuid(65534)


@pytest.mark.skipif(os.name == "nt", reason="rights are POSIX's")
@pytest.mark.parametrize("arguments", [("check",), ("check", "secret", "Dockerfile")])
def test_a_folder_that_may_not_be_read(readable_folder, arguments):
    write(readable_folder, secret__Dockerfile=BAD)
    (readable_folder / "secret").chmod(0)
    without_rights()
    result = mllint(*arguments)
    assert only_error(result) == "secret: may not be read: permission denied"
    assert FOUND in result.stdout


@pytest.mark.skipif(os.name == "nt", reason="rights are POSIX's")
def test_a_file_that_may_not_be_read(readable_folder):
    write(readable_folder, gpu_Dockerfile=BAD)
    (readable_folder / "gpu_Dockerfile").chmod(0)
    without_rights()
    result = mllint("check")
    assert only_error(result) == "gpu_Dockerfile: may not be read: permission denied"
    assert FOUND in result.stdout


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe(folder):
    write(folder, Dockerfile=BAD)
    os.mkfifo(folder / "Dockerfile.pipe")
    result = mllint("check", "Dockerfile.pipe", "Dockerfile")
    assert only_error(result) == "Dockerfile.pipe: is not a regular file"
    assert FOUND in result.stdout
    assert mllint("check").exit_code == 1


def test_a_link_out_of_the_project(folder):
    (folder.parent / "secret").write_text("FROM a\nRUN echo hunter2\n")
    write(folder, Dockerfile=BAD)
    (folder / "Dockerfile.far").symlink_to("../secret")
    for arguments in (("Dockerfile.far", "Dockerfile"), (".",)):
        result = mllint("check", *arguments)
        assert only_error(result).startswith("Dockerfile.far: is outside the project")
        assert "hunter2" not in result.output
        assert FOUND in result.stdout
    assert mllint("check", "--allow-outside", "Dockerfile.far").exit_code < 2


def test_a_dockerfile_that_is_a_folder(folder):
    (folder / "Dockerfile").mkdir()
    write(folder, gpu__Dockerfile=BAD)
    assert f"gpu/{FOUND}" in mllint("check").stdout
    assert mllint("check", "Dockerfile").exit_code == 3
    said = "Dockerfile: is a folder: name the Dockerfile in it"
    assert only_error(mllint("plan", "Dockerfile")) == said


def test_names_that_could_command_the_terminal(folder):
    (folder / "Dockerfile.\x1b[2J").write_text(BAD)
    result = mllint("check", "-q")
    assert "\x1b" not in result.output
    assert "Dockerfile.\\x1b[2J:2:1: error[dockerfile-syntax]" in result.stdout


# A file that touches much of the grammar, for mutation: every byte of it matters to some reader.
WHOLE = rb"""# syntax=docker/dockerfile:1
# escape=\
ARG CUDA=12.4.1
FROM nvidia/cuda:${CUDA}-cudnn-devel-ubuntu22.04 AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
ENV PIP_INDEX_URL="https://example.org/simple" A=$CUDA B='x y'
RUN --mount=type=cache,target=/root/.cache apt-get update && \
    # a comment
    apt-get install -y --no-install-recommends python3-pip git; rm -rf /var/lib/apt/lists/*
COPY --chmod=644 r.txt pyproject.toml ./
RUN python3 -m venv /v && /v/bin/pip install -r r.txt 'torch>=2.1,<3' "flash-attn" || exit 1
RUN <<EOF
set -e
for p in numpy pandas; do pip install "$p"; done
EOF
FROM build
COPY --from=build /v /v
# mllint: ignore[dockerfile-syntax] -- why
HEALTHCHECK --interval=5s CMD ["python", "-c", "import torch"]
USER 1000:1000
CMD ["python", "train.py"]
"""
REQUIREMENTS = b"""--extra-index-url https://example.org/simple
torch==2.1.0+cu118 ; python_version < "3.13"  # why
-r other.txt
./local[extra]
numpy>=1.26, \\
    !=2.0 --hash=sha256:00
git+https://example.org/a/b@main#egg=b
"""


@st.composite
def mutated(draw, text):
    """`text` with pieces of it removed, doubled, swapped in, or replaced by bytes of any kind."""
    data = bytearray(text)
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 20)))
        other = draw(st.integers(0, len(data)))
        data[start:end] = draw(
            st.binary(max_size=8)
            | st.sampled_from([b"", b"\\\n", b"'", b'"', b"$(", b"${", b"<<E", b"\r\n", b"\xff"])
            | st.just(bytes(data[other : other + 30]))
        )
    return bytes(data)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / ".git").mkdir()
    return folder


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    dockerfile=mutated(WHOLE) | st.binary(max_size=200),
    requirements=mutated(REQUIREMENTS) | st.binary(max_size=100),
)
@example(dockerfile=WHOLE, requirements=REQUIREMENTS)
@example(dockerfile=b"", requirements=b"")
def test_no_bytes_make_it_crash(scratch, monkeypatch, dockerfile, requirements):
    monkeypatch.chdir(scratch)
    (scratch / "Dockerfile").write_bytes(dockerfile)
    (scratch / "r.txt").write_bytes(requirements)
    outputs = [mllint("check", "Dockerfile", "r.txt", "--format", "json", "-v") for _ in "12"]
    assert outputs[0].exit_code in (0, 1, 2)
    assert outputs[0].output == outputs[1].output
    assert mllint("plan", "Dockerfile").exit_code in (0, 2)


@pytest.mark.parametrize("pattern", ["[[:digit:", "[[:alnum:", "[!", "[[:", "a[b-"])
def test_a_pattern_whose_class_never_ends(tmp_path, monkeypatch, pattern):
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text(pattern + "\n")
    (tmp_path / "Dockerfile").write_text("FROM a:1\n")
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(commands, ["check", "-q", "."]).exit_code == 0
