"""Predictions against measurements: what holds, what does not, what was not measured, and where."""

import pytest
from projects import project_of
from verify_samples import IMAGE, TABLES, recorded

from mllint.verify.comparing.comparison import Verdict
from mllint.verify.comparing.plan import compare_with_image, refuted
from mllint.verify.comparing.system_packages import wanted_system_packages
from mllint.verify.probing.content_facts import CudaLibrary, InstalledPackage, Toolkit
from mllint.verify.probing.image_facts import CondaPackage, Fault, Program
from mllint.verify.smoke.import_names import wanted_imports

DOCKERFILE = """\
FROM python:3.11-slim-bookworm
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \\
    APP_MODE=serve
WORKDIR /srv/
COPY requirements.txt .
RUN pip install -r requirements.txt
USER app
ENTRYPOINT ["python3", "-m"]
CMD serve \\
    --port 80
"""
REQUIREMENTS = "torch==2.1.2\nnumpy<2\nopencv-python==4.8.0.74\nsix\ntriton\n"
BUILT = IMAGE._replace(
    environment={"PATH": "/opt/venv/bin:/usr/local/bin:/usr/bin", "APP_MODE": "serve"},
    entrypoint=("python3", "-m"),
    command=("/bin/sh", "-c", "serve     --port 80"),
    user="app",
    workdir="/srv",
)


def pairs_of(folder, dockerfile=DOCKERFILE, requirements=REQUIREMENTS, facts="", image=BUILT):
    project = project_of(folder, dockerfile, {"requirements.txt": requirements})
    facts = recorded() if facts == "" else facts
    return {pair.fact: pair for pair in compare_with_image(project, TABLES, facts, image)}


def told(pair):
    return pair.verdict.value, pair.predicted, pair.measured


def place(pair):
    return f"{pair.location.path.rpartition('/')[2]}:{pair.location.span.line}"


@pytest.mark.parametrize(
    ("fact", "verdict", "predicted", "measured", "where"),
    [
        ("OS", "confirmed", "debian 12", "debian 12", "Dockerfile:1"),
        ("C library", "confirmed", "glibc 2.36", "glibc 2.36", "Dockerfile:1"),
        ("Python's folder", "confirmed", "/opt/venv", "/opt/venv", "Dockerfile:2"),
        ("Python", "confirmed", "3.11", "3.11.7", "Dockerfile:2"),
        ("user", "confirmed", "app", "app", "Dockerfile:8"),
        ("workdir", "confirmed", "/srv", "/srv", "Dockerfile:5"),
        ("variable APP_MODE", "confirmed", "serve", "serve", "Dockerfile:4"),
        ("ENTRYPOINT", "confirmed", '["python3", "-m"]', '["python3", "-m"]', "Dockerfile:9"),
        ("torch", "confirmed", "2.1.2", "2.1.2", "requirements.txt:1"),
        ("torch's build", "confirmed", "CUDA 12.1", "CUDA 12.1", "requirements.txt:1"),
        ("numpy", "confirmed", "a version <2", "1.26.4", "requirements.txt:2"),
        ("opencv-python", "refuted", "4.8.0.74", "4.9.0.80", "requirements.txt:3"),
        ("six", "refuted", "installed", "none", "requirements.txt:4"),
        ("triton", "confirmed", "installed", "2.1.0", "requirements.txt:5"),
    ],
)
def test_pair(tmp_path, fact, verdict, predicted, measured, where):
    pair = pairs_of(tmp_path)[fact]
    assert told(pair) == (verdict, predicted, measured)
    assert place(pair) == where


def test_command_over_two_lines(tmp_path):
    assert pairs_of(tmp_path)["CMD"].verdict is Verdict.CONFIRMED


def test_refuted_predictions_are_problems(tmp_path):
    problems = list(refuted(pairs_of(tmp_path).values()))
    assert "opencv-python: the plan says 4.8.0.74, the image has 4.9.0.80" in [
        problem.message for problem in problems
    ]


@pytest.mark.parametrize(
    ("change", "fact"),
    [
        ({"user": ""}, "user"),
        ({"workdir": ""}, "workdir"),
        ({"entrypoint": None}, "ENTRYPOINT"),
        ({"command": ("serve",)}, "CMD"),
        ({"environment": {}}, "variable APP_MODE"),
    ],
)
def test_other_configuration(tmp_path, change, fact):
    pair = pairs_of(tmp_path, image=BUILT._replace(**change))[fact]
    assert pair.verdict is Verdict.REFUTED


@pytest.mark.parametrize("user", ["", "0", "root", "0:0", "root:root"])
def test_names_of_root(tmp_path, user):
    image = BUILT._replace(user=user)
    pair = pairs_of(tmp_path, DOCKERFILE.replace("USER app\n", ""), image=image)["user"]
    assert told(pair) == ("confirmed", "root", "root")


def test_nothing_measured(tmp_path):
    pairs = pairs_of(tmp_path, facts=None)
    assert {pairs[name].verdict for name in ("OS", "Python", "torch", "CUDA")} == {
        Verdict.NOT_MEASURED
    }
    assert pairs["user"].verdict is Verdict.CONFIRMED
    assert not [problem for problem in refuted(pairs.values()) if "torch" in problem.message]


def test_probe_that_failed(tmp_path):
    facts = recorded()._replace(faults=(Fault("distributions", "took longer than 120 s"),))
    pair = pairs_of(tmp_path, facts=facts)["torch"]
    assert (pair.verdict, pair.reason) == (Verdict.NOT_MEASURED, "took longer than 120 s")


def test_base_image_that_is_not_known(tmp_path):
    pairs = pairs_of(tmp_path, DOCKERFILE.replace("python:3.11-slim-bookworm", "acme/base:1"))
    assert pairs["OS"].verdict is Verdict.NOT_PREDICTED
    assert pairs["OS"].measured == "debian 12"
    path = pairs["variable PATH"]
    assert told(path)[:2] == ("confirmed", "/opt/venv/bin:(base image)")


def test_packages_of_a_base_image_that_is_not_known(tmp_path):
    dockerfile = "FROM acme/base:1\nRUN pip install torch==2.1.2 numpy==1.0\n"
    found = Program("python3", "/opt/venv/bin/python3")
    facts = recorded()
    facts = facts._replace(interpreter=facts.interpreter._replace(programs=(found,)))
    pairs = pairs_of(tmp_path, dockerfile, facts=facts)
    assert told(pairs["torch"]) == ("confirmed", "2.1.2", "2.1.2")
    assert told(pairs["numpy"]) == ("refuted", "1.0", "1.26.4")


def test_activation_that_is_lost(tmp_path):
    """The packages are in /opt/venv, and the start command finds the image's own Python."""
    facts = recorded()
    found = Program("python3", "/usr/local/bin/python3")
    interpreter = facts.interpreter._replace(prefix="/usr/local", programs=(found,))
    lost = facts._replace(interpreter=interpreter, distributions=())
    pairs = pairs_of(tmp_path, facts=lost)
    assert told(pairs["Python's folder"]) == ("refuted", "/opt/venv", "/usr/local")
    # What is in the other environment was not measured: no word about its packages.
    assert "torch" not in pairs


def test_nothing_of_the_image_steers_a_terminal(tmp_path):
    image = BUILT._replace(user="\x1b[31mapp\r", command=("\u202e",))
    pairs = pairs_of(tmp_path, image=image)
    assert pairs["user"].measured == r"\x1b[31mapp\r"
    assert pairs["CMD"].measured.isprintable()


def test_credential_is_not_shown(tmp_path):
    token = "hf_" + "a1B2" * 9
    pairs = pairs_of(
        tmp_path,
        DOCKERFILE + f"ENV HF_TOKEN={token}\n",
        image=BUILT._replace(environment={"HF_TOKEN": token.swapcase()}),
    )
    assert told(pairs["variable HF_TOKEN"]) == ("refuted", "(a credential)", "(a credential)")


CUDA = "FROM nvidia/cuda:12.1.1-cudnn8-runtime-ubuntu22.04\n"


@pytest.mark.parametrize(
    ("version", "verdict"), [("12.1.1", "confirmed"), ("12.1", "confirmed"), ("11.8.0", "refuted")]
)
def test_cuda_of_the_base_image(tmp_path, version, verdict):
    library = CudaLibrary("cudnn", "8.9.2", "/usr/lib/x86_64-linux-gnu/libcudnn.so.8.9.2", 1, None)
    facts = recorded()._replace(
        toolkit=Toolkit("/usr/local/cuda", version, None, headers=False, cudnn_headers=None),
        cuda_libraries=(library,),
    )
    pairs = pairs_of(tmp_path, CUDA, facts=facts)
    assert told(pairs["CUDA"])[0] == verdict
    assert told(pairs["cuDNN"]) == ("confirmed", "8", "8.9.2")


def test_cuda_that_a_command_installs_is_not_foretold(tmp_path):
    dockerfile = CUDA + "RUN apt-get update && apt-get install -y cuda-toolkit-12-4\n"
    pair = pairs_of(tmp_path, dockerfile)["CUDA"]
    assert (pair.verdict, pair.reason) == (
        Verdict.NOT_PREDICTED,
        "cuda-toolkit-12-4 is installed, too",
    )


@pytest.mark.parametrize(
    ("requirement", "verdict"),
    [
        ("torch==2.1.2+cu118", "confirmed"),  # the metadata of PyPI's wheel has no local part
        ("torch==2.1.*", "confirmed"),
        ("torch>=2.2", "refuted"),
        ("torch @ https://example.com/torch-2.1.2-cp311-cp311-linux_x86_64.whl", "confirmed"),
    ],
)
def test_version_of_a_package(tmp_path, requirement, verdict):
    pair = pairs_of(tmp_path, requirements=f"{requirement}\n")["torch"]
    assert pair.verdict.value == verdict


def test_build_of_torch(tmp_path):
    dockerfile = DOCKERFILE.replace(
        "install -r", "install --index-url https://download.pytorch.org/whl/cu118 -r"
    )
    pair = pairs_of(tmp_path, dockerfile)["torch's build"]
    assert told(pair) == ("refuted", "CUDA 11.8", "CUDA 12.1")


def test_local_part_that_differs(tmp_path):
    facts = recorded()
    torch = facts.distribution("torch")._replace(version="2.1.2+cpu")
    others = tuple(each for each in facts.distributions if each.key != "torch")
    pair = pairs_of(
        tmp_path,
        requirements="torch==2.1.2+cu118\n",
        facts=facts._replace(distributions=(torch, *others)),
    )["torch"]
    assert told(pair) == ("refuted", "2.1.2+cu118", "2.1.2+cpu")


def test_system_packages(tmp_path):
    dockerfile = (
        "FROM debian:12\n"
        "RUN apt-get update && apt-get install -y curl git=1:2.39.5-0 gcc ./x.deb nano- ffmpeg=7:*"
        " && (apt-get install -y vim || true) && apt-get purge -y gcc\n"
    )
    stage = project_of(tmp_path, dockerfile).target
    assert set(wanted_system_packages(stage)) == {"curl", "git", "gcc", "ffmpeg", "nano"}
    found = {
        "curl": "7.88.1-10",
        "git": "1:2.39.5-9",
        "gcc": None,
        "nano": None,
        "ffmpeg": "7:5.1.6-0",
    }
    facts = recorded()._replace(
        system_packages=tuple(
            InstalledPackage(name, version, 0, asked=True) for name, version in found.items()
        )
    )
    pairs = pairs_of(tmp_path, dockerfile, facts=facts)
    assert {name: told(pairs[f"package {name}"]) for name in found} == {
        "curl": ("confirmed", "installed", "7.88.1-10"),
        "git": ("refuted", "1:2.39.5-0", "1:2.39.5-9"),
        "gcc": ("confirmed", "none", "none"),
        "nano": ("confirmed", "none", "none"),  # `nano-` takes it away
        "ffmpeg": ("confirmed", "7:*", "7:5.1.6-0"),
    }
    assert pairs_of(tmp_path, dockerfile)["package curl"].verdict is Verdict.NOT_MEASURED


def test_package_that_is_taken_out_again(tmp_path):
    dockerfile = DOCKERFILE.replace("-r requirements.txt\n", "six==1.0 && pip uninstall -y six\n")
    assert told(pairs_of(tmp_path, dockerfile)["six"]) == ("confirmed", "none", "none")


def test_conda_package(tmp_path):
    dockerfile = (
        "FROM continuumio/miniconda3:24.1.2-0\nRUN conda install -y -c conda-forge ffmpeg=6.1\n"
    )
    facts = recorded()
    facts = facts._replace(
        interpreter=facts.interpreter._replace(prefix="/opt/conda"),
        conda=(CondaPackage("ffmpeg", "6.1.1", "gpl_h1"),),
    )
    pairs = pairs_of(tmp_path, dockerfile, facts=facts)
    assert pairs["ffmpeg"].measured == "6.1.1"
    assert pairs["ffmpeg"].verdict is not Verdict.REFUTED


def test_wanted_imports(tmp_path):
    project = project_of(
        tmp_path,
        "FROM python:3.11\nCOPY requirements.txt .\n"
        "RUN pip install -U pip setuptools && pip install -r requirements.txt scikit-learn"
        " && pip uninstall -y six\n",
        {"requirements.txt": REQUIREMENTS},
    )
    (environment,) = (env for env in project.target.environments if env.installs)
    wanted = wanted_imports(environment, TABLES)
    assert wanted.distributions == ("torch", "numpy", "opencv-python", "triton", "scikit-learn")
    assert wanted.modules_of == {"opencv-python": ("cv2",), "scikit-learn": ("sklearn",)}
    assert wanted.only_conda == frozenset()


def test_wanted_imports_of_conda(tmp_path):
    project = project_of(
        tmp_path,
        "FROM continuumio/miniconda3:24.1.2-0\n"
        "RUN conda install -y pytorch ffmpeg && pip install numpy\n",
    )
    (environment,) = (env for env in project.target.environments if env.installs)
    wanted = wanted_imports(environment, TABLES)
    assert set(wanted.distributions) == {"torch", "ffmpeg", "numpy"}
    assert wanted.only_conda == {"torch", "ffmpeg"}
