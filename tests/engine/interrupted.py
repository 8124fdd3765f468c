"""A program that a test ends in the middle: it builds, or runs a container, then cleans up."""

import os
import signal
import sys
from pathlib import Path

from building import build, builder, connected, wanted

from mllint.signals import stopped_by_signals
from mllint.verify.engines.cleanup import Run, remove_run
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.containers import container


class Place:
    """What `connected` and `builder` need to know of an engine."""

    def __init__(self) -> None:
        self.url = os.environ["DOCKER_HOST"]
        self.cli: dict[str, str] = {}


def main(what: str, identity: str, folder: str) -> None:
    # Of a parent in the background, a program may have come to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    run = Run(identity)
    with connected(Place()) as engine:
        try:
            with stopped_by_signals():
                if what == "container":
                    command = ["sh", "-c", "echo begun; sleep 300"]
                    spec = ContainerSpec("busybox:1.36", command, labels=run.labels)
                    with container(engine, spec) as made:
                        made.start()
                        print("begun", flush=True)
                        made.wait(300)
                else:
                    text = "FROM busybox:1.36\nRUN echo begun; sleep 300\n"
                    asked = wanted(Path(folder), text, run, timeout_s=300, no_cache=True)
                    build(engine, asked, builder(Place(), what), _tell)
        finally:
            left = remove_run(engine, run)
            print("left", left, flush=True)


def _tell(event: object) -> None:
    if getattr(event, "text", "") == "begun":
        print("begun", flush=True)


main(*sys.argv[1:])
