"""What `mllint verify` found out in, JSON for programs out: version 1.

    {
      "version": 1,
      "tool": {"name": "mllint", "version": "0.1.0"},
      "subject": "Dockerfile", "engine": "Docker 27.5.1 at unix:///…", "platform": "linux/amd64",
      "service": {"name", "path", "line", "user", "shm_bytes", "memory_bytes", "volumes": [{
        "kind": "volume" | "bind" | "tmpfs", "source", "target", "read_only", "written", "kept"}]}
        | null,
      "verdict": "passed", "exit_code": 0,
      "build": {"builder": "…", "seconds": 81.5, "failure": null | {
        "message", "step", "path", "line", "output": […], "explanation", "help", "rule"}} | null,
      "image": {"id", "names", "platform", "size_bytes", "user", "workdir", "entrypoint",
                "command"} | null,
      "gpu": {"state": "proven" | "failed" | "unproven" | "not seen", "text", "required",
              "asked", "reason", "driver", "driver_cuda", "devices": [{"name", …}]},
      "checks": [{"name", "outcome": "pass" | "fail" | "warning" | "skipped" | "not measured",
                  "detail", "notes": […], "help"}],
      "predictions": [{"fact", "predicted", "measured", "verdict": "confirmed" | "refuted" |
                       "not measured" | "not predicted", "reason", "path", "line", "declared"}],
      "findings": […],                             as `mllint check` has them
      "sizes": {"total_bytes", "packages_bytes", "layers", "packages", "system_packages",
                "repeated_libraries", "leftovers", "compilers"} | null,
      "kept": "mllint-verify:…" | null, "kept_container": "mllint-verify-…" | null, "left": […],
      "summary": {"passed", "failed", "warnings", "skipped", "not_measured", "confirmed",
                  "refuted"}
    }

Lines are 1-based. What is not known is null. Keys may be added within version 1.
"""

from collections.abc import Callable
from typing import Any

from mllint import __version__
from mllint.parse.source import Location
from mllint.report.json import dump, finding_json
from mllint.report.verify_redacted import redacted
from mllint.report.verify_words import gpu_text, verdict_text
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.comparing.sizes import ImageSizes, LayerSize, PackageSize
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import GpuStart
from mllint.verify.smoke.checks import Check, Outcome
from mllint.verify.verification import (
    Build,
    BuildFailure,
    Verification,
    VerifiedService,
    count_checks,
    count_pairs,
)


def verify_json(of: Verification, exit_code: int, redact: Callable[[str], str] = str) -> str:
    """The run as JSON text, ending with a newline."""
    of = redacted(of, redact)
    tested = of.tested
    document = {
        "version": 1,
        "tool": {"name": "mllint", "version": __version__},
        "subject": of.subject,
        "service": _service(of.service) if of.service is not None else None,
        "engine": of.engine,
        "platform": of.platform,
        "verdict": verdict_text(of, exit_code),
        "exit_code": exit_code,
        "build": _build(of.build) if of.build is not None else None,
        "image": _image(tested.image) if tested is not None else None,
        "gpu": _gpu(of),
        "checks": [_check(check) for check in of.checks],
        "predictions": [_pair(pair) for pair in of.pairs],
        "findings": [finding_json(finding) for finding in of.findings],
        "sizes": _sizes(tested.sizes) if tested is not None else None,
        "kept": of.kept.image,
        "kept_container": of.kept.container,
        "left": list(of.left),
        "summary": _summary(of),
    }
    return dump(document)


def _service(service: VerifiedService) -> dict[str, Any]:
    return {
        **service._asdict(),
        "volumes": [
            {
                "kind": seen.kind,
                "source": seen.source,
                "target": seen.target,
                "read_only": seen.read_only,
                "written": seen.written,
                "kept": seen.kept,
            }
            for seen in service.volumes
        ],
    }


def _build(build: Build) -> dict[str, Any]:
    return {
        "builder": build.builder,
        "seconds": round(build.seconds, 3),
        "failure": _failure(build.failure) if build.failure is not None else None,
    }


def _failure(failure: BuildFailure) -> dict[str, Any]:
    known = failure.known
    return {
        "message": failure.message,
        "step": failure.step,
        **_place(failure.location),
        "output": list(failure.output),
        "explanation": known.message if known is not None else None,
        "help": known.help if known is not None else failure.help or None,
        "rule": known.rule if known is not None else None,
    }


def _place(location: Location | None) -> dict[str, Any]:
    if location is None:
        return {"path": None, "line": None}
    return {"path": location.path, "line": location.span.line}


def _image(image: ImageInfo) -> dict[str, Any]:
    return {
        "id": image.id,
        "names": list(image.names),
        "platform": image.platform,
        "size_bytes": image.size_bytes,
        "user": image.user,
        "workdir": image.workdir,
        "entrypoint": _words(image.entrypoint),
        "command": _words(image.command),
    }


def _words(words: tuple[str, ...] | None) -> list[str] | None:
    return None if words is None else list(words)


def _no_gpu(start: GpuStart) -> str | None:
    """Why the container had no GPU; None when it got the one that was asked for."""
    return (start.said or None) if start.asked else start.reason


def _gpu(of: Verification) -> dict[str, Any]:
    tested = of.tested
    start = tested.gpu if tested is not None else None
    facts = tested.facts if tested is not None else None
    nvidia = facts.nvidia if facts is not None else None
    return {
        "state": of.gpu.name.lower().replace("_", " "),
        "text": gpu_text(of),
        "required": of.gpu_required,
        "asked": start is not None and start.asked,
        "reason": _no_gpu(start) if start is not None else None,
        "driver": nvidia.driver if nvidia is not None else None,
        "driver_cuda": nvidia.cuda if nvidia is not None else None,
        "devices": [
            {
                "number": gpu.number,
                "name": gpu.name,
                "capability": gpu.capability,
                "memory_mib": gpu.memory_mib,
            }
            for gpu in (facts.gpus if facts is not None else ())
        ],
    }


def _check(check: Check) -> dict[str, Any]:
    return {
        "name": check.name,
        "outcome": check.outcome.value,
        "detail": check.detail,
        "notes": list(check.notes),
        "help": check.help or None,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "fact": pair.fact,
        "predicted": pair.predicted,
        "measured": pair.measured,
        "verdict": pair.verdict.value,
        "reason": pair.reason,
        **_place(pair.location),
        "declared": pair.declared,
    }


def _sizes(sizes: ImageSizes) -> dict[str, Any]:
    return {
        "total_bytes": sizes.total_bytes,
        "packages_bytes": sizes.packages_bytes,
        "layers": [_layer(layer) for layer in sizes.layers],
        "packages": [_package(each) for each in sizes.packages],
        "system_packages": [_package(each) for each in sizes.system_packages],
        "repeated_libraries": [
            {
                "name": twin.name,
                "extra_bytes": twin.extra_bytes,
                "copies": [copy._asdict() for copy in twin.copies],
            }
            for twin in sizes.twins
        ],
        "leftovers": [each._asdict() for each in sizes.leftovers],
        "compilers": [each._asdict() for each in sizes.compilers],
    }


def _layer(layer: LayerSize) -> dict[str, Any]:
    return {"text": layer.text, "size_bytes": layer.size_bytes, **_place(layer.location)}


def _package(each: PackageSize) -> dict[str, Any]:
    return {"name": each.name, "version": each.version, "size_bytes": each.size_bytes}


def _summary(of: Verification) -> dict[str, int]:
    return {
        "passed": count_checks(of, Outcome.PASS),
        "failed": count_checks(of, Outcome.FAIL),
        "warnings": count_checks(of, Outcome.WARNING),
        "skipped": count_checks(of, Outcome.SKIPPED),
        "not_measured": count_checks(of, Outcome.NOT_MEASURED),
        "confirmed": count_pairs(of, Verdict.CONFIRMED),
        "refuted": count_pairs(of, Verdict.REFUTED),
    }
