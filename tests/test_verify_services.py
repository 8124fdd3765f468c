"""A service of a compose file: which one, how it is run and built, what its mounts become."""

import io
import os
import socket
import subprocess
import sys
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from test_verify_wishes import CDI, FOR_GPU, IMAGE, NVIDIA, PLAIN, PODMAN, TABLES

from mllint.cli import commands
from mllint.config import Settings
from mllint.errors import InputError
from mllint.facts.compose.container import GpuWish
from mllint.parse.compose.short_forms import parse_duration
from mllint.parse.files import Files
from mllint.verify.engines.container_spec import ContainerSpec, Gpus
from mllint.verify.services import copying
from mllint.verify.services.asking import ask_service
from mllint.verify.services.copying import copy_of
from mllint.verify.services.mounting import stand_ins
from mllint.verify.services.planning import build_wishes, plan_service
from mllint.verify.services.serving import Serving
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.volumes import volume_checks
from mllint.verify.subject import read_subject
from mllint.verify.wishes import Wishes, choose_gpus

OPTIONS = {"context": None, "target": None, "platform": None, "build_args": {}}


def asked(folder: Path, text: str, name=None, environ=None, file="compose.yaml"):
    (folder / file).write_text(text)
    return ask_service(folder / file, name, Files(folder, folder), environ or {})


def one(folder: Path, lines: str, **more):
    """The container of a service of those lines, `image: x` before them."""
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    return asked(folder, f"services:\n  a:\n    image: x\n{body}", **more).container


def members(copy) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(copy.tree)) as archive:
        return archive.getmembers()


def refused(folder: Path, text: str, **more) -> str:
    with pytest.raises(InputError) as raised:
        asked(folder, text, **more)
    return str(raised.value)


class TestWhichService:
    TWO = "services:\n  train: {image: x}\n  serve: {image: y}\n"

    def test_the_only_one_need_not_be_named(self, tmp_path):
        assert asked(tmp_path, "services: {a: {image: 'x:1'}}\n").image == "x:1"

    def test_named_one(self, tmp_path):
        found = asked(tmp_path, self.TWO, "serve")
        assert (found.name, found.path, found.line) == ("serve", "compose.yaml", 3)

    @pytest.mark.parametrize(
        ("name", "told"),
        [
            (None, "compose.yaml: has several services: name one with --service: train, serve"),
            ("sevre", "compose.yaml: has no service 'sevre'; did you mean 'serve'?"),
            ("db", "compose.yaml: has no service 'db'; it has train, serve"),
        ],
    )
    def test_none_that_can_be_told(self, tmp_path, name, told):
        assert refused(tmp_path, self.TWO, name=name) == told

    def test_none_at_all(self, tmp_path):
        assert refused(tmp_path, "services: {}\n") == "compose.yaml: has no services"

    def test_one_without_an_image(self, tmp_path):
        told = "compose.yaml:2: the service a builds no image and names none"
        assert refused(tmp_path, "services:\n  a: {user: '1'}\n") == told

    def test_override_and_file_that_is_laid_over(self, tmp_path):
        (tmp_path / "compose.override.yaml").write_text("services: {a: {user: '7'}}\n")
        assert asked(tmp_path, "services: {a: {image: x}}\n").container.user == "7"
        gpu = "services: {a: {gpus: all}}\n"
        found = asked(tmp_path, gpu, file="compose.gpu.yaml").container
        assert (found.user, found.gpus) == ("7", GpuWish())

    def test_image_that_another_service_builds(self, tmp_path):
        text = "services:\n  a: {image: app}\n  b: {image: app, build: .}\n"
        found = asked(tmp_path, text, "a")
        assert (found.name, found.image, found.builder.label) == ("a", None, "service b")

    def test_service_of_a_file_that_is_included(self, tmp_path):
        (tmp_path / "more").mkdir()
        text = "services:\n  b: {image: y, volumes: ['./d:/d'], env_file: b.env}\n"
        (tmp_path / "more/compose.yaml").write_text(text)
        (tmp_path / "more/b.env").write_text("A=1\n")
        found = asked(tmp_path, "include: [more/compose.yaml]\n")
        assert (found.name, found.file) == ("b", "compose.yaml")
        assert (found.path, found.line) == ("more/compose.yaml", 2)
        assert found.container.mounts[0].source == f"{tmp_path}/more/d"
        assert found.container.environment == {"A": "1"}

    def test_extends_that_cannot_be_read(self, tmp_path):
        text = "services:\n  a: {image: x, extends: {file: gone.yaml, service: b}}\n"
        assert "a extends what cannot be read: gone.yaml: does not exist" in refused(tmp_path, text)


class TestHowItIsRun:
    def test_all_that_it_says(self, tmp_path):
        found = one(
            tmp_path,
            "user: '1000:1000'\nworking_dir: /srv\nshm_size: 2gb\nmem_limit: 1g\ninit: true\n"
            "stop_signal: SIGINT\nstop_grace_period: 1m30s\ngroup_add: ['44']\n"
            "cap_drop: [ALL]\nentrypoint: []\ncommand: python -m 'a b'\ndepends_on: [db]\n",
        )
        assert (found.user, found.working_dir) == ("1000:1000", "/srv")
        assert (found.shm_bytes, found.memory_bytes) == (2 * 1024**3, 1024**3)
        assert (found.init, found.stop_signal, found.stop_grace_s) == (True, "SIGINT", 90)
        assert (found.groups, found.dropped) == (("44",), ("ALL",))
        assert (found.entrypoint, found.command) == ((), ("python", "-m", "a b"))
        assert found.needs == ("db",)

    def test_nothing_said(self, tmp_path):
        found = one(tmp_path, "")
        assert (found.user, found.entrypoint, found.command) == (None, None, None)
        assert (found.shm_bytes, found.gpus, found.mounts, found.refused) == (None, None, (), ())

    def test_environment(self, tmp_path):
        (tmp_path / ".env").write_text("TAG=1\nBASE=/opt\nHOME_OF=${BASE}/x\n")
        (tmp_path / "app.env").write_text("A=file\nB=file\nC=$TAG\n")
        found = one(
            tmp_path,
            "env_file: app.env\nenvironment:\n  A: own\n  D: ${TAG}${NONE}\n  E: ${HOME_OF}\n"
            "  GIVEN:\n  ABSENT:\n",
            environ={"GIVEN": "shell", "TAG": "2"},
        )
        told = {"A": "own", "B": "file", "C": "2", "D": "2", "E": "/opt/x", "GIVEN": "shell"}
        assert found.environment == told

    @pytest.mark.parametrize(
        ("lines", "told"),
        [
            ("user: ${UID:?set it}", "user: $UID is not set: set it in the environment or in .env"),
            ("shm_size: ${SHM}", "shm_size takes a size such as 2g: '${SHM}' comes to ''"),
            ("volumes: ['${DATA}:/data']", "'${DATA}:/data' comes to ':/data'"),
            ("env_file: gone.env", "env_file: gone.env does not exist"),
            ("command: python 'x", "command: its quotes do not close"),
        ],
    )
    def test_value_that_is_not_known(self, tmp_path, lines, told):
        body = "".join(f"    {line}\n" for line in lines.splitlines())
        message = refused(tmp_path, f"services:\n  a:\n    image: x\n{body}")
        assert message.startswith("compose.yaml:4: ")
        assert told in message

    def test_file_of_variables_that_need_not_be_there(self, tmp_path):
        assert one(tmp_path, "env_file: [{path: gone, required: false}]").environment == {}

    def test_image_without_a_tag_that_is_set(self, tmp_path):
        told = refused(tmp_path, "services:\n  a:\n    image: 'x:${TAG}'\n")
        assert told.startswith("compose.yaml:3: image: this names none: 'x:${TAG}' comes to 'x:'")

    def test_what_no_test_is_given(self, tmp_path):
        found = one(
            tmp_path,
            "privileged: true\nipc: host\nnetwork_mode: host\ncap_add: [SYS_PTRACE]\n"
            "devices: ['/dev/kfd:/dev/kfd']\nulimits: {memlock: -1}\nread_only: true\n",
        )
        assert found.refused == (
            *("privileged: true", "read_only: true", "network_mode: host", "ipc: host"),
            *("devices", "cap_add", "ulimits"),
        )

    def test_image_as_it_is_run(self, tmp_path):
        image = IMAGE._replace(entrypoint=("e",), command=("c",), user="1", environment={"A": "1"})
        seen = Serving(one(tmp_path, "command: d\nenvironment: {B: '2'}")).image(image)
        assert (seen.entrypoint, seen.command, seen.user) == (("e",), ("d",), "1")
        assert seen.environment == {"A": "1", "B": "2"}
        # A new entrypoint takes no command of the image.
        seen = Serving(one(tmp_path, "entrypoint: f\nuser: '0'")).image(image)
        assert (seen.entrypoint, seen.command, seen.user) == (("f",), None, "0")

    def test_capabilities_that_it_takes_away(self, tmp_path):
        spec = ContainerSpec("x", capabilities=("CHOWN", "SETUID"))
        assert Serving(one(tmp_path, "cap_drop: [cap_chown]")).spec(spec).capabilities == (
            "SETUID",
        )
        kept = Serving(one(tmp_path, "cap_drop: [ALL]\ncap_add: [SETUID]")).spec(spec)
        assert kept.capabilities == ("SETUID",)

    def test_time_to_end(self, tmp_path):
        assert Serving(one(tmp_path, "")).grace_s(10) == 10
        assert Serving(one(tmp_path, "stop_grace_period: 20s")).grace_s(10) == 20
        assert Serving(one(tmp_path, "stop_grace_period: 2h")).grace_s(10) == 60


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1m30s", 90), ("500ms", 0.5), ("1h", 3600), ("1.5s", 1.5), ("", None), ("10", None)],
)
def test_durations(text, seconds):
    assert parse_duration(text) == seconds


class TestGpus:
    DEVICES = "deploy: {{resources: {{reservations: {{devices: [{{{}, capabilities: [gpu]}}]}}}}}}"

    @pytest.mark.parametrize(
        ("lines", "wish"),
        [
            (DEVICES.format("count: 2"), GpuWish((), 2)),
            (DEVICES.format("count: all"), GpuWish()),
            (DEVICES.format("device_ids: ['0', '3']"), GpuWish(("0", "3"))),
            ("gpus: all", GpuWish()),
            ("runtime: nvidia", GpuWish()),
            ("runtime: nvidia\nenvironment: {NVIDIA_VISIBLE_DEVICES: '1,2'}", GpuWish(("1", "2"))),
            ("runtime: nvidia\nenvironment: {NVIDIA_VISIBLE_DEVICES: none}", None),
            ("devices: ['/dev/dri:/dev/dri']", None),
        ],
    )
    def test_what_it_asks_for(self, tmp_path, lines, wish):
        assert one(tmp_path, lines).gpus == wish

    def test_auto_asks_for_one_exactly_where_the_service_does(self, tmp_path):
        asking, other = one(tmp_path, self.DEVICES.format("count: 2")), one(tmp_path, "")

        def chosen(engine, service, **wishes):
            return choose_gpus(Wishes(**wishes), engine, FOR_GPU, None, TABLES, service)

        assert chosen(NVIDIA, asking) == (Gpus((), 2), "")
        assert chosen(CDI, asking) == (Gpus(("nvidia.com/gpu=all",), driver="cdi"), "")
        assert chosen(NVIDIA, other) == (None, "the service a asks for none")
        assert "the engine offers none" in chosen(PLAIN, asking)[1]
        assert chosen(PLAIN, asking, gpu_required=True)[0] == Gpus((), 2)
        assert chosen(NVIDIA, other, gpus="all")[0] == Gpus()
        assert chosen(NVIDIA, asking, gpus="none")[0] is None
        assert chosen(PODMAN, asking)[0] is None

    def test_devices_by_name_for_cdi(self, tmp_path):
        asking = one(tmp_path, self.DEVICES.format("device_ids: ['1']"))
        found = choose_gpus(Wishes(), CDI, IMAGE, None, TABLES, asking)[0]
        assert found == Gpus(("nvidia.com/gpu=1",), driver="cdi")

    def test_gpu_that_is_demanded_and_that_the_service_does_not_ask_for(
        self, tmp_path, monkeypatch
    ):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "compose.yaml").write_text("services:\n  a: {image: x}\n")
        done = CliRunner().invoke(commands, ["verify", "compose.yaml", "--require-gpu"])
        assert done.exit_code == 2
        told = "compose.yaml:2: a GPU is required, and the service a asks for none"
        assert told in done.output


class TestHowItIsBuilt:
    def planned(self, folder: Path, build: str, options=None, environ=None):
        (folder / "app").mkdir(exist_ok=True)
        (folder / "app/Dockerfile").write_text("ARG V=1\nFROM x:$V AS a\nFROM a AS b\n")
        service = asked(folder, f"services:\n  s:\n    build: {build}\n")
        given = {**OPTIONS, **(options or {})}
        settings = Settings(folder, context=given["context"])
        plan = plan_service(service, settings, given, environ or {}, TABLES)
        return plan, build_wishes(Wishes(), service)

    def test_as_the_service_says(self, tmp_path):
        build = (
            "{context: app, target: a, args: [V=2, W], network: host, no_cache: true, shm_size: 1m}"
        )
        plan, wishes = self.planned(tmp_path, build, environ={"W": "w"})
        options = plan.project.options
        assert (options.context, options.target) == (tmp_path / "app", "a")
        assert options.build_args == {"V": "2", "W": "w"}
        assert plan.path == tmp_path / "app/Dockerfile"
        told = (wishes.build_network, wishes.no_cache, wishes.build_shm_bytes)
        assert told == ("host", True, 1024**2)

    def test_command_line_wins(self, tmp_path):
        plan, _ = self.planned(
            tmp_path,
            "{context: app, target: a, args: [V=2]}",
            {"target": "b", "build_args": {"V": "3"}},
        )
        assert (plan.project.options.target, plan.project.target.name) == ("b", "b")
        assert plan.project.options.build_args == {"V": "3"}

    def test_context_of_a_build_that_names_none(self, tmp_path):
        plan, _ = self.planned(tmp_path, "{dockerfile: app/Dockerfile}")
        assert plan.project.options.context == tmp_path

    def test_dockerfile_in_the_compose_file(self, tmp_path):
        build = "\n      dockerfile_inline: |\n        FROM x:1\n        RUN true"
        plan, _ = self.planned(tmp_path, build)
        assert plan.path is None
        assert [each.span.line for each in plan.project.dockerfile.instructions] == [5, 6]

    @pytest.mark.parametrize(
        ("build", "told"),
        [
            ("{context: app, additional_contexts: {x: ./y}}", "build.additional_contexts is not"),
            ("{context: app, ssh: [default]}", "build.ssh is not passed on"),
            ("{context: app, secrets: [token]}", "build.secrets: the file has no secret token"),
            ("{context: app, args: {A: '${A:?}'}}", "build.args.A: $A is not set"),
            ("{context: 'https://x/y.git'}", "the build context https://x/y.git is elsewhere"),
            ("{context: app, target: c}", "no stage is named 'c'"),
            ("{context: gone}", "gone/Dockerfile: does not exist"),
        ],
    )
    def test_what_cannot_be_done(self, tmp_path, build, told):
        with pytest.raises(InputError) as raised:
            self.planned(tmp_path, build)
        assert told in str(raised.value)

    def test_secrets(self, tmp_path):
        text = (
            "services:\n  s:\n    build: {context: ., secrets: [a, {source: b, target: c}]}\n"
            "secrets: {a: {file: ./a.txt}, b: {environment: TOKEN}}\n"
        )
        service = asked(tmp_path, text)
        told = (f"id=a,src={tmp_path}/a.txt", "id=c,env=TOKEN")
        assert build_wishes(Wishes(), service).secrets == told
        given = Wishes(secrets=("id=a,src=mine",))
        assert build_wishes(given, service).secrets == ("id=a,src=mine", "id=c,env=TOKEN")


class TestMounts:
    ENGINE = SimpleNamespace(info=PLAIN)

    def given(self, folder: Path, volumes: str, engine=ENGINE, **more):
        mounts = one(folder, f"volumes: [{volumes}]").mounts
        return stand_ins(mounts, Files(folder, folder, **more), engine, lambda number: f"v{number}")

    def seen(self, folder: Path, volume: str, **more) -> VolumeSeen:
        return self.given(folder, volume, **more).each[0].seen

    def test_kinds(self, tmp_path):
        (tmp_path / "d").mkdir()
        (tmp_path / "f").write_text("x")
        spec = self.given(
            tmp_path, "'./d:/d', 'own:/n:ro', '/anonymous', './f:/etc/f', {type: tmpfs, target: /t}"
        ).given(ContainerSpec("x"))
        told = [(each.name, each.folder, each.read_only, each.filled) for each in spec.volumes]
        assert told == [
            ("v0", "/d", False, False),
            ("v1", "/n", True, True),
            ("v2", "/anonymous", False, True),
        ]
        assert (dict(spec.tmpfs), len(spec.files)) == ({"/t": ""}, 1)

    @pytest.mark.parametrize(
        ("written", "told"),
        [
            ("size: 64mb", "size=67108864"),
            ("size: 1000, mode: 0o700", "size=1000,mode=700"),
            ("mode: 0700", "mode=0700"),
            ("mode: '1777'", "mode=1777"),
            ("mode: 448", "mode=700"),
        ],
    )
    def test_options_of_a_tmpfs_are_those_of_the_kernel(self, tmp_path, written, told):
        given = self.given(tmp_path, f"{{type: tmpfs, target: /t/../u, tmpfs: {{{written}}}}}")
        assert dict(given.given(ContainerSpec("x")).tmpfs) == {"/u": told}

    def test_volume_in_two_places_is_one(self, tmp_path):
        spec = self.given(tmp_path, "'own:/a', 'own:/b'").given(ContainerSpec("x"))
        assert [each.name for each in spec.volumes] == ["v0", "v0"]

    def test_socket_and_device_and_what_is_outside(self, tmp_path):
        path = tmp_path / "s"
        with socket.socket(socket.AF_UNIX) as listener, pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            listener.bind("s")
            assert "a socket of this machine" in self.seen(tmp_path, f"'{path}:/s'").skipped
        docker = "'/var/run/docker.sock:/var/run/docker.sock'"
        told = self.seen(tmp_path, docker, allow_outside=True).skipped
        assert told == "a socket of this machine is never given to a test"
        assert "a device of this machine" in self.seen(tmp_path, "'/dev/null:/n'").skipped
        os.mkfifo(tmp_path / "pipe")
        assert "a pipe of this machine" in self.seen(tmp_path, "'./pipe:/p'").skipped
        assert "outside the project" in self.seen(tmp_path, "'/usr:/usr'").skipped
        assert "outside the project" in self.seen(tmp_path, '"./a\\0b:/usr"').skipped
        (tmp_path / "link").symlink_to("/usr")
        assert "outside the project" in self.seen(tmp_path, "'./link:/usr'").skipped

    @pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="needs Linux")
    def test_nothing_is_read_of_the_kernel(self, tmp_path):
        for source in ("/proc", "/proc/kmsg", "/sys/kernel"):  # /proc/kmsg waits for ever
            told = self.seen(tmp_path, f"'{source}:/p'", allow_outside=True).skipped
            assert told == "what the kernel tells of this machine is never given to a test"
        copy = copy_of(Path("/"), "/host", 0)
        names = [each.name for each in members(copy)]
        assert "host/proc" in names
        assert not [each for each in names if each.startswith("host/proc/")]
        assert not copy.whole

    def test_source_that_is_not_there(self, tmp_path):
        seen = self.seen(tmp_path, "'./gone:/d'")
        assert (seen.absent, seen.skipped) == (True, "")
        assert not (tmp_path / "gone").exists()
        long = "{type: bind, source: ./gone, target: /d, bind: {create_host_path: false}}"
        assert "it is not there" in self.seen(tmp_path, long).fault

    def test_copy_is_as_the_folder_is(self, tmp_path):
        folder = tmp_path / "d"
        (folder / "in").mkdir(parents=True)
        (folder / "in/f").write_text("x")
        (folder / "link").symlink_to("/etc/passwd")
        (folder / "in").chmod(0o700)
        os.mkfifo(folder / "in/pipe")
        copy = copy_of(folder, "/srv/d")
        entries = members(copy)
        assert [each.name for each in entries] == ["srv/d", "srv/d/in", "srv/d/link", "srv/d/in/f"]
        assert [each.mode for each in entries[:2]] == [folder.stat().st_mode & 0o7777, 0o700]
        assert entries[2].linkname == "/etc/passwd"
        assert entries[0].uid == os.getuid()
        assert not copy.whole  # a pipe

    def test_copy_is_bounded(self, tmp_path, monkeypatch):
        for number in range(5):
            (tmp_path / f"f{number}").write_bytes(bytes(1000))
        copy = copy_of(tmp_path, "/d", 2500)
        assert not copy.whole
        assert len(members(copy)) == 3
        monkeypatch.setattr(copying, "MOST_ENTRIES", 4)
        copy = copy_of(tmp_path, "/d")
        assert not copy.whole
        assert len(members(copy)) == 5

    def test_part_of_a_folder_is_given_to_no_program(self, tmp_path, monkeypatch):
        monkeypatch.setattr(copying, "MOST_ENTRIES", 1)
        (tmp_path / "a").touch()
        (tmp_path / "b").touch()
        given = self.given(tmp_path, "'.:/app', 'own:/n'")
        assert [each.folder for each in given.given(ContainerSpec("x")).volumes] == ["/n"]
        assert len(given.given(ContainerSpec("x"), parts=True).volumes) == 2
        assert "in part only" in given.each[0].seen.lacks


class TestChecks:
    SEEN = VolumeSeen(
        "bind", "data", "/data", user="1000:1000", owner="0:0", mode="drwxr-xr-x", readable=True
    )
    KEPT = SEEN._replace(written=True, kept=True)
    NAMED = SEEN._replace(kind="volume", source="cache", written=False)

    def told(self, folder: Path, seen: VolumeSeen, builds: bool = True) -> tuple[str, str, str]:
        of = one(folder, "")._replace(builds=builds)
        (check,) = volume_checks((seen,), of)
        assert check.name == "volume /data"
        return check.outcome.value, check.detail, check.help

    @pytest.mark.parametrize(
        ("seen", "outcome", "detail", "help"),
        [
            (
                KEPT,
                "pass",
                "user 1000:1000 writes, and the next container reads it: a copy of data",
                "",
            ),
            (
                SEEN._replace(written=False, refusal="Permission denied"),
                "fail",
                "user 1000:1000 may not write: a copy of data, owner 0:0, mode drwxr-xr-x",
                "sudo chown -R 1000:1000 data; or mount it read-only, with :ro",
            ),
            (
                SEEN._replace(written=False, absent=True),
                "fail",
                "user 1000:1000 may not write: in place of data, which is not there, owner 0:0,"
                " mode drwxr-xr-x",
                "mkdir -p data && sudo chown -R 1000:1000 data; or mount it read-only, with :ro",
            ),
            (
                NAMED,
                "fail",
                "user 1000:1000 may not write: the volume cache, owner 0:0, mode drwxr-xr-x",
                "in the Dockerfile, before USER: RUN mkdir -p /data && chown 1000:1000 /data;"
                " a volume that is there already keeps its owner",
            ),
            (
                SEEN._replace(written=False, doubt="it is elsewhere"),
                "not measured",
                "user 1000:1000 may not write: a copy of data, owner 0:0, mode drwxr-xr-x:"
                " it is elsewhere",
                "",
            ),
            (
                KEPT._replace(kept=False),
                "fail",
                "what user 1000:1000 writes is not there in the next container: a copy of data",
                "",
            ),
            (
                SEEN._replace(read_only=True),
                "pass",
                "user 1000:1000 reads it: a copy of data",
                "",
            ),
            (
                SEEN._replace(read_only=True, readable=False),
                "fail",
                "user 1000:1000 may not read it: a copy of data, owner 0:0, mode drwxr-xr-x",
                "chmod a+rX data",
            ),
            (SEEN._replace(skipped="no"), "skipped", "data: no", ""),
            (SEEN._replace(unseen="no shell"), "not measured", "no shell", ""),
        ],
    )
    def test_outcomes(self, tmp_path, seen, outcome, detail, help):
        assert self.told(tmp_path, seen) == (outcome, detail, help)

    @pytest.mark.parametrize(
        ("source", "owner", "help"),
        [
            ("/", "0:0", "mount a folder of its own instead of one of the system"),
            ("/etc/app", "0:0", "mount a folder of its own instead of one of the system"),
            ("/home/me/.ssh", "1001:1001", 'in the service a: user: "1001:1001"'),
        ],
    )
    def test_no_owner_and_no_mode_of_the_machine_is_changed(self, tmp_path, source, owner, help):
        seen = self.SEEN._replace(source=source, owner=owner, written=False)
        assert self.told(tmp_path, seen)[2] == f"{help}; or mount it read-only, with :ro"
        seen = seen._replace(read_only=True, written=None, readable=False)
        assert self.told(tmp_path, seen)[2] == help

    def test_data_outside_the_project(self, tmp_path):
        seen = self.SEEN._replace(source="/data/models", written=False)
        assert self.told(tmp_path, seen)[2].startswith("sudo chown -R 1000:1000 /data/models;")

    def test_image_that_is_not_built_here(self, tmp_path):
        assert self.told(tmp_path, self.NAMED, builds=False)[2] == 'in the service a: user: "0:0"'


def test_service_of_what_is_no_compose_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    for subject, told in (("Dockerfile", "is no compose file"), ("x:1", "is an image")):
        done = CliRunner().invoke(commands, ["verify", subject, "--service", "a"])
        assert done.exit_code == 2
        assert f"{subject}: {told}: --service names a service" in done.output


def test_service_of_a_compose_file_of_any_name(tmp_path):
    (tmp_path / "gpu.yaml").write_text("services: {a: {image: x}}\n")
    options = {"service": "a", "allow_outside": False}
    found = read_subject("gpu.yaml", tmp_path, options)
    assert (found.image, found.service.file) == ("x", "gpu.yaml")
    # Without --service nothing tells it from any other YAML file.
    assert read_subject("gpu.yaml", tmp_path, {**options, "service": None}).service is None


@pytest.mark.parametrize("option", ["--html", "--output"])
def test_file_to_verify_is_not_written_over(tmp_path, monkeypatch, option):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    done = CliRunner().invoke(commands, ["verify", "Dockerfile", option, "./Dockerfile"])
    assert done.exit_code == 2
    assert "is the file to verify, which is not written over" in done.output
    assert (tmp_path / "Dockerfile").read_text() == "FROM x\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
@pytest.mark.parametrize("form", ["text", "json"])
def test_standard_output_that_is_full(tmp_path, form):
    (tmp_path / "Dockerfile").write_text("FROM x\n")
    command = [sys.executable, "-m", "mllint", "check", "Dockerfile", "--format", form]
    with Path("/dev/full").open("wb", buffering=0) as full:
        done = subprocess.run(
            command, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    told = "mllint: standard output: cannot be written: No space left on device"
    assert done.stderr.decode().splitlines()[-1] == told
