"""Compose files: interpolation, merging, `extends`, `include`, and what a service asks for."""

import pytest

from mllint.errors import InputError
from mllint.facts.compose.folder import read_folder
from mllint.facts.compose.interpolation import interpolate
from mllint.facts.compose.loading import Documents, load_compose
from mllint.facts.compose.model import DeviceFault, GpuWay
from mllint.facts.compose.shared_memory import small_shared_memory
from mllint.facts.unknown import Unknown
from mllint.parse.compose.dotenv import parse_dotenv
from mllint.parse.compose.names import default_compose_names
from mllint.parse.compose.short_forms import parse_size, short_mount, split_command
from mllint.parse.files import Files

UNKNOWN = "?"


def write(folder, **texts):
    """`compose__yaml="…"` becomes `compose.yaml`; a name with `/` is given in a dict."""
    for name, text in texts.items():
        path = folder / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def load(folder, *names):
    return load_compose(tuple(folder / name for name in names), Documents(Files(folder, folder)))


def service(folder, *names, name="a"):
    found = {each.name: each for each in load(folder, *(names or ("compose.yaml",))).services}
    return found[name]


def one(folder, text):
    """The only service of a file that holds `text` below `a:`."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    write(folder, compose__yaml=f"services:\n  a:\n{lines}")
    return service(folder)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("$SET", "one"),
        ("${SET}", "one"),
        ("a${SET}b${SET}", "aonebone"),
        ("$UNSET", UNKNOWN),
        ("x${UNSET}", UNKNOWN),
        ("${UNSET:-y}", "y"),
        ("${UNSET-y}", "y"),
        ("${EMPTY:-y}", "y"),
        ("${EMPTY-y}", ""),
        ("${SET:-y}", "one"),
        ("${SET:?must}", "one"),
        ("${UNSET:?must}", UNKNOWN),
        ("${UNSET?must}", UNKNOWN),
        ("${SET:+z}", "z"),
        ("${UNSET:+z}", ""),
        ("${EMPTY+z}", "z"),
        ("${UNSET:-${SET}}", "one"),
        ("${UNSET:-${ALSO:-deep}}/x", "deep/x"),
        ("$$SET", "$SET"),
        ("$${SET}", "${SET}"),
        ("100$", UNKNOWN),
        ("${SET", UNKNOWN),
        ("${}", UNKNOWN),
        ("${SET!x}", UNKNOWN),
        ("${UNSET:-" * 50 + "x" + "}" * 50, UNKNOWN),
    ],
)
def test_interpolation(text, value):
    """As https://docs.docker.com/reference/compose-file/interpolation/ has it."""
    found = interpolate(text, {"SET": "one", "EMPTY": ""}.get)
    shown = UNKNOWN if isinstance(found.value, Unknown) else found.value
    assert shown == value
    assert found.chosen == ("$" in text.replace("$$", ""))


def test_dotenv():
    text = """
# a comment
A=1
export B = two words
C="quoted # no comment" # a comment
D='$raw'
E=${A}/x
F=#fff
G=value # a comment
A=2
H:3
no assignment
I=
"""
    assert parse_dotenv(text) == {
        "A": "2",
        "B": "two words",
        "D": "$raw",
        "G": "value",
        "H": "3",
        "I": "",
        "F": "#fff",
        "C": "quoted # no comment",
    }


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("8gb", 8 * 1024**3),
        ("8g", 8 * 1024**3),
        ("512M", 512 * 1024**2),
        ("1.5GiB", 3 * 512 * 1024**2),
        ("67108864", 64 * 1024**2),
        ("8 gb", 8 * 1024**3),
        ("1k", 1024),
        ("2b", 2),
        ("much", None),
        ("", None),
        ("-1", None),
    ],
)
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "source", "target", "path"),
    [
        ("./d:/data", "./d", "/data", True),
        ("/d:/data:ro", "/d", "/data", True),
        ("cache:/root/.cache:z", "cache", "/root/.cache", False),
        ("/data", "", "/data", False),
        ("C:\\d:/data", "C:\\d", "/data", True),
        ("~/d:/data", "~/d", "/data", True),
    ],
)
def test_short_mounts(text, source, target, path):
    found = short_mount(text)
    assert (found.source, found.target, found.is_path) == (source, target, path)


def test_commands():
    assert split_command("python train.py 'a b'") == ("python", "train.py", "a b")
    assert split_command("echo 'open") is None


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("compose.yaml", "compose.override.yaml"), ("compose.yaml", "compose.override.yaml")),
        (("docker-compose.yml", "compose.yml"), ("compose.yml",)),
        (("docker-compose.yml", "compose.override.yml"), None),
        (("compose.override.yml",), ()),
        (("compose.gpu.yaml",), ()),
    ],
)
def test_the_files_that_compose_takes_by_itself(names, found):
    assert default_compose_names(names) == (names if found is None else found)


def test_places_survive(tmp_path):
    found = one(tmp_path, "image: x:1\nenvironment:\n  - A=b\n  - 'C=d e'\n  - F=${G}")
    assert found.location.span[:2] == (2, 3)
    assert found.image[1].span == (3, 12, 3, 15)
    values = [(item.name, item.value, item.value_location.span) for item in found.environment[:2]]
    assert values == [("A", "b", (5, 11, 5, 12)), ("C", "d e", (6, 12, 6, 16))]
    assert found.environment[2].chosen


def test_the_environment_file_beside_it_is_read(tmp_path):
    write(tmp_path, __env="TAG=1.4\n")
    found = one(tmp_path, "image: x:${TAG}\nshm_size: ${SHM:-1g}\nipc: ${IPC}")
    assert found.image[0] == "x:1.4"
    assert found.image_chosen
    assert found.shm_size[0] == "1g"
    assert isinstance(found.ipc, Unknown)


def test_a_service_extends_one_of_another_file(tmp_path):
    """https://docs.docker.com/reference/compose-file/services/#extends"""
    write(
        tmp_path,
        compose__yaml=(
            "services:\n  a:\n    extends: {file: shared/base.yaml, service: b}\n"
            "    environment: {B: '2'}\n"
        ),
    )
    shared = tmp_path / "shared"
    shared.mkdir()
    write(
        shared,
        base__yaml="services:\n  b:\n    build: ctx\n    environment: [A=1]\n    shm_size: 1g\n",
    )
    found = service(tmp_path)
    assert found.location.path == "compose.yaml"
    assert found.build.context == shared / "ctx"
    assert found.build.dockerfile == shared / "ctx/Dockerfile"
    assert [item.name for item in found.environment] == ["A", "B"]
    assert found.shm_size[1].path == "shared/base.yaml"
    assert found.complete


@pytest.mark.parametrize(
    "extends",
    ["{file: missing.yaml, service: b}", "nobody", "a", "{file: ../out.yaml, service: b}", "${X}"],
)
def test_what_extends_something_unread_is_not_complete(tmp_path, extends):
    found = one(tmp_path, f"extends: {extends}\nimage: x:1")
    assert not found.complete
    assert len(load(tmp_path, "compose.yaml").unchecked) == 1


def test_a_circle_of_services_ends(tmp_path):
    write(
        tmp_path,
        compose__yaml="services:\n  a: {extends: b, image: x}\n  b: {extends: a, image: y}\n",
    )
    model = load(tmp_path, "compose.yaml")
    assert not any(each.complete for each in model.services)


def test_files_are_included(tmp_path):
    """https://docs.docker.com/reference/compose-file/include/"""
    sub = tmp_path / "sub"
    sub.mkdir()
    write(sub, compose__yaml="services:\n  b: {build: ., image: 'x:${TAG}'}\n", __env="TAG=7\n")
    write(
        tmp_path,
        compose__yaml=(
            "include:\n  - sub/compose.yaml\n  - path: none.yaml\nservices:\n  a: {image: y}\n"
        ),
    )
    model = load(tmp_path, "compose.yaml")
    found = {each.name: each for each in model.services}
    assert found["b"].build.context == sub
    assert found["b"].image[0] == "x:7"
    (note,) = model.unchecked
    assert "none.yaml: does not exist" in note.reason


def test_files_that_include_each_other(tmp_path):
    for number in range(5):
        others = "".join(f"  - c{n}.compose.yaml\n" for n in range(5))
        text = f"include:\n{others}services:\n  s{number}: {{image: x}}\n"
        (tmp_path / f"c{number}.compose.yaml").write_text(text)
    (model,) = read_folder(tmp_path, Files(tmp_path, tmp_path)).models
    assert len(model.services) == 5


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "compose.yaml: is empty"),
        ("- a\n", "compose.yaml:1: is no compose file: it is no mapping"),
        ("services: [a]\n", "compose.yaml:1: services is no mapping"),
        ("services:\n  a: x\n", "compose.yaml:2: the service a is no mapping"),
        ("services:\n  a:\n   - b: [\n", "compose.yaml:4: is no YAML"),
        ("services:\n  a: {}\n  a: {}\n", "compose.yaml:3: the key a stands here again"),
    ],
)
def test_what_is_no_compose_file_is_told_with_its_line(tmp_path, text, message):
    write(tmp_path, compose__yaml=text)
    with pytest.raises(InputError) as caught:
        load(tmp_path, "compose.yaml")
    assert str(caught.value).startswith(message)


def test_a_bomb_of_aliases_is_refused(tmp_path):
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 9):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    write(tmp_path, compose__yaml=text)
    with pytest.raises(InputError, match="aliases"):
        load(tmp_path, "compose.yaml")


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("gpus: all", [(GpuWay.GPUS, None, True)]),
        ("gpus: [{count: 2}]", [(GpuWay.GPUS, 2, True)]),
        ("runtime: nvidia", [(GpuWay.RUNTIME, None, True)]),
        ("runtime: runc", []),
        ("runtime: ${RUNTIME}", [(GpuWay.RUNTIME, None, False)]),
        ("devices: ['nvidia.com/gpu=all']", [(GpuWay.DEVICE, None, True)]),
        ("devices: [/dev/kfd, /dev/snd]", [(GpuWay.DEVICE, None, False)]),
        ("devices: [{source: /dev/nvidia0}]", [(GpuWay.DEVICE, None, True)]),
    ],
)
def test_ways_to_ask_for_a_gpu(tmp_path, text, ways):
    found = one(tmp_path, f"image: x:1\n{text}")
    assert [(request.way, request.number, request.nvidia) for request in found.gpus] == ways


RESERVED = "image: x:1\ndeploy: {{resources: {{reservations: {{devices: [{{{}}}]}}}}}}"


@pytest.mark.parametrize(
    ("device", "number", "nvidia", "fault"),
    [
        ("driver: nvidia, count: 1, capabilities: [gpu]", 1, True, None),
        ("count: all, capabilities: [gpu]", None, True, None),
        ("driver: nvidia, capabilities: [compute, utility]", None, True, None),
        ("device_ids: ['0', '3'], capabilities: [gpu]", 2, True, None),
        ("driver: amd, count: 1, capabilities: [gpu]", 1, False, None),
        ("driver: cdi, device_ids: [nvidia.com/gpu=all], capabilities: [gpu]", 1, True, None),
        ("count: '${N:-2}', capabilities: [gpu]", None, True, None),
        ("driver: nvidia, count: 1", 1, True, DeviceFault.NO_CAPABILITIES),
        ("count: 1, capabilities: gpu", 1, False, DeviceFault.CAPABILITIES_TEXT),
        ("count: x, capabilities: [gpu]", None, True, DeviceFault.COUNT_WORD),
        ("count: 1, device_ids: ['0'], capabilities: [gpu]", 1, True, DeviceFault.COUNT_AND_IDS),
    ],
)
def test_reserved_devices(tmp_path, device, number, nvidia, fault):
    """What is refused, Docker Compose 2.40.3 refuses with the words of DeviceFault."""
    found = one(tmp_path, RESERVED.format(device))
    (request,) = found.gpus
    assert (request.number, request.nvidia) == (number, nvidia)
    assert [each.fault for each in found.faults] == ([] if fault is None else [fault])


@pytest.mark.parametrize(
    ("text", "mebibytes"),
    [
        ("image: x", 64),
        ("shm_size: 256m", 256),
        ("shm_size: 1g", None),
        ("shm_size: '8589934592'", None),
        ("shm_size: ${X}", None),
        ("build: {context: ., shm_size: 8g}", 64),
        ("ipc: host", None),
        ("ipc: service:b", None),
        ("ipc: private", 64),
        ("tmpfs: /dev/shm", None),
        ("tmpfs: ['/dev/shm:size=8g']", None),
        ("volumes: ['/dev/shm:/dev/shm']", None),
        ("volumes: ['/dev:/dev']", None),
        ("volumes: ['./shm:/data']", 64),
        ("volumes: [{type: tmpfs, target: /dev/shm}]", None),
        ("volumes: ['${X}']", None),
        ("volumes: ['${X}:/data']", 64),
        ("volumes: ['${X:-${Y:-zz}/$Z}:/dev/shm:rw']", None),
    ],
)
def test_shared_memory(tmp_path, text, mebibytes):
    found = small_shared_memory(one(tmp_path, text))
    assert (found and found.size_bytes // 1024**2) == mebibytes


def folder_of(tmp_path, **texts):
    write(tmp_path, **texts)
    return read_folder(tmp_path, Files(tmp_path, tmp_path))


def test_a_file_without_images_is_laid_over_the_default_one(tmp_path):
    found = folder_of(
        tmp_path,
        compose__yaml="services:\n  a: {image: 'x:1'}\n  b: {image: 'y:1'}\n",
        compose__gpu__yaml="services:\n  a: {gpus: all}\n",
        compose__other__yaml="services:\n  z: {gpus: all}\n",
        compose__whole__yaml="services:\n  a: {image: 'z:1'}\n",
    )
    assert [[file.path for file in model.files] for model in found.models] == [
        ["compose.yaml"],
        ["compose.whole.yaml"],
        ["compose.yaml", "compose.gpu.yaml"],
    ]
    assert [note.location.path for note in found.unchecked] == ["compose.other.yaml"]


def test_a_broken_file_does_not_cost_the_others(tmp_path):
    found = folder_of(
        tmp_path,
        compose__yaml="services:\n  a: {image: 'x:1'}\n",
        compose__bad__yaml="services: [\n",
    )
    assert len(found.models) == 1
    (failure,) = found.failures
    assert (failure.path, failure.line) == ("compose.bad.yaml", 2)
