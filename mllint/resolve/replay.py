"""The commands of one environment in, in order, the answers of the indexes to each of them out.

What a command leaves installed is there when the next one runs, and is kept where it fits: so pip
does, and so uv is told to.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from packaging.version import Version

from mllint.facts.installs.install import Install
from mllint.facts.resolution import Answer, Chosen, Refusal, Stray, Yanked
from mllint.resolve.alternatives import (
    later_release,
    refused_pythons,
    with_fitting,
    with_releases,
)
from mllint.resolve.answers import Package, read_packages, read_unbuilt, read_withdrawn
from mllint.resolve.asking import Asking
from mllint.resolve.commands import Command
from mllint.resolve.elsewhere import Elsewhere
from mllint.resolve.failures import failure_text
from mllint.resolve.listed import listed_only
from mllint.resolve.old_pip import REASON, is_old_after, is_passed_over
from mllint.resolve.refusals import Part, refusal_of
from mllint.resolve.request import Held, Question
from mllint.resolve.silence import passed_over, silent_index
from mllint.resolve.strays import strays_of
from mllint.resolve.target import Target
from mllint.resolve.uv_calls import Ending, Said
from mllint.resolve.uv_variables import patience_s

_MOST_UNBUILT = 30
_MOST_REFUSALS = 5


@dataclass(slots=True, eq=False, repr=False)
class Replay:
    """An environment on its way. held: what is installed, as far as it is known.

    doubt: why something may be installed that is not in `held`; None while all of it is. listed:
    the packages that the base image is known to bring, where it may bring others, too. preferred:
    versions to take where they fit. elsewhere: what came from no index. old_pip: pip may be one
    that refuses no conflict.
    """

    asking: Asking
    target: Target
    held: dict[str, Held]
    doubt: str | None = None
    listed: frozenset[str] | None = None
    preferred: Mapping[str, Version] = field(default_factory=dict)
    elsewhere: Elsewhere = field(default_factory=Elsewhere)
    old_pip: bool = False

    def answer(self, command: Command) -> Answer:
        """What the indexes say to the next command; raises OSError where uv cannot be called."""
        found = Answer(command.group, command.location)
        for name in command.removed:
            self.held.pop(name, None)
        self.elsewhere = self.elsewhere.with_installs(command.installs)
        for install in command.fixed:
            if install.url is not None:  # pip takes it before what an index has
                self._hold_fixed(install)
        if command.unchecked is not None:
            self.doubt = self.doubt or command.unchecked
            found = found._replace(unchecked=(command.unchecked,))
        elif command.asked:
            found = self._asked(command, found)
        for install in command.fixed:
            self._hold_fixed(install)
        self.old_pip = is_old_after(command, self.held, self.old_pip)
        if command.partial is not None:
            self.doubt = self.doubt or command.partial
            found = found._replace(unchecked=(*found.unchecked, command.partial))
        found = found._replace(likely=found.chosen, doubt=self.doubt)
        if self.doubt is not None:
            return found._replace(chosen=())
        return found if self.listed is None else listed_only(self.listed, command, found)

    def _hold_fixed(self, install: Install) -> None:
        version = install.fixed
        if version is not None and install.name is not None:
            origin = "" if install.locked and version.local is None else None
            self.held[install.name] = Held(version, origin)

    def _asked(self, command: Command, found: Answer) -> Answer:
        """Ask until nothing is left in the way; what only a build tells is left out."""
        question = self._question(command)
        part = Part(command.asked, command.limits)
        refusals: list[Refusal] = []
        left: dict[str, str] = {}
        doubts: list[str] = []
        said = self.asking.ask(part.question(question))
        while said.ending is Ending.NO_SOLUTION and len(refusals) < _MOST_REFUSALS:
            silent = silent_index(self.asking, question, said.told)
            if silent is not None:
                return self._doubtful(found, refusals, [silent])
            unbuilt = dict(read_unbuilt(said.told))
            refusal = self._unmet_python(question, part, unbuilt)
            fresh = unbuilt.keys() - question.excluded
            if refusal is None and fresh and len(left) < _MOST_UNBUILT:
                left.update({name: name + unbuilt[name] for name in fresh})
                question = question._replace(excluded=question.excluded | fresh)
            elif refusal is None and self._is_met_with_previews(question, part):
                reason = "it can be met with pre-releases only, of which pip and uv think otherwise"
                return self._doubtful(found, refusals, [reason])
            else:
                refusal = refusal or refusal_of(self.asking, question, part, said.told)
                if refusal is None:
                    return self._doubtful(found, refusals, ["uv tells no reason that is known"])
                absent = self.elsewhere.reason(refusal)
                if absent is not None and refusal.package not in question.excluded:
                    doubts.append(absent)
                    question = question._replace(excluded=question.excluded | {refusal.package})
                elif self.old_pip and is_passed_over(command, refusal):
                    return self._doubtful(found, refusals, [REASON])
                else:
                    refusal = with_releases(self.asking, question, refusal)
                    refusals.append(with_fitting(self.asking, question, part, refusal))
                    rest = tuple(each for each in part.installs if each is not refusal.install)
                    part = part._replace(installs=rest)
            said = self.asking.ask(part.question(question))
        reasons = [f"only a build would tell what {text} requires" for text in left.values()]
        reasons += doubts
        if said.ending is not Ending.RESOLVED:
            return self._doubtful(found, refusals, [*reasons, *self.failure(said)])
        return self._met(command, question, said, found, refusals, reasons)

    def _met(
        self,
        command: Command,
        question: Question,
        said: Said,
        found: Answer,
        refusals: list[Refusal],
        reasons: list[str],
    ) -> Answer:
        packages = tuple(read_packages(said.output, question.sources))
        direct = {install.name: install for install in command.asked if install.name}
        fresh = tuple(each for each in packages if self._is_new(each))
        fetched = [each for each in fresh if each.name in direct and not direct[each.name].hashed]
        changed = [each for each in packages if each.name in direct or each in fresh]
        for package in packages:
            if package.origin is not None:  # what was there before keeps the index it came from
                self.held[package.name] = Held(package.version, package.origin)
        passed = passed_over(self.asking, question, packages, direct)
        reasons += [passed] if passed is not None else []
        if refusals or reasons:
            out = [
                f"{each.install.text} is left out, as it cannot be installed" for each in refusals
            ]
            self.doubt = self.doubt or [*reasons, *out][0]
        return found._replace(
            chosen=tuple(self._chosen(package) for package in changed),
            refusals=tuple(refusals),
            yanked=tuple(self._yanked(question, said, direct)),
            strays=tuple(self._strays(question, fetched, direct)) if self._is_bare else (),
            unchecked=tuple(reasons),
        )

    @property
    def _is_bare(self) -> bool:
        """Whether nothing is installed but what is known."""
        return self.doubt is None and self.listed is None

    def _is_new(self, package: Package) -> bool:
        held = self.held.get(package.name)
        return held is None or held.version != package.version

    def _question(self, command: Command) -> Question:
        options = command.asked[0].options
        names = frozenset(install.name for install in command.asked if install.name)
        return Question(
            self.target,
            self.asking.indexes.sources(command.sources),
            (),
            held={} if options.target is not None else dict(self.held),
            upgraded=names if options.upgrade or options.reinstall else frozenset(),
            pre=options.pre,
            no_deps=options.no_deps,
            preferred=self.preferred,
            excluded=self.elsewhere.names,
        )

    def _unmet_python(
        self, question: Question, part: Part, unbuilt: dict[str, str]
    ) -> Refusal | None:
        for install in part.installs:
            if install.name in unbuilt:
                found = refused_pythons(self.asking, question, install)
                if found is not None:
                    return found
        return None

    def _is_met_with_previews(self, question: Question, part: Part) -> bool:
        if question.pre:
            return False
        return self.asking.is_met(part.question(question._replace(pre=True))) is not False

    def _doubtful(self, found: Answer, refusals: list[Refusal], reasons: list[str]) -> Answer:
        self.doubt = self.doubt or reasons[0]
        return found._replace(refusals=tuple(refusals), unchecked=tuple(reasons))

    def failure(self, said: Said) -> list[str]:
        """Why there is no answer; nothing where there is one but for what was left out."""
        limit = self.asking.caller.manner.limit_s
        if said.ending is Ending.TIMED_OUT:
            return [f"the indexes did not answer in {limit:g} s"]
        if said.ending is Ending.STOPPED:
            return ["the run was stopped"]
        if said.ending is Ending.FAILED:
            patience = patience_s(self.asking.caller.manner)
            return [failure_text(said.told, self.asking.indexes.original, patience)]
        if said.ending is Ending.NO_SOLUTION:
            return ["more is in its way than what is told here"]
        return []

    def _chosen(self, package: Package) -> Chosen:
        origin = package.origin
        shown = self.asking.indexes.original(origin) if origin else origin
        return Chosen(package.name, package.version, shown, package.wanted_by)

    def _yanked(
        self, question: Question, said: Said, direct: dict[str, Install]
    ) -> Iterator[Yanked]:
        """Withdrawn releases that the command names itself; those it brings along are not its."""
        for each in read_withdrawn(said.told):
            install = direct.get(each.name)
            before = self.held.get(each.name)
            kept = before is not None and before.origin is None
            if install is not None and install.fixed is not None and not kept:
                later = later_release(self.asking, question, install)
                yield Yanked(install, each.name, each.version, each.reason, later)

    def _strays(
        self, question: Question, fetched: list[Package], direct: dict[str, Install]
    ) -> Iterator[Stray]:
        for stray in strays_of(self.asking, question, fetched):
            yield Stray(
                direct[stray.package.name],
                stray.package.version,
                self.asking.indexes.original(stray.package.origin or ""),
                self.asking.indexes.original(stray.passed),
                stray.newest,
            )
