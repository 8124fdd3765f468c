"""What a path stands for: kinds by name and content, ignored files, links, order, speed."""

import shutil
import subprocess
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mllint.parse.discover import discover
from mllint.parse.kinds import Kind, kind_by_name


def lay_out(root, *paths, **contents):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("FROM a\n")


def names(root, paths):
    return [path.relative_to(root).as_posix() for path in paths]


def dockerfiles(root, *named, exclude=()):
    return names(root, discover(named or ["."], root, exclude).dockerfiles)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        *[(name, Kind.DOCKERFILE) for name in (
            "Dockerfile", "dockerfile", "Dockerfile.gpu", "Dockerfile.cuda12.1", "gpu.Dockerfile",
            "gpu.dockerfile", "Containerfile", "Containerfile.dev", "Dockerfile-gpu",
            "Dockerfile_mlcube", "lz-Dockerfile", "CPUDockerfile", "DockerfileGPU",
            "dockerfile cpu", "Dockerfile_gpu", "a.Containerfile", "Dockerfile.txt",
        )],
        *[(name, None) for name in (
            "Dockerfile.dockerignore", "Dockerfile.md", "Dockerfile.orig", "Dockerfile.j2",
            "Dockerfile.jinja", "Dockerfile.tmpl", "Dockerfile.tpl", "Dockerfile.template",
            "Dockerfile.py", "dockerfile_parser.py", "Dockerfile.sh", "Dockerfile.yml",
            "Dockerfile~", "Dockerfiles", "mydockerfile", "Makefile", "compose.txt", "notes.txt",
        )],
        *[(name, Kind.REQUIREMENTS) for name in (
            "requirements.txt", "requirements-dev.txt", "requirements_gpu.txt", "requirements.in",
            "dev-requirements.txt", "constraints.txt", "requirements.gpu.txt",
            "requirements/base.txt", "requirement.txt",
        )],
        *[(name, Kind.COMPOSE) for name in (
            "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.gpu.yaml",
            "compose.override.yaml",
        )],
    ],
)  # fmt: skip
def test_kind_by_name(name, kind):
    folder, _, name = name.rpartition("/")
    assert kind_by_name(name, folder) is kind


def test_a_folder_is_walked_in_order(tmp_path):
    lay_out(tmp_path, "b/Dockerfile", "a/x.Dockerfile", "Dockerfile", "a/b.txt", "compose.yml",
            "b/requirements.txt")  # fmt: skip
    found = discover([".", "b"], tmp_path, ())
    assert names(tmp_path, found.dockerfiles) == ["Dockerfile", "a/x.Dockerfile", "b/Dockerfile"]
    assert names(tmp_path, found.requirements) == ["b/requirements.txt"]
    assert names(tmp_path, found.composes) == ["compose.yml"]
    assert found.others == ()


def test_an_image_for_a_language_is_told_from_code_about_dockerfiles(tmp_path):
    lay_out(tmp_path, "Dockerfile.cpp", "Dockerfile.nix")
    (tmp_path / "Dockerfile.java").write_text("package build;\n\nclass Dockerfile {}\n")
    (tmp_path / "dockerfile.py").write_text("import docker\n")
    (tmp_path / "Dockerfile.cpp").write_text("# C++ server\nARG BASE=a\nFROM $BASE\n")
    (tmp_path / "Dockerfile.nix").write_text("FROM nixos/nix\n")
    assert dockerfiles(tmp_path) == ["Dockerfile.cpp", "Dockerfile.nix"]


def test_named_files_are_taken_whatever_they_are_called(tmp_path):
    lay_out(tmp_path, "build.gpu", "Dockerfile.j2", "node_modules/Dockerfile")
    (tmp_path / "args").write_text("# syntax=x\n\n# c\n  arg A=1\nFROM a\n")
    (tmp_path / "requirements.txt").write_text("torch\n")
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "Dockerfile").write_text("")
    (tmp_path / ".gitignore").write_text("*\n")
    named = sorted(path.name for path in tmp_path.iterdir() if path.name[0] not in ".n")
    found = discover([*named, "node_modules/Dockerfile"], tmp_path, ["*"])
    assert names(tmp_path, found.dockerfiles) == [
        "Dockerfile", "Dockerfile.j2", "args", "build.gpu", "node_modules/Dockerfile",
    ]  # fmt: skip
    assert names(tmp_path, found.others) == ["pyproject.toml", "requirements.txt"]
    assert found.failures == ()


def test_what_cannot_be_used_is_told(tmp_path):
    (tmp_path / "notes").write_text("Dear diary\n")
    (tmp_path / "out").symlink_to("/etc/hostname")
    found = discover(["nope", "notes", "out", "a\0"], tmp_path, ())
    assert [(failure.path, failure.message) for failure in found.failures] == [
        ("a\0", "is no path"),
        ("nope", "does not exist"),
        ("notes", "is not a Dockerfile: it begins with neither FROM nor ARG, and its name is not"
                  " that of a requirements or compose file"),
        ("out", "is outside the project; --allow-outside reads it all the same"),
    ]  # fmt: skip


def test_skipped_folders(tmp_path):
    lay_out(tmp_path, "node_modules/Dockerfile", ".git/Dockerfile", "x/__pycache__/Dockerfile",
            "lib/site-packages/Dockerfile", "myenv/Dockerfile", ".docker/Dockerfile")  # fmt: skip
    (tmp_path / "myenv" / "pyvenv.cfg").touch()
    assert dockerfiles(tmp_path) == [".docker/Dockerfile"]


def test_links(tmp_path):
    outside = tmp_path / "outside"
    lay_out(tmp_path, "outside/Dockerfile", "root/docker/gpu", "root/a/Dockerfile")
    root = tmp_path / "root"
    (root / ".git").mkdir()
    (root / "loop").symlink_to(".")  # a folder: not followed
    (root / "far").symlink_to(outside)
    (root / "Dockerfile").symlink_to(outside / "Dockerfile")  # leads out
    (root / "Dockerfile.gpu").symlink_to("docker/gpu")  # the only telling name of that file
    (root / "Dockerfile.a").symlink_to("a/Dockerfile")  # found by its own name
    (root / "Dockerfile.dead").symlink_to("nope")
    assert dockerfiles(root) == ["Dockerfile.gpu", "a/Dockerfile"]


def test_gitignore(tmp_path):
    lay_out(tmp_path, "Dockerfile", "build/Dockerfile", "a/build/Dockerfile", "a/keep/Dockerfile",
            "a/drop/Dockerfile", "b/Dockerfile.tmp1", "only/here/Dockerfile",
            "x/only/here/Dockerfile", "vendor/keep/Dockerfile")  # fmt: skip
    (tmp_path / ".gitignore").write_text(
        "# comment\nbuild/\n*.tmp1\n/only/here\nvendor/\n!vendor/keep\n[z-a]\n!\n*a*b*c*d*e*f\n"
    )
    (tmp_path / "a" / ".gitignore").write_text("*\n!keep\n!keep/**\n!build\n!build/*\n")
    (tmp_path / "b" / ".gitignore").write_text("!Dockerfile.tmp1\n")
    assert dockerfiles(tmp_path) == [
        "Dockerfile", "a/build/Dockerfile", "a/keep/Dockerfile", "b/Dockerfile.tmp1",
        "x/only/here/Dockerfile",
    ]  # fmt: skip
    # from a folder within, the rules above it count; an ignored folder named is walked
    (tmp_path / ".git").mkdir()
    assert dockerfiles(tmp_path, "only") == []
    assert dockerfiles(tmp_path, "only/here") == ["only/here/Dockerfile"]
    assert dockerfiles(tmp_path / "a", ".") == ["build/Dockerfile", "keep/Dockerfile"]


def test_exclude(tmp_path):
    lay_out(tmp_path, "Dockerfile", "third_party/x/Dockerfile", "a/Dockerfile.old1", "a/Dockerfile")
    assert dockerfiles(tmp_path, exclude=["third_party", "*.old1"]) == [
        "Dockerfile",
        "a/Dockerfile",
    ]
    assert dockerfiles(tmp_path / "a", exclude=["/Dockerfile"]) == ["Dockerfile.old1"]
    assert dockerfiles(tmp_path, "third_party/x/Dockerfile", exclude=["third_party"]) != []


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.sampled_from(
            ["a", "a/", "/a", "b/a", "!a", "!a/", "*", "!*/", "**/b", "a/**", "!a/b/Dockerfile",
             "Dockerfile.*", "!Dockerfile.x", "/b/*", "!/b/a", "a/**/Dockerfile", "b/Dockerfile?x",
             "[ab]", "\\!a", "b ", "!**/Dockerfile", "[!a]", "[^[:alpha:]]", "[]a]", "a**", "**a/b",
             "**", "**/", "!**/", "a/**/", "Dockerfile[!/]x", "[a", "b\\", "b\\ ", "\\b", "?",
             "*/?", "***", "a/***/b", "/", "//", "!", "[a-]", "[[:nope:]]", "Docker*.?", "b/\r"]
        ),
        max_size=5,
    ),
    st.lists(st.sampled_from(["*", "!Dockerfile", "a", "!a", "/b", "Dockerfile.x"]), max_size=3),
)  # fmt: skip
def test_agrees_with_git(tmp_path, top, nested):
    root = tmp_path / "repo"
    shutil.rmtree(root, ignore_errors=True)
    folders = ["", "a/", "b/", "a/b/", "b/a/", "a/a/b/", "b/b/"]
    lay_out(root, *(f"{f}{n}" for f in folders for n in ("Dockerfile", "Dockerfile.x")))
    (root / ".gitignore").write_text("\n".join(top) + "\n")
    (root / "b" / ".gitignore").write_text("\n".join(nested) + "\n")
    subprocess.run(["git", "init", "-q", root], check=True)
    listed = subprocess.run(
        ["git", "-C", root, "-c", "core.excludesFile=/dev/null", "ls-files", "-o",
         "--exclude-standard"], check=True, capture_output=True, text=True,
    ).stdout.split()  # fmt: skip
    assert dockerfiles(root) == sorted(p for p in listed if "Dockerfile" in p)


def test_two_thousand_dockerfiles_are_found_fast(tmp_path):
    for index in range(2_000):
        folder = tmp_path / f"d{index % 40}" / f"e{index}"
        folder.mkdir(parents=True)
        (folder / "Dockerfile").touch()
    (tmp_path / ".gitignore").write_text("\n".join(f"name{i}/\n*.x{i}" for i in range(40)))
    start = time.process_time()
    assert len(dockerfiles(tmp_path)) == 2_000
    assert time.process_time() - start < 2


def test_a_file_of_blank_lines_is_judged_fast(tmp_path):
    (tmp_path / "blank").write_text("\n \n" * 100_000 + "x")
    start = time.process_time()
    assert discover(["blank"], tmp_path, ()).failures
    assert time.process_time() - start < 1
