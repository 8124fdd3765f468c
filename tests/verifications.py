"""Runs of `mllint verify` to report: put together from a recorded image, and hostile ones."""

from projects import project_of
from verify_samples import IMAGE, TABLES, broken_import, computation, recorded, with_gpu

from mllint.catalog import page
from mllint.finding import Finding, Severity, Suppression
from mllint.parse.files import Files
from mllint.parse.source import Location, Span
from mllint.verify.comparing.plan import REFUTED, compare_with_image, refuted
from mllint.verify.comparing.sizes import image_sizes
from mllint.verify.engines.image_info import Layer
from mllint.verify.engines.run_results import GpuStart, HostFault, RunResult, StopResult
from mllint.verify.probing.content_facts import CudaLibrary, Leftover, Toolkit
from mllint.verify.services.asking import ask_service
from mllint.verify.services.volume_seen import VolumeSeen
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import smoke_test
from mllint.verify.verification import (
    Build,
    BuildFailure,
    Tested,
    Verification,
    VerifiedService,
)

DOCKERFILE = """\
FROM node:22-bookworm AS frontend
WORKDIR /ui
COPY ui/ ./
RUN npm ci && npm run build
FROM python:3.11-bookworm AS wheels
RUN python3 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
COPY requirements.txt /tmp/
RUN pip install -r /tmp/requirements.txt
FROM wheels AS test
RUN pip install pytest && pytest
FROM python:3.11-slim-bookworm AS runtime
COPY --from=wheels /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH APP_MODE=serve
WORKDIR /srv
COPY --from=frontend /ui/dist /srv/ui
COPY app /srv/app
CMD ["python3", "serve.py"]
"""
REQUIREMENTS = "torch==2.1.2\nnumpy==1.26.4\nopencv-python==4.8.0.74\nonnxruntime-gpu==1.17.1\n"
NOT_ASKED = GpuStart()
STEPS = (
    ("/bin/sh -c #(nop) ADD file:5b1 in / ", 74_800_000),
    ("ENV PATH=/usr/local/bin:/usr/bin", 0),
    ("RUN /bin/sh -c set -eux; savedAptMark; apt-get install python # buildkit", 52_300_000),
    ('CMD ["python3"]', 0),
    ("COPY /opt/venv /opt/venv # buildkit", 5_120_000_000),
    ("ENV PATH=/opt/venv/bin:/usr/bin APP_MODE=serve", 0),
    ("WORKDIR /srv", 0),
    ("COPY /ui/dist /srv/ui # buildkit", 14_200_000),
    ("COPY app /srv/app # buildkit", 38_000_000),
    ('CMD ["python3" "serve.py"]', 0),
)
BUILT = IMAGE._replace(
    id="sha256:8c4f2f3e6e5f1c9a7d0f5b8a1e4d7c6b9a8f7e6d5c4b3a2918f7e6d5c4b3a291",
    environment={
        "PATH": "/opt/venv/bin:/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"
        ":/sbin:/bin",
        "APP_MODE": "serve",
    },
)
ENGINE = "Docker 27.5.1 at unix:///var/run/docker.sock"
HOSTILE = (
    "</script><script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\x00\u202e]]>"
    "&amp;\"'\ud800\ufffe\n::error::x\n"
)
SECRET = "hf_" + "aBcD1234" * 4
GOOD_IMPORTS = tuple(each for each in recorded().imports if each.distribution != "onnxruntime-gpu")


def sound():
    """The recorded measurements without what is broken in them."""
    facts = recorded()
    return facts._replace(
        imports=GOOD_IMPORTS,
        frameworks=tuple(each for each in facts.frameworks if each.framework == "torch"),
    )


def findings_of(pairs) -> tuple[Finding, ...]:
    rule = page(REFUTED)
    return tuple(
        Finding(REFUTED, problem.severity or rule.severity, rule.url, problem)
        for problem in refuted(pairs)
    )


def run_of(project, facts, gpu=NOT_ASKED, required=False, image=BUILT, **more) -> Verification:
    """A run in which the image was built from the project and told these facts."""
    pairs = compare_with_image(project, TABLES, facts, image) if project is not None else ()
    given = SmokeInput(image, RunResult(0, seconds=9.0), facts, gpu=gpu, pairs=pairs, **more)
    layers = [Layer(text, size, "") for text, size in STEPS]
    sizes = image_sizes(image, layers, facts, project)
    tested = Tested(image, smoke_test(given, TABLES), gpu, pairs, sizes, facts)
    build = Build("BuildKit through the docker command", 83.4) if project is not None else None
    subject = "Dockerfile" if project is not None else "registry.example.com/team/app:1.4"
    findings = findings_of(pairs)
    return Verification(subject, ENGINE, "linux/amd64", project, build, tested, findings, required)


def project(folder, text=DOCKERFILE, requirements=REQUIREMENTS):
    return project_of(folder, text, {"requirements.txt": requirements, "app/serve.py": ""})


def good(folder) -> Verification:
    """A CPU image that is as its files say."""
    made = project(folder, requirements="torch==2.1.2\nnumpy==1.26.4\n")
    return run_of(made, sound())


def broken(folder) -> Verification:
    """One whose imports fail, and whose opencv is another one than was asked for."""
    facts = recorded()
    cv2 = broken_import(
        "cv2",
        "ImportError",
        "libGL.so.1: cannot open shared object file: No such file or directory",
        missing="libGL.so.1",
        place="/opt/venv/lib/python3.11/site-packages/cv2/__init__.py:181",
    )
    imports = tuple(cv2 if each.module == "cv2" else each for each in facts.imports)
    system = CudaLibrary("cudart", "11.0", "/usr/local/cuda/lib64/libcudart.so.11.0", 679_000, None)
    made = run_of(
        project(folder),
        facts._replace(
            imports=imports,
            toolkit=Toolkit("/usr/local/cuda", "11.8", "11.8", True, "8.6.0"),
            cuda_libraries=(*facts.cuda_libraries, system),
            leftovers=(Leftover("pip cache", "/root/.cache/pip", 812_000_000),),
        ),
    )
    ignored, *others = made.findings
    kept = ignored._replace(suppressed=Suppression("comment", "we know"))
    return made._replace(findings=(kept, *others))


def gpu_missing(folder) -> Verification:
    """A GPU was required, and the machine has no driver."""
    said = "nvml error: driver not loaded"
    start = GpuStart(True, fault=HostFault.NO_DRIVER, said=said, help="install the NVIDIA driver")
    made = project(folder, requirements="torch==2.1.2\nnumpy==1.26.4\n")
    return run_of(made, sound(), start, required=True)


def gpu_stand_in(folder) -> Verification:
    """What the tests' own stand-in for nvidia-smi tells: nothing was computed on it."""
    facts = with_gpu(sound())
    gpus = tuple(gpu._replace(name="STAND-IN-GPU (not real)") for gpu in facts.gpus)
    made = project(folder, requirements="torch==2.1.2\nnumpy==1.26.4\n")
    return run_of(made, facts._replace(gpus=gpus), GpuStart(asked=True), required=True)


def gpu_proven(folder) -> Verification:
    """A GPU that computed, made up."""
    made = project(folder, requirements="torch==2.1.2\nnumpy==1.26.4\n")
    return run_of(made, with_gpu(sound(), computation()), GpuStart(asked=True), required=True)


def image_only(folder) -> Verification:
    """An image that was there."""
    return run_of(None, recorded())


def without_handler(folder) -> Verification:
    """A plain program, which nothing tells what to do on SIGTERM."""
    made = project(folder, requirements="torch==2.1.2\nnumpy==1.26.4\n")
    return run_of(made, sound(), stop=StopResult(handled=False, after_s=4.0))


def service(folder) -> Verification:
    """A service whose user may not write into a bind mount."""
    seen = VolumeSeen("bind", "data", "/data", user="1000:1000", owner="0:0", written=False)
    (folder / "compose.yaml").write_text("services: {train: {image: x, volumes: ['./data:/data']}}")
    files = Files(folder, folder)
    container = ask_service(folder / "compose.yaml", None, files, {}).container
    made = run_of(project(folder), recorded(), service=container, volumes=(seen,))
    verified = VerifiedService("train", "compose.yaml", 3, "1000", 2**31, None, (seen,))
    return made._replace(subject="compose.yaml", service=verified)


def no_python(folder) -> Verification:
    """An image without Python."""
    return run_of(project(folder), None, no_probe="there is no Python in the image")


def build_failed(folder) -> Verification:
    """A step that a rule is about."""
    made = project(folder)
    output = (
        "Collecting torch==2.1.2",
        "ERROR: Could not find a version that satisfies the requirement torch==2.1.2",
        "ERROR: No matching distribution found for torch==2.1.2",
    )
    known = TABLES.build_failures.explain(output)
    assert known is not None and known.rule is not None
    failure = BuildFailure(
        'process "/bin/sh -c pip install" did not complete successfully: exit code: 1',
        "[wheels 4/4] RUN pip install -r /tmp/requirements.txt",
        Location(made.path, Span(9, 1, 9, 1)),
        output,
        known,
    )
    return Verification(
        "Dockerfile",
        ENGINE,
        "linux/amd64",
        made,
        Build("BuildKit through the docker command", 41.0, failure),
        None,
    )


def hostile(folder) -> Verification:
    """Text that wants to be markup, commands or escape sequences wherever text can stand."""
    made = broken(folder)
    tested = made.tested
    checks = tuple(
        check._replace(
            name=check.name + HOSTILE,
            detail=HOSTILE + SECRET,
            notes=(HOSTILE, f"token={SECRET}"),
            help=HOSTILE,
        )
        for check in tested.smoke.checks
    )
    sizes = tested.sizes._replace(
        layers=tuple(
            layer._replace(text=f"{HOSTILE} {'x' * 40} HF_TOKEN={SECRET}")
            for layer in tested.sizes.layers
        ),
        packages=tuple(each._replace(name=HOSTILE) for each in tested.sizes.packages),
    )
    frameworks = tuple(
        each._replace(version=HOSTILE, cuda=HOSTILE) for each in tested.facts.frameworks
    )
    return made._replace(
        subject=HOSTILE,
        engine=HOSTILE,
        tested=tested._replace(
            smoke=tested.smoke._replace(checks=checks),
            sizes=sizes,
            pairs=tuple(pair._replace(reason=HOSTILE, measured=HOSTILE) for pair in tested.pairs),
            facts=tested.facts._replace(frameworks=frameworks),
        ),
        left=(HOSTILE,),
        service=service(folder).service._replace(name=HOSTILE + SECRET),
    )


def hostile_build(folder) -> Verification:
    """The same in the output of a build."""
    made = build_failed(folder)
    failure = made.build.failure._replace(
        message=HOSTILE, step=HOSTILE, output=(HOSTILE, f"token={SECRET}"), known=None, help=HOSTILE
    )
    return made._replace(build=made.build._replace(failure=failure))


SAMPLES = {
    each.__name__: each
    for each in (
        good,
        broken,
        gpu_missing,
        gpu_stand_in,
        gpu_proven,
        image_only,
        without_handler,
        service,
        no_python,
        build_failed,
        hostile,
        hostile_build,
    )
}


def code_of(run: Verification) -> int:
    return run.exit_code(Severity.WARNING)
