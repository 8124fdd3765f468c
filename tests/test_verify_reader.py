"""What a container prints becomes facts, and no noise, damage or malice becomes one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from verify_samples import TOKEN, recorded, recorded_bytes

from mllint.verify.probing.image_facts import ImageFacts
from mllint.verify.probing.probe_script import MOST_RECORDS, ProbeOrder, new_token
from mllint.verify.probing.probes import ProbeReader, read_probe

SYSTEM = {
    **{"kind": "system", "distro": "debian", "release": "12", "name": "Debian", "libc": "glibc"},
    **{"libc_version": "2.36", "kernel": "6", "cwd": "/", "shm_bytes": None},
    **{"memory_bytes": None, "root_read_only": False},
}

CUT_OFF = "a record is cut off or is no JSON"


def lines(*records, end: bool = True, token: str = TOKEN) -> bytes:
    told = [*records, {"kind": "end", "records": len(records)}] if end else records
    return b"".join(f"\n{token} {json.dumps(record)}\n".encode() for record in told)


def test_recording():
    facts = recorded()
    assert facts.complete
    assert facts.faults == ()
    assert facts.interpreter.prefix == "/opt/venv"
    assert facts.distribution("torch").version == "2.1.2"
    assert facts.framework("torch").version == "2.1.2+cu121"
    assert facts.framework("torch").cudnn == "8.9.2"
    assert {each.module: each.ok for each in facts.imports}["cv2"]
    assert "libcublasLt.so.11" in {each.library for each in facts.missing_libraries}


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_of_any_size(size):
    data = recorded_bytes()
    pieces = (data[start : start + size] for start in range(0, len(data), size))
    assert read_probe(pieces, TOKEN) == recorded()


def test_noise_around_and_between():
    noise = b"\x1b[31m== banner ==\x1b[0m\r\nno end of line"
    facts = read_probe([noise, lines(SYSTEM), b"bye\n"], TOKEN)
    assert facts.complete
    assert facts.system.release == "12"
    assert facts.said == "\\x1b[31m== banner ==\\x1b[0m\\r\nno end of line\nbye"


def test_memory_does_not_grow_with_noise():
    reader = ProbeReader(TOKEN)
    for _ in range(2000):
        reader.feed(b"x" * 65536)
    reader.feed(lines(SYSTEM))
    facts = reader.finish()
    assert facts.complete
    assert len(facts.said) <= 2000


def test_other_tokens_are_noise():
    forged = lines({**SYSTEM, "release": "forged"}, token="f" * 32)
    assert read_probe([forged, lines(SYSTEM)], TOKEN).system.release == "12"


def test_first_record_of_its_kind_counts():
    facts = read_probe([lines(SYSTEM, {**SYSTEM, "release": "13"})], TOKEN)
    assert facts.system.release == "12"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "the probe did not come to its end", id="nothing"),
        pytest.param(lines(SYSTEM, end=False), "the probe did not come to its end", id="no-end"),
        pytest.param(lines(SYSTEM)[:60], CUT_OFF, id="cut-off"),
        pytest.param(f"{TOKEN} [1, 2]".encode(), CUT_OFF, id="list"),
        pytest.param(f"{TOKEN} {'[' * 9999}".encode(), CUT_OFF, id="deep"),
        pytest.param(f"{TOKEN} {'9' * 5000}".encode(), CUT_OFF, id="digits"),
        pytest.param(f"{TOKEN} \xff\xfe".encode("latin-1"), CUT_OFF, id="bytes"),
        pytest.param(
            lines({"kind": "tool", "name": "cc", "path": "/cc"})
            + lines({"kind": "tool", "name": "cc", "path": "/cc"}),
            "2 of 1 records arrived",
            id="wrong-count",
        ),
        pytest.param(
            lines({"kind": "end", "records": 0, "full": True}, end=False),
            "the image holds more than the probe may tell",
            id="full",
        ),
        pytest.param(
            lines({**SYSTEM, "shm_bytes": 2**70}),
            "a record cannot be read: system: shm_bytes is no whole number of 64 bits",
            id="huge-number",
        ),
        pytest.param(
            lines({**SYSTEM, "distro": ["debian"]}),
            "a record cannot be read: system: distro is no text",
            id="list-for-text",
        ),
        pytest.param(
            lines({"kind": "system"}),
            "a record cannot be read: system: distro is no text",
            id="field-missing",
        ),
    ],
)
def test_damage_is_told(data, reason):
    facts = read_probe([data], TOKEN)
    assert reason in [fault.reason for fault in facts.faults]


@pytest.mark.parametrize(
    "record",
    [{"kind": "later-than-this"}, {"kind": ["system"]}, {"kind": None}, {"kind": {"a": 1}}],
    ids=["unknown", "list", "null", "object"],
)
def test_kind_that_is_none_changes_nothing(record):
    facts = read_probe([lines(record, SYSTEM)], TOKEN)
    assert facts.system.release == "12"


def test_nothing_in_a_text_can_steer_a_terminal():
    evil = "\x1b]0;owned\x07\u202e::stop-commands::x\r\n" + "y" * 5000
    facts = read_probe([lines({**SYSTEM, "name": evil})], TOKEN)
    assert facts.system.name.isprintable()
    assert len(facts.system.name) < 1000


def test_more_records_than_there_may_be():
    tool = {"kind": "tool", "name": "cc", "path": "/cc"}
    reader = ProbeReader(TOKEN)
    piece = lines(*[tool] * 100, end=False)
    for _ in range(MOST_RECORDS // 100 + 5):
        reader.feed(piece)
    assert len(reader.finish().tools) == MOST_RECORDS


@given(st.lists(st.binary(max_size=80)), st.binary(max_size=80))
def test_any_bytes_are_survived(pieces, tail):
    facts = read_probe([*pieces, f"\n{TOKEN} ".encode() + tail], TOKEN)
    assert isinstance(facts, ImageFacts)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=8,
    ),
    st.sampled_from(["interpreter", "system", "import", "framework", "nvidia", "end", "gpu"]),
)
def test_any_value_is_survived(value, kind):
    names = ["records", "marker", "programs", "path", "ok", "number", "libraries", "distro"]
    read_probe([lines({**dict.fromkeys(names, value), "kind": kind})], TOKEN)


def test_order_travels_in_one_variable():
    order = ProbeOrder(new_token(), ("torch",), {"scikit-learn": ("sklearn",)})
    (text,) = order.variables.values()
    assert json.loads(text)["modules_of"] == {"scikit-learn": ["sklearn"]}
    assert new_token() != new_token()
