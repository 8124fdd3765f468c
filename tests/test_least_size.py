"""What an image takes at least: known parts only, and a refusal where not even they fit."""

from types import SimpleNamespace

import pytest
from projects import project_of, tables

from mllint.verify.building.least_size import least_parts, refuse_full_disk
from mllint.verify.engines.failures import DiskFull, EngineError

BASE = "FROM python:3.11-slim\n"
TORCH = f"{BASE}RUN pip install torch==2.6.0\n"
OWN, REQUIRED = 1_500_000_000, 3_680_000_000


def parts(folder, text: str, **options) -> list[int]:
    found = least_parts(project_of(folder, text, **options), tables())
    return [part.size_bytes for part in found]


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        (TORCH, [OWN, REQUIRED]),
        (f"{BASE}RUN pip install --no-deps torch==2.6.0\n", [OWN]),
        (
            f"{BASE}RUN pip install --no-deps torch==2.6.0 nvidia-cublas-cu12==12.4.5.8\n",
            [OWN, REQUIRED],
        ),
        (f"{BASE}RUN python -m venv /v && /v/bin/pip install torch==2.6.0\n", [OWN, REQUIRED]),
        (
            f"{TORCH.replace('slim', 'slim AS a')}{BASE}COPY --from=a /usr/local /usr/local\n",
            [OWN, REQUIRED],
        ),
        # Another build, no fixed version, a release that is not in the table, another machine.
        (
            f"{BASE}RUN pip install torch==2.6.0 --index-url https://download.pytorch.org/whl/cpu\n",
            [],
        ),
        (f"{BASE}RUN pip install torch==2.6.0+cu118\n", []),
        (f"{BASE}RUN pip install torch\n", []),
        (f"{BASE}RUN pip install torch==1.4.0\n", []),
        (f"{BASE}RUN test -e /x || pip install torch==2.6.0\n", []),
        ("FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime\nRUN pip install torch==2.6.0\n", []),
        (f"{TORCH.replace('slim', 'slim AS a')}{BASE}RUN pip install six\n", []),
    ],
)
def test_known_parts(tmp_path, text, sizes):
    assert parts(tmp_path, text) == sizes


def test_other_platforms_are_not_known(tmp_path):
    assert parts(tmp_path, TORCH, platform="linux/arm64") == []


class Engine:
    """What the estimate asks of one."""

    def __init__(self, free: int | None, images=(), cache=(), fails=False) -> None:
        self.info = SimpleNamespace(free_bytes=lambda: free)
        self.endpoint = SimpleNamespace(socket="/run/docker.sock")
        self._answers = {"/images/json": list(images), "/system/df": {"BuildCache": list(cache)}}
        self._fails = fails

    def read(self, what: str, method: str, path: str, **_):
        if self._fails:
            raise EngineError(what)
        return self._answers[path]


def refuse(folder, engine, no_cache=False) -> str:
    project = project_of(folder, TORCH)
    path = folder / "Dockerfile"
    request = SimpleNamespace(context=folder, path=path, text=path.read_bytes(), no_cache=no_cache)
    try:
        refuse_full_disk(engine, request, project, tables())
    except DiskFull as error:
        return error.message
    return ""


def test_refusal_names_the_largest_parts(tmp_path):
    assert refuse(tmp_path, Engine(4_000_000_000)) == (
        "the image takes at least 5.2 GB (3.7 GB of libraries that torch 2.6.0 requires,"
        " 1.5 GB of torch 2.6.0), and the engine has 4.0 GB left"
    )


def test_what_fits_or_is_not_known_is_not_refused(tmp_path):
    assert not refuse(tmp_path, Engine(5_200_000_000))
    assert not refuse(tmp_path, Engine(None))
    assert not refuse(tmp_path, Engine(4_000_000_000, fails=True))
    elsewhere = Engine(4_000_000_000)
    elsewhere.endpoint.socket = None
    assert not refuse(tmp_path, elsewhere)


def test_what_the_cache_may_hold_takes_nothing_more(tmp_path):
    """The same file was perhaps built before."""
    held = ({"Size": 900_000_000}, {"Size": 400_000_000})
    assert not refuse(tmp_path, Engine(4_000_000_000, held))
    assert not refuse(tmp_path, Engine(4_000_000_000, cache=held))
    assert refuse(tmp_path, Engine(4_000_000_000, held), no_cache=True)
    assert refuse(tmp_path, Engine(4_000_000_000, held[:1]))


def test_context_that_does_not_fit(tmp_path):
    (tmp_path / "data").write_bytes(bytes(5_000))
    assert "is 5 kB, and the engine has 1 kB left" in refuse(tmp_path, Engine(1_000))
