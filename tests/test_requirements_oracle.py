"""pip's own parser reads the same lines: same requirements, options, refusals and line numbers."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from pip._internal.exceptions import PipError
from pip._internal.req import req_file
from pip._internal.req.constructors import install_req_from_parsed_requirement
from pip._vendor.packaging.requirements import InvalidRequirement

from mllint.parse.requirements import RequirementLine, parse_requirements
from mllint.parse.source import SourceFile, Span

REFUSED = "refused"
# dest of pip's option parser -> our long name
GLOBAL = {
    "index_url": "--index-url",
    "extra_index_urls": "--extra-index-url",
    "no_index": "--no-index",
    "find_links": "--find-links",
    "prefer_binary": "--prefer-binary",
    "require_hashes": "--require-hashes",
    "pre": "--pre",
    "trusted_hosts": "--trusted-host",
    "features_enabled": "--use-feature",
}


def by_pip(text: str) -> Iterator[tuple]:
    """What pip makes of each line: (line number, kind, …)."""
    lines = req_file.ignore_comments(req_file.join_lines(enumerate(text.splitlines(), start=1)))
    for number, line in lines:
        try:
            args, options = req_file.get_line_parser(None)(line)
        except (req_file.OptionParsingError, PipError):
            yield number, REFUSED
            continue
        parsed = req_file.ParsedLine("r.txt", number, args, options, False)
        if parsed.requirement is None:
            yield number, "options", _global_options(options)
            continue
        line_requirement = req_file.handle_requirement_line(parsed)
        try:
            requirement = install_req_from_parsed_requirement(line_requirement)
        except (PipError, InvalidRequirement, RecursionError):  # pip fails on `[<]` unawares
            yield number, REFUSED
            continue
        yield number, "requirement", _of_pip(requirement, line_requirement.options)


def _global_options(options) -> set[tuple[str, str]]:
    for dest, name in (("requirements", "--requirement"), ("constraints", "--constraint")):
        values = getattr(options, dest)
        if values:
            return {(name, values[0])}
    found = set()
    for dest, name in GLOBAL.items():
        value = getattr(options, dest, None)
        values = value if isinstance(value, list) else [value]
        values = values[:1] if dest == "find_links" else values
        found |= {(name, "" if v is True else v) for v in values if v}
    return found


def _of_pip(found, options) -> dict:
    return {
        "name": canonicalize_name(found.req.name) if found.req is not None else None,
        "specifier": None if found.link else str(found.req.specifier),
        "extras": sorted(canonicalize_name(e) for e in found.extras),
        "marker": str(found.markers) if found.markers else None,
        "url": None if not found.link else found.link.url if "://" in found.link.url else "path",
        "hashes": sorted(f"{a}:{d}" for a, ds in found.hash_options.items() for d in ds),
        "editable": found.editable,
        "config": sorted(options.get("config_settings", ())),
    }


def by_mllint(text: str) -> list[tuple]:
    file = parse_requirements(SourceFile("r.txt", text))
    first_lines = [n for n, _ in req_file.join_lines(enumerate(text.splitlines(), start=1))]

    def first_line(span: Span) -> int:
        """pip counts all of a continued line as its first one."""
        return max(n for n in first_lines if n <= span.line)

    lines = [(first_line(bad.span), REFUSED) for bad in file.bad]
    for found in file.requirements:
        line = first_line(found.span)
        if found.requirement is None and not _is_there(found.url or ""):
            lines.append((line, REFUSED))  # a path to us, who look at no disk
        elif re.search(r"[#&]egg=[\w.-]*([^\w.&-]|[.-](&|$))", found.url or ""):
            lines.append((line, REFUSED))  # `#egg=name[extra]`: pip refuses it since 2025
        else:
            lines.append((line, "requirement", _of_mllint(found)))
    options: dict[int, set] = {}
    for option in file.options:
        held = options.setdefault(first_line(option.span), set())
        if option.name == "--index-url":  # the last one counts
            held -= {other for other in held if other[0] == "--index-url"}
        held.add((option.name, option.value))
    requirement_lines = {line[0] for line in lines}
    lines += [(n, "options", o) for n, o in options.items() if n not in requirement_lines]
    return sorted(lines, key=lambda line: line[0])


def _is_there(path: str) -> bool:
    return ":" in path or path.lower().endswith((".whl", ".zip", ".gz")) or Path(path).is_dir()


def _of_mllint(found: RequirementLine) -> dict:
    requirement = found.requirement
    return {
        "name": found.name,
        "specifier": str(requirement.specifier) if requirement and not found.url else None,
        "extras": sorted(canonicalize_name(e) for e in found.extras),
        "marker": str(found.marker) if found.marker else None,
        "url": found.url,
        "hashes": sorted(found.hashes),
        "editable": found.editable,
        "config": sorted({v.partition("=")[0] for n, v in found.options}),
    }


def assert_same(text: str) -> None:
    expected = [line for line in by_pip(text) if line[1] != "options" or line[2]]
    found = by_mllint(text)
    assert [line[:2] for line in found] == [line[:2] for line in expected], text
    for ours, pips in zip(found, expected, strict=True):
        if ours[1] == "requirement":
            _same_url(ours[2].pop("url"), pips[2].pop("url"))
        assert ours == pips


def _same_url(ours: str | None, pips: str | None) -> None:
    """A path is a path to both; pip quotes the odd characters of a URL, we keep it as written."""
    if ours is None or pips is None:
        assert ours is None and pips is None
    elif "://" in ours and not pips.startswith("file:"):
        ours = f"git+{ours}" if ours.startswith("git:") else ours
        assert ours.partition("[")[0].rstrip("/") in (pips, pips.partition("[")[0].rstrip("/"))
    else:
        assert pips == "path" or pips.startswith("file://")


@pytest.fixture(autouse=True, scope="module")
def folder_with_projects(tmp_path_factory):
    """pip takes a text for a path only when there is one: give it some."""
    root: Path = tmp_path_factory.mktemp("projects")
    for folder in ("pkg", "libs/inner", "."):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "pyproject.toml").touch()
    before = Path.cwd()
    os.chdir(root)
    yield
    os.chdir(before)


ODD_FILES = {
    "plain": "torch==2.1.0\nnumpy>=1.20,<2\nPillow\n",
    "extras and marker": "uvicorn[standard] >=0.20 ; python_version < '3.12'\nA.b_C[x,Y]\n",
    "parentheses": "torch (>=1.0,<2)\n",
    "arbitrary equality": "torch===2.0.0+weird-local\n",
    "comments": "a#b\na #b\n#c\n  # d\n\t#e\na==1.0 # x # y\na==1.0#frag\n",
    "continuation": "torch==2.1.0 \\\n  --hash=sha256:aa \\\n  --hash sha256:bb\nnumpy\n",
    "comment ends continuation": "torch==2.1.0 \\\n# c\n --hash=sha256:aa\nnumpy\n",
    "comment with a backslash": "torch # c \\\nnumpy\n# d \\\nscipy\n",
    "continuation at the end": "torch==2.1.0 \\",
    "continuation then blank": "torch \\\n\nnumpy\n",
    "double backslash": "torch\\\\\n==1.0\n\\\\a\\\nb\n",
    "blank behind the backslash": "torch==1.0 \\ \nnumpy --hash=sha256:aa \\ \n",
    "CRLF": "torch==1.0\r\nnumpy \\\r\n>=1\r\nscipy\r\n",
    "CR alone": "torch==1.0\rnumpy\r",
    "no newline at the end": "torch",
    "empty": "",
    "options, equals": "--index-url=https://a\n--extra-index-url=https://b\n--find-links=c\n",
    "options, blank": "--index-url https://a\n--extra-index-url   https://b\n--find-links c\n",
    "options, short": "-i https://a\n-f c\n-fc\n-ihttps://a\n",
    "options, cut short": "--extra https://a\n--find c\n--prefer\n--no-i\n--pypi-url https://x\n",
    "options, ambiguous": "--no x\n--re x\n--pr\n",
    "options, quoted": "--find-links 'a b'\n--find-links \"a \\\"b\"\n-f a\\ b\n-f 'a\n",
    "options, bare": "--no-index\n--pre\n--prefer-binary\n--require-hashes\n--pre=1\n",
    "options, several": "-i https://a --extra-index-url https://b --pre --trusted-host h\n",
    "options, missing value": "--index-url\n-f\n--hash\n",
    "options, unknown": "--upgrade\n-U torch\n--no-deps\n--use-mirrors\n-q\n",
    "options and words": "--pre torch\n-i https://a torch\n-- torch\n- torch\n",
    "options behind a requirement": "torch==1.0 --index-url https://a --pre\n",
    "requirement files": "-c a -r b -r d\n-r 'x y.txt'\n-ra.txt\n--requirement=a\n--constraint a\n",
    "strange hashes": "a==1 --hash=md5:1\na==1 --hash=x\n",
    "hashes": "a==1 --hash=sha256:1 --hash=sha512:2\n--hash=sha256:1\n",
    "tab before an option": "a==1\t--hash=sha256:1\n",
    "config settings": "a --config-settings k=v --config-settings='x=y z'\na -C k=v\na -C k\n",
    "editable": "-e .\n-e ./pkg\n-e .[dev]\n--editable=pkg\n-e pkg --config-settings a=b\n",
    "editable repositories": (
        "-e git+https://h/o/r.git#egg=name\n-e git+https://h/o/r.git\n-e https://h/x.tar.gz\n"
        "-e 'name @ git+https://h/o/r.git'\n-e name @ git+https://h/o/r.git\n"
        "-e 'name[x] @ git+ssh://git@h/o/r.git ; python_version > \"3\"'\n"
        "-e hg+https://h/r#egg=a\n-e git://h/o/r#egg=b\n-e git+git@h:o/r.git#egg=c\n"
        "-e 'name @ https://h/x.zip'\n"
    ),
    "paths": ".\n./pkg\n./pkg[a,B]\nlibs/inner\nlibs/inner ; python_version > '3'\n",
    "archives": "x.whl\na-1.0-py3-none-any.whl\na-1.0.tar.gz\n./d/a-1.0.zip\nA.ZIP\n",
    "wheel URLs": (
        "https://h/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl\n"
        "https://h/torch-2.1.0-1-cp310-cp310-linux_x86_64.whl#sha256=00\n"
        "https://h/bad.whl\nhttps://h/a-1.0-py3-none-any.whl ; python_version < '3'\n"
        "https://h/a-1.0-py3-none-any.whl; python_version < '3'\n"
    ),
    "URLs": (
        "https://h/x.tar.gz\ngit+https://h/o/r.git@v1\ngit+https://h/r#egg=A_b&subdirectory=c\n"
        "https://h/x.zip#egg=name\nGIT+HTTPS://h/r\nssh://h/r\nfoo://h/r\nhttps:x\n"
    ),
    "name at URL": (
        "a @ https://h/x.zip\na@https://h/x.zip\na[x] @ git+https://h/r@main ; python_version>'3'\n"
        "a @ file:///x/y\na @ ./pkg\na@ h\na @ https://h/x;y\n"
    ),
    "refused": (
        "pkg=1.0\npkg==1.0.\npkg>=1.0.*\npkg 1.0\na b\n==1.0\n-\n@\n<<<<<<< HEAD\n=======\n"
        "pip install torch\nnumpy=1.2=py39\npkg=>1\npkg>=1 <2\npkg; foo\npkg;\npkg[\npkg[]\n"
        "pkg==1.0,\n'torch'\ntorch~=1\npkg==1.0+cu*\npkg!=1.*\ntörch\n"
    ),
    "separators that only pip sees": "torch\x0cnumpy\x0bscipy\x85pandas\u2028x\n",
    "non-breaking blanks": "torch\xa0==1.0\n\xa0numpy\xa0#x\n-f\xa0x\n",
}


@pytest.mark.parametrize("text", ODD_FILES.values(), ids=ODD_FILES)
def test_odd_files(text):
    if text.count("\n") != len(text.splitlines()) - (text[-1:] not in ("\n", "")):
        # pip counts these as line ends, an editor does not: compare the kinds alone
        kinds = [line[1] for line in by_mllint(text)]
        assert kinds == [line[1] for line in by_pip(text)]
    else:
        assert_same(text)


NAMES = st.sampled_from(["torch", "A.b_C", "x", "numpy[extra]", "a [b,c]", "é", ""])
VERSIONS = st.sampled_from(
    ["", "==1.0", ">=1,<2", " ~= 1.4", "=1.0", "==1.*", "===x", "==1.0.", " 1.0", "==1.0+cu118"]
)
MARKERS = st.sampled_from(
    ["", "", "; python_version<'3'", " ; sys_platform == 'linux' or extra=='x'", ";", "; x", "#y"]
)
OPTIONS = st.lists(
    st.sampled_from(
        ["--hash=sha256:ab", "--hash sha512:c", "-C a=b", "--pre", "-i https://x", "--x", "'", "\\"]
    ),
    max_size=3,
)
WHOLE = st.sampled_from(
    ["-r a.txt", "-c b", "-e .", "-e ./pkg[x]", "-e git+https://h/r#egg=n", "# c", " # c \\", "",
     "https://h/a-1-py3-none-any.whl", "n @ https://h/x", "./pkg", "--no-index", "-f 'a b' --pre"]
)  # fmt: skip
REQUIREMENT = st.builds(
    lambda name, version, marker, options, glue: glue.join([name + version + marker, *options]),
    NAMES,
    VERSIONS,
    MARKERS,
    OPTIONS,
    st.sampled_from([" ", "  ", " \\\n", " \\\n    ", "\\\n ", " # c\n", "\\\n# c\n"]),
)
LINES = st.lists(
    st.tuples(
        st.one_of(REQUIREMENT, WHOLE, st.text("ab=<>[];#\\ -'\"@\t", max_size=12)),
        st.sampled_from(["\n", "\n", "\n", " # c\n", "\\ \n", " \\\n\n", "\\\n# c\n", " #\\\n"]),
    ),
    max_size=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(LINES)
def test_generated_files(lines):
    assert_same("".join(text + end for text, end in lines))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_without_an_error(text):
    file = parse_requirements(SourceFile("r.txt", text))
    for line in (*file.requirements, *file.options, *file.bad):
        assert line.span.line <= text.count("\n") + 1
    for found in file.requirements:
        assert found.requirement is None or isinstance(found.requirement, Requirement)
