"""`mllint lock` on indexes of this test: what it writes, and that pip and uv install just that."""

import base64
import hashlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from local_index import ACME, CU118, DEFAULT, Release, local_indexes

from mllint.cli import commands
from mllint.resolve.uv_program import find_uv

SECRET = "s3cr3tpw9"
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def folder(tmp_path, monkeypatch, cache):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("UV_CACHE_DIR", str(cache))
    for name in ("UV_INDEX_URL", "UV_DEFAULT_INDEX", "PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def lock(indexes, *arguments):
    words = ["lock", "Dockerfile", *indexes.options, *arguments]
    return CliRunner().invoke(commands, words, prog_name="mllint", catch_exceptions=False)


def locked(indexes, dockerfile, *arguments):
    """The lines of the lock without comments."""
    Path("Dockerfile").write_text(dockerfile)
    result = lock(indexes, *arguments)
    assert result.exit_code == 0, result.output
    return [line for line in result.stdout.splitlines() if line and line.lstrip()[:1] != "#"]


def refused(indexes, dockerfile, *arguments):
    """The reasons that there is no lock."""
    Path("Dockerfile").write_text(dockerfile)
    result = lock(indexes, "--output", "x.lock", *arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert not Path("x.lock").exists()
    *reasons, last = result.stderr.splitlines()
    assert last == "mllint: nothing is locked"
    return [each for each in reasons if not each.startswith("mllint: --allow-builds lets uv")]


COMMON = "FROM python:3.10-slim\n"
FAMILY = """\
FROM python:3.10-slim-bookworm
RUN pip install torch==2.0.1 torchvision --extra-index-url https://download.pytorch.org/whl/cu118
COPY requirements.txt .
RUN pip install -r requirements.txt
"""
FAMILY_LOCK = """\
# Made by `mllint lock`: /usr/local in stage 0 of Dockerfile
# image: python:3.10-slim-bookworm
# python: 3.10
# platform: x86_64-manylinux_2_36
# indexes: the default one of the installer, https://download.pytorch.org/whl/cu118
# In the place of the installs of Dockerfile:2, 4:
#   COPY requirements.lock /tmp/
#   RUN pip install -r /tmp/requirements.lock
--extra-index-url https://download.pytorch.org/whl/cu118

filelock==3.13.0
    # via
    #   torch
    #   transformers
numpy==1.23.5
    # via
    #   torchvision
    #   transformers
    #   requirements.txt
tokenizers==0.19.1
    # via transformers
torch==2.0.1+cu118
    # via
    #   torchvision
    #   Dockerfile
torchvision==0.15.2+cu118
    # via Dockerfile
transformers==4.40.0
    # via requirements.txt
typing-extensions==4.8.0
    # via torch
"""


def test_several_commands_are_one_set(indexes, folder):
    (folder / "Dockerfile").write_text(FAMILY)
    (folder / "requirements.txt").write_text("transformers\nnumpy==1.23.5\n")
    result = lock(indexes)
    assert (result.exit_code, result.stdout, result.stderr) == (0, FAMILY_LOCK, "")


def test_a_file_is_written_whole_and_a_second_run_changes_nothing(indexes, folder):
    (folder / "Dockerfile").write_text(FAMILY)
    (folder / "requirements.txt").write_text("transformers\nnumpy==1.23.5\n")
    for _ in range(2):
        result = lock(indexes, "--output", "requirements.lock")
        assert (result.exit_code, result.stdout) == (0, "")
        told = "mllint: requirements.lock: 7 packages of /usr/local in stage 0\n"
        assert result.stderr == told
        assert (folder / "requirements.lock").read_text() == FAMILY_LOCK
    assert sorted(path.name for path in folder.iterdir()) == [
        ".git",
        "Dockerfile",
        "requirements.lock",
        "requirements.txt",
    ]
    assert lock(indexes, "--output", "no/such/x.lock").exit_code == 2
    result = lock(indexes, "--output", "requirements.txt")
    assert result.exit_code == 2
    assert "requirements.txt: is read for this lock: name another file" in result.stderr
    assert lock(indexes, "--output", "Dockerfile").exit_code == 2


def test_hashes_are_those_of_the_files_that_fit(indexes, folder):
    lines = locked(indexes, COMMON + "RUN pip install numpy==1.26.4 pyyaml\n", "--hashes")
    name = "/files/default/numpy-1.26.4-cp310-cp310-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
    digest = hashlib.sha256(indexes.files[name]).hexdigest()
    assert lines[:2] == ["numpy==1.26.4 \\", f"    --hash=sha256:{digest}"]
    assert lines[2] == "pyyaml==6.0.1 \\"
    assert len(lines) == 4


def test_what_a_replaced_release_left_behind_is_not_locked(indexes, folder):
    lines = locked(indexes, COMMON + "RUN pip install torch\nRUN pip install torch==2.0.1\n")
    assert lines == ["filelock==3.13.0", "torch==2.0.1", "typing-extensions==4.8.0"]


def test_what_the_base_image_brings_is_not_locked(indexes, folder):
    base = "FROM pytorch/pytorch:2.1.0-cuda12.1-cudnn8-runtime\n"
    (folder / "Dockerfile").write_text(base + "RUN pip install timm torchvision==0.16.0\n")
    for form in ("requirements", "pylock"):
        result = lock(indexes, "--format", form)
        assert result.exit_code == 0
        assert "# Kept as the base image brings it: torch 2.1.0" in result.stdout
        lines = [line for line in result.stdout.splitlines() if not line.lstrip().startswith("#")]
        named = "\n".join(lines)
        assert "timm" in named
        assert "pyyaml" in named
        assert not any(word in named for word in ("torch", "nvidia", "numpy"))


def test_the_numpy_of_a_base_image_stays(indexes, folder):
    """Its torch is built against it: the newest one would break the import."""
    base = "FROM nvcr.io/nvidia/pytorch:24.05-py3\n"
    text = base + "RUN pip install transformers==4.40.0\n"
    assert locked(indexes, text) == [
        "filelock==3.13.0",
        "tokenizers==0.19.1",
        "transformers==4.40.0",
    ]
    assert "# Not in this lock, and left as the base image has it: numpy\n" in lock(indexes).stdout
    named = locked(indexes, base + "RUN pip install transformers==4.40.0 numpy==1.26.4\n")
    assert "numpy==1.26.4" in named


def test_packages_keep_the_index_that_they_came_from(indexes, folder):
    first = "RUN pip install torch==2.1.0 --index-url https://download.pytorch.org/whl/cu118\n"
    lines = locked(indexes, COMMON + first + "RUN pip install transformers\n")
    assert lines[0] == "--extra-index-url https://download.pytorch.org/whl/cu118"
    assert {"torch==2.1.0+cu118", "filelock==3.9.0", "transformers==4.40.0"} <= {*lines}


def test_without_dependencies_the_lock_says_so(indexes, folder):
    bare = "RUN pip install --no-deps torchvision==0.16.0 torch==2.0.1\n"
    (folder / "Dockerfile").write_text(COMMON + bare)
    result = lock(indexes)
    assert "#   RUN pip install --no-deps -r /tmp/requirements.lock\n" in result.stdout
    assert result.stdout.endswith(
        "\n\ntorch==2.0.1\n    # via Dockerfile\ntorchvision==0.16.0\n    # via Dockerfile\n"
    )


def test_uv_is_not_locked_where_it_installs_the_lock(indexes, folder):
    with local_indexes(default=(*DEFAULT, Release("uv", "0.5.0"))) as more:
        text = COMMON + "RUN pip install uv\nRUN uv pip install --system pyyaml\n"
        assert locked(more, text) == ["pyyaml==6.0.1"]
        result = lock(more)
        assert "# Not in this lock: uv (Dockerfile:2)\n" in result.stdout
        assert "installs of Dockerfile:3:" in result.stdout
        # An environment that holds installers alone is not one that is meant.
        (folder / "Dockerfile").write_text(
            COMMON + "RUN pip install uv && uv venv /v && uv pip install -p /v pyyaml\n"
        )
        assert "RUN uv pip install --python /v -r" in lock(more).stdout


def test_what_is_built_from_source_is_named_and_not_locked(indexes, folder):
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "app"\nversion = "1"\ndependencies = ["pyyaml"]\n'
    )
    (folder / "Dockerfile").write_text(
        COMMON + "RUN pip install numpy==1.26.4 git+https://github.com/acme/thing\n"
        "COPY . .\nRUN pip install .\n"
    )
    result = lock(indexes)
    assert result.exit_code == 0
    assert "\nnumpy==1.26.4\n" in result.stdout
    assert "\npyyaml==6.0.1\n" in result.stdout
    git = "git+https://github.com/acme/thing"
    assert f"# Not in this lock, nor what it alone requires: {git} (Dockerfile:2)" in result.stdout
    assert "# Not in this lock: . (Dockerfile:4)\n" in result.stdout
    assert "installs of Dockerfile:2:\n" in result.stdout
    assert result.stderr == f"mllint: not in the lock: {git}\nmllint: not in the lock: .\n"


def test_extras_are_kept(indexes, folder):
    needs = ("pyyaml; extra == 'all'",)
    with local_indexes(default=(*DEFAULT, Release("demo", "1.0", "", needs))) as more:
        lines = locked(more, COMMON + "RUN pip install demo[all]\n")
        assert lines == ["demo==1.0", "pyyaml==6.0.1"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            "RUN pip install torch==2.1.0 torchvision==0.16.0\nRUN pip install torch==2.0.1\n",
            "3: torchvision 0.16.0 requires torch==2.1.0, and torch 2.0.1 is there in the end",
        ),
        (
            "RUN pip install torch==2.0.1\nRUN pip uninstall -y filelock\n",
            "3: torch requires filelock, which is not there in the end",
        ),
        (
            "RUN pip install torch==2.1.0 torchvision==0.15.2\n",
            "2: torchvision 0.15.2 requires torch==2.0.1; the same command asks for torch==2.1.0",
        ),
        (
            "RUN pip install flash-attn numpy\n",
            "2: only a build would tell what flash-attn==2.5.8 requires",
        ),
        ("RUN pip install numpy\nRUN ./x.sh\n", "3: what x.sh installs is not read"),
        ('ARG X\nRUN [ -n "$X" ] || pip install numpy\n', "3: it may not run"),
        (
            "ARG V\nRUN pip install numpy==$V\n",
            "3: what it installs is not known",
        ),
    ],
)
def test_what_is_not_settled_is_not_locked(indexes, folder, text, reason):
    assert refused(indexes, COMMON + text) == [f"Dockerfile:{reason}"]


def test_a_base_image_that_is_not_known_is_not_locked(indexes, folder):
    reasons = refused(indexes, "FROM acme/base:1\nRUN pip install pyyaml\n")
    assert reasons == ["Dockerfile:1: the tables do not know the image acme/base"]


TWO = COMMON + (
    "RUN python -m venv /opt/a && /opt/a/bin/pip install numpy==1.26.4\n"
    "RUN python -m venv /opt/b && /opt/b/bin/pip install pyyaml\n"
)


def test_several_environments_are_a_file_each(indexes, folder):
    (folder / "Dockerfile").write_text(TWO)
    result = lock(indexes)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "/opt/a, /opt/b: name one by --environment" in result.stderr
    assert lock(indexes, "--output", "all.lock").exit_code == 0
    assert "\nnumpy==1.26.4\n" in (folder / "all-opt-a.lock").read_text()
    assert "\npyyaml==6.0.1\n" in (folder / "all-opt-b.lock").read_text()
    assert not (folder / "all.lock").exists()
    assert lock(indexes, "--output", "all.lock", "--check").exit_code == 0
    (folder / "all-opt-b.lock").unlink()
    result = lock(indexes, "--output", "all.lock", "--check")
    assert (result.exit_code, result.stdout) == (1, "--- all-opt-b.lock is not there\n")
    result = lock(indexes, "--environment", "/opt/b")
    assert "RUN /opt/b/bin/pip install -r /tmp/requirements.lock" in result.stdout
    assert lock(indexes, "--environment", "/opt/c").exit_code == 2
    assert lock(indexes, "--format", "pylock", "--output", "pylock.toml").exit_code == 0
    assert (folder / "pylock.opt-a.toml").exists()
    assert lock(indexes, "--format", "pylock", "--output", "all.lock").exit_code == 2


def test_one_failing_environment_writes_none(indexes, folder):
    assert refused(indexes, TWO + "RUN /opt/b/bin/pip install torch==9\n") != []
    assert sorted(path.name for path in folder.iterdir()) == [".git", "Dockerfile"]


def test_a_copied_environment_is_locked_where_it_is_made(indexes, folder):
    (folder / "Dockerfile").write_text(
        "FROM python:3.10 AS build\nRUN pip install tokenizers\n"
        "RUN python -m venv /opt/a && /opt/a/bin/pip install numpy==1.26.4\n"
        "FROM python:3.10-slim\nCOPY --from=build /opt/a /opt/a\n"
    )
    result = lock(indexes)
    assert "/opt/a in stage 1 of Dockerfile\n" in result.stdout
    assert "# In the place of the installs of stage build, Dockerfile:3:\n" in result.stdout
    assert "tokenizers" not in result.stdout


def test_check_tells_what_differs(folder):
    with local_indexes() as changing:
        text = COMMON + "RUN pip install transformers\n"
        (folder / "Dockerfile").write_text(text)
        assert lock(changing, "--output", "x.lock", "--check").exit_code == 1
        assert lock(changing, "--output", "x.lock").exit_code == 0
        before = (folder / "x.lock").read_text()
        result = lock(changing, "--output", "x.lock", "--check")
        assert (result.exit_code, result.output) == (0, "")

        # A newer release: what is locked still fits, and is not the newest any more.
        needs = ("tokenizers<0.20,>=0.19", "numpy>=1.17")
        newer = Release("transformers", "4.41.0", "", needs)
        changing.releases["default"] = (*DEFAULT, newer)
        assert lock(changing, "--output", "x.lock", "--check").exit_code == 0
        result = lock(changing, "--output", "x.lock", "--check", "--upgrade")
        assert result.exit_code == 1
        assert result.stdout == (
            "--- x.lock\n+++ now\n-filelock==3.13.0\n-transformers==4.40.0\n+transformers==4.41.0\n"
        )
        assert (folder / "x.lock").read_text() == before
        assert lock(changing, "--output", "x.lock").exit_code == 0
        assert (folder / "x.lock").read_text() == before

        # The locked release is gone.
        gone = tuple(each for each in DEFAULT if each.version != "4.40.0")
        changing.releases["default"] = (*gone, newer)
        assert lock(changing, "--output", "x.lock", "--check").exit_code == 1
        assert lock(changing, "--output", "x.lock", "--upgrade").exit_code == 0
        assert "\ntransformers==4.41.0\n" in (folder / "x.lock").read_text()

        # The image changes.
        (folder / "Dockerfile").write_text(text.replace("3.10", "3.11"))
        result = lock(changing, "--output", "x.lock", "--check")
        assert result.exit_code == 1
        assert result.stdout.startswith(
            "--- x.lock\n+++ now\n-# image: python:3.10-slim\n-# python: 3.10\n"
            "+# image: python:3.11-slim\n+# python: 3.11\n"
        )


def test_check_repeats_no_credential_of_the_file(indexes, folder):
    (folder / "Dockerfile").write_text(COMMON + "RUN pip install pyyaml\n")
    (folder / "x.lock").write_text(
        f"--index-url https://joe:{SECRET}@a.example/simple\x1b[2J\npyyaml==6.0.1\n"
    )
    result = lock(indexes, "--output", "x.lock", "--check")
    assert result.exit_code == 1
    assert "\n---index-url https://joe:*********@a.example/simple\\x1b[2J\n" in result.stdout


def test_check_of_hashes(indexes, folder):
    (folder / "Dockerfile").write_text(COMMON + "RUN pip install pyyaml\n")
    assert lock(indexes, "--output", "x.lock", "--hashes").exit_code == 0
    assert lock(indexes, "--output", "x.lock", "--check").exit_code == 0
    text = (folder / "x.lock").read_text()
    digest = text.partition("sha256:")[2][:64]
    (folder / "x.lock").write_text(text.replace(digest, "0" * 64))
    result = lock(indexes, "--output", "x.lock", "--check")
    assert result.exit_code == 1
    assert result.stdout.endswith("\n-pyyaml==6.0.1, whose hashes are of none of its files\n")
    assert lock(indexes, "--output", "x.lock").exit_code == 0
    assert (folder / "x.lock").read_text() == text
    (folder / "x.lock").write_bytes(text.replace("\n", "\r\n").encode())
    assert lock(indexes, "--output", "x.lock", "--check").exit_code == 0
    (folder / "x.lock").unlink()
    assert lock(indexes, "--output", "x.lock").exit_code == 0
    assert lock(indexes, "--output", "x.lock", "--check", "--hashes").exit_code == 1


def test_a_lock_that_constrains_the_install_can_be_made_again(folder):
    with local_indexes() as changing:
        (folder / "Dockerfile").write_text(
            COMMON + "COPY x.lock .\nRUN pip install transformers -c x.lock\n"
        )
        (folder / "x.lock").touch()
        assert lock(changing, "--output", "x.lock").exit_code == 0
        newer = Release("transformers", "4.41.0", "", ("tokenizers<0.20,>=0.19",))
        changing.releases["default"] = (*DEFAULT, newer)
        assert lock(changing, "--output", "x.lock", "--check").exit_code == 0
        assert lock(changing, "--output", "x.lock", "--upgrade").exit_code == 0
        assert "\ntransformers==4.41.0\n" in (folder / "x.lock").read_text()


def test_a_lock_that_is_installed_itself_stays(indexes, folder):
    (folder / "Dockerfile").write_text(COMMON + "RUN pip install transformers\n")
    assert lock(indexes, "--output", "x.lock").exit_code == 0
    before = (folder / "x.lock").read_text().partition("\n\n")[2].split("\n")
    (folder / "Dockerfile").write_text(COMMON + "COPY x.lock .\nRUN pip install -r x.lock\n")
    assert lock(indexes, "--output", "x.lock", "--check").exit_code == 0
    result = lock(indexes, "--output", "x.lock")
    assert result.exit_code == 0
    assert "Dockerfile installs x.lock itself, so its versions stay" in result.stderr
    after = (folder / "x.lock").read_text().partition("\n\n")[2].split("\n")
    assert [line for line in after if "==" in line] == [line for line in before if "==" in line]


@pytest.mark.parametrize("form", ["requirements", "pylock"])
def test_no_credential_is_written_or_told(folder, form):
    with local_indexes() as private:
        said = base64.b64encode(f"bob:{SECRET}".encode()).decode()
        private.locked["acme"] = f"Basic {said}"
        address = private.url.replace("://", f"://bob:{SECRET}@") + "/acme"
        (folder / "Dockerfile").write_text(
            COMMON + f"RUN pip install acme-utils==1.2.0 --extra-index-url {address}\n"
        )
        name = "pylock.toml" if form == "pylock" else "x.lock"
        words = ("--format", form, "--output", name, "--hashes")
        results = [lock(private, *words), lock(private, *words, "--check")]
        assert [result.exit_code for result in results] == [0, 0]
        text = (folder / name).read_text()
        assert f"# {private.url}/acme asks for credentials: give the whole address in" in text
        assert "PIP_EXTRA_INDEX_URL" in text or form == "pylock"
        private.locked["acme"] = "another"
        results.append(lock(private, *words))
        assert results[-1].exit_code == 1
        shown = text + "".join(result.output for result in results)
        assert SECRET not in shown
        assert said not in shown


def test_an_index_whose_address_holds_a_credential_is_not_named(folder):
    with local_indexes(**{SECRET: ACME}) as private:
        (folder / "Dockerfile").write_text(
            COMMON + "ARG TOKEN\n"
            f"RUN pip install acme-utils==1.2.0 --extra-index-url {private.url}/$TOKEN\n"
        )
        result = lock(private, "--build-arg", f"TOKEN={SECRET}")
        assert result.exit_code == 0, result.output
        assert SECRET not in result.output
        assert "one that is not named\n" in result.stdout
        assert "credential: give the whole address in PIP_EXTRA_INDEX_URL" in result.stdout
        assert "--extra-index-url" not in result.stdout


def test_a_lock_of_uv_is_one_set_with_what_comes_later(folder):
    with local_indexes() as served:
        (folder / "pyproject.toml").write_text(
            '[project]\nname = "app"\nversion = "1"\nrequires-python = ">=3.10"\n'
            'dependencies = ["torch==2.1.0", "numpy<2"]\n'
            f'[[tool.uv.index]]\nname = "cu"\nurl = "{served.url}/cu118"\nexplicit = true\n'
            '[tool.uv.sources]\ntorch = { index = "cu" }\n'
        )
        default = {"UV_DEFAULT_INDEX": f"{served.url}/default"}
        run(find_uv("this test"), "lock", "--python", sys.executable, **default)
        (folder / "Dockerfile").write_text(
            COMMON + "RUN pip install uv\nWORKDIR /app\nCOPY pyproject.toml uv.lock ./\n"
            "RUN uv sync --frozen --no-install-project\nRUN uv pip install pyyaml\n"
        )
        result = lock(served)
        assert result.exit_code == 0, result.output
        pins = [line for line in result.stdout.splitlines() if "==" in line]
        assert [line for line in pins if not line.startswith("#")] == [
            "filelock==3.13.0",
            "numpy==1.26.4",
            "pyyaml==6.0.1",
            "torch==2.1.0+cu118",
            "typing-extensions==4.8.0",
        ]
        assert f"\n--extra-index-url {served.url}/cu118\n" in result.stdout


def test_a_check_loads_nothing_of_it(folder):
    (folder / "Dockerfile").write_text(COMMON)
    script = (
        "import sys\nfrom mllint.cli import commands\n"
        "commands(['check', '-q', 'Dockerfile'], standalone_mode=False)\n"
        "print([m for m in sys.modules if m.startswith(('mllint.lock', 'mllint.resolve'))])"
    )
    assert run(sys.executable, "-c", script).splitlines()[-1] == "[]"


def test_wrong_use(indexes, folder):
    (folder / "Dockerfile").write_text(COMMON + "RUN pip install -r none.txt\n")
    assert lock(indexes, "--check").exit_code == 2
    assert lock(indexes, "--upgrade").exit_code == 2
    (folder / "pylock.toml").write_text("= no toml\n")
    (folder / "Dockerfile").write_text(COMMON + "RUN pip install pyyaml\n")
    result = lock(indexes, "--format", "pylock", "--output", "pylock.toml")
    assert result.exit_code == 2
    assert result.stderr.startswith("mllint: pylock.toml:1: is no TOML")
    (folder / "Dockerfile").write_text("FROM python:3.10-slim\nRUN true\n")
    result = lock(indexes)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "mllint: Dockerfile: stage 0 installs nothing by name\n"


fits_this_machine = pytest.mark.skipif(
    HERE != "3.11" or os.uname().machine != "x86_64" or not Path("/lib64").exists(),
    reason="the wheels of the test are for Python 3.11 on x86_64 with glibc",
)


@pytest.fixture
def venv(tmp_path_factory):
    path = tmp_path_factory.mktemp("venv")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", path], check=True)
    return path / "bin/python"


def run(*words, **environ):
    done = subprocess.run(
        list(map(str, words)), capture_output=True, text=True, env={**os.environ, **environ}
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@fits_this_machine
@pytest.mark.parametrize("hashes", [(), ("--hashes",)])
def test_pip_installs_the_lock_and_finds_nothing_broken(folder, venv, hashes):
    with local_indexes(default=DEFAULT, cu118=CU118, acme=ACME) as served:
        (folder / "Dockerfile").write_text(
            "FROM python:3.11-slim-bookworm\n"
            f"RUN pip install torch==2.0.1 torchvision --extra-index-url {served.url}/cu118\n"
            "RUN pip install transformers numpy==1.23.5\n"
        )
        assert lock(served, "--output", "x.lock", *hashes).exit_code == 0
        pip = (sys.executable, "-m", "pip", "--python", venv, "--isolated")
        index = f"{served.url}/default"
        run(*pip, "install", "-q", "--index-url", index, "-r", "x.lock", PIP_CONFIG_FILE=os.devnull)
        assert "No broken requirements" in run(*pip, "check")
        frozen = run(*pip, "freeze").split()
        text = (folder / "x.lock").read_text()
        pinned = [line.split()[0] for line in text.splitlines() if line[:1] not in " #-\n" and line]
        assert sorted(frozen) == sorted(pinned)
        assert "torch==2.0.1+cu118" in frozen


@fits_this_machine
def test_uv_takes_the_pylock_file(folder, venv, cache):
    with local_indexes() as served:
        (folder / "Dockerfile").write_text(
            "FROM python:3.11-slim-bookworm\nRUN pip install torchvision==0.15.2 numpy==1.23.5\n"
        )
        assert lock(served, "--format", "pylock", "--output", "pylock.toml").exit_code == 0
        data = tomllib.loads((folder / "pylock.toml").read_text())
        versions = {each["name"]: each["version"] for each in data["packages"]}
        assert versions["torch"] == "2.0.1"
        assert lock(served, "--format", "pylock", "--output", "pylock.toml", "--check").output == ""
        words = (find_uv("this test"), "pip", "install", "--dry-run", "--python", venv)
        told = run(*words, "-r", "pylock.toml", UV_CACHE_DIR=str(cache))
        for name, version in versions.items():
            assert f" + {name}=={version}\n" in told


def test_the_real_index(folder, monkeypatch):
    """A lock for the versions of a common image passes pip for that Python and platform."""
    monkeypatch.delenv("UV_CACHE_DIR")
    (folder / "Dockerfile").write_text(
        "FROM python:3.10-slim\nRUN pip install torch==2.0.1 torchvision==0.15.2 numpy==1.23.5\n"
    )
    words = ["lock", "Dockerfile", "--output", "x.lock"]
    result = CliRunner().invoke(commands, words, catch_exceptions=False)
    if result.exit_code == 1 and "did not answer" in result.stderr:
        pytest.skip("no real index answers")
    assert result.exit_code == 0, result.stderr
    assert "\ntorch==2.0.1\n" in (folder / "x.lock").read_text()
    target = ("--python-version", "3.10", "--only-binary", ":all:", "--target", "t")
    platforms = [f"--platform=manylinux_2_{minor}_x86_64" for minor in range(17, 41)]
    platforms.append("--platform=manylinux2014_x86_64")
    pip = (sys.executable, "-m", "pip", "install", "--dry-run", "-q", "--use-feature=fast-deps")
    run(*pip, "--implementation", "cp", *target, *platforms, "-r", "x.lock")
