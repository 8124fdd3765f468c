"""The gate to the file system: what it reads, what it refuses, how it writes a path."""

import os
import socket
import stat
import sys
from pathlib import Path

import pytest

from mllint.errors import InputError
from mllint.parse.files import SIZE_LIMIT_BYTES, Files, decode, project_root, show


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "project"
    (root / "sub").mkdir(parents=True)
    (root / "Dockerfile").write_bytes(b"FROM a\r\n")
    (root / "sub" / "reqs.txt").write_bytes(b"torch\n\xff\n")
    (tmp_path / "secret").write_text("outside")
    return root


@pytest.fixture
def files(root):
    return Files(root, root)


def refusal(files, path):
    with pytest.raises(InputError) as caught:
        files.read(path)
    return f"{caught.value.path}: {caught.value.message}"


def test_reads_text_with_the_line_of_the_first_bad_byte(files, root):
    assert files.read(root / "Dockerfile").text == "FROM a\r\n"
    source = files.read(Path("sub/reqs.txt"))
    assert (source.path, source.text, source.invalid) == ("sub/reqs.txt", "torch\n\ufffd\n", 2)


def test_reads_each_file_once(files, root):
    first = files.read(root / "Dockerfile")
    (root / "Dockerfile").write_text("FROM b\n")
    assert files.read(root / "sub" / ".." / "Dockerfile") is first


def test_a_link_within_the_project_keeps_its_own_name(files, root):
    (root / "link").symlink_to("Dockerfile")
    assert files.read(root / "Dockerfile").path == "Dockerfile"
    assert files.read(root / "link").path == "link"
    assert files.is_file(root / "link")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nope", "nope: does not exist"),
        ("Dockerfile/x", "Dockerfile/x: does not exist: a part of its path is a file"),
        ("sub", "sub: is a folder"),
        ("a\0b", "a\0b: is no path"),
        ("x" * 300, "x" * 300 + ": cannot be read: file name too long"),
        ("loop", "loop: cannot be read: too many levels of symbolic links"),
        ("pipe", "pipe: is not a regular file"),
        ("socket", "socket: cannot be read: no such device or address"),
        ("nul", "nul: is not a text file: this line holds a NUL character"),
        ("large", "large: is larger than 10 MiB"),
    ],
)
def test_refusals(files, root, path, message, monkeypatch):
    (root / "loop").symlink_to("loop")
    os.mkfifo(root / "pipe")
    monkeypatch.chdir(root)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    (root / "nul").write_bytes(b"FROM a\n\0")
    with (root / "large").open("wb") as large:
        large.truncate(SIZE_LIMIT_BYTES + 1)
    assert refusal(files, Path(path)) == message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied(files, root):
    (root / "Dockerfile").chmod(0)
    assert refusal(files, root / "Dockerfile") == "Dockerfile: may not be read: permission denied"


@pytest.mark.parametrize("path", ["../secret", "sub/../../secret", "link", "folder/secret"])
def test_nothing_outside_the_project_is_read(files, root, path):
    (root / "link").symlink_to("../secret")
    (root / "folder").symlink_to("..")
    assert "is outside the project; --allow-outside reads it" in refusal(files, Path(path))
    assert not files.is_file(root / path)
    assert not files.inside(root / path)
    assert not files.is_dir(root / "folder")
    assert files.children(root / "folder") == ()
    wide = Files(root, root, allow_outside=True)
    assert wide.read(root / path).text == "outside"
    assert wide.is_file(root / path)


def test_a_name_that_begins_as_the_root_is_outside(files, root):
    (root.parent / "project2").write_text("x")
    assert "outside" in refusal(files, root.parent / "project2")


def test_a_link_that_comes_in_between_is_not_followed(files, root, monkeypatch):
    real = os.path.realpath

    def swapped(path, **options):
        found = real(path, **options)
        if found.endswith("Dockerfile"):
            Path(found).unlink()
            Path(found).symlink_to("../secret")
        return found

    monkeypatch.setattr(os.path, "realpath", swapped)
    assert "cannot be read" in refusal(files, root / "Dockerfile")


def test_children_are_sorted(files, root):
    assert files.children(root) == ("Dockerfile", "sub")
    assert files.children(root / "nope") == ()
    assert files.children(root / "Dockerfile") == ()


def test_root_may_be_a_link(root):
    (root.parent / "alias").symlink_to(root)
    files = Files(root.parent / "alias", root.parent / "alias")
    assert files.read(root.parent / "alias" / "Dockerfile").path == "Dockerfile"


@pytest.mark.parametrize(
    ("cwd", "path", "shown"),
    [
        (".", "Dockerfile", "Dockerfile"),
        (".", "sub/./x", "sub/x"),
        (".", ".", "."),
        ("sub", "../Dockerfile", "../Dockerfile"),
        ("sub", "x", "x"),
    ],
)
def test_show_is_relative_to_the_working_folder(root, cwd, path, shown):
    (root / ".git").mkdir()
    cwd = root / cwd
    assert Files(root, cwd).show(cwd / path) == shown
    assert show(cwd / path, cwd) == shown
    assert Files(root, cwd).absolute(shown) == Path(os.path.normpath(cwd / path))


def test_show_is_absolute_for_another_project(root):
    other = root.parent / "other" / "Dockerfile"
    other.parent.mkdir()
    assert show(other, root) == other.as_posix()


def test_project_root(root, tmp_path):
    assert project_root(root / "sub" / "x", root) == root  # below the working folder
    assert project_root(root / "sub" / "x", tmp_path / "else") == root / "sub"
    assert project_root(root / "sub", tmp_path / "else") == root / "sub"
    (root / ".git").write_text("gitdir: elsewhere")  # a worktree has a file there
    assert project_root(Path("x"), root / "sub") == root
    assert project_root(Path("a\0b"), root) == root


def test_utf_16_is_text():
    assert decode("r.txt", "torch\n".encode("utf-16")).text == "torch\n"


def test_a_device_is_not_read():
    files = Files(Path("/"), Path("/"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert refusal(files, Path("/dev/null")) == "dev/null: is not a regular file"


def test_name_that_is_not_utf_8(files, root):
    if sys.platform == "linux":
        (root / "a\udcff").write_text("FROM a\n")
        assert files.read(root / "a\udcff").text == "FROM a\n"
