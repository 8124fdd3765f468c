"""The imports that were tried and the shared libraries that are missing in, checks out."""

from collections.abc import Iterator
from itertools import groupby

from mllint.tables import Tables
from mllint.verify.probing.content_facts import MissingLibrary
from mllint.verify.probing.gpu_facts import Framework
from mllint.verify.probing.image_facts import ImageFacts, Import
from mllint.verify.smoke.checks import Check, Outcome, failed, not_measured, passed, skipped

# The driver brings them into a container that gets a GPU: no image holds them.
DRIVER_LIBRARIES = (
    *("libcuda.so", "libnvidia-", "libnvcuvid.so", "libnvoptix.so", "libcudadebugger.so"),
    *("libGLX_nvidia", "libEGL_nvidia", "libvdpau_nvidia"),
)
_APT = frozenset({"debian", "ubuntu"})


def import_checks(facts: ImageFacts, only_conda: frozenset[str], tables: Tables) -> Iterator[Check]:
    """A check for each import, one for the shared libraries, one for ONNX Runtime's CUDA part."""
    gpu = facts.nvidia is not None and facts.nvidia.ok
    for each in facts.imports:
        check = _import(each, gpu, only_conda)
        yield check._replace(help=_help(each, facts, tables)) if _lacks(check) else check
    if not facts.imports:
        reason = facts.failed("imports") or "neither the plan nor the user names a module"
        yield not_measured("imports", reason)
    if facts.interpreter is not None:
        yield _shared_libraries(facts)
    onnxruntime = facts.framework("onnxruntime")
    if onnxruntime is not None and "CUDAExecutionProvider" in onnxruntime.providers:
        yield _cuda_provider(onnxruntime, facts)
    yield from _loaded(facts)


def is_of_driver(library: str) -> bool:
    """Whether the NVIDIA driver brings that library."""
    return library.startswith(DRIVER_LIBRARIES)


def _import(found: Import, gpu: bool, only_conda: frozenset[str]) -> Check:
    name = f"import {found.module or found.distribution}"
    if found.reason == "is not installed":
        if found.distribution in only_conda:
            return not_measured(name, "conda brings no Python distribution of that name")
        return failed(name, f"{found.distribution} is not installed for the Python that starts")
    if found.reason is not None:
        return not_measured(name, found.reason)
    if found.ok:
        version = f"{found.version} " if found.version else ""
        return passed(name, f"{version}in {found.seconds or 0:.1f} s")
    if found.missing and is_of_driver(found.missing) and not gpu:
        return skipped(name, f"{found.missing} comes with the driver, and there was no GPU")
    notes = [found.place] if found.place and not found.place.startswith("<") else []
    if found.said and found.said != found.message:
        notes.append(found.said)
    return failed(name, f"{found.error}: {found.message}", tuple(notes))


def _lacks(check: Check) -> bool:
    return check.outcome is Outcome.FAIL


def _help(found: Import, facts: ImageFacts, tables: Tables) -> str:
    """What to type for a shared object that is missing; the next one would be missing, too."""
    if found.missing is None:
        return ""
    if is_of_driver(found.missing):
        return "set NVIDIA_DRIVER_CAPABILITIES=compute,utility"
    owner = found.distribution
    wanted = {each.library for each in facts.missing_libraries if owner and each.owner == owner}
    packages = {
        need.library: need.apt_package
        for need in tables.shared_libraries.needed
        if need.library in {found.missing, *wanted}
    }
    if facts.system is None or facts.system.distro not in _APT or found.missing not in packages:
        return f"install what brings {found.missing}"
    names = " ".join(sorted(set(packages.values())))
    return f"add `RUN apt-get update && apt-get install -y --no-install-recommends {names}`"


def _shared_libraries(facts: ImageFacts) -> Check:
    """Missing ones are a fault where the import of their owner says so; others may be optional.

    torchaudio has a file for each version of FFmpeg, of which one at most can be loaded.
    """
    name = "shared libraries"
    fault = facts.failed("libraries")
    if fault is not None:
        return not_measured(name, fault)
    missing = [each for each in facts.missing_libraries if not is_of_driver(each.library)]
    broken = {each.missing for each in facts.imports if not each.ok and each.missing}
    wanted = [each for each in missing if each.library in broken]
    notes = tuple(_missing_notes(missing))
    if wanted:
        names = ", ".join(dict.fromkeys(each.library for each in wanted))
        return failed(name, f"{names} is not there, and an import fails for it", notes)
    if missing:
        return passed(name, "what was imported finds all of its own; parts may not", notes)
    return passed(name, "every file of the packages finds what it needs")


def _missing_notes(missing: list[MissingLibrary]) -> Iterator[str]:
    ordered = sorted(missing, key=lambda each: (each.owner or "", each.library))
    for owner, group in groupby(ordered, key=lambda each: each.owner):
        names = [each.library for each in group]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        yield f"{owner or 'files of no distribution'}: {', '.join(names[:5])}{more} not found"


def _cuda_provider(onnxruntime: Framework, facts: ImageFacts) -> Check:
    """It is listed as available also where it cannot be loaded, and the CPU then does the work."""
    name = "onnxruntime's CUDA provider"
    error = onnxruntime.provider_error
    if error is None:
        return passed(name, "can be loaded")
    library = error.partition(":")[0]
    if is_of_driver(library):
        return skipped(name, f"{library} comes with the driver, and there was no GPU")
    there = {f"lib{each.name}.so.{each.version}" for each in facts.cuda_libraries}
    if library in there:
        return not_measured(name, f"it finds {library} only once another package has loaded it")
    return failed(
        name,
        f"cannot be loaded: {error}",
        help="install the CUDA and cuDNN that this release is built for, or one for those there",
    )


def _loaded(facts: ImageFacts) -> Iterator[Check]:
    """Which copy of cuDNN and cuBLAS each framework got: there may be several."""
    for framework in facts.frameworks:
        paths = [
            path
            for path in framework.libraries
            if path.rpartition("/")[2].startswith(("libcudnn.so", "libcublas.so", "libcudart"))
        ]
        if paths:
            detail = f"{len(paths)} from {', '.join(sorted({_folder(path) for path in paths}))}"
            yield passed(f"CUDA libraries of {framework.framework}", detail, tuple(paths))


def _folder(path: str) -> str:
    """`the packages`, or the folder of the system that the library lies in."""
    return "the packages" if "-packages/" in path else path.rpartition("/")[0]
