"""Measurements in, checks and verdicts out: nothing is said to work that was not seen to work."""

import pytest
from verify_samples import IMAGE, TABLES, broken_import, computation, recorded, with_gpu

from mllint.parse.source import Location, Span
from mllint.verify.comparing.comparison import Pair, Verdict
from mllint.verify.engines.gpu_start import gpu_start_failure
from mllint.verify.engines.run_results import GpuStart, HostFault, RunResult, StopResult
from mllint.verify.probing.content_facts import MissingLibrary
from mllint.verify.probing.gpu_facts import Child, CudaDriver, Framework
from mllint.verify.probing.image_facts import Fault, Folder
from mllint.verify.smoke.checks import Outcome
from mllint.verify.smoke.gpu import runs_on
from mllint.verify.smoke.input import SmokeInput
from mllint.verify.smoke.judging import GpuState, smoke_test
from mllint.verify.smoke.requirement_conflicts import Conflict, requirement_conflicts

GIVEN = GpuStart(asked=True)
PLACE = Location("Dockerfile", Span(1, 1, 1, 1))


def outcome(test, name):
    """`pass: 2.1.2 …` of the check of that name."""
    (check,) = (each for each in test.checks if each.name == name)
    return f"{check.outcome.value}: {check.detail}"


def judge(facts=None, **fields):
    return smoke_test(SmokeInput(IMAGE, facts=facts, **fields), TABLES)


def test_recorded_environment():
    test = judge(recorded())
    assert [check.name for check in test.failed] == ["onnxruntime's CUDA provider"]
    assert outcome(test, "import torch").startswith("pass: 2.1.2+cu121 in ")
    assert outcome(test, "requirements") == "pass: those of 39 distributions hold"
    assert outcome(test, "GPU") == "skipped: GPU checks skipped: none was asked for"
    assert outcome(test, "torch: all_reduce gloo").startswith("pass: ")
    assert test.gpu is GpuState.NOT_SEEN
    assert not test.gpu_shown


def test_nothing_of_the_image_steers_a_terminal():
    image = IMAGE._replace(user="\x1b[31mroot", command=("a\u202eb\n",))
    (check, *_) = smoke_test(SmokeInput(image), TABLES).checks
    assert check.detail.isprintable()
    start = gpu_start_failure("nvidia-container-cli: \x1b]0;x\x07 driver not loaded")
    assert start.said.isprintable()


def test_image_without_python():
    test = judge(no_probe="the image has no Python")
    assert outcome(test, "Python") == "not measured: the image has no Python"
    assert test.ok
    assert test.unseen
    assert not judge(no_probe="none", commands=(("true", RunResult(0)),)).unseen
    assert not judge(recorded()).unseen
    assert test.gpu is GpuState.NOT_SEEN


def test_probe_that_was_killed():
    test = judge(probe=RunResult(137, out_of_memory=True))
    assert outcome(test, "Python").startswith("not measured: the probe was killed because it used")


@pytest.mark.parametrize(
    ("found", "told"),
    [
        pytest.param(
            broken_import("cv2", "ImportError", "libGL.so.1: cannot open", missing="libGL.so.1"),
            "fail: ImportError: libGL.so.1: cannot open",
            id="library",
        ),
        pytest.param(
            broken_import("flash_attn", "ImportError", "libcuda.so.1", missing="libcuda.so.1"),
            "skipped: libcuda.so.1 comes with the driver, and there was no GPU",
            id="driver",
        ),
        pytest.param(
            broken_import("app", "TimeoutError", "took longer than 60 s", timed_out=True),
            "fail: TimeoutError: took longer than 60 s",
            id="time",
        ),
    ],
)
def test_import(found, told):
    test = judge(recorded()._replace(imports=(found,)))
    assert outcome(test, f"import {found.module}") == told


def test_missing_library_and_the_package_that_brings_it():
    found = broken_import("cv2", "ImportError", "libGL.so.1: cannot open", missing="libGL.so.1")
    missing = tuple(
        MissingLibrary(name, "opencv-python", ("/x/cv2.so",), 1)
        for name in ("libGL.so.1", "libgthread-2.0.so.0", "libX11.so.6")
    )
    facts = recorded()._replace(
        imports=(found._replace(distribution="opencv-python"),), missing_libraries=missing
    )
    (check,) = (each for each in judge(facts).checks if each.name == "import cv2")
    assert check.help.startswith("add `RUN apt-get update && apt-get install -y")
    assert "libgl1" in check.help
    alpine = facts._replace(system=facts.system._replace(distro="alpine"))
    (check,) = (each for each in judge(alpine).checks if each.name == "import cv2")
    assert check.help == "install what brings libGL.so.1"


def test_process_that_died_without_a_gpu():
    child = Child("torch", "child_torch", None, signal=11)
    test = judge(recorded()._replace(children=(child,)))
    assert outcome(test, "torch: what it tells of itself") == "fail: was ended by signal 11"


def test_driver_library_that_is_missing_beside_a_gpu():
    found = broken_import("flash_attn", "ImportError", "libcuda.so.1", missing="libcuda.so.1")
    test = judge(with_gpu(recorded()._replace(imports=(found,))), gpu=GIVEN)
    assert outcome(test, "import flash_attn").startswith("fail: ")


@pytest.mark.parametrize(
    ("conda", "told"),
    [
        (frozenset(), "fail: ffmpeg is not installed for the Python that starts"),
        (frozenset({"ffmpeg"}), "not measured: conda brings no Python distribution of that name"),
    ],
    ids=["pip", "conda"],
)
def test_import_of_what_is_not_installed(conda, told):
    absent = broken_import("ffmpeg", "", "")._replace(module=None, reason="is not installed")
    test = judge(recorded()._replace(imports=(absent,)), only_conda=conda)
    assert outcome(test, "import ffmpeg") == told


def test_missing_libraries_count_where_an_import_fails_for_them():
    facts = recorded()
    assert outcome(judge(facts), "shared libraries").startswith("pass: ")
    found = broken_import("x", "ImportError", "…", missing="libnvinfer.so.8")
    told = outcome(judge(facts._replace(imports=(found,))), "shared libraries")
    assert told == "fail: libnvinfer.so.8 is not there, and an import fails for it"


def test_requirements_that_do_not_hold():
    facts = recorded()
    others = tuple(each for each in facts.distributions if each.key not in ("numpy", "sympy"))
    numpy = facts.distribution("numpy")._replace(version="2.1.0")
    changed = facts._replace(distributions=(*others, numpy))
    conflicts = requirement_conflicts(changed)
    assert [each.text for each in conflicts] == [
        "onnxruntime-gpu 1.17.1 requires sympy, and it is not installed",
        "torch 2.1.2 requires sympy, and it is not installed",
    ]
    known = Conflict("torch", "2.1.2", "sympy", "sympy", None)
    assert len(requirement_conflicts(changed, {known})) == 1
    assert outcome(judge(changed), "requirements").startswith("fail: 2 do not hold")


def test_python_that_a_distribution_refuses():
    facts = recorded()
    numpy = facts.distribution("numpy")._replace(requires_python=">=3.12")
    conflicts = requirement_conflicts(facts._replace(distributions=(numpy,)))
    assert [each.text for each in conflicts] == [
        "numpy 1.26.4 requires Python >=3.12, and Python 3.11.7 is installed"
    ]


def test_folder_that_the_user_may_not_write():
    facts = recorded()
    folders = (Folder("HOME", "/", True, False), Folder("cwd", "/srv", True, False))
    user = facts.user._replace(uid=12345, name=None, home="/", folders=folders)
    test = judge(facts, other_user=facts._replace(user=user))
    told = "pass: user id 12345 may write where the packages have to"
    assert outcome(test, "folders of another user") == told
    hub = facts.distributions[0]._replace(name="huggingface_hub")
    facts = facts._replace(user=user, distributions=(*facts.distributions, hub))
    told = "fail: user id 12345 may not write into HOME=/"
    assert outcome(judge(facts), "folders of the user") == told
    offline = facts.interpreter._replace(variables=(("HF_HUB_OFFLINE", "1"),))
    test = judge(facts._replace(interpreter=offline))
    assert outcome(test, "folders of the user").startswith("pass: ")
    read_only = facts._replace(system=facts.system._replace(root_read_only=True))
    assert outcome(judge(read_only), "folders of the user").startswith("skipped: ")


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (RunResult(timed_out=True, seconds=5.0), "pass: still runs after 5 s"),
        (RunResult(0, seconds=1.0), "pass: status 0 after 1.0 s"),
        (
            RunResult(1, said="boom\nKeyError: 'X'\n"),
            "not measured: ended with status 1: KeyError: 'X'",
        ),
        (
            RunResult(1, said="boom\nModuleNotFoundError: No module named 'x'\n"),
            "fail: ended with status 1: ModuleNotFoundError: No module named 'x'",
        ),
        (RunResult(127, said="sh: 1: serve: not found\n"), "fail: ended with status 127: sh: 1"),
        (RunResult(137, out_of_memory=True), "fail: was killed because it used more memory"),
        (RunResult(start_error="exec: no such file"), "fail: could not be started: exec: no such"),
    ],
    ids=["service", "job", "error", "import", "no-program", "memory", "no-start"],
)
def test_start_command(result, told):
    assert outcome(judge(recorded(), start=result), "start command").startswith(told)


@pytest.mark.parametrize(
    ("result", "told"),
    [
        (StopResult(0.2), "pass: ends 0.2 s after SIGTERM"),
        (StopResult(10.1), "warning: does not end within 10 s of SIGTERM: docker stop takes 10 s"),
        (StopResult(None), "warning: does not end within 10 s of SIGTERM: docker stop takes 10 s"),
        (
            StopResult(handled=False, after_s=4.0),
            "warning: does not handle SIGTERM when it has run for 4 s: docker stop takes 10 s",
        ),
    ],
    ids=["ends", "late", "killed", "no-handler"],
)
def test_stop_signal(result, told):
    """A program without a handler is no broken image, unless the configuration says so."""
    test = judge(recorded(), stop=result)
    assert outcome(test, "stop signal").startswith(told)
    assert "stop signal" not in [each.name for each in test.failed]
    strict = judge(recorded(), stop=result, graceful_stop=True)
    assert outcome(strict, "stop signal").startswith(told.replace("warning", "fail"))


@pytest.mark.parametrize(
    ("driver", "told", "state"),
    [
        (CudaDriver(True, True, 1, "12.4"), "pass: starts, with 1 device; that a", "UNPROVEN"),
        (CudaDriver(False, False, message="no"), "not measured: no program can use", "UNPROVEN"),
        (CudaDriver(True, False, message="cuInit answers 804"), "fail: cuInit answers", "FAILED"),
        (CudaDriver(True, True, 0), "fail: starts, and lets programs see none of 1", "FAILED"),
    ],
)
def test_driver_that_answers_is_no_kernel_that_ran(driver, told, state):
    facts = with_gpu(recorded())._replace(driver=driver)
    test = judge(facts, gpu=GIVEN)
    assert outcome(test, "driver library").startswith(told)
    assert test.gpu is GpuState[state]
    assert not test.gpu_shown


def test_commands_and_shared_memory():
    commands = (("python -m app --check", RunResult(3, said="no\n")),)
    test = judge(recorded(), commands=commands, wanted_shm_bytes=1 << 40)
    assert outcome(test, "run `python -m app --check`") == "fail: ended with status 3: no"
    assert outcome(test, "shared memory") == "fail: 23.5 GiB of 1024.0 GiB that were asked for"


def test_versions_say_why_none_was_compared():
    def told(*pairs):
        return outcome(judge(recorded(), pairs=pairs), "versions")

    folder = Pair("Python's folder", "/usr/local", "/usr", Verdict.REFUTED, None, PLACE)
    system = Pair("OS", "debian 12", "debian 12", Verdict.CONFIRMED, None, PLACE)
    missing = "the probe found no distributions"
    unseen = Pair("numpy", "1.26", None, Verdict.NOT_MEASURED, missing, PLACE, declared=True)
    assert told() == "not measured: there is no plan to hold the image against"
    elsewhere = "not measured: the packages of the plan are in /usr/local, of another Python"
    assert told(system, folder) == elsewhere
    assert told(system, unseen) == f"not measured: {missing}"
    assert told(system) == "skipped: the project asks for no package of this Python"


def test_python_that_does_not_start():
    said = "Fatal Python error: config_init_hash_seed: no\nPython runtime state: preinitialized\n"
    told = RunResult(1, said=said).why
    assert told == "ended with status 1: Fatal Python error: config_init_hash_seed: no"
    assert RunResult(1).why == "ended with status 1"


def test_plan_that_does_not_hold():
    wrong = Pair("numpy", "1.26", "2.0", Verdict.REFUTED, None, PLACE, declared=True)
    right = Pair("torch", "2.1.2", "2.1.2", Verdict.CONFIRMED, None, PLACE, declared=True)
    unknown = Pair("six", None, "1.0", Verdict.NOT_PREDICTED, "x", PLACE, declared=True)
    # Of this one it is mllint that was wrong, not the image.
    other = Pair("OS", "debian 12", "debian 13", Verdict.REFUTED, None, PLACE)
    test = judge(recorded(), pairs=(wrong, right, unknown, other))
    assert outcome(test, "versions") == "fail: 1 of 2 are not as asked for"
    told = outcome(judge(recorded(), pairs=(right, other)), "versions")
    assert told == "pass: all 1 as asked for"
    for pairs, why in (
        ((unknown,), "not measured: x"),
        ((other,), "skipped: the project asks for no package of this Python"),
        ((), "not measured: there is no plan to hold the image against"),
    ):
        assert outcome(judge(recorded(), pairs=pairs), "versions") == why


def test_fault_of_the_probe_is_no_pass():
    facts = recorded()._replace(faults=(Fault("libraries", "took longer than 120 s"),))
    test = judge(facts)
    assert outcome(test, "shared libraries") == "not measured: took longer than 120 s"
    assert outcome(test, "probe: libraries") == "not measured: took longer than 120 s"


# --- with a GPU (made up)


def test_gpu_that_computes():
    facts = with_gpu(recorded(), computation(), computation("conv2d"), gpus=1)
    test = judge(facts, gpu=GIVEN)
    assert test.gpu is GpuState.PROVEN
    assert outcome(test, "nvidia-smi") == "pass: NVIDIA L4; driver 535.104.05, CUDA up to 12.2"
    assert outcome(test, "driver").startswith("pass: 535.104.5")
    assert outcome(test, "GPUs that torch sees") == "pass: 1 of 1"
    assert outcome(test, "torch's code for GPU 0") == "pass: sm_86 runs on NVIDIA L4 (8.9)"
    assert outcome(test, "torch: matmul on GPU 0") == "pass: float32"


def test_gpu_without_a_computation_is_not_proven():
    """The stand-in of the tests, for one, lists a GPU that computes nothing."""
    test = judge(with_gpu(recorded()), gpu=GIVEN)
    assert test.gpu is GpuState.UNPROVEN
    assert not test.gpu_shown
    assert outcome(test, "computation on the GPU").startswith("not measured: ")


def test_computation_without_nvidia_smi_is_not_proven():
    facts = recorded()._replace(computations=(computation(),))
    assert judge(facts, gpu=GIVEN).gpu is GpuState.NOT_SEEN


@pytest.mark.parametrize(
    "wrong",
    [
        computation(ok=False, error="WrongResult", message="differs"),
        computation(ok=False, error="RuntimeError", message="no kernel image is available"),
    ],
    ids=["wrong", "error"],
)
def test_gpu_that_fails(wrong):
    test = judge(with_gpu(recorded(), computation("add"), wrong), gpu=GIVEN)
    assert test.gpu is GpuState.FAILED
    assert outcome(test, "torch: matmul on GPU 0").startswith("fail: float32: ")


def test_process_that_died_on_the_gpu():
    facts = with_gpu(recorded(), computation("add"))
    child = Child("torch", "child_kernels", None, signal=11)
    test = judge(facts._replace(children=(child,)), gpu=GIVEN)
    assert test.gpu is GpuState.FAILED
    assert outcome(test, "torch: kernels") == "fail: was ended by signal 11"


def test_torch_that_sees_no_gpu():
    facts = with_gpu(recorded(), gpus=2)
    torch = facts.framework("torch")
    blind = facts._replace(frameworks=(torch._replace(device_count=0, available=False),))
    assert outcome(judge(blind, gpu=GIVEN), "GPUs that torch sees") == "fail: 0 of 2"
    for_cpu = facts._replace(
        frameworks=(torch._replace(device_count=0, cuda=None, version="2.1.2+cpu"),)
    )
    told = "fail: none of 2: torch 2.1.2+cpu is built without CUDA"
    assert outcome(judge(for_cpu, gpu=GIVEN), "GPUs that torch sees") == told


@pytest.mark.parametrize(("chosen", "number"), [("0", 1), ("1,2", 2)])
def test_gpus_that_the_image_hides(chosen, number):
    facts = with_gpu(recorded(), gpus=4)
    torch = facts.framework("torch")._replace(device_count=number)
    interpreter = facts.interpreter._replace(variables=(("CUDA_VISIBLE_DEVICES", chosen),))
    test = judge(facts._replace(frameworks=(torch,), interpreter=interpreter), gpu=GIVEN)
    assert outcome(test, "GPUs that torch sees") == f"pass: {number} of {number}"


def test_image_that_hides_every_gpu():
    facts = with_gpu(recorded())
    interpreter = facts.interpreter._replace(variables=(("CUDA_VISIBLE_DEVICES", ""),))
    test = judge(facts._replace(interpreter=interpreter), gpu=GIVEN)
    told = "fail: none: CUDA_VISIBLE_DEVICES hides all of them"
    assert outcome(test, "GPUs that torch sees") == told


def test_second_framework_for_the_cpu_alone():
    facts = with_gpu(recorded(), computation())
    others = (Framework("tensorflow", ok=True, version="2.16.1", device_count=0),)
    test = judge(facts._replace(frameworks=(*facts.frameworks, *others)), gpu=GIVEN)
    told = "skipped: tensorflow 2.16.1 is built without CUDA"
    assert outcome(test, "GPUs that tensorflow sees") == told
    assert test.gpu is GpuState.PROVEN


def test_driver_below_the_floor():
    facts = with_gpu(recorded())
    old = facts._replace(nvidia=facts.nvidia._replace(driver="470.57.02"))
    told = outcome(judge(old, gpu=GIVEN), "driver")
    assert told == "fail: 470.57.2; CUDA 12.1 runs on 525.60.13 and later"


def test_asked_for_a_gpu_and_no_nvidia_smi():
    facts = recorded()._replace(nvidia=recorded().nvidia._replace(asked=True))
    assert outcome(judge(facts, gpu=GIVEN), "nvidia-smi").startswith(
        "fail: is not in the container"
    )


def test_targets_without_a_gpu():
    test = judge(recorded(), targets=(89, 120))
    assert outcome(test, "torch's code for compute capability 8.9").startswith(
        "pass: sm_86 runs on"
    )
    told = outcome(test, "torch's code for compute capability 12.0")
    assert told.startswith("fail: torch 2.1.2+cu121 has sm_50 sm_60 ")


@pytest.mark.parametrize(
    ("archs", "capability", "runs"),
    [
        ("sm_80 sm_86", 89, "sm_86"),
        ("sm_80 sm_90", 120, None),
        ("sm_90a", 90, "sm_90a"),
        ("sm_100a", 103, None),
        ("sm_100f", 103, "sm_100f"),
        ("sm_75", 70, None),
        ("sm_80 compute_80", 90, "compute_80, compiled at the start,"),
        ("sm_90 compute_90", 90, "sm_90"),
        ("gfx90a", 90, None),
    ],
)
def test_runs_on(archs, capability, runs):
    assert runs_on(tuple(archs.split()), capability) == runs


@pytest.mark.parametrize(
    ("text", "fault", "said"),
    [
        pytest.param(
            'could not select device driver "" with capabilities: [[gpu]]',
            HostFault.NO_TOOLKIT,
            'could not select device driver "" with capabilities: [[gpu]]',
            id="no-toolkit",
        ),
        pytest.param(
            "OCI runtime create failed: … stderr: Auto-detected mode as 'legacy'\n"
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.8, please "
            "update your driver to a newer version, or use an earlier cuda container: unknown",
            HostFault.DRIVER_TOO_OLD,
            "requirement error: unsatisfied condition: cuda>=12.8, please update your driver to a"
            " newer version, or use an earlier cuda container",
            id="too-old",
        ),
        pytest.param(
            "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: "
            "cannot open shared object file: no such file or directory: unknown",
            HostFault.NO_DRIVER,
            "initialization error: load library failed: libnvidia-ml.so.1: cannot open shared"
            " object file: no such file or directory",
            id="no-driver",
        ),
        pytest.param(
            "nvidia-container-cli: initialization error: nvml error: driver/library version "
            "mismatch: unknown",
            HostFault.DRIVER_MISMATCH,
            "initialization error: nvml error: driver/library version mismatch",
            id="mismatch",
        ),
        pytest.param(
            "unresolvable CDI devices nvidia.com/gpu=all",
            HostFault.NO_SUCH_DEVICE,
            "unresolvable CDI devices nvidia.com/gpu=all",
            id="cdi",
        ),
    ],
)
def test_host_fault(text, fault, said):
    start = gpu_start_failure(text)
    assert (start.fault, start.said) == (fault, said)
    test = judge(recorded(), gpu=start)
    assert outcome(test, "GPU") == f"not measured: {fault.value}: {said}"
    assert test.gpu is GpuState.NOT_SEEN


def test_start_failure_that_has_nothing_to_do_with_a_gpu():
    assert gpu_start_failure('exec: "python3": executable file not found in $PATH') is None


def test_no_check_passes_without_a_word():
    facts = with_gpu(recorded(), computation())
    for check in judge(facts, gpu=GIVEN, targets=(86,)).checks:
        assert check.detail
        assert check.outcome in Outcome
