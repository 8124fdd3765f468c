"""A registry on the loopback address: what builds say of images that it has not."""

import subprocess

import apt
import images
import pytest
from building import build, wanted
from conftest import OLD
from ports import free_port, listening

from mllint import catalog
from mllint.tables import Tables
from mllint.verify.building.events import BuildFailed
from mllint.verify.engines.cleanup import new_run, remove_run
from mllint.verify.engines.image_info import has_image, remove_image

TABLES = Tables(catalog.root() / "tables")
_CONFIG = """
version: 0.1
storage: {{inmemory: {{}}}}
http: {{addr: "127.0.0.1:{port}"}}
"""


@pytest.fixture(scope="session")
def registry(rig, tmp_path_factory):
    """The host and port of an empty registry; engines speak plain http to the loopback address."""
    root = apt.unpacked(OLD, ("docker-registry",), rig.cache)
    port = free_port()
    config = tmp_path_factory.mktemp("registry") / "config.yml"
    config.write_text(_CONFIG.format(port=port))
    with config.with_suffix(".log").open("wb") as log:
        command = [str(root / "usr/bin/docker-registry"), "serve", str(config)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    assert listening(port)
    yield f"127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_image_that_the_registry_has_not(built_by, registry, tmp_path):
    engine, chosen = built_by
    asked = wanted(tmp_path, f"FROM busybox:1.36\nFROM {registry}/nosuch:9\nRUN true\n")
    with pytest.raises(BuildFailed) as caught:
        build(engine, asked, chosen, lambda _: None)
    known = TABLES.build_failures.explain(caught.value.told)
    assert caught.value.at_line == 2
    assert known.rule == "base-image-unavailable"
    assert f"{registry}/nosuch:9" in known.message


def test_image_is_pulled(built_by, registry, tmp_path):
    engine, chosen = built_by
    name = f"{registry}/tiny:1"
    engine.send("", "POST", f"/images/{images.TINY}/tag", params={"repo": name})
    pushed = engine.send("", "POST", f"/images/{name}/push", headers={"X-Registry-Auth": "e30="})
    assert b'"error"' not in pushed
    remove_image(engine, name)
    assert not has_image(engine, name)
    run = new_run()
    asked = wanted(tmp_path, f"FROM {name}\nUSER 7\n", run, pull=True)
    assert build(engine, asked, chosen, lambda _: None).user == "7"
    assert remove_run(engine, run) == ()
    remove_image(engine, name)
