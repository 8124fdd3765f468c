"""What reads files inside an image: other systems' databases, and files that are damaged."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from probe_sites import shared_object

from mllint.verify.inside import loader_search, system_packages
from mllint.verify.inside.child_onnxruntime import matmul_model
from mllint.verify.inside.elf import read_shared_object
from mllint.verify.inside.loaded_libraries import CUDA_LIBRARY
from mllint.verify.inside.request import read_request
from mllint.verify.probing.probe_script import VARIABLE

WHOLE = shared_object(["libc.so.6", "libm.so.6"], "$ORIGIN/../lib:/opt/lib")


def test_shared_object(tmp_path):
    path = tmp_path / "x.so"
    path.write_bytes(WHOLE)
    found = read_shared_object(str(path))
    assert found.needed == ["libc.so.6", "libm.so.6"]
    assert found.runpath == ["$ORIGIN/../lib", "/opt/lib"]
    assert (found.machine, found.soname, found.rpath) == ((62, 64), None, [])


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), st.integers(0, len(WHOLE)))
def test_damaged_shared_object(tmp_path_factory, place, byte, length):
    path = tmp_path_factory.getbasetemp() / "damaged.so"
    data = bytearray(WHOLE)
    data[place] = byte
    path.write_bytes(bytes(data[:length]))
    read_shared_object(str(path))


@pytest.mark.parametrize(
    "data",
    [b"", b"glibc-ld.so.cache1.1", b"glibc-ld.so.cache1.1\xff\xff\xff\xff" + bytes(100)],
    ids=["empty", "cut", "count"],
)
def test_damaged_cache_of_the_loader(monkeypatch, data):
    monkeypatch.setattr(loader_search, "open", lambda *_: io.BytesIO(data), raising=False)
    assert len(loader_search._cached_names()) <= 2


@pytest.mark.parametrize(
    ("name", "stem", "version"),
    [
        ("libcudnn.so.9", "cudnn", ".9"),
        ("libcudnn_ops_infer.so.8", "cudnn_ops_infer", ".8"),
        ("libcudart-9335f6a2.so.12", "cudart", ".12"),
        ("libcublasLt.so.11.10.3.66", "cublasLt", ".11.10.3.66"),
        ("libnvrtc-builtins.alt.so.12.6", "nvrtc-builtins", ".12.6"),
        ("libcuda.so.1", "cuda", ".1"),
        ("libcudnn.so", "cudnn", ""),
        ("libcudart_static.a", None, None),
        ("libcudadebugger.so.1", None, None),
        ("libncclx.so", None, None),
    ],
)
def test_names_of_cuda_libraries(name, stem, version):
    match = CUDA_LIBRARY.match(name)
    assert (match and match["stem"], match and match["version"]) == (stem, version)


def test_packages_of_alpine(tmp_path, monkeypatch):
    database = tmp_path / "installed"
    database.write_text(
        "C:Q1\nP:musl\nV:1.2.4-r2\nI:634880\np:so:libc.musl-x86_64.so.1=1\n\n"
        "P:gcc\nV:12.2.1-r14\nI:999\np:cmd:cc=12 so:libgcc.so\n\nP:no-version\n\nV:1\n"
    )
    for name in ("_DPKG", "_DPKG_FOLDER"):
        monkeypatch.setattr(system_packages, name, str(tmp_path / "absent"))
    monkeypatch.setattr(system_packages, "_APK", str(database))
    found = {each.name: each for each in system_packages._installed()}
    assert (found["musl"].version, found["musl"].size_bytes) == ("1.2.4-r2", 634880)
    assert set(found) == {"musl", "gcc", "no-version"}


def test_packages_of_debian_that_are_not_installed_any_more(tmp_path, monkeypatch):
    status = tmp_path / "status"
    status.write_text(
        "Package: a\nStatus: install ok installed\nVersion: 1\nInstalled-Size: 2\n"
        "Provides: b (= 1), c\nDescription: x\n Version: 9\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
        "Package: held\nStatus: hold ok installed\nVersion: 3\nInstalled-Size: much\n"
    )
    monkeypatch.setattr(system_packages, "_DPKG", str(status))
    monkeypatch.setattr(system_packages, "_DPKG_FOLDER", str(tmp_path / "absent"))
    found = {each.name: each for each in system_packages._installed()}
    assert set(found) == {"a", "held"}
    assert (found["a"].version, found["a"].size_bytes, found["a"].provides) == (
        "1",
        2048,
        ["b", "c"],
    )


def test_image_without_a_database_of_packages(tmp_path, monkeypatch):
    for name in ("_DPKG", "_DPKG_FOLDER", "_APK"):
        monkeypatch.setattr(system_packages, name, str(tmp_path / "absent"))
    assert system_packages._installed() is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"token": "short"}', f'{{"token": "{" a" * 20}"}}']
)
def test_request_that_is_none(monkeypatch, text):
    monkeypatch.setenv(VARIABLE, text)
    with pytest.raises((ValueError, AttributeError)):
        read_request()


def test_model_for_onnxruntime_is_small():
    model = matmul_model()
    assert b"MatMul" in model
    assert len(model) < 120
