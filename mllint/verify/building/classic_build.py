"""A build request in, the classic builder of an engine (or Podman's) out: events, then an image."""

import codecs
import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from mllint.regex import lazy
from mllint.verify.building.context import BuildContext
from mllint.verify.building.events import (
    BuildFailed,
    BuildRequest,
    BuildTimedOut,
    Listener,
    Step,
    StepOutput,
)
from mllint.verify.building.steps import StepPlaces, Tails
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import Refused, TimedOut

_STEP = lazy(r"(?:Step|STEP) (?P<number>\d+)/\d+ ?: (?P<text>.*)")
_CACHED = lazy(r"^ ---> Using cache|^--> Using cache")
_OWN = lazy(
    r"^ ---> |^Removing intermediate container |^--> |^Successfully |^COMMIT |^[0-9a-f]{64}$"
)
_EXIT_CODE = lazy(r"returned a non-zero code: (?P<code>\d+)|runtime: exit status (?P<status>\d+)")
_SYNTAX = lazy(r"parse error (?:on )?line (?P<line>\d+)")
_ABSENT_IMAGE = lazy(
    r"manifest for (?P<first>\S+) not found|pull access denied for (?P<second>\S+),"
    r"|lookup .* no such host"
)
_COLOUR = lazy(r"\x1b\[[0-9;]*m")
_LONGEST_RECORD = 4 * 1024 * 1024
_LONGEST_ERROR = 1_500


def classic_build(
    engine: Engine, context: BuildContext, request: BuildRequest, listener: Listener
) -> None:
    """Build; raises BuildFailed (BuildTimedOut), DaemonGone, DiskFull."""
    places = StepPlaces(request.dockerfile)
    progress = _Progress(places, listener)
    try:
        pieces = engine.stream(
            "building",
            "POST",
            "/build",
            request.deadline,
            params=_query(context, request),
            data=context.tar(),
            headers={"Content-Type": "application/x-tar"} | engine.registry_headers(),
        )
        with contextlib.closing(pieces):
            for record in records(pieces):
                progress.add(record)
    except Refused as error:
        # A mistake in the Dockerfile is told before anything runs: "parse error line 2: …".
        syntax = _SYNTAX.search(error.message)
        line = int(syntax["line"]) if syntax else None
        raise BuildFailed(error.message, at_line=line) from error
    except TimedOut as error:
        raise progress.timed_out(request.timeout_s) from error
    progress.finish()


def records(pieces: Iterator[bytes]) -> Iterator[dict[str, Any]]:
    """The JSON objects that stand one behind the other in a stream."""
    decoder, text = json.JSONDecoder(), ""
    for piece in codecs.iterdecode(pieces, "utf-8", "replace"):
        text += piece
        begin = 0
        while begin < len(text):
            if text[begin] in " \r\n\t":
                begin += 1
                continue
            try:
                record, end = decoder.raw_decode(text, begin)
            except ValueError:
                break
            begin = end
            if isinstance(record, dict):
                yield record
        text = text[begin:]
        if len(text) > _LONGEST_RECORD:
            text = ""


@dataclass(slots=True)
class _Progress:
    """Takes the records of one build; raises BuildFailed for the one that says so."""

    places: StepPlaces
    listener: Listener
    step: str = ""
    line: int | None = None
    cached: bool = False
    made: bool = False
    tails: Tails = field(default_factory=Tails)
    rest: str = ""

    def add(self, record: dict[str, Any]) -> None:
        if "errorDetail" in record or "error" in record:
            detail = record.get("errorDetail") or {}
            raise self._failure(str(detail.get("message") or record.get("error")), detail)
        if isinstance(record.get("aux"), dict) and record["aux"].get("ID"):
            self.made = True
        text = record.get("stream")
        if isinstance(text, str):
            *lines, self.rest = (self.rest + text).split("\n")
            self.rest = self.rest[-_LONGEST_RECORD:]
            for line in lines:
                self._add_line(_COLOUR.sub("", line).rstrip("\r").rpartition("\r")[2])

    def finish(self) -> None:
        if not self.made:
            raise BuildFailed("the builder ended without an image", self.step, self.line)
        self._end("cached" if self.cached else "done")

    def timed_out(self, seconds: float) -> BuildTimedOut:
        """That the build takes longer than it was given."""
        return BuildTimedOut(seconds, self.step, self.line, self.tails.of(self.step))

    def _add_line(self, text: str) -> None:
        begun = _STEP.fullmatch(text)
        if begun:
            self._end("cached" if self.cached else "done")
            self.step, self.cached = text, False
            self.line = self.places.of_classic(int(begun["number"]), begun["text"])
            self.listener(Step(self.step, self.line, "running"))
        elif _CACHED.match(text):
            self.cached = True
        elif text and not _OWN.match(text) and self.step:
            self.tails.add(self.step, text)
            self.listener(StepOutput(self.step, self.line, text))

    def _end(self, state: str) -> None:
        if self.step:
            self.listener(Step(self.step, self.line, state))
            self.step = ""

    def _failure(self, message: str, detail: dict[str, Any]) -> BuildFailed:
        code = detail.get("code")
        said = _EXIT_CODE.search(message)
        if not code and said:
            code = int(said["code"] or said["status"])
        step, line, output = self.step, self.line, self.tails.of(self.step)
        syntax = _SYNTAX.search(message)
        if syntax:
            line = int(syntax["line"])
        self._end("failed")
        shown = " ".join(_COLOUR.sub("", message).split())[:_LONGEST_ERROR]
        return BuildFailed(shown, step, line, output, int(code) if code else None)


def _query(context: BuildContext, request: BuildRequest) -> dict[str, str]:
    query = {
        "dockerfile": context.dockerfile,
        "t": request.tag,
        "rm": "1",
        "forcerm": "1",
        "labels": json.dumps(dict(request.labels)),
        "buildargs": json.dumps(dict(request.build_args)),
        "nocache": "1" if request.no_cache else "",
        "pull": "1" if request.pull else "",
        "networkmode": request.network or "",
        "shmsize": str(request.shm_bytes or ""),
        "platform": request.platform or "",
        "target": request.target or "",
    }
    return {name: value for name, value in query.items() if value}
