"""What the facts model says of small Dockerfiles: variables, environments, installs, indexes."""

import pytest

from mllint.facts.commands.variables import expand_docker
from mllint.facts.images.base_image import Origin, Python
from mllint.facts.project import Options, build_project
from mllint.facts.unknown import Unknown
from mllint.facts.wheels.wheel_variant import held_variant
from mllint.parse.dockerfile import parse_dockerfile
from mllint.parse.files import Files
from tests.projects import environment, held, project_of, tables

SLIM = "FROM python:3.11-slim-bookworm\n"
CUDA = "FROM nvidia/cuda:12.1.1-devel-ubuntu22.04\n"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("plain", "plain", id="plain"),
        pytest.param("$A-x", "1-x", id="bare"),
        pytest.param("${A}x", "1x", id="braces"),
        pytest.param("${NO:-d}", "d", id="default-for-unset"),
        pytest.param("${EMPTY:-d}", "d", id="default-for-empty"),
        pytest.param("${EMPTY-d}", "", id="dash-keeps-empty"),
        pytest.param("${A:+yes}", "yes", id="alternative"),
        pytest.param("${NO:+yes}", "", id="alternative-unset"),
        pytest.param("${NO:-${A}}", "1", id="nested-default"),
        pytest.param("'$A'", "$A", id="single-quotes"),
        pytest.param('"$A b"', "1 b", id="double-quotes"),
        pytest.param("\\$A", "$A", id="escaped"),
        pytest.param("${V%.*}", "12.1", id="shortest-suffix"),
        pytest.param("${V%%.*}", "12", id="longest-suffix"),
        pytest.param("${V#*.}", "1.0", id="shortest-prefix"),
        pytest.param("${V//./}", "1210", id="replace-all"),
        pytest.param("cost $", "cost $", id="lone-dollar"),
    ],
)
def test_docker_expansion(text, value):
    known = {"A": "1", "EMPTY": "", "V": "12.1.0"}
    assert expand_docker(text, known.get) == value


def test_an_unknown_variable_makes_the_word_unknown():
    reason = Unknown("ARG X has no default")
    assert expand_docker("a$X", {"X": reason}.get) == reason


ARGS = [
    pytest.param(
        "ARG V=3.11\nFROM python:$V-slim-bookworm\nRUN pip install torch==2.1.0\n",
        {},
        "2.1.0",
        id="global-arg-in-from",
    ),
    pytest.param(
        SLIM + "ARG TORCH=2.1.0\nRUN pip install torch==$TORCH\n", {}, "2.1.0", id="arg-default"
    ),
    pytest.param(
        SLIM + "ARG TORCH=2.1.0\nRUN pip install torch==$TORCH\n",
        {"build_args": {"TORCH": "2.3.0"}},
        "2.3.0",
        id="build-arg-wins",
    ),
    pytest.param(
        "ARG TORCH=2.1.0\n" + SLIM + "ARG TORCH\nRUN pip install torch==${TORCH}\n",
        {},
        "2.1.0",
        id="redeclared-arg-keeps-its-global-default",
    ),
    pytest.param(SLIM + "ARG TORCH\nRUN pip install torch==$TORCH\n", {}, "?", id="no-default"),
    pytest.param(
        SLIM + "ENV TORCH=2.1.0\nARG TORCH=9\nRUN pip install torch==$TORCH\n",
        {},
        "2.1.0",
        id="env-wins-over-arg",
    ),
    pytest.param(
        SLIM + "ENV TORCH 2.1.0\nRUN pip install torch==$TORCH\n", {}, "2.1.0", id="old-env-form"
    ),
    pytest.param(
        SLIM + "ENV PKGS='torch==2.1.0 numpy==1.26.4'\nRUN pip install $PKGS\n",
        {},
        "2.1.0",
        id="unquoted-variable-is-split",
    ),
    pytest.param(
        SLIM + "RUN V=2.1.0 && pip install torch==$V\n", {}, "2.1.0", id="shell-assignment"
    ),
    pytest.param(
        SLIM + "RUN export V=2.1.0; pip install torch==${V:-1}\n", {}, "2.1.0", id="export"
    ),
    pytest.param(SLIM + "RUN pip install torch==${V:-2.1.0}\n", {}, "2.1.0", id="shell-default"),
    pytest.param(
        SLIM + 'RUN for v in 1 2; do pip install "torch==$v"; done\n', {}, "?", id="loop-variable"
    ),
    pytest.param(
        SLIM + 'RUN V="$(cat v.txt)" && pip install torch==$V\n', {}, "?", id="substitution"
    ),
    pytest.param(SLIM + 'RUN bash -c "pip install torch==2.1.0"\n', {}, "2.1.0", id="nested-shell"),
    pytest.param(SLIM + 'RUN ["pip", "install", "torch==2.1.0"]\n', {}, "2.1.0", id="exec-form"),
    pytest.param(
        SLIM + "RUN <<EOF\npip install torch==2.1.0\nEOF\n", {}, "2.1.0", id="heredoc-script"
    ),
]


@pytest.mark.parametrize(("dockerfile", "options", "version"), ARGS)
def test_effective_torch_with_variables(tmp_path, dockerfile, options, version):
    assert held(project_of(tmp_path, dockerfile, **options), "torch") == version


ORDER = [
    pytest.param(
        "RUN pip install torch==2.1.0\nRUN pip install torch==2.3.0\n", "2.3.0", id="later"
    ),
    pytest.param("RUN pip install torch==2.1.0\nRUN pip install torch\n", "2.1.0", id="satisfied"),
    pytest.param(
        "RUN pip install torch==2.1.0+cu118 -f x\nRUN pip install torch==2.1.0\n",
        "2.1.0+cu118",
        id="public-pin-accepts-local",
    ),
    pytest.param("RUN pip install torch==2.1.0\nRUN pip install -U torch\n", "?", id="upgrade"),
    pytest.param("RUN pip install torch==2.1.0\nRUN pip install 'torch>=2.2'\n", "?", id="higher"),
    pytest.param(
        "RUN pip install torch==2.1.0\nRUN if [ -n x ]; then pip install torch==2.3.0; fi\n",
        "?",
        id="branch",
    ),
    pytest.param(
        "RUN pip install torch==2.1.0\nRUN pip uninstall -y torch\n", None, id="uninstall"
    ),
    pytest.param("RUN pip install torch==2.1.0 || true\n", "2.1.0", id="or-true"),
    pytest.param("RUN pip install 'torch>=2'\n", "?", id="range"),
    pytest.param("RUN pip install torch\n", "?", id="unpinned"),
    pytest.param("RUN pip download torch==2.1.0 && pip install six\n", None, id="download-only"),
    pytest.param("RUN pip install numpy==1.26.4 torch==2.1.0\n", "2.1.0", id="second-word"),
    pytest.param(
        "RUN pip install https://x.test/torch-2.1.0%2Bcu118-cp311-cp311-linux_x86_64.whl\n",
        "2.1.0+cu118",
        id="wheel-address",
    ),
]


@pytest.mark.parametrize(("runs", "version"), ORDER)
def test_effective_torch_in_install_order(tmp_path, runs, version):
    assert held(project_of(tmp_path, SLIM + runs), "torch") == version


WHERE = [
    pytest.param(SLIM + "RUN pip install six\n", "/usr/local", id="python-image"),
    pytest.param(SLIM + "RUN python -m pip install six\n", "/usr/local", id="module"),
    pytest.param(SLIM + "RUN uv pip install --system six\n", "/usr/local", id="uv-system"),
    pytest.param(
        SLIM + "RUN python -m venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\nRUN pip install six\n",
        "/opt/venv",
        id="venv-on-path",
    ),
    pytest.param(
        SLIM + "RUN python -m venv /opt/venv\nRUN /opt/venv/bin/pip install six\n",
        "/opt/venv",
        id="venv-by-path",
    ),
    pytest.param(
        SLIM + "RUN python -m venv venv && . venv/bin/activate && pip install six\n",
        "/venv",
        id="activated",
    ),
    pytest.param(
        SLIM + "RUN python -m venv /v\nRUN . /v/bin/activate\nRUN pip install six\n",
        "/usr/local",
        id="activation-ends-with-its-run",
    ),
    pytest.param(
        SLIM + "WORKDIR /app\nRUN uv venv && uv pip install six\n", "/app/.venv", id="uv-venv"
    ),
    pytest.param(
        SLIM + "ENV VIRTUAL_ENV=/opt/v\nRUN uv venv /opt/v && uv pip install six\n",
        "/opt/v",
        id="uv-virtual-env",
    ),
    pytest.param(
        CUDA + "RUN apt-get install -y python3-pip && pip3 install six\n", "/usr", id="distro"
    ),
    pytest.param(SLIM + "RUN pip install --target /deps six\n", "/deps", id="target"),
    pytest.param(
        "FROM continuumio/miniconda3\nRUN conda create -n x python=3.10\n"
        "RUN conda run -n x pip install six\n",
        "/opt/conda/envs/x",
        id="conda-run",
    ),
    pytest.param(
        "FROM continuumio/miniconda3\nRUN conda create -n x python=3.10\n"
        'SHELL ["conda", "run", "-n", "x", "/bin/bash", "-c"]\nRUN pip install six\n',
        "/opt/conda/envs/x",
        id="conda-shell",
    ),
]


@pytest.mark.parametrize(("dockerfile", "prefix"), WHERE)
def test_the_environment_that_an_install_lands_in(tmp_path, dockerfile, prefix):
    project = project_of(tmp_path, dockerfile)
    assert held(project, "six", prefix) == "?"


def test_a_second_distro_python_has_an_environment_of_its_own(tmp_path):
    project = project_of(
        tmp_path,
        CUDA + "RUN apt-get update && apt-get install -y python3.11 python3-pip\n"
        "RUN pip install six\nRUN python3.11 -m pip install numpy\n",
    )
    versions = {
        str(env.python.version): [install.name for install in env.installs]
        for env in project.target.environments
        if isinstance(env.python, Python) and env.installs
    }
    assert versions == {"3.10": ["six"], "3.11": ["numpy"]}


FILES = [
    pytest.param("COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\n", id="folder"),
    pytest.param(
        "COPY requirements.txt /tmp/\nRUN pip install -r /tmp/requirements.txt\n", id="into-folder"
    ),
    pytest.param("COPY requirements.txt /tmp/r.txt\nRUN pip install -r /tmp/r.txt\n", id="renamed"),
    pytest.param(
        "WORKDIR /app\nCOPY requirements*.txt ./\nRUN pip install -rrequirements.txt\n", id="glob"
    ),
    pytest.param(
        "RUN --mount=type=bind,source=requirements.txt,target=/r.txt pip install -r /r.txt\n",
        id="bind-mount",
    ),
    pytest.param(
        "COPY requirements.txt /app/\nRUN cd /app && pip install -r requirements.txt\n", id="cd"
    ),
    pytest.param(
        "ADD requirements.txt .\nRUN pip install --requirement=requirements.txt\n", id="add"
    ),
]


@pytest.mark.parametrize("instructions", FILES)
def test_requirement_files_are_found_through_copies(tmp_path, instructions):
    files = {"requirements.txt": "# deps\ntorch==2.1.0\n"}
    project = project_of(tmp_path, SLIM + instructions, files)
    (install,) = environment(project).installs
    assert install.location.path == "requirements.txt"
    assert install.location.span.line == 2
    assert held(project, "torch") == "2.1.0"
    assert project.read_files == ("requirements.txt",)


def test_requirement_files_come_through_another_stage(tmp_path):
    project = project_of(
        tmp_path,
        SLIM.rstrip()
        + " AS deps\nWORKDIR /src\nCOPY req.txt .\n"
        + SLIM
        + "COPY --from=deps /src/req.txt /r.txt\nRUN pip install -r /r.txt\n",
        {"req.txt": "torch==2.1.0\n"},
    )
    assert held(project, "torch") == "2.1.0"


def test_nested_files_and_constraints(tmp_path):
    project = project_of(
        tmp_path,
        SLIM + "COPY reqs /reqs\nRUN pip install -r /reqs/all.txt\n",
        {
            "reqs/all.txt": "-r base.txt\n-c pins.txt\n--extra-index-url https://x.test/simple\n",
            "reqs/base.txt": "torch\nnumpy>=1.20\n",
            "reqs/pins.txt": "torch==2.1.0\nnumpy<2\n",
        },
    )
    assert held(project, "torch") == "2.1.0"
    assert held(project, "numpy") == "?"
    first = environment(project).installs[0]
    assert first.location.path == "reqs/base.txt"
    assert first.indexes.extra == ("https://x.test/simple",)


def test_a_cycle_of_requirement_files_is_told_once(tmp_path):
    project = project_of(
        tmp_path,
        SLIM + "COPY . .\nRUN pip install -r a.txt\n",
        {"a.txt": "-r b.txt\nsix\n", "b.txt": "torch\n-r a.txt\n"},
    )
    (failure,) = project.failures
    assert (failure.path, failure.line) == ("b.txt", 2)
    assert "includes itself" in failure.message


def test_an_include_outside_the_project_is_refused(tmp_path):
    project = project_of(
        tmp_path,
        SLIM + "WORKDIR /a/b/c/d\nCOPY . .\nRUN pip install -r r.txt\n",
        {"r.txt": "six\n-r ../../etc/passwd\n"},
    )
    (failure,) = project.failures
    assert (failure.path, failure.line) == ("r.txt", 2)
    assert "outside the project" in failure.message


UNKNOWN_FILES = [
    pytest.param("RUN pip install -r requirements.txt\n", id="not-copied"),
    pytest.param("COPY . .\nRUN sed -i /x/d r.txt && pip install -r r.txt\n", id="changed-by-sed"),
    pytest.param("RUN git clone https://x.test/y && pip install -r y/r.txt\n", id="cloned"),
    pytest.param("RUN echo torch==2.1.0 > r.txt && pip install -r r.txt\n", id="written"),
    pytest.param("RUN pip install -r https://x.test/r.txt\n", id="address"),
]


@pytest.mark.parametrize("instructions", UNKNOWN_FILES)
def test_a_requirement_file_that_cannot_be_had_makes_the_rest_unknown(tmp_path, instructions):
    project = project_of(tmp_path, SLIM + instructions, {"r.txt": "torch==2.1.0\n"})
    assert held(project, "torch") == "?"
    assert project.unchecked


def test_a_copied_venv_brings_its_packages(tmp_path):
    project = project_of(
        tmp_path,
        "FROM python:3.11-bookworm AS build\nRUN python -m venv /opt/venv\n"
        "RUN /opt/venv/bin/pip install torch==2.1.0\n"
        + SLIM
        + "COPY --from=build /opt/venv /opt/venv\nENV PATH=/opt/venv/bin:$PATH\n"
        "RUN pip install torchvision==0.16.0\n",
    )
    assert held(project, "torch", "/opt/venv") == "2.1.0"
    assert held(project, "torchvision", "/opt/venv") == "0.16.0"
    (copied,) = project.target.environment_copies
    assert (copied.source, copied.environment_prefix) == ("/opt/venv", "/opt/venv")


def test_a_stage_inherits_from_its_parent(tmp_path):
    project = project_of(
        tmp_path,
        SLIM.rstrip() + " AS base\nENV V=2.1.0\nARG W=1\nRUN pip install torch==$V\n"
        "FROM base\nRUN pip install torchvision==0.16.0 x==$W\n",
    )
    assert held(project, "torch") == "2.1.0"
    assert held(project, "x") == "1"  # BuildKit passes ARGs on to a stage FROM this one
    assert [stage.label for stage in project.judged] == ["base", "1"]


def test_only_reached_stages_are_judged(tmp_path):
    dockerfile = (
        SLIM.rstrip() + " AS a\n" + SLIM.rstrip() + " AS b\n" + SLIM.rstrip() + " AS c\n"
        "COPY --from=a /x /x\n"
    )
    assert [s.name for s in project_of(tmp_path, dockerfile).judged] == ["a", "c"]
    assert [s.name for s in project_of(tmp_path, dockerfile, target="b").judged] == ["b"]


VARIANTS = [
    pytest.param("pip install torch==2.1.0", "cu121", id="default-by-table"),
    pytest.param("pip install torch==2.1.0+cu118 -f y", "cu118", id="local-part"),
    pytest.param(
        "pip install torch==2.1.0 --index-url https://download.pytorch.org/whl/cu118",
        "cu118",
        id="index",
    ),
    pytest.param(
        "pip install torch==2.1.0 --extra-index-url https://download.pytorch.org/whl/cu118",
        "cu118",
        id="extra-index-ranks-local-higher",
    ),
    pytest.param(
        "pip install torch --extra-index-url https://download.pytorch.org/whl/cu118",
        "?",
        id="unpinned-with-extra-index",
    ),
    pytest.param("pip install torch==2.1.0 -i https://mirror.test/simple", "?", id="private-index"),
    pytest.param("uv pip install --system --torch-backend=cpu torch==2.6.0", "cpu", id="backend"),
    pytest.param(
        "PIP_INDEX_URL=https://download.pytorch.org/whl/cpu pip install torch==2.1.0",
        "cpu",
        id="variable",
    ),
]


@pytest.mark.parametrize(("command", "variant"), VARIANTS)
def test_the_build_of_torch(tmp_path, command, variant):
    project = project_of(tmp_path, SLIM + f"RUN {command}\n")
    found = held_variant(environment(project), "torch", tables())
    assert ("?" if isinstance(found, Unknown) else found.variant) == variant


def test_a_variable_that_is_out_of_scope(tmp_path):
    project = project_of(
        tmp_path,
        "ARG TORCH=2.1.0\n" + SLIM + "RUN pip install six && \\\n    pip install torch==${TORCH}\n"
        "RUN echo ${TORCH:-x} '$TORCH'\n",
    )
    (use,) = project.target.undefined
    assert (use.name, use.location.span.line, use.declared.span.line) == ("TORCH", 4, 1)


def test_apt_packages_with_versions_and_removals(tmp_path):
    project = project_of(
        tmp_path,
        SLIM + "RUN apt-get update && apt-get install -y --no-install-recommends \\\n"
        "    git=1:2.39.2-1 build-essential \\\n    && apt-get purge -y git\n",
    )
    packages = [
        (p.name, p.version, p.removed, p.location.span.line) for p in project.target.packages
    ]
    assert packages == [
        ("git", "1:2.39.2-1", False, 3),
        ("build-essential", None, False, 3),
        ("git", None, True, 4),
    ]
    assert project.target.has_command("gcc") is True


CONTEXTS = [
    pytest.param("COPY requirements.txt /\nRUN pip install -r /requirements.txt\n", id="by-copy"),
    pytest.param("COPY . /app\nRUN pip install -r /app/requirements.txt\n", id="by-what-is-read"),
    pytest.param("COPY ../requirements.txt /\nRUN pip install -r /requirements.txt\n", id="dots"),
]


@pytest.mark.parametrize("instructions", CONTEXTS)
def test_the_context_may_lie_above_the_dockerfile(tmp_path, instructions):
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("torch==2.1.0\n")
    (tmp_path / "docker").mkdir()
    path = tmp_path / "docker" / "Dockerfile"
    path.write_text(SLIM + instructions)
    gate = Files(tmp_path, tmp_path)
    project = build_project(parse_dockerfile(gate.read(path)), path, gate, Options(), tables())
    assert held(project, "torch") == "2.1.0"
    assert project.context is not None and project.context.folder == tmp_path
    given = Options(context=tmp_path / "docker")
    project = build_project(parse_dockerfile(gate.read(path)), path, gate, given, tables())
    assert held(project, "torch") == "?"


def test_all_of_a_context_is_the_project_rather_than_its_docker_folder(tmp_path):
    (tmp_path / ".git").mkdir()
    (tmp_path / "requirements.txt").write_text("torch==2.1.0\n")
    (tmp_path / "docker").mkdir()
    (tmp_path / "docker" / "requirements.txt").write_text("docker==7.1.0\n")
    path = tmp_path / "docker" / "Dockerfile"
    path.write_text(SLIM + "COPY . /app\nRUN pip install -r /app/requirements.txt\n")
    gate = Files(tmp_path, tmp_path)
    project = build_project(parse_dockerfile(gate.read(path)), path, gate, Options(), tables())
    assert held(project, "torch") == "2.1.0"


@pytest.mark.parametrize("python", ["python3.11", "'>=3.11'", "3", "pypy3.10", "3.11.4"])
def test_uv_is_asked_for_a_python_in_many_ways(tmp_path, python):
    run = f"RUN uv pip install --system --python {python} torch==2.1.0\n"
    project = project_of(tmp_path, "FROM ubuntu:22.04\n" + run)
    held_in = [e for e in project.target.environments if any(e.of("torch"))]
    assert len(held_in) == 1


def test_wheels_named_by_a_glob_have_a_name_but_no_version(tmp_path):
    project = project_of(tmp_path, SLIM + "RUN pip install dist/flash_attn-*.whl\n")
    assert held(project, "flash-attn") == "?"
    assert project.unchecked


def test_the_user_site_is_copied_to_the_system_python(tmp_path):
    project = project_of(
        tmp_path,
        "FROM python:3.9-slim-bookworm AS build\nRUN pip install --user torch==2.1.0\n"
        "FROM nvidia/cuda:12.1.1-runtime-ubuntu22.04\n"
        "COPY --from=build /root/.local /root/.local\n",
    )
    (copied,) = project.target.environment_copies
    assert copied.source == "/root/.local"
    assert held(project, "torch", "/usr") == "2.1.0"


def test_a_python_that_is_compiled_here_comes_before_the_distributions(tmp_path):
    project = project_of(
        tmp_path,
        "FROM ubuntu:20.04\n"
        "RUN apt-get update && apt-get install -y build-essential python3-pip wget\n"
        "RUN wget https://example.org/Python-3.11.4.tgz && tar xf Python-3.11.4.tgz && \\\n"
        "    cd Python-3.11.4 && ./configure && make -j8 && make install\n"
        "RUN pip3 install torch==2.4.1\n",
    )
    python = environment(project, "/usr/local").python
    assert isinstance(python, Python)
    assert str(python.version) == "3.11.4"
    assert held(project, "torch", "/usr/local") == "2.4.1"


def test_the_archive_of_ubuntu_18_04_holds_python_3_8(tmp_path):
    dockerfile = "FROM ubuntu:18.04\nRUN apt-get update && apt-get install -y python3.8\n"
    project = project_of(tmp_path, dockerfile + "RUN python3.8 -m pip install numpy\n")
    python = environment(project).python
    assert isinstance(python, Python)
    assert (str(python.version), python.origin) == ("3.8", Origin.DISTRO)


@pytest.mark.parametrize("project_path", ["/app", "."])
def test_without_dependencies_a_project_hides_nothing(tmp_path, project_path):
    project = project_of(tmp_path, SLIM + f"RUN pip install --no-deps {project_path}\n")
    assert not environment(project).opaque


def test_dist_packages_of_debian_belong_to_the_python_in_usr(tmp_path):
    folder = "/usr/local/lib/python3.11/dist-packages"
    project = project_of(
        tmp_path,
        "FROM debian:12 AS build\nRUN apt-get update && apt-get install -y python3-pip\n"
        "RUN pip install --break-system-packages torch==2.5.1\n"
        "FROM debian:12\nRUN apt-get update && apt-get install -y python3\n"
        f"COPY --from=build {folder} {folder}\n",
    )
    assert held(project, "torch", "/usr") == "2.5.1"
