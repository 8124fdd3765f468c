"""From a Dockerfile to a verdict on a real engine: plan, build, probe, comparison, sizes."""

import pytest
from building import build, builder, connected, wanted
from verifying import make_wheel

from mllint import catalog
from mllint.config import Settings
from mllint.loader import load_project
from mllint.tables import Tables
from mllint.verify.comparing.chosen_environment import expected_environment
from mllint.verify.comparing.comparison import Verdict
from mllint.verify.comparing.plan import compare_with_image, refuted
from mllint.verify.comparing.sizes import image_sizes
from mllint.verify.comparing.system_packages import wanted_system_packages
from mllint.verify.engines.container_spec import ContainerSpec
from mllint.verify.engines.image_info import read_layers
from mllint.verify.probing.probe_run import probe_image
from mllint.verify.probing.probe_script import ProbeOrder, new_token
from mllint.verify.smoke.import_names import wanted_imports
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import smoke_test

TABLES = Tables(catalog.root() / "tables")
DOCKERFILE = """\
FROM python:3.11-slim-bookworm
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH MODE=serve
COPY wheels /wheels
COPY requirements.txt setup.sh /app/
WORKDIR /app
RUN pip install --no-index --find-links /wheels -r requirements.txt
RUN sh setup.sh && head -c 3000000 /dev/zero > /app/data
USER nobody
CMD ["python", "-m", "sound"]
"""
CODE = {"sound": "", "broken": "import no_such_module\n", "tuned": ""}


@pytest.fixture
def context(tmp_path):
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for name, code in CODE.items():
        make_wheel(wheels, name, "1.0", code)
    make_wheel(wheels, "tuned", "2.0", "")
    (tmp_path / "requirements.txt").write_text("sound==1.0\nbroken==1.0\ntuned==1.0\n")
    (tmp_path / "setup.sh").write_text("pip install --no-index --find-links /wheels tuned==2.0\n")
    return tmp_path


@pytest.mark.parametrize("kind", ["classic", "cli"])
def test_verdict(old_engine, context, kind, monkeypatch):
    for name, value in old_engine.cli.items():
        monkeypatch.setenv(name, value)
    with connected(old_engine) as engine:
        asked = wanted(context, DOCKERFILE)
        info = build(engine, asked, builder(old_engine, kind), lambda event: None)
        project = load_project("Dockerfile", context, Settings(context))
        stage = project.target
        modules = wanted_imports(expected_environment(stage), TABLES)
        order = ProbeOrder(
            new_token(),
            modules.distributions,
            modules.modules_of,
            system_packages=wanted_system_packages(stage),
        )
        came = probe_image(engine, info, order, ContainerSpec(info.id))
        layers = read_layers(engine, info.id)
    facts = came.facts
    assert facts.complete
    assert facts.faults == ()
    pairs = compare_with_image(project, TABLES, facts, info)
    told = {pair.fact: pair.verdict for pair in pairs}
    right = ("OS", "Python", "Python's folder", "user", "workdir", "variable MODE", "CMD")
    assert {name: told[name] for name in right} == dict.fromkeys(right, Verdict.CONFIRMED)
    assert told["sound"] is Verdict.CONFIRMED
    # Which the plan could know, had it read the script.
    assert [(p.location.path, p.location.span.line) for p in refuted(pairs) if "tuned" in p.message]
    test = smoke_test(SmokeInput(info, came.result, facts, pairs=pairs), TABLES)
    assert [check.name for check in test.failed] == ["versions", "import broken"]
    sizes = image_sizes(info, layers, facts, project)
    largest = max(sizes.layers[1:], key=lambda layer: layer.size_bytes)
    assert sizes.layers[0].location is None
    lines = [layer.location.span.line for layer in sizes.layers if layer.location]
    assert lines == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert largest.location.span.line == 2
    data = next(layer for layer in sizes.layers if layer.location and layer.location.span.line == 8)
    assert data.size_bytes >= 3_000_000
