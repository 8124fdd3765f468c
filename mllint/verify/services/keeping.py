"""A service's container and what stands in for its mounts in, what it may do with each out.

One container writes a file into each mount and is removed, another one reads the files back: that
data outlives a container and that the user may write is seen, not taken for granted.
"""

import secrets
import sys
from collections.abc import Iterable, Iterator

from mllint.regex import lazy
from mllint.report.visible import visible
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import StartFailed, TimedOut
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.probing.start_python import start_pythons
from mllint.verify.services.copying import HostCopy
from mllint.verify.services.mounting import StandIn, StandIns
from mllint.verify.services.volume_seen import VolumeSeen

_TIMEOUT_S = 60.0
_SAID_BYTES = 200_000
_NO_SUCH_PROGRAM = lazy(r"executable file .*not found|no such file or directory|not a directory", 2)
# Arguments: a token, `write` or `read`, and the mounts: `w:/data` to write into, `r:/data` to look
# at, `f:/a.yaml` for a file.
_SHELL = """
t=$1 step=$2 n=0
shift 2
echo "$t user $(id -u):$(id -g)"
for a do
  n=$((n+1)) p=${a#?:}
  f=$p/.mllint-$t
  if [ "$step" = read ]; then
    { read -r x < "$f"; } 2>/dev/null && [ "$x" = "$t$n" ] && echo "$t kept $n"
    rm -f "$f" 2>/dev/null
    continue
  fi
  echo "$t at $n $(ls -ldn "$p" 2>/dev/null)"
  if [ -r "$p" ] && { [ ! -d "$p" ] || [ -x "$p" ]; }; then echo "$t readable $n"; fi
  case $a in
    f:*) if [ -w "$p" ]; then echo "$t written $n"; fi ;;
    w:*) if e=$( { echo "$t$n" > "$f"; } 2>&1 ); then echo "$t written $n"
         else echo "$t refused $n $e"; fi ;;
  esac
done
"""
_PYTHON = """
import os, stat, sys
token, step = sys.argv[1:3]
def say(*words):
    print(token, *words)
say("user", "%d:%d" % (os.getuid(), os.getgid()))
for number, word in enumerate(sys.argv[3:], 1):
    kind, place = word[0], word[2:]
    path = place + "/.mllint-" + token
    if step == "read":
        try:
            with open(path) as file:
                if file.read() == "%s%d" % (token, number):
                    say("kept", number)
            os.remove(path)
        except OSError:
            pass
        continue
    try:
        found = os.stat(place)
        say("at", number, stat.filemode(found.st_mode), 1, found.st_uid, found.st_gid)
    except OSError:
        pass
    if os.access(place, os.R_OK | (os.X_OK if os.path.isdir(place) else 0)):
        say("readable", number)
    if kind == "f" and os.access(place, os.W_OK):
        say("written", number)
    if kind == "w":
        try:
            with open(path, "w") as file:
                file.write("%s%d" % (token, number))
            say("written", number)
        except OSError as error:
            say("refused", number, error.strerror)
"""


def keep_volumes(
    engine: Engine, image: ImageInfo, spec: ContainerSpec, given: StandIns
) -> tuple[VolumeSeen, ...]:
    """What the service's user may do with each mount; two containers at most."""
    tried = [one for one in given.each if not (one.seen.skipped or one.seen.fault)]
    if not tried:
        return tuple(one.seen for one in given.each)
    token, spec = secrets.token_hex(16), given.given(spec, parts=True)
    programs = [["/bin/sh", "-c", _SHELL, "sh"]]
    programs += [[python, "-c", _PYTHON] for python in start_pythons(image)]
    told, program, why = _first(engine, spec, programs, [token, "write", *_arguments(tried)])
    if program is None:
        return tuple(_unseen(one.seen, why) for one in given.each)
    kept: list[list[str]] = []
    if any(one.volume is not None and not one.seen.read_only for one in tried):
        kept, _, why = _first(engine, spec, [program], [token, "read", *_arguments(tried)])
    seen = dict(zip(map(id, tried), _read(tried, [*told, *kept], engine, why), strict=True))
    return tuple(seen.get(id(one), one.seen) for one in given.each)


def _arguments(tried: Iterable[StandIn]) -> Iterator[str]:
    for one in tried:
        kind = "r" if one.seen.read_only else "f" if one.seen.is_file else "w"
        yield f"{kind}:{one.seen.target}"


def _first(
    engine: Engine, spec: ContainerSpec, programs: list[list[str]], words: list[str]
) -> tuple[list[list[str]], list[str] | None, str]:
    """What the first program that the image has printed, word by word; None: there is none."""
    why = "the image has neither a shell nor Python"
    for program in programs:
        asked = spec._replace(entrypoint=[program[0]], command=[*program[1:], *words], gpus=None)
        try:
            with container(engine, asked) as made:
                made.start()
                made.wait(_TIMEOUT_S)
                output = made.output(_SAID_BYTES).stdout.decode("utf-8", "replace")
        except StartFailed as error:
            if _NO_SUCH_PROGRAM.search(error.message) and program[0] in error.message:
                continue
            return [], None, f"the container could not be started: {visible(error.message)}"
        except TimedOut as error:
            return [], None, error.message
        lines = (line.split(" ", 2) for line in output.split("\n"))
        return [rest for first, *rest in lines if first == words[0]], program, ""
    return [], None, why


def _read(
    tried: list[StandIn], told: list[list[str]], engine: Engine, why: str
) -> Iterator[VolumeSeen]:
    """Each mount with the lines about it: `at 1 drwxr-xr-x 2 0 0 …`, `refused 1 …`."""
    user = next((words[1] for words in told if words[0] == "user" and len(words) > 1), "")
    for number, one in enumerate(tried, 1):
        about: dict[str, str] = {}
        for kind, *rest in told:
            said, _, text = (rest[0] if rest else "").partition(" ")
            if said == str(number):
                about[kind] = text
        found = _seen(one, about, engine)._replace(user=user)
        yield found if user else found._replace(unseen=why)


def _seen(one: StandIn, about: dict[str, str], engine: Engine) -> VolumeSeen:
    mode, _, owner, group, *_ = (*about.get("at", "").split(), "", "", "", "")
    written = None if one.seen.read_only else "written" in about
    kept = "kept" in about if one.volume is not None and written else None
    found = one.seen._replace(
        owner=f"{owner}:{group}" if owner else "",
        mode=visible(mode)[:20],
        readable="readable" in about,
        written=written,
        refusal=visible(about.get("refused", "").rpartition(": ")[2])[:200],
        kept=kept,
    )
    if one.copy is not None and found.owner not in ("", one.copy.owner):
        told = f"the engine gave the copy to {found.owner}, and {one.seen.source} belongs to"
        return found._replace(unseen=f"{told} {one.copy.owner}")
    return found if one.copy is None else found._replace(doubt=_doubt(one.copy, engine))


def _doubt(copy: HostCopy, engine: Engine) -> str:
    """Why the owner of a copy says little of what the service would meet."""
    if copy.absent:
        return ""
    if engine.endpoint.socket is None:
        return "the engine is on another machine, whose folder may have another owner"
    if engine.info.maps_users:
        return "the users of this engine are others on the machine"
    if sys.platform != "linux":
        return "Docker Desktop gives the folders of this machine owners of its own"
    return ""


def _unseen(seen: VolumeSeen, why: str) -> VolumeSeen:
    return seen if seen.skipped or seen.fault else seen._replace(unseen=why)
