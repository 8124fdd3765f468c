"""Every fact table loads, says where it comes from, and answers with None beyond its date."""

import csv
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.version import Version

from mllint.errors import TableError
from mllint.tables import Tables
from mllint.tables.apt import (
    AptChange,
    AptPackage,
    AptPpaRelease,
    AptReplacement,
    AptState,
    StaleKeyImage,
)
from mllint.tables.base_images import BaseImageRow, ImageVariable, OfficialImage, RegistryMirror
from mllint.tables.build_failures import BuildFailureRow
from mllint.tables.builds import BuildNeeds, ExtensionWheels, Need, WheelSource
from mllint.tables.companions import CompanionRelease
from mllint.tables.conda_channels import EndedPackage
from mllint.tables.cuda_images import CudaImageTag, CudaImageVersion
from mllint.tables.data_folders import DataFolder
from mllint.tables.distributions import (
    ForeignPackage,
    NumpyBuild,
    PytorchIndexName,
    RetiredPackage,
    TwinPackage,
)
from mllint.tables.distros import DistroRelease
from mllint.tables.framework_images import Amd64Image, NgcPytorchImage, PytorchImageTag
from mllint.tables.get_pip import GetPipScript
from mllint.tables.gpus import CudaArchs, CudaDriver, Gpu, GpuFloor, GpuLibrary, TorchGpuArchs
from mllint.tables.import_names import ImportNames
from mllint.tables.package_sizes import PackageSize
from mllint.tables.packages import PackageRole
from mllint.tables.python_images import PythonImageVersion
from mllint.tables.rows import Confidence, RowGroups, read_rows
from mllint.tables.shared_libraries import AptLibraries, ImageLibraries, SharedLibrary
from mllint.tables.torch import TorchRelease, TorchVariant
from mllint.tables.wheel_growth import MeasuredWheel
from mllint.tables.wheels import WheelRelease

FOLDER = Path(__file__).parent.parent / "rules" / "tables"
TABLES = Tables(FOLDER)
V = Version

# table -> its rows, and the columns that make a row unique
SCHEMAS = {
    "apt_libraries": (AptLibraries, 1),
    "amd64_images": (Amd64Image, 1),
    "apt_packages": (AptPackage, 1),
    "apt_ppas": (AptPpaRelease, 3),
    "apt_replacements": (AptReplacement, 1),
    "apt_stale_keys": (StaleKeyImage, 2),
    "base_images": (BaseImageRow, 2),
    "build_failures": (BuildFailureRow, 1),
    "cuda_archs": (CudaArchs, 1),
    "cuda_image_tags": (CudaImageTag, 1),
    "cuda_image_versions": (CudaImageVersion, 1),
    "cuda_drivers": (CudaDriver, 1),
    "conda_channels": (EndedPackage, 2),
    "data_folders": (DataFolder, 2),
    "distros": (DistroRelease, 2),
    "extension_wheels": (ExtensionWheels, 2),
    "foreign_packages": (ForeignPackage, 1),
    "get_pip_scripts": (GetPipScript, 1),
    "gpu_floors": (GpuFloor, 2),
    "gpus": (Gpu, 1),
    "gpu_libraries": (GpuLibrary, 2),
    "import_names": (ImportNames, 1),
    "image_libraries": (ImageLibraries, 2),
    "shared_libraries": (SharedLibrary, 3),
    "image_environments": (ImageVariable, 2),
    "ngc_pytorch_images": (NgcPytorchImage, 1),
    "numpy_builds": (NumpyBuild, 1),
    "official_images": (OfficialImage, 1),
    "package_builds": (BuildNeeds, 1),
    "package_sizes": (PackageSize, 3),
    "packages": (PackageRole, 3),
    "package_wheels": (WheelRelease, 2),
    "python_images": (PythonImageVersion, 1),
    "pytorch_image_tags": (PytorchImageTag, 1),
    "pytorch_index": (PytorchIndexName, 1),
    "registry_mirrors": (RegistryMirror, 1),
    "retired_packages": (RetiredPackage, 1),
    "torch_companions": (CompanionRelease, 2),
    "torch_gpu_archs": (TorchGpuArchs, 2),
    "torch_releases": (TorchRelease, 1),
    "torch_variants": (TorchVariant, 2),
    "twin_packages": (TwinPackage, 1),
    "wheel_growth": (MeasuredWheel, 1),
}


@pytest.mark.parametrize("table", sorted(SCHEMAS))
def test_rows_load_and_are_unique(table):
    row, key_columns = SCHEMAS[table]
    rows = read_rows(FOLDER / f"{table}.csv", row)
    keys = list(row.__annotations__)[:key_columns]
    counts = Counter(tuple(getattr(item, key) for key in keys) for item in rows)
    assert rows
    assert not [key for key, count in counts.items() if count > 1]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.csv")), ids=lambda path: path.stem)
def test_sidecar_says_where_a_table_comes_from(path):
    sidecar = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file))
    assert list(sidecar["columns"]) == header
    assert all(url.startswith("https://") for url in sidecar["source"])
    assert sidecar["source"]
    assert isinstance(sidecar["retrieved"], date)
    assert all(sidecar[key] for key in ("about", "units", "missing_row"))


def test_patterns_of_base_images_compile():
    for row in read_rows(FOLDER / "base_images.csv", BaseImageRow):
        re.compile(row.tag)


ROW_GROUPS = {
    "apt_libraries.csv": AptLibraries,
    "apt_packages.csv": AptPackage,
    "base_images.csv": BaseImageRow,
    "cuda_image_tags.csv": CudaImageTag,
    "package_wheels.csv": WheelRelease,
    "torch_companions.csv": CompanionRelease,
}


class _Sample(NamedTuple):
    name: str
    version: Version | None
    sure: Confidence


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("name,version\n", 1, id="other-header"),
        pytest.param("", 1, id="empty-file"),
        pytest.param("name,version,sure\na,1.0,high\nb,one,high\n", 3, id="bad-version"),
        pytest.param("name,version,sure\na,1.0,sure\n", 2, id="bad-word"),
        pytest.param("name,version,sure\n,1.0,high\n", 2, id="empty-cell"),
        pytest.param("name,version,sure\na,1.0\n", 2, id="cell-missing"),
        pytest.param("name,version,sure\na,1.0,high,x\n", 2, id="cell-too-many"),
    ],
)
def test_malformed_table_is_named_with_its_line(tmp_path, text, line):
    path = tmp_path / "sample.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        read_rows(path, _Sample)
    assert (caught.value.path, caught.value.line) == (str(path), line)


def test_rows_of_a_group_are_found_wherever_they_stand(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_text("name,version,sure\na,1,high\nab,2,low\na,3,low\nb,x,low\na,,low", "utf-8")
    groups = RowGroups(path, _Sample)
    assert [row.version for row in groups.rows("a")] == [Version("1"), Version("3"), None]
    assert list(groups.keys) == ["a", "ab", "b"]
    assert groups.rows("c") == ()
    with pytest.raises(TableError) as caught:
        groups.rows("b")
    assert (caught.value.path, caught.value.line) == (str(path), 5)


def test_groups_hold_every_row_of_the_long_tables():
    for name, row in ROW_GROUPS.items():
        groups = RowGroups(FOLDER / name, row)
        assert sum(len(groups.rows(key)) for key in groups.keys) == len(
            read_rows(FOLDER / name, row)
        )


def test_missing_table_is_a_table_error(tmp_path):
    with pytest.raises(TableError):
        _ = Tables(tmp_path).torch.newest


def test_empty_cell_of_an_optional_column_is_none(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_text("name,version,sure\na,,low\n", encoding="utf-8")
    assert read_rows(path, _Sample) == (_Sample("a", None, Confidence.LOW),)


@pytest.mark.parametrize(
    ("version", "variant", "exists"),
    [
        pytest.param("2.0.1", "cu118", True, id="listed"),
        pytest.param("2.0.1", "cu121", False, id="never-built"),
        pytest.param("2.1.0+cu118", "cpu", True, id="local-part-ignored"),
        pytest.param("2.9.1", "cu129", True, id="missing-in-the-matrix"),
        pytest.param("2.12.0", "cu128", None, id="matrix-not-complete"),
        pytest.param("2.4.0", "rocm6.1", True, id="rocm"),
        pytest.param("2.4.0", "rocm5.0", None, id="rocm-not-complete"),
        pytest.param("2.4.0", "xpu", None, id="other-label"),
        pytest.param("99.0", "cpu", None, id="beyond-the-table"),
    ],
)
def test_torch_variant_exists(version, variant, exists):
    assert TABLES.torch.variant_exists(V(version), variant) is exists


def test_torch_release():
    release = TABLES.torch.release(V("2.1.0+cu118"))
    assert (release.cuda, release.torchvision) == (V("12.1"), (V("0.16.0"),))
    assert TABLES.torch.release(V("2.3.0a0")) is None
    assert TABLES.torch.default_variant(V("2.1.0")).variant == "cu121"
    assert [TABLES.torch.release(V(v)).aarch64_gpu for v in ("2.10.0", "2.11.0")] == [False, True]
    assert TABLES.torch.newest == max(row.torch for row in TABLES.torch.releases)


def test_companions():
    vision = TABLES.companions.release("torchvision", V("0.16.0+cu118"))
    assert vision.accepts_torch(V("2.1.0+cu121"))
    assert not vision.accepts_torch(V("2.1.1"))
    # The last torchaudio declares no torch at all.
    assert TABLES.companions.release("torchaudio", V("2.11.0")).accepts_torch(V("2.0")) is None
    assert TABLES.companions.release("torchvision", V("99.0")) is None
    fitting = TABLES.companions.fitting("xformers", V("2.3.0"))
    assert [str(row.version) for row in fitting] == ["0.0.26.post1"]


@pytest.mark.parametrize(
    ("package", "version", "python", "has_wheel"),
    [
        pytest.param("torch", "2.0.1", "3.12", False, id="too-new"),
        pytest.param("torch", "2.0.1", "3.11", True, id="exact"),
        pytest.param("torch", "2.8.0", "3.13", True, id="beside-free-threaded"),
        pytest.param("vllm", "0.33.0", "3.14", True, id="abi3"),
        pytest.param("bitsandbytes", "0.50.2", "3.14.1", True, id="any-python-3"),
        pytest.param("xformers", "0.0.35", "3.8", False, id="py39-from-3.9-on"),
    ],
)
def test_wheel_for_python(package, version, python, has_wheel):
    assert TABLES.wheels.release(package, V(version)).has_wheel(V(python)) is has_wheel


def test_wheel_releases():
    assert TABLES.wheels.release("torch", V("2.9.0")).accepts_python(V("3.9")) is False
    # torchvision: `!=3.14.1` leaves 3.14 open
    assert TABLES.wheels.release("torchvision", V("0.29.2")).accepts_python(V("3.14")) is True
    assert TABLES.wheels.release("torchvision", V("0.29.2")).accepts_python(V("3.14.1")) is False
    assert TABLES.wheels.newest_for("torch", V("3.9")) == V("2.8.0")
    assert TABLES.wheels.never_musl("torch")
    assert not TABLES.wheels.never_musl("numpy")
    assert not TABLES.wheels.never_musl("some-unknown-package")
    assert TABLES.wheels.release("torch", V("2.7.0")).glibc_min == V("2.28")
    assert TABLES.wheels.release("torch", V("2.7.0")).sdist is False


@pytest.mark.parametrize(
    ("package", "distro", "release", "state"),
    [
        pytest.param("libgl1-mesa-glx", "debian", "13", AptState.ABSENT, id="gone"),
        pytest.param("libgl1-mesa-glx", "ubuntu", "22.04", AptState.PRESENT, id="still-there"),
        pytest.param("libglib2.0-0", "debian", "13", AptState.PROVIDED, id="renamed-t64"),
        pytest.param("netcat", "debian", "12", AptState.AMBIGUOUS, id="several-providers"),
        pytest.param("nvidia-cuda-toolkit", "debian", "12", None, id="section-not-read"),
        pytest.param("libgl1-mesa-glx", "ubuntu", "23.10", None, id="release-not-covered"),
        pytest.param("libgl1-mesa-glx", "alpine", "3.19", None, id="no-apt"),
        pytest.param("some-unknown-package", "debian", "12", None, id="unknown-package"),
    ],
)
def test_apt_state(package, distro, release, state):
    assert TABLES.apt.state(package, distro, release) is state


def test_apt_replacement():
    row = TABLES.apt.replacement("libgl1-mesa-glx")
    assert (row.replacement, row.same_library, row.change) == ("libgl1", True, AptChange.REMOVED)
    assert TABLES.apt.replacement("python3-distutils").replacement is None
    assert TABLES.apt.replacement("libgl1") is None
    assert TABLES.apt.confidence("libgl1-mesa-glx", "ubuntu") is Confidence.HIGH


def test_every_replacement_installs_somewhere():
    """A name that the table itself calls absent everywhere would be bad advice."""
    rows = {row.package: row for row in read_rows(FOLDER / "apt_packages.csv", AptPackage)}
    releases = AptPackage._fields[1:8]
    for row in read_rows(FOLDER / "apt_replacements.csv", AptReplacement):
        known = rows.get(row.replacement or "")
        states = {getattr(known, name) for name in releases} - {None} if known else {None}
        assert states != {AptState.ABSENT}, row


def test_builds():
    flash = TABLES.builds.needs("flash-attn")
    assert (flash.nvcc, flash.no_build_isolation) == (Need.CONDITIONAL, Need.YES)
    assert flash.wheels is WheelSource.GITHUB_RELEASE
    assert TABLES.builds.from_repository("dao-ailab/Flash-Attention") is flash
    assert TABLES.builds.needs("requests") is None


def test_ready_made_wheels():
    wheels = TABLES.builds.ready_made("flash-attn", V("2.5.6"))
    assert wheels.may_fit(V("2.2.1"), V("12.1"), V("3.10.4"))
    assert not wheels.may_fit(V("2.4.0"), V("12.1"), V("3.10"))
    assert not wheels.may_fit(V("2.2.1"), V("12.1"), V("3.12"))
    # For the newest release, wheels for a later torch may have come since.
    assert TABLES.builds.ready_made("flash-attn", V("2.8.3")).may_fit(V("2.14"), V("13.0"), None)
    assert TABLES.builds.ready_made("flash-attn", V("99")) is None


def test_images():
    tag = "12.1.0-cudnn8-devel-ubuntu22.04"
    assert "12.1.1-cudnn8-devel-ubuntu22.04" in TABLES.cuda_images.twins(tag)
    assert TABLES.cuda_images.version(V("12.4.1")).cudnn_part == "cudnn"
    assert TABLES.python_images.version("3.11").moved_on == "2025-08-11"
    assert V("3.11.4") in TABLES.python_images.patches(V("3.11"))
    assert TABLES.framework_images.ngc_pytorch("24.05").torch == V("2.4.0a0+07cecf4168")
    assert TABLES.framework_images.pytorch("9.9.9-cuda99.0-cudnn9-runtime") is None
    assert TABLES.distros.codename("jammy").python == V("3.10")
    assert TABLES.base_images.original("public.ecr.aws/docker/library/python") == "python"
    assert TABLES.base_images.original("nvcr.io/nvidia/cuda-dl-base") is None


@pytest.mark.parametrize(
    ("package", "version", "libraries"),
    [
        pytest.param("onnxruntime-gpu", "1.18.1", (11, 8), id="cuda-11"),
        pytest.param("onnxruntime-gpu", "1.26.0", (12, 9), id="cuda-12"),
        pytest.param("onnxruntime-gpu", "1.27.0", (13, 9), id="cuda-13"),
        pytest.param("cupy-cuda12x", "13.0.0", (12, None), id="no-cudnn"),
        pytest.param("onnxruntime-gpu", "99.0", None, id="beyond-the-table"),
        pytest.param("torch", "2.1.0", None, id="brings-its-own"),
    ],
)
def test_gpu_library(package, version, libraries):
    row = TABLES.gpus.library(package, V(version))
    assert (row and (row.cuda_major, row.cudnn_major)) == libraries


def test_drivers_and_archs():
    driver = TABLES.gpus.driver(V("12.1.1"))
    assert (driver.toolkit_driver, driver.compatible_driver) == (V("530.30.02"), V("525.60.13"))
    assert TABLES.gpus.driver(V("99.0")) is None
    archs = TABLES.gpus.torch_archs(V("2.12.0+cu126"), "cu126")
    assert [archs.runs_on(capability) for capability in (61, 89, 120)] == [True, True, False]
    assert TABLES.gpus.torch_archs(V("2.12.0"), "cu130").runs_on(120)
    assert TABLES.gpus.torch_archs(V("99.0"), "cu130") is None


def test_import_names():
    assert TABLES.import_names.modules("scikit-learn") == ("sklearn",)
    assert TABLES.import_names.modules("numpy") == ()


def test_every_table_has_a_schema_here():
    assert {path.stem for path in FOLDER.glob("*.csv")} == set(SCHEMAS)


@pytest.mark.parametrize(
    ("image", "tag", "folder"),
    [
        ("postgres", "16.4", "/var/lib/postgresql/data"),
        ("postgres", "17-alpine", "/var/lib/postgresql/data"),
        ("postgres", "18.1", "/var/lib/postgresql"),
        ("postgres", "latest", None),
        ("postgres", None, None),
        ("pgvector/pgvector", "0.8.0-pg17", "/var/lib/postgresql/data"),
        ("pgvector/pgvector", "pg18-trixie", "/var/lib/postgresql"),
        ("mysql", None, "/var/lib/mysql"),
        ("chromadb/chroma", "0.6.3", "/chroma/chroma"),
        ("chromadb/chroma", "1.0.0", "/data"),
        ("redis", "7", None),
    ],
)
def test_data_folders(image, tag, folder):
    row = TABLES.data_folders.find(image, tag)
    assert (row and row.folder) == folder


@pytest.mark.parametrize(
    ("text", "capability"),
    [
        ("H100", 90),
        ("NVIDIA GeForce RTX 3090 Ti", 86),
        ("Tesla V100", 70),
        ("rtx4090", 89),
        ("sm_120", 120),
        ("sm_90a", 90),
        ("8.6", 86),
        ("75", 75),
    ],
)
def test_gpus_go_by_name_or_by_compute_capability(text, capability):
    gpu = TABLES.gpus.gpu(text)
    assert gpu is not None
    assert gpu.capability == capability


@pytest.mark.parametrize("text", ["H10", "", "sm_", "cuda"])
def test_an_unknown_gpu_is_none(text):
    assert TABLES.gpus.gpu(text) is None


def test_releases_of_a_package_stand_oldest_first():
    for package in TABLES.wheels.packages:
        versions = [row.version for row in TABLES.wheels.releases(package)]
        assert versions == sorted(versions), package


@pytest.mark.parametrize(
    ("package", "pure", "compiled", "least", "most"),
    [
        ("torch", False, True, 2.0, 2.2),  # has a row
        ("nvidia-cufft-cu12", False, True, 1.3, 1.7),
        ("sentence-transformers", True, False, 3.0, 5.0),
        ("sentence-transformers", True, True, 7.0, 11.0),  # pip compiles it
        ("faiss-cpu", False, True, 3.0, 4.5),
    ],
)
def test_wheel_growth(package, pure, compiled, least, most):
    grown = TABLES.wheel_growth.installed(package, 10**9, pure=pure, compiled=compiled)
    assert least < grown / 10**9 < most
