"""Input that grows when it is read, or nests: time and memory stay bounded, no traceback comes.

Each run is a process of its own with a limit on both, so that what grows is killed and seen.
"""

import os
import resource
import subprocess
import sys

import pytest

MEMORY_BYTES = 1 << 30
CPU_S = 30

# A new stage each time: what it inherits grows, what it says does not.
STAGES = "FROM python:3.12 AS s0\n" + "".join(
    f"FROM s{n} AS s{n + 1}\nRUN pip install made-up-{n}\n" for n in range(1_500)
)
PIP = "FROM python:3.12\nCOPY . .\nRUN pip install -r r0.txt\nRUNN\n"


def limited():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))


def run_limited(folder, *arguments):
    """One run of mllint under the limits; fails on a traceback, a crash or a kill."""
    done = subprocess.run(
        [sys.executable, "-m", "mllint", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        preexec_fn=limited,
        check=False,
    )
    assert done.returncode in (0, 1, 2), done.stderr[-500:]
    assert "Traceback" not in done.stderr
    assert "bug in mllint" not in done.stderr
    return done


def project(folder, **texts):
    (folder / ".git").mkdir()
    for name, text in texts.items():
        path = folder / name.replace("_txt", ".txt").replace("_toml", ".toml").replace("__", ".")
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "text",
    [
        "ARG A=12345678\n" + "ARG A=$A$A\n" * 40 + "FROM $A\n",
        "FROM a\nENV A=12345678\n" + "ENV A=$A$A\n" * 40,
        "FROM a\nENV A0=12345678\n"
        + "".join(f"ENV A{n}=$A{n - 1}$A{n - 1}\n" for n in range(1, 60)),
        "FROM a\nRUN A=12345678; " + "A=$A$A; " * 40 + "echo $A\n",
        "FROM a\nENV A=12345678\n" + "ENV A=$A$A\n" * 12 + "ENV B=x$A$A\n" * 20_000,
        "FROM a\nENV A=" + "${B:-" * 3_000 + "x" + "}" * 3_000 + "\n",
        "ARG A=" + "${B:-" * 3_000 + "x" + "}" * 3_000 + "\nFROM $A\n",
        "FROM a\nRUN echo " + "${B:-" * 1_500 + "x" + "}" * 1_500 + "\n",
        "FROM a\nENV A=" + "a" * 30_000 + "\n" + "RUN echo ${A##*b*c} ${A%%b*c*}\n" * 20,
        "FROM a\nENV A=ab B=" + "b" * 2_000 + "\n" + "RUN echo ${A//a/$B$B$B} ${B//b/$B}\n" * 50,
        "FROM a\nRUN " + "sudo env " * 20_000 + "a\n",
        "FROM a\nRUN sudo " + "-E " * 50_000 + "a\n",
        "FROM a\nRUN " + "( " * 1_500 + "a" + " )" * 1_500 + "\n",
        STAGES,
    ],
    ids=lambda text: f"{text[:45]!r}…",
)
def test_growth_and_nesting_stay_bounded(tmp_path, text):
    project(tmp_path, Dockerfile=text)
    run_limited(tmp_path, "check", "-q")
    for form in ("text", "json"):
        assert len(run_limited(tmp_path, "plan", "Dockerfile", "--format", form).stdout) < 5_000_000


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"r0_txt": "torch==" + "1" * 4_301}, "r0.txt:1: holds a number of more than 4,300 digits"),
        ({"pyproject_toml": "a = " + "[" * 3_000 + "]" * 3_000}, "pyproject.toml: is nested too"),
        ({"uv__lock": "a = " + "[" * 3_000 + "]" * 3_000}, "uv.lock: is nested too deeply"),
        ({"compose__yaml": "services: " + "[" * 3_000}, "compose.yaml:1: is no YAML"),
        ({"docker-bake__json": '{"a":' * 5_000}, "docker-bake.json:1: is nested more than"),
    ],
)
def test_what_python_cannot_read_is_one_line(tmp_path, files, message):
    dockerfile = PIP.replace("RUNN", "RUN pip install . && uv sync\nRUNN")
    if "uv__lock" in files:
        files = {**files, "pyproject_toml": "[project]\nname = 'a'\nversion = '1'\n"}
    project(tmp_path, Dockerfile=dockerfile, **{"r0_txt": "numpy\n", **files})
    done = run_limited(tmp_path, "check")
    assert done.returncode == 2
    assert f"mllint: {message}" in done.stderr
    assert "error[dockerfile-syntax]" in done.stdout


def test_a_number_that_no_reader_takes_fails_its_file_alone(tmp_path):
    project(tmp_path, Dockerfile="FROM python:3.12\nRUN pip install torch==" + "1" * 4_301 + "\n")
    (tmp_path / "gpu.Dockerfile").write_text("FROM a\nRUNN\n")
    for arguments in (("check",), ("plan", "Dockerfile")):
        done = run_limited(tmp_path, *arguments)
        assert done.returncode == 2
        assert done.stderr == "mllint: Dockerfile:2: holds a number of more than 4,300 digits\n"
    assert "gpu.Dockerfile:2:1: error" in run_limited(tmp_path, "check").stdout


def test_files_that_include_the_next_one_twice_are_read_once(tmp_path):
    files = {f"r{n}_txt": f"-r r{n + 1}.txt\n-r r{n + 1}.txt\n" for n in range(40)}
    project(tmp_path, Dockerfile=PIP, **files, r40_txt="numpy\n")
    done = run_limited(tmp_path, "check", "-q")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.count("unpinned-requirement") == 1


def test_a_long_chain_of_files_does_not_include_itself(tmp_path):
    files = {f"r{n}_txt": f"-r r{n + 1}.txt\n" for n in range(100)}
    project(tmp_path, Dockerfile=PIP, **files, r100_txt="numpy\n")
    done = run_limited(tmp_path, "check", "-q")
    assert (done.returncode, done.stderr) == (1, "")
    assert "r100.txt:1:1: info[unpinned-requirement]" in done.stdout


def test_a_crash_is_told_though_the_dockerfile_was_not_asked_for(tmp_path, monkeypatch):
    from mllint.config import Settings
    from mllint.loader import Loader
    from mllint.runner import run

    def crash(self, path):
        raise KeyError("x")

    project(tmp_path, Dockerfile=PIP, requirements_txt="numpy\n")
    monkeypatch.setattr(Loader, "load", crash)
    report = run(("requirements.txt",), tmp_path, Settings(tmp_path))
    assert [(each.path, "KeyError" in each.message) for each in report.failures] == [
        ("Dockerfile", True)
    ]


# (name, text of n): a thing of which a file may hold many, and the loop that once ran over all of
# them for each.
MANY = {
    "assignments": lambda n: (
        "FROM a\nRUN " + "; ".join(f"A{k}={k}; echo $A{k}" for k in range(n)) + "\n"
    ),
    "arguments": lambda n: (
        "FROM a\n" + "".join(f"ARG A{k}_TOKEN\nRUN echo {k}\n" for k in range(n))
    ),
    "packages": lambda n: (
        "FROM debian:12\n" + "".join(f"RUN apt-get install -y lib{k}-dev\n" for k in range(n))
    ),
    "redirects": lambda n: (
        "FROM python:3.12\nRUN pip install " + " ".join(f"p{k}>={k}.0" for k in range(n)) + "\n"
    ),
    "copies": lambda n: (
        "FROM python:3.12\n" + "".join(f"COPY a{k} /b{k}\nRUN sh /b{k}/c.sh\n" for k in range(n))
    ),
    "strips": lambda n: "FROM a\nENV A=" + "a/" * n + "\nRUN echo ${A##*/} ${A%%/*} ${A#*/}\n",
}


def cpu_s(folder, text):
    (folder / "Dockerfile").write_text(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run_limited(folder, "check", "-q")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime


@pytest.mark.parametrize("what", MANY)
def test_four_times_as_much_takes_no_sixteen_times_as_long(tmp_path, what):
    (tmp_path / ".git").mkdir()
    start = cpu_s(tmp_path, "FROM a\n")
    few = max(cpu_s(tmp_path, MANY[what](500)) - start, 0.05)
    assert cpu_s(tmp_path, MANY[what](2_000)) - start <= 8 * few


@pytest.mark.skipif(os.name == "nt", reason="limits are POSIX's")
def test_the_limits_are_set(tmp_path):
    code = "import sys; a = 'x' * (2 << 30)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, preexec_fn=limited, check=False
    )
    assert b"MemoryError" in done.stderr
