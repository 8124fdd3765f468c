"""A service's container and what stands in for its mounts in, what it may do with each out.

One container writes a file into each mount and is removed, another one reads the files back: that
data outlives a container and that the user may write is seen, not taken for granted.
"""

import secrets
import sys
from collections.abc import Iterable, Iterator

from mllint.named_tuple import NamedTuple
from mllint.report.visible import visible
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.engine import Engine
from mllint.verify.engines.failures import StartFailed, TimedOut, lacks_program
from mllint.verify.engines.image_info import ImageInfo
from mllint.verify.probing.start_python import start_pythons
from mllint.verify.services.copying import HostCopy
from mllint.verify.services.mounting import StandIn, StandIns
from mllint.verify.services.volume_seen import VolumeSeen

_TIMEOUT_S = 60.0
_SAID_BYTES = 200_000
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
echo "$t end"
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
say("end")
"""


class _Told(NamedTuple):
    """What a program printed: `user 1000:0`, `at 1 drwxr-xr-x 2 0 0 …`, `refused 1 …`.

    program: that ran, None: none did. why: why it does not tell all; "" where it does.
    """

    lines: tuple[tuple[str, ...], ...] = ()
    program: list[str] | None = None
    why: str = ""

    @property
    def user(self) -> str:
        """The ids of its user; "" where the image has no program that tells them."""
        said = next((rest for kind, *rest in self.lines if kind == "user"), [""])
        return said[0] if said and said[0].strip(":") else ""

    def about(self, number: int) -> dict[str, str]:
        """The lines about one mount."""
        split = ((kind, *" ".join(rest).partition(" ")) for kind, *rest in self.lines)
        return {kind: text for kind, said, _, text in split if said == str(number)}


def keep_volumes(
    engine: Engine, image: ImageInfo, spec: ContainerSpec, given: StandIns
) -> tuple[VolumeSeen, ...]:
    """What the service's user may do with each mount; two containers at most."""
    tried = [one for one in given.each if not (one.seen.skipped or one.seen.fault)]
    if not tried:
        return tuple(one.seen for one in given.each)
    token, spec = secrets.token_hex(16), given.given(spec._replace(init=False), parts=True)
    programs = [["/bin/sh", "-c", _SHELL, "sh"]]
    programs += [[python, "-c", _PYTHON] for python in start_pythons(image)]
    wrote = _first(engine, spec, programs, [token, "write", *_arguments(tried)])
    read = _Told()
    if wrote.program is not None and any(_is_kept(one) for one in tried):
        read = _first(engine, spec, [wrote.program], [token, "read", *_arguments(tried)])
    user = wrote.user or image.user or "root"
    seen = {
        id(one): _seen(one, wrote, read, number, engine)._replace(user=user)
        for number, one in enumerate(tried, 1)
    }
    return tuple(seen.get(id(one), one.seen) for one in given.each)


def _is_kept(one: StandIn) -> bool:
    """Whether what is written there is to outlive the container."""
    return one.volume is not None and not one.seen.read_only


def _arguments(tried: Iterable[StandIn]) -> Iterator[str]:
    for one in tried:
        kind = "r" if one.seen.read_only else "f" if one.seen.is_file else "w"
        yield f"{kind}:{one.seen.target}"


def _first(
    engine: Engine, spec: ContainerSpec, programs: list[list[str]], words: list[str]
) -> _Told:
    """What the first program that the image has printed."""
    for program in programs:
        asked = spec._replace(entrypoint=[program[0]], command=[*program[1:], *words], gpus=None)
        try:
            with container(engine, asked) as made:
                made.start()
                made.wait(_TIMEOUT_S)
                output = made.output(_SAID_BYTES).stdout.decode("utf-8", "replace")
        except StartFailed as error:
            if lacks_program(error.message, program[0]):
                continue
            why = f"the container could not be started: {visible(error.message)}"
            return _Told(why=why)
        except TimedOut as error:
            return _Told(why=error.message)
        split = (line.split(" ", 2) for line in output.split("\n"))
        lines = tuple(tuple(rest) for first, *rest in split if first == words[0] and rest)
        ended = ("end",) in lines
        return _Told(lines, program, "" if ended else f"{program[0]} did not come to its end")
    return _Told(why="the image has neither a shell nor Python")


def _seen(one: StandIn, wrote: _Told, read: _Told, number: int, engine: Engine) -> VolumeSeen:
    about, later = wrote.about(number), read.about(number)
    mode, _, owner, group, *_ = (*about.get("at", "").split(), "", "", "", "")
    written = None if one.seen.read_only else "written" in about
    found = one.seen._replace(
        owner=f"{owner}:{group}" if owner else "",
        mode=visible(mode)[:20],
        readable="readable" in about,
        written=written,
        refusal=visible(about.get("refused", "").rpartition(": ")[2])[:200],
        kept="kept" in later if _is_kept(one) and written else None,
        unseen=wrote.why or (read.why if _is_kept(one) else ""),
    )
    if one.seen.external:
        return found._replace(doubt="it is external: its owner is that of whoever made it")
    if one.copy is None:
        return found
    if found.owner not in ("", one.copy.owner):
        told = f"the engine gave the copy to {found.owner}, and {one.seen.source} belongs to"
        return found._replace(unseen=f"{told} {one.copy.owner}")
    return found._replace(doubt=_doubt(one.copy, engine))


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
