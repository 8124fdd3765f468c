"""From compose and bake files to the Dockerfiles that they build, and back, through the command."""

import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from mllint import catalog
from mllint.cli import commands
from mllint.config import Settings, Target
from mllint.finding import Severity
from mllint.loader import Loader
from mllint.runner import run

ARGUED = "ARG BASE\nFROM ${BASE} AS one\nRUN echo\nFROM one AS two\nCOPY r.txt /\n"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def check(folder, *paths, **settings):
    return run(paths or (".",), folder, Settings(folder, **settings))


def found(report):
    return {
        (finding.problem.location.path, finding.problem.location.span.line, finding.rule)
        for finding in report.findings
        if finding.suppressed is None
    }


def projects(folder, path="Dockerfile", **settings):
    loaded = Loader(folder, Settings(folder, **settings), False).load(folder / path)
    return [each.project for each in loaded]


def test_one_service_says_how_its_dockerfile_is_built(folder):
    write(
        folder,
        {
            "docker/Dockerfile": ARGUED,
            "r.txt": "",
            "compose.yaml": (
                "services:\n  a:\n    platform: linux/arm64\n    build:\n      context: .\n"
                "      dockerfile: docker/Dockerfile\n      target: one\n"
                "      args: {BASE: 'python:3.11-slim'}\n"
            ),
        },
    )
    (project,) = projects(folder, "docker/Dockerfile")
    assert project.target.name == "one"
    assert project.target.base.reference.text == "python:3.11-slim"
    assert project.context.folder == folder
    assert project.options.platform == "linux/arm64"
    assert [service.name for service in project.services] == ["a"]


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/riscv64"])
def test_the_platform_of_the_user_wins(folder, platform):
    service = "services:\n  a:\n    platform: linux/arm64\n    build: .\n"
    write(folder, {"Dockerfile": "FROM python:3.11-slim\n", "compose.yaml": service})
    (project,) = projects(folder, target=Target(platform=platform))
    assert project.options.platform == platform


def test_the_options_of_the_user_win(folder):
    write(
        folder,
        {
            "Dockerfile": ARGUED,
            "compose.yaml": "services:\n  a: {build: {context: ., args: {BASE: 'python:3.11'}}}\n",
        },
    )
    (project,) = projects(folder, build_args={"BASE": "debian:12"})
    assert project.target.base.reference.text == "debian:12"
    assert [service.name for service in project.services] == ["a"]
    (project,) = projects(folder, target=Target(stage="one"))
    assert project.target.name == "one"
    assert project.target.base.reference.text == ""


def test_each_distinct_build_is_a_project_of_its_own(folder):
    write(
        folder,
        {
            "Dockerfile": ARGUED,
            "compose.yaml": (
                "services:\n"
                "  a: {build: {context: ., args: {BASE: 'python:3.11'}}}\n"
                "  b: {build: {context: ., args: {BASE: 'python:3.11'}}, command: x}\n"
                "  c: {build: {context: ., args: {BASE: 'python'}}}\n"
                "  d: {build: {context: ., args: [BASE]}}\n"
            ),
        },
    )
    assert [[service.name for service in each.services] for each in projects(folder)] == [
        ["a", "b"],
        ["c"],
        ["d"],
    ]
    report = check(folder, "Dockerfile", select=("unpinned-base-image",))
    messages = [finding.problem.message for finding in report.findings]
    assert len(messages) == 2
    assert any("names no tag" in message for message in messages)


DEFAULTED = "ARG PYTHON=3.11\nFROM python:${PYTHON} AS dev\nARG PYTHON\nFROM python AS prod\n"


@pytest.mark.parametrize(
    ("build", "plain"),
    [
        pytest.param("{context: ., target: dev}", True, id="target"),
        pytest.param("{context: ., args: {PYTHON: '3.12'}}", True, id="args"),
        pytest.param("{context: .}", False, id="as-plain"),
        pytest.param("{context: ., target: dev, additional_contexts: {x: .}}", False, id="named"),
    ],
)
def test_what_plain_docker_build_gives_is_judged_too(folder, build, plain):
    service = f"services:\n  a: {{build: {build}}}\n"
    write(folder, {"Dockerfile": DEFAULTED, "compose.yaml": service})
    built = projects(folder)
    assert len(built) == 1 + plain
    assert [service.name for service in built[0].services] == ["a"]
    report = check(folder, select=("unpinned-base-image",))
    untagged = [each for each in report.findings if "names no tag" in each.problem.message]
    last_is_judged = plain or "target" not in build
    assert [each.problem.location.span.line for each in untagged] == [4] * last_is_judged
    if plain:
        assert built[1].services == ()
        assert built[1].target.name == "prod"
        assert built[1].context.folder == folder
    assert len(projects(folder, target=Target(stage="dev"))) == 1


def test_a_hundred_builds_of_one_dockerfile_are_bounded(folder):
    services = "".join(
        f"  s{n}: {{build: {{context: ., args: {{BASE: 'x:{n}'}}}}}}\n" for n in range(100)
    )
    write(folder, {"Dockerfile": ARGUED, "compose.yaml": f"services:\n{services}"})
    assert len(projects(folder)) == 20
    cut = [n for n in check(folder, "Dockerfile").unchecked if "more than 20 ways" in n.reason]
    assert len(cut) == 80
    assert cut[0].location.path == "compose.yaml"
    assert cut[0].reason == "service s20: more than 20 ways to build Dockerfile"


def test_plain_docker_build_may_be_one_way_too_many(folder):
    services = "".join(
        f"  s{n}: {{build: {{context: ., args: {{PYTHON: '3.{n}'}}}}}}\n" for n in range(20)
    )
    write(folder, {"Dockerfile": DEFAULTED, "compose.yaml": f"services:\n{services}"})
    assert len(projects(folder)) == 20
    report = check(folder, "Dockerfile")
    assert report.failures == ()
    reasons = {note.reason: note.location.path for note in report.unchecked}
    told = "plain `docker build`: more than 20 ways to build Dockerfile"
    assert reasons[told] == "Dockerfile"


@pytest.mark.parametrize(
    ("contexts", "text", "cuda"),
    [
        ("{base: 'docker-image://nvidia/cuda:12.4.1-base-ubuntu22.04'}", "", True),
        ("{base: 'service:other'}", "", False),
        ("{base: ./rootfs}", "", False),
        ("['base=docker-image://nvidia/cuda:12.4.1-base-ubuntu22.04']", "", True),
        ("{other: ./x}", "base", False),
    ],
)
def test_a_named_context_is_no_image_of_docker_hub(folder, contexts, text, cuda):
    write(
        folder,
        {
            "Dockerfile": "FROM base\nRUN pip install torch\n",
            "compose.yaml": (
                f"services:\n  a: {{build: {{context: ., additional_contexts: {contexts}}}}}\n"
            ),
        },
    )
    (project,) = projects(folder)
    base = project.target.base
    assert base.reference.text == text
    assert getattr(base.cuda, "flavor", None) is not None if cuda else True
    assert not {rule for _, _, rule in found(check(folder))} & {"unpinned-base-image"}


def test_a_named_context_takes_the_place_of_a_stage(folder):
    write(
        folder,
        {
            "Dockerfile": "FROM python:3.11 AS deps\nFROM deps\nCOPY --from=deps /a /b\n",
            "docker-bake.json": json.dumps(
                {"target": {"a": {"contexts": {"deps": "target:other"}}}}
            ),
        },
    )
    (project,) = projects(folder)
    assert project.target.parent is None
    assert project.target.copied_from == frozenset()


def test_a_compose_file_alone_checks_what_it_builds(folder):
    write(
        folder,
        {
            "deploy/compose.yaml": "services:\n  a: {build: ../app}\n  b: {image: 'a/b'}\n",
            "app/Dockerfile": "FROM python:3.11\nRUNN x\n",
            "other/Dockerfile": "RUNN x\n",
        },
    )
    report = check(folder, "deploy/compose.yaml")
    assert report.files == ("app/Dockerfile", "deploy/compose.yaml")
    assert {
        ("app/Dockerfile", 2, "dockerfile-syntax"),
        ("deploy/compose.yaml", 3, "compose-untagged-image"),
    } <= found(report)


def test_a_dockerfile_alone_tells_nothing_of_the_compose_file(folder):
    write(
        folder,
        {
            "compose.yaml": "version: '3'\nservices:\n  a: {build: {context: ., target: two}}\n",
            "compose.bad.yaml": "services: [\n",
            "Dockerfile": "FROM python:3.11 AS two\nFROM python:3.11\nRUNN x\n",
        },
    )
    report = check(folder, "Dockerfile")
    assert report.files == ("Dockerfile",)
    assert not report.failures
    assert not any(path == "compose.yaml" for path, _, _ in found(report))
    assert projects(folder)[0].target.name == "two"


def test_a_folder_judges_each_compose_file_once(folder):
    write(
        folder,
        {
            "compose.yaml": "version: '3'\nservices:\n  a: {build: .}\n",
            "compose.gpu.yaml": "services:\n  a: {gpus: all}\n",
            "sub/docker-compose.yml": "version: '3'\nservices:\n  a: {build: ..}\n",
            "Dockerfile": "FROM python:3.11\n",
        },
    )
    report = check(folder, select=("compose-version-obsolete",))
    assert report.files == (
        "Dockerfile",
        "compose.gpu.yaml",
        "compose.yaml",
        "sub/docker-compose.yml",
    )
    assert len(report.findings) == 2


def test_an_excluded_dockerfile_is_not_checked_for_its_service(folder):
    write(
        folder,
        {
            "compose.yaml": "services:\n  a: {build: third_party/x}\n",
            "third_party/x/Dockerfile": "RUNN x\n",
        },
    )
    assert check(folder).files == ("compose.yaml", "third_party/x/Dockerfile")
    assert check(folder, exclude=("third_party/",)).files == ("compose.yaml",)


def test_a_dockerfile_by_an_odd_name_is_found_by_its_service(folder):
    write(
        folder,
        {
            "compose.yaml": "services:\n  a: {build: {context: ., dockerfile: images/train}}\n",
            "images/train": "FROM python:3.11\nRUNN x\n",
        },
    )
    assert ("images/train", 2, "dockerfile-syntax") in found(check(folder))


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ("./none", "none/Dockerfile is not there to read"),
        ("https://github.com/example/x.git", "is elsewhere"),
        ("${WHERE}", "the build context is not known"),
        ("{context: ., dockerfile: '${FILE}'}", "its Dockerfile is not known"),
        ("../outside", "is not there to read"),
    ],
)
def test_a_build_that_is_not_there_is_told_as_not_checked(folder, build, reason):
    write(folder, {"compose.yaml": f"services:\n  a: {{build: {json.dumps(build)}}}\n"})
    if build.startswith("{"):
        write(folder, {"compose.yaml": f"services:\n  a: {{build: {build}}}\n"})
    report = check(folder)
    assert not report.failures
    (note,) = report.unchecked
    assert note.reason.startswith("service a: ")
    assert reason in note.reason


def test_an_inline_dockerfile_is_judged_at_its_lines(folder):
    write(
        folder,
        {
            "compose.yaml": (
                "services:\n  a:\n    build:\n      context: .\n      dockerfile_inline: |\n"
                "        FROM python:3.11\n        RUNN x\n        ENV A=$$B\n    gpus: all\n"
            )
        },
    )
    assert ("compose.yaml", 7, "dockerfile-syntax") in found(check(folder))


def test_an_inline_dockerfile_of_a_remote_context_knows_no_file_here(folder):
    write(
        folder,
        {
            "compose.yaml": (
                "services:\n  a:\n    build:\n      context: ${REPOSITORY}\n"
                "      dockerfile_inline: |\n        FROM python:3.11\n        COPY . /app\n"
                "        RUN pip install -r /app/requirements.txt\n"
            ),
            "requirements.txt": "torch==2.1.0+cu118\n",
        },
    )
    assert "requirements.txt" not in check(folder).files


def test_ignore_comments_work_and_idle_ones_are_told(folder):
    write(
        folder,
        {
            "compose.yaml": (
                "version: '3'  # mllint: ignore[compose-version-obsolete] -- for a swarm\n"
                "services:\n"
                "  a:\n"
                "    # mllint: ignore[compose-untagged-image]\n"
                "    image: a/b\n"
                "    # mllint: ignore[compose-secret]\n"
                "    command: x\n"
            )
        },
    )
    assert found(check(folder)) == {("compose.yaml", 6, "unused-ignore")}
    assert found(check(folder, "compose.yaml")) == {("compose.yaml", 6, "unused-ignore")}


def test_no_output_prints_a_secret(folder):
    secret = "hf_Wq3Zt8Lb1Xn6Tv0Vk5Kd9Mf2Hs7Jp4Gc1Ae"
    write(
        folder,
        {
            "compose.yaml": (
                f"services:\n  a:\n    image: a/b:1\n    environment:\n      - HF_TOKEN={secret}\n"
                f"  b:\n    image: a/b:1\n    command: serve --token {secret}\n"
            ),
        },
    )
    for form in ("text", "json", "sarif", "github"):
        result = CliRunner().invoke(commands, ["check", "--format", form], prog_name="mllint")
        assert result.exit_code == 1
        assert "compose-secret" in result.output
        assert secret not in result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("services: [\n", "compose.yaml:2: is no YAML"),
        ("services:\n  a: x\n", "compose.yaml:2: the service a is no mapping"),
        ("a: b\n---\nc: d\n", "compose.yaml:2: begins a second document"),
    ],
)
def test_bad_yaml_is_one_line_and_does_not_cost_the_others(folder, text, message):
    write(folder, {"compose.yaml": text, "Dockerfile": "FROM python:3.11\nRUNN x\n"})
    result = CliRunner().invoke(commands, ["check", "-q"], prog_name="mllint")
    assert result.exit_code == 2
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"mllint: {message}")
    assert "Dockerfile:2:1: error[dockerfile-syntax]" in result.stdout


def test_a_template_of_a_compose_file_is_not_an_error(folder):
    write(folder, {"compose.yaml": "services:\n  {{ name }}:\n    {% if x %}\n"})
    report = check(folder)
    assert not report.failures
    assert "template" in next(iter(report.unchecked)).reason


def test_bake_targets_build_dockerfiles(folder):
    write(
        folder,
        {
            "Dockerfile.gpu": ARGUED,
            "docker-bake.json": json.dumps(
                {
                    "variable": {"TAG": {"default": "3.11"}},
                    "group": {"default": {"targets": ["gpu"]}},
                    "target": {
                        "common": {"context": ".", "args": {"BASE": "python:${TAG}"}},
                        "gpu": {
                            "inherits": ["common"],
                            "dockerfile": "Dockerfile.gpu",
                            "target": "one",
                        },
                        "many": {"matrix": {"x": ["1"]}, "name": "m-${x}"},
                    },
                },
                indent="\t",
            ),
        },
    )
    (project,) = projects(folder, "Dockerfile.gpu")
    assert project.target.base.reference.text == "python:3.11"
    assert [str(builder) for builder in project.builders] == [
        "target gpu (docker-bake.json:21), target one, with BASE"
    ]
    assert project.services == ()
    reasons = [note.reason for note in check(folder).unchecked]
    assert "the target many has a matrix" in reasons


def test_bake_in_hcl_is_told_as_not_read(folder):
    write(folder, {"docker-bake.hcl": 'target "x" {\n', "Dockerfile": "FROM python:3.11\n"})
    report = check(folder)
    assert not report.failures
    assert [note.reason for note in report.unchecked] == ["bake files in HCL are not read"]


def test_the_plan_names_who_builds_the_image(folder):
    write(
        folder,
        {
            "Dockerfile": ARGUED,
            "compose.yaml": (
                "services:\n  a: {build: {context: ., args: {BASE: 'python:3.11', KEY: s3cr3t}}}\n"
                "  b: {build: .}\n"
            ),
        },
    )
    result = CliRunner().invoke(commands, ["plan", "Dockerfile"], prog_name="mllint")
    assert result.output.startswith(
        "built by service a (compose.yaml:2), with BASE KEY\n"
        "built differently, so not as shown here, by service b (compose.yaml:3)\n\n"
    )
    assert "s3cr3t" not in result.output


def test_a_service_that_asks_for_a_gpu_makes_a_cpu_build_an_error(folder):
    write(
        folder,
        {
            "Dockerfile": (
                "FROM python:3.11\nRUN pip install torch==2.4.0 "
                "--index-url https://download.pytorch.org/whl/cpu\n"
            ),
            "compose.yaml": "services:\n  a:\n    build: .\n    gpus: all\n    shm_size: 8gb\n",
        },
    )
    (finding,) = check(folder, select=("silent-cpu-build",)).findings
    assert finding.severity is Severity.ERROR
    assert finding.problem.message.endswith("but the service a asks for a GPU")
    assert finding.problem.related[0].location.path == "compose.yaml"


def test_a_check_that_crashes_on_a_compose_file_costs_only_itself(folder, monkeypatch):
    def crash(project, tables):
        raise RuntimeError("x")

    real = catalog.load_compose_check
    broken = "compose-untagged-image"
    monkeypatch.setattr(
        catalog, "load_compose_check", lambda slug: crash if slug == broken else real(slug)
    )
    write(folder, {"compose.yaml": "version: '3'\nservices:\n  a: {image: a/b}\n"})
    report = check(folder)
    (failure,) = report.failures
    assert failure.path == "compose.yaml"
    assert failure.message.startswith(f"rule {broken} failed, which is a bug in mllint")
    assert found(report) == {("compose.yaml", 1, "compose-version-obsolete")}


def test_the_obsolete_version_can_be_deleted(folder):
    text = "services:\n  a: {image: 'a/b:1'}\nversion: '3'\nvolumes: {}\n"
    write(folder, {"compose.yaml": text})
    (finding,) = check(folder).findings
    (edit,) = finding.problem.fix.edits
    lines = text.split("\n")
    span = edit.location.span
    assert (span.column, span.end_column) == (1, 1)
    assert lines[span.line - 1 : span.end_line - 1] == ["version: '3'"]
    assert finding.problem.fix.safe


def test_no_yaml_is_imported_without_a_compose_file(folder):
    write(folder, {"Dockerfile": "FROM python:3.11\n"})
    code = (
        "import sys; from mllint.cli import commands\n"
        "try: commands(['check', '-q'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'yaml'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_two_thousand_services_take_linear_time(folder):
    def seconds(count):
        services = "".join(
            f"  s{n}:\n    image: a/b{n}\n    environment: [A_PASSWORD=secret{n}]\n"
            f"    command: torchrun x.py\n    volumes: ['v{n}:/data']\n"
            for n in range(count)
        )
        write(folder, {"compose.yaml": f"services:\n{services}"})
        start = time.process_time()
        report = check(folder)
        assert len(report.findings) >= count
        return time.process_time() - start

    seconds(50)
    # Four times the services; sixteen times the time would be a loop within a loop.
    assert seconds(2000) < 10 * max(seconds(500), 0.2)
