"""The build context as a tar: what is in it, and what .dockerignore leaves out."""

import io
import tarfile
import tracemalloc

import pytest

from mllint.errors import InputError
from mllint.verify.building.context import read_context


def names(context) -> dict[str, tarfile.TarInfo]:
    data = io.BytesIO(b"".join(context.tar()))
    with tarfile.open(fileobj=data) as archive:
        return {member.name: member for member in archive}


@pytest.fixture
def project(tmp_path):
    for path in ("Dockerfile", "src/main.py", "src/cache/x.bin", "data/big.bin", "notes.md"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    return tmp_path


def test_everything_without_an_ignore_file(project):
    (project / "link").symlink_to("/etc/passwd")
    (project / "empty").mkdir()
    (project / "src/main.py").chmod(0o755)
    found = names(read_context(project, project / "Dockerfile", b"FROM x\n"))
    assert set(found) == {
        "Dockerfile",
        "data",
        "data/big.bin",
        "empty",
        "link",
        "notes.md",
        "src",
        "src/cache",
        "src/cache/x.bin",
        "src/main.py",
    }
    assert found["link"].linkname == "/etc/passwd"
    assert found["src/main.py"].mode == 0o755
    assert {member.uid for member in found.values()} == {0}


def test_ignored_files_stay_away(project):
    (project / ".dockerignore").write_text("data\n**/cache\n!src/cache/x.bin\nDockerfile\n")
    context = read_context(project, project / "Dockerfile", b"FROM x\n")
    found = names(context)
    # The builder needs the two files, and takes away what the patterns name before it copies.
    assert set(found) == {
        ".dockerignore",
        "Dockerfile",
        "notes.md",
        "src",
        "src/cache/x.bin",
        "src/main.py",
    }
    assert context.size_bytes() == sum(found[name].size for name in found if name != "Dockerfile")


def test_ignore_file_of_the_dockerfile_comes_first(project):
    (project / ".dockerignore").write_text("src\n")
    (project / "gpu.Dockerfile").write_text("FROM x\n")
    (project / "gpu.Dockerfile.dockerignore").write_text("data\n")
    found = names(read_context(project, project / "gpu.Dockerfile", b"FROM x\n"))
    assert "src/main.py" in found
    assert "data/big.bin" not in found


def test_dockerfile_from_elsewhere_is_not_copied(project):
    context = read_context(project / "src", project / "Dockerfile", b"FROM x\n")
    data = io.BytesIO(b"".join(context.tar()))
    with tarfile.open(fileobj=data) as archive:
        assert archive.extractfile(context.dockerfile).read() == b"FROM x\n"
        ignored = archive.extractfile(".dockerignore").read().decode().split()
    assert ignored == [".dockerignore", context.dockerfile]


def test_from_standard_input(project):
    assert "Dockerfile" in names(read_context(project, None, b"FROM x\n"))


def test_pattern_that_builders_refuse(project):
    (project / ".dockerignore").write_text("ok\na[\n")
    context = read_context(project, project / "Dockerfile", b"")
    with pytest.raises(InputError, match=r"\.dockerignore:2: is no pattern"):
        names(context)


def test_large_file_is_never_in_memory(project):
    with (project / "large.bin").open("wb") as stream:
        stream.truncate(200_000_000)
    context = read_context(project, project / "Dockerfile", b"FROM x\n")
    tracemalloc.start()
    size = sum(map(len, context.tar()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 200_000_000
    assert peak < 5_000_000
