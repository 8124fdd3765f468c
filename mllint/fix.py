"""Findings with fixes in, drafts with the fixes made out: round after round until none is left.

After each round everything is checked anew. A round that breaks a file is taken back, and the rule
whose fix did so is named as a bug. Knows no rule; writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mllint.drafts import Drafts
from mllint.edits import TextEditor
from mllint.errors import InputError
from mllint.facts.commands.run_scripts import run_script
from mllint.finding import Edit, Failure, Finding, Fix, Report, Severity
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.requirements import parse_requirements
from mllint.parse.source import SourceFile

ROUND_LIMIT = 50
_REQUIREMENT_ENDINGS = (".txt", ".in")

Check = Callable[[Mapping[str, bytes]], Report]


def is_open(finding: Finding, *, unsafe: bool) -> bool:
    """Whether the finding has a fix that may be made."""
    fix = finding.problem.fix
    return finding.suppressed is None and fix is not None and (fix.safe or unsafe)


def fix_all(check: Check, drafts: Drafts, *, unsafe: bool) -> Report:
    """The report on the drafts once every fix is made; `check` reports on given drafts."""
    return _Fixing(check, drafts, unsafe).run()


@dataclass(slots=True, eq=False, repr=False)
class _Fixing:
    """What has been fixed so far.

    made: the findings that are fixed. blocked: (rule, path) of fixes that broke the file. careful:
    files in which one rule at a time is fixed, as several together broke them.
    """

    check: Check
    drafts: Drafts
    unsafe: bool
    made: list[Finding] = field(default_factory=list)
    blocked: set[tuple[str, str]] = field(default_factory=set)
    careful: set[str] = field(default_factory=set)
    failures: list[Failure] = field(default_factory=list)

    def run(self) -> Report:
        report = self.check(self.drafts.data)
        for _ in range(ROUND_LIMIT):
            before = dict(self.drafts.data)
            applied = self._apply(report)
            if not applied:
                return self._finished(report)
            after = self.check(self.drafts.data)
            broken = self._broken(applied, report, after)
            if broken:
                self._take_back(before, applied, broken)
            else:
                self.made += applied
                report = after
        rules = ", ".join(sorted({finding.rule for finding in applied}))
        message = f"the fixes of {rules} come to no end, which is a bug in mllint; nothing is fixed"
        self.failures.append(Failure(applied[0].problem.location.path, None, message))
        self.drafts.reset()
        self.made.clear()
        return self._finished(self.check(self.drafts.data))

    def _finished(self, report: Report) -> Report:
        failures = tuple(dict.fromkeys((*report.failures, *self.failures)))
        return report._replace(failures=failures, fixed=tuple(self.made))

    def _apply(self, report: Report) -> list[Finding]:
        """Make every fix that overlaps none before it; the findings whose fix was made."""
        editors: dict[str, TextEditor] = {}
        rules: dict[str, str] = {}  # careful path -> the rule that is fixed in this round
        applied: list[Finding] = []
        for finding in report.findings:
            fix = finding.problem.fix
            if fix is None or not is_open(finding, unsafe=self.unsafe) or not self._may(finding):
                continue
            paths = sorted(_paths(finding))
            if not set(paths).issubset(report.files):
                # What was read went through the gate: it is a file of the project.
                self._block(finding, f"the fix of {finding.rule} edits a file that was not checked")
                continue
            if all(
                path not in self.careful or rules.setdefault(path, finding.rule) == finding.rule
                for path in paths
            ) and self._accept(finding, fix, editors):
                applied.append(finding)
        unsaved = {
            path for path, editor in editors.items() if not self.drafts.put(path, editor.result())
        }
        for finding in applied:
            if not unsaved.isdisjoint(_paths(finding)):
                self._block(finding, "cannot be fixed: not all of it is text of its encoding")
        return [finding for finding in applied if unsaved.isdisjoint(_paths(finding))]

    def _may(self, finding: Finding) -> bool:
        return not any((finding.rule, path) in self.blocked for path in _paths(finding))

    def _accept(self, finding: Finding, fix: Fix, editors: dict[str, TextEditor]) -> bool:
        """Whether all edits of the fix could be taken, in whichever files they are."""
        by_path: dict[str, list[Edit]] = {}
        for edit in fix.edits:
            by_path.setdefault(edit.location.path, []).append(edit)
        if len(by_path) > 1 and not by_path.keys().isdisjoint(editors):
            return False  # a fix of several files is made alone in them, or it might be half made
        try:
            fresh = {path: TextEditor(self.drafts.text(path)) for path in by_path.keys() - editors}
            used = editors | fresh
            if all(used[path].accept(tuple(edits)) for path, edits in by_path.items()):
                editors.update(fresh)
                return True
        except InputError as error:
            self._block(finding, f"cannot be fixed: {error.message}")
        except ValueError as error:
            self._block(finding, f"the fix of {finding.rule} is a bug in mllint: {error}")
        return False

    def _block(self, finding: Finding, message: str) -> None:
        for path in _paths(finding):
            self.blocked.add((finding.rule, path))
            line = finding.problem.location.span.line
            self.failures.append(Failure(path, line, message))

    def _broken(self, applied: list[Finding], before: Report, after: Report) -> dict[str, str]:
        """By path of an edited file: what is wrong in it that was not wrong before the round."""
        edited = {path for finding in applied for path in _paths(finding)}
        broken = {
            path: "the finding is still there"
            for finding in _still_there(applied, before, after)
            for path in _paths(finding)
        }
        new = set(after.failures) - set(before.failures)
        broken |= {failure.path: failure.message for failure in new if failure.path in edited}
        rules = {finding.rule for finding in applied}
        errors = _errors(after, rules) - _errors(before, rules)
        broken |= {
            path: f"there is a new error of {rule}" for path, rule in errors if path in edited
        }
        for path in edited - broken.keys():
            is_dockerfile = path in before.dockerfiles
            if is_dockerfile and path not in after.dockerfiles:
                broken[path] = "it is not a Dockerfile any more"
                continue
            texts = before.sources.get(path), self.drafts.text(path)
            counts = [_syntax_problems(path, text or "", is_dockerfile) for text in texts]
            if counts[1] > counts[0]:
                broken[path] = "it no longer parses"
        return broken

    def _take_back(
        self, before: dict[str, bytes], applied: list[Finding], broken: dict[str, str]
    ) -> None:
        """Undo a round; a file with fixes of one rule tells which rule is at fault."""
        self.drafts.restore(before)
        rules: dict[str, set[str]] = {}
        for finding in applied:
            for path in _paths(finding):
                rules.setdefault(path, set()).add(finding.rule)
        for path, why in sorted(broken.items()):
            if len(rules[path]) > 1:
                self.careful.add(path)
                continue
            (rule,) = rules[path]
            self.blocked.add((rule, path))
            message = f"the fix of {rule} was taken back, which is a bug in mllint: {why}"
            self.failures.append(Failure(path, None, message))


def _paths(finding: Finding) -> set[str]:
    fix = finding.problem.fix
    return {edit.location.path for edit in fix.edits} if fix else set()


def _still_there(applied: list[Finding], before: Report, after: Report) -> Iterator[Finding]:
    """The findings that were fixed and that are not fewer for it."""
    counts = [Counter(map(_said, findings)) for findings in (before.findings, applied)]
    left = Counter(map(_said, after.findings))
    for finding in applied:
        said = _said(finding)
        if left[said] > counts[0][said] - counts[1][said]:
            yield finding


def _said(finding: Finding) -> tuple[str, str, str]:
    return finding.problem.location.path, finding.rule, finding.problem.message


def _errors(report: Report, rules: Iterable[str]) -> Counter[tuple[str, str]]:
    """How many errors of the rules each file has.

    Those of the other rules do not count: a version bound that the shell no longer takes away may
    show that the versions never went together.
    """
    return Counter(
        (finding.problem.location.path, finding.rule)
        for finding in report.findings
        if finding.severity is Severity.ERROR and finding.rule in rules
    )


def _syntax_problems(path: str, text: str, is_dockerfile: bool) -> int:
    """How many things in the text its reader, the builder, a shell or pip, would refuse."""
    source = SourceFile(path, text)
    if not is_dockerfile:
        return len(parse_requirements(source).bad) if path.endswith(_REQUIREMENT_ENDINGS) else 0
    dockerfile = parse_dockerfile(source)
    runs = (each for each in dockerfile.instructions if each.keyword == "RUN")
    shell = sum(len(run_script(run, ("sh",)).script.problems) for run in runs)
    return len(dockerfile.problems) + shell
