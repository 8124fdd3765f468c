"""What the probe told of the interpreter and its packages in, the checks of them out."""

from collections.abc import Iterator

from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.probing.gpu_facts import Computation, Framework
from mllint.verify.probing.image_facts import ImageFacts, Interpreter
from mllint.verify.smoke.checks import Check, failed, not_measured, passed, skipped
from mllint.verify.smoke.gpu import ON_GPU, crashes
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.requirement_conflicts import requirement_conflicts

_MOST_NOTES = 20
# These stop where they cannot write into the home of the user; of others it is a loss of time.
_CACHING = frozenset({"huggingface-hub", "nltk", "sentence-transformers", "transformers"})
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
_HOME, _NEUTRAL = "HOME", frozenset({"cwd", "tmp"})


def python_checks(given: SmokeInput, facts: ImageFacts) -> Iterator[Check]:
    """Interpreter, versions, requirements, folders of the user, torch.distributed."""
    if facts.interpreter is None:
        reason = facts.failed("interpreter") or "the probe said nothing about it"
        yield not_measured("interpreter", reason)
    else:
        yield _interpreter(facts.interpreter, given.pairs)
    yield _versions(given.pairs)
    yield _requirements(given, facts)
    yield _folders(facts, "user")
    if given.other_user is not None:
        yield _folders(given.other_user, "another user")
    for computation in facts.computations:
        if computation.device is None:
            yield _computation(computation)
    for framework in facts.frameworks:
        yield from _framework_faults(framework)
    yield from crashes(child for child in facts.children if child.name not in ON_GPU)


def _interpreter(interpreter: Interpreter, pairs: tuple[Pair, ...]) -> Check:
    name = "interpreter"
    notes = []
    for program in ("pip", "pip3"):
        found = interpreter.program(program)
        if found is not None and found.interpreter and not _is_same(found.interpreter, interpreter):
            notes.append(f"{found.path} installs for {found.interpreter}, another Python")
    shown = f"{interpreter.executable}, Python {interpreter.version}"
    elsewhere = _other_folder(pairs)
    if elsewhere is not None:
        detail = f"{shown}; the packages of the plan are in {elsewhere}"
        return failed(name, detail, tuple(notes))
    return passed(name, shown, tuple(notes))


def _is_same(named: str, interpreter: Interpreter) -> bool:
    """`#!/usr/local/bin/python3.11` of a pip whose Python is /usr/local/bin/python."""
    if named.endswith("/env"):
        return True
    folder = interpreter.executable.rpartition("/")[0]
    return named.rpartition("/")[0] in (folder, f"{interpreter.prefix}/bin")


def _versions(pairs: tuple[Pair, ...]) -> Check:
    """What the project asks for against what is installed; other predictions judge mllint."""
    name = "versions"
    told = (Verdict.CONFIRMED, Verdict.REFUTED)
    judged = [pair for pair in pairs if pair.declared and pair.verdict in told]
    wrong = [pair for pair in judged if pair.verdict is Verdict.REFUTED]
    if not judged:
        return _no_versions(name, pairs)
    if wrong:
        notes = tuple(
            f"{pair.fact}: {pair.predicted} is asked for in {pair.location.path}, "
            f"line {pair.location.span.line}; the image has {pair.measured}"
            for pair in wrong[:_MOST_NOTES]
        )
        return failed(name, f"{len(wrong)} of {len(judged)} are not as asked for", notes)
    return passed(name, f"all {len(judged)} as asked for")


def _no_versions(name: str, pairs: tuple[Pair, ...]) -> Check:
    """Why no version is held against another: each way is another thing to do."""
    if not pairs:
        return not_measured(name, "there is no plan to hold the image against")
    elsewhere = _other_folder(pairs)
    if elsewhere is not None:
        return not_measured(name, f"the packages of the plan are in {elsewhere}, of another Python")
    reason = next((pair.reason for pair in pairs if pair.declared and pair.reason), None)
    if reason is not None:
        return not_measured(name, reason)
    return skipped(name, "the project asks for no package of this Python")


def _other_folder(pairs: tuple[Pair, ...]) -> str | None:
    """Where the plan has its packages, when the start command's Python looks elsewhere."""
    for pair in pairs:
        if pair.fact == "Python's folder" and pair.verdict is Verdict.REFUTED:
            return pair.predicted
    return None


def _requirements(given: SmokeInput, facts: ImageFacts) -> Check:
    name = "requirements"
    fault = facts.failed("distributions")
    conflicts = requirement_conflicts(facts, given.base_conflicts)
    if conflicts is None or fault:
        return not_measured(name, fault or "the probe said nothing about the interpreter")
    if not facts.distributions:
        return skipped(name, "no distribution is installed")
    if not conflicts:
        return passed(name, f"those of {len(facts.distributions)} distributions hold")
    notes = tuple(conflict.text for conflict in conflicts[:_MOST_NOTES])
    return failed(name, f"{len(conflicts)} do not hold, as `pip check` would say", notes)


def _folders(facts: ImageFacts, name: str) -> Check:
    name = f"folders of the {name}" if name == "user" else f"folders of {name}"
    user = facts.user
    if user is None:
        return not_measured(name, facts.failed("system") or "the probe said nothing about the user")
    if facts.system is not None and facts.system.root_read_only:
        return skipped(name, "the container was run read-only")
    caching = sorted(_CACHING & {each.key for each in facts.distributions})
    if facts.interpreter is not None and any(
        name in _OFFLINE and value == "1" for name, value in facts.interpreter.variables
    ):
        caching = []  # they read what was laid into the image
    wrong = [
        folder
        for folder in user.folders
        if not folder.writable and folder.name not in _NEUTRAL and (folder.name != _HOME or caching)
    ]
    who = user.name or f"user id {user.uid}"
    notes = () if user.name else (f"/etc/passwd has no name for user id {user.uid}",)
    if not wrong:
        closed = [each.path for each in user.folders if not each.writable]
        if closed:
            notes = (*notes, f"{who} may not write into {', '.join(closed)}")
        return passed(name, f"{who} may write where the packages have to", notes)
    paths = ", ".join(f"{folder.name}={folder.path}" for folder in wrong)
    if wrong[0].name == _HOME:
        notes = (*notes, f"{', '.join(caching[:5])} write there")
    return failed(name, f"{who} may not write into {paths}", notes)


def _computation(computation: Computation) -> Check:
    name = f"{computation.framework}: {computation.operation}"
    if computation.ok is None:
        return skipped(name, computation.message or "could not be tried")
    if computation.ok:
        seen = f"{computation.message} " if computation.message else ""
        return passed(name, f"{seen}in {computation.seconds or 0:.1f} s")
    return failed(name, f"{computation.error or 'wrong'}: {computation.message}")


def _framework_faults(framework: Framework) -> Iterator[Check]:
    """Another cuDNN than torch was built with shows here, before any kernel."""
    for fault in framework.faults:
        yield failed(f"{framework.framework} tells of itself", fault)
