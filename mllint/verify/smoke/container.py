"""What can be told of an image from outside in, the checks of it out: no Python is needed."""

from collections.abc import Iterator

from mllint.regex import lazy
from mllint.report.size import memory_text, size_text
from mllint.report.visible import visible
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.engines.run_results import RunResult, StopResult
from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.smoke.checks import Check, failed, not_measured, passed, skipped, warned
from mllint.verify.smoke.input import SmokeInput

_STOP_HELP = (
    "handle the signal in the program, or run it under an init (docker run --init, `init: true`,"
    " tini); where a shell starts it, use the JSON form of CMD, and `exec` in scripts"
)
# What no data and no network would mend.
_CERTAIN = lazy(
    r"^(?:ModuleNotFoundError|ImportError|SyntaxError|IndentationError): "
    r"|error while loading shared|: (?:not found|command not found)$"
    r"|can't open file|exec format error|FATAL tini .* exec .* failed: No such file",
    8,  # re.MULTILINE
)


def container_checks(given: SmokeInput) -> Iterator[Check]:
    """The configuration, the start command, the stop signal, and the user's own commands."""
    yield _configuration(given.image)
    if given.start is not None:
        yield _start(given.start, next((v.lacks for v in given.volumes if v.lacks), ""))
    if given.stop is not None:
        yield _stop(given.stop, given)
    for command, result in given.commands:
        name = f"run `{visible(command)}`"
        if result.ok:
            yield passed(name, f"status 0 after {result.seconds or 0:.1f} s")
        else:
            yield failed(name, result.why)
    yield _shared_memory(given.facts, given.wanted_shm_bytes)


def _configuration(image: ImageInfo) -> Check:
    parts = [image.platform, size_text(image.size_bytes), f"user {image.user or 'root'}"]
    for name, words in (("entrypoint", image.entrypoint), ("command", image.command)):
        parts.append(f"{name} {' '.join(words)}" if words else f"no {name}")
    return passed("configuration", visible(", ".join(parts)))


def _start(result: RunResult, lacks: str) -> Check:
    """A service still runs when its time is up: nothing better can be seen from outside."""
    if result.timed_out and not result.start_error and not result.out_of_memory:
        return passed("start command", f"still runs after {result.seconds or 0:.0f} s")
    if result.ok:
        return passed("start command", f"status 0 after {result.seconds or 0:.1f} s")
    if lacks and not result.out_of_memory:
        return not_measured("start command", f"{result.why}; {lacks}")
    if result.start_error or result.out_of_memory or _CERTAIN.search(result.said):
        return failed("start command", result.why)
    # Without network, GPU and data many a good one ends so.
    help = "name a command that has to succeed: --run CMD"
    return not_measured("start command", result.why, help)


def _stop(result: StopResult, given: SmokeInput) -> Check:
    """That it takes the whole time is how every program is that has no handler: no fault by itself.

    `CMD ["python", "app.py"]` ignores SIGTERM, as the kernel gives a first process no default.
    """
    name, signal = "stop signal", given.image.stop_signal or "SIGTERM"
    if result.ended_in_s is not None and result.ended_in_s < given.grace_s:
        return passed(name, f"ends {result.ended_in_s:.1f} s after {visible(signal)}")
    if result.handled:
        seen = f"does not end within {given.grace_s:g} s of {visible(signal)}"
    else:
        seen = f"does not handle {visible(signal)} when it has run for {result.after_s:.0f} s"
    detail = f"{seen}: docker stop takes {given.grace_s:g} s, and then kills it"
    if given.graceful_stop:
        return failed(name, detail, help=_STOP_HELP)
    return warned(name, detail, _STOP_HELP)


def _shared_memory(facts: ImageFacts | None, wanted_bytes: int | None) -> Check:
    name = "shared memory"
    if facts is None or facts.system is None:
        return not_measured(name, "no probe ran in the image")
    found = facts.system.shm_bytes
    if found is None:
        return not_measured(name, "/dev/shm is no file system of its own")
    if wanted_bytes is None:
        had = f"the container had {memory_text(found)}"
        return skipped(name, f"nothing says how much is wanted; {had}")
    if found < wanted_bytes:
        wanted = memory_text(wanted_bytes)
        return failed(name, f"{memory_text(found)} of {wanted} that were asked for")
    return passed(name, memory_text(found))
