"""Podman's socket: the same calls, the same errors."""

import images
import pytest
from building import build, choose_builder, connected, wanted

from mllint.verify.building.builds import Builder, Kind
from mllint.verify.building.events import BuilderMissing, BuildFailed, BuildTimedOut, StepOutput
from mllint.verify.engines.cleanup import leftovers, new_run, remove_run
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container
from mllint.verify.engines.failures import ImageMissing, StartFailed, TimedOut
from mllint.verify.engines.image_info import read_image


@pytest.fixture
def connection(podman):
    with connected(podman) as made:
        yield made


def spec(*command, **options):
    return ContainerSpec(images.TINY, command, labels=new_run().labels, **options)


def test_podman_says_that_it_is_podman(connection):
    assert connection.info.kind == "podman"
    assert not connection.info.buildkit
    assert read_image(connection, images.TINY).command == ("sh",)
    with pytest.raises(ImageMissing):
        read_image(connection, "nosuch:1")


def test_container(connection):
    script = "grep -E 'CapEff|NoNewPrivs' /proc/self/status; cat /tmp/a; echo wrong >&2; exit 3"
    with container(connection, spec("sh", "-c", script)) as made:
        made.put("/tmp/a", b"text\n")
        made.start()
        assert made.wait(30).code == 3
        output = made.output(1000)
    assert output.stdout.decode().split() == [
        "CapEff:",
        "0000000000000000",
        "NoNewPrivs:",
        "1",
        "text",
    ]
    assert output.stderr == b"wrong\n"


def test_container_that_hangs_or_does_not_start(connection):
    with container(connection, spec("sleep", "300")) as made:
        made.start()
        with pytest.raises(TimedOut, match="still runs"):
            made.wait(1)
    with pytest.raises(StartFailed), container(connection, spec("nosuch")) as made:
        made.start()


@pytest.mark.parametrize("entrypoint", [(), ("sh",)], ids=["none", "other"])
def test_entrypoint_that_swallows_commands_is_replaced(connection, tmp_path, entrypoint):
    run = new_run()
    text = 'FROM busybox:1.36\nENTRYPOINT ["echo", "swallowed"]\n'
    asked = wanted(tmp_path, text, run, network="host")
    image = build(connection, asked, Builder(Kind.CLASSIC), lambda _: None)
    command = ["sh", "-c", "echo real"] if not entrypoint else ["-c", "echo real"]
    runs = ContainerSpec(image.id, command, entrypoint, labels=run.labels)
    with container(connection, runs) as made:
        made.start()
        made.wait(30)
        assert made.output(100).stdout == b"real\n"
    assert remove_run(connection, run) == ()


def test_container_that_is_kept(connection):
    run = new_run()
    with container(connection, ContainerSpec("busybox:1.36", ["true"], labels=run.labels)) as made:
        made.start()
        made.wait(30)
        made.keep(run.container)
    assert [each.name for each in leftovers(connection, run)] == [run.container]
    assert remove_run(connection, run, [run.container]) == ()
    assert [each.name for each in leftovers(connection, run)] == [run.container]
    assert remove_run(connection, run) == ()
    assert not tuple(leftovers(connection, run))


def test_good_build(connection, tmp_path):
    run, events = new_run(), []
    (tmp_path / "a").write_text("a\n")
    text = (
        "FROM busybox:1.36\nARG TARGETARCH\nCOPY --chmod=700 a /a\n"
        "RUN --mount=type=cache,target=/c cat /a; ls -l /a; mount | grep ' /c '; echo $TARGETARCH\n"
        "USER 7\n"
    )
    asked = wanted(tmp_path, text, run)
    chosen = choose_builder(connection, asked, {"PATH": "/nowhere"})
    assert chosen.kind is Kind.CLASSIC
    image = build(connection, asked._replace(network="host"), chosen, events.append)
    assert image.user == "7"
    printed = [event.text for event in events if isinstance(event, StepOutput)]
    assert printed[0] == "a"
    assert printed[1].startswith("-rwx------ ")
    assert " /c " in printed[2]
    assert printed[3:] == ["amd64"]
    assert remove_run(connection, run) == ()
    assert not tuple(leftovers(connection, run))


def test_failing_build(connection, podman, tmp_path):
    asked = wanted(tmp_path, "FROM busybox:1.36\nRUN true\nRUN echo last; exit 3\n", network="host")
    chosen = choose_builder(connection, asked, {"PATH": "/nowhere"})
    with pytest.raises(BuildFailed) as caught:
        build(connection, asked, chosen, lambda _: None)
    assert (caught.value.at_line, caught.value.status) == (3, 3)
    assert "last" in caught.value.output


def test_build_that_takes_too_long(connection, tmp_path):
    asked = wanted(
        tmp_path, "FROM busybox:1.36\nRUN echo begun; sleep 60\n", timeout_s=4, network="host"
    )
    chosen = choose_builder(connection, asked, {"PATH": "/nowhere"})
    with pytest.raises(BuildTimedOut) as caught:
        build(connection, asked, chosen, lambda _: None)
    assert caught.value.at_line == 2


def test_what_podman_does_not_build(connection, tmp_path):
    asked = wanted(tmp_path, "FROM busybox:1.36\nRUN <<EOF\ntrue\nEOF\n")
    with pytest.raises(BuilderMissing, match=r"line 2: RUN <<EOF needs BuildKit, and .* is Podman"):
        choose_builder(connection, asked, {"PATH": "/nowhere"})
