"""Requirement lines: what pip's parser does not tell (spans, messages, ignored words)."""

import codecs
import time

import pytest

from mllint.parse.requirements import (
    BadLine,
    OptionLine,
    RequirementLine,
    parse_requirement,
    parse_requirements,
)
from mllint.parse.source import MappedText, SourceFile, Span, decode


def read(text):
    return parse_requirements(SourceFile("requirements.txt", text))


def one(text, **options) -> RequirementLine | BadLine:
    return parse_requirement(MappedText(text, (0,), ((3, 5),)), **options)


@pytest.mark.parametrize(
    ("text", "span", "kept"),
    [
        ("torch==2.1.0\n", Span(1, 1, 1, 13), "torch==2.1.0"),
        ("# c\n\n  numpy # why\n", Span(3, 3, 3, 8), "numpy"),
        ("a==1 \\\n  --hash=sha256:1\n", Span(1, 1, 1, 5), "a==1"),
        ("a \\\n  ==1\n", Span(1, 1, 2, 6), "a   ==1"),
        ("\\\n\\\na\n", Span(3, 1, 3, 2), "a"),
        ("x\r\nb\r\n", Span(1, 1, 1, 2), "x"),
        (
            "a; python_version < '3'  --hash=sha256:1\n",
            Span(1, 1, 1, 24),
            "a; python_version < '3'",
        ),
        ("-e ./pkg  # c\n", Span(1, 1, 1, 9), "./pkg"),
        ("\f a\n", Span(1, 3, 1, 4), "a"),
    ],
)
def test_span_covers_the_requirement_as_written(text, span, kept):
    found = read(text).requirements[0]
    assert (found.span, found.text) == (span, kept)


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("-i https://a", [("--index-url", "https://a", Span(1, 1, 1, 13))]),
        ("--pre --no-index", [("--pre", "", Span(1, 1, 1, 6)),
                              ("--no-index", "", Span(1, 7, 1, 17))]),
        ("--find-links \\\n https://a", [("--find-links", "https://a", Span(1, 1, 2, 11))]),
        ("-r ${DIR}/a.txt", [("--requirement", "${DIR}/a.txt", Span(1, 1, 1, 16))]),
        ("a --no-binary :all:", [("--no-binary", ":all:", Span(1, 3, 1, 20))]),
    ],
)  # fmt: skip
def test_options(text, options):
    assert read(text).options == tuple(OptionLine(*option) for option in options)


@pytest.mark.parametrize(
    ("text", "ignored"),
    [
        ("torch --index-url https://a", [("--index-url", "https://a")]),
        ("--pre torch", [("", "torch")]),
        ("-r a.txt --index-url https://a", [("--index-url", "https://a")]),
        ("-r a.txt -r b.txt", [("--requirement", "b.txt")]),
        ("--hash=sha256:1", [("--hash", "sha256:1")]),
        ("-e . --hash=sha256:1", [("--hash", "sha256:1")]),
    ],
)
def test_what_pip_reads_over_is_told(text, ignored):
    assert [(option.name, option.value) for option in read(text).ignored] == ignored


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pkg=1.0", "= is not a version operator; pkg==1.0 pins one"),
        ("pkg==1.0.", "==1.0. is not a version specifier (PEP 440)"),
        ("pkg>=1,==1.0.,<2", "==1.0. is not a version specifier (PEP 440)"),
        ("pkg>=1.0.*", ">=1.0.* is not a version specifier (PEP 440)"),
        ("numpy=1.21=py39h", "conda's name=version=build; pip takes name==version"),
        ("torch 2.1", "torch and 2.1 stand on one line with only a blank between them"),
        ("pip install torch", "a shell command; a requirements file holds one requirement a line"),
        ("<<<<<<< HEAD", "a conflict marker that a merge left behind"),
        ("torch; python > 3", "what follows the ; is not an environment marker: python > 3"),
        ("torch==2.1 \\ ", "a backslash with nothing but blanks behind it joins no lines"),
        ("a --hash=sha256:1 \\ ", "a backslash with nothing but blanks behind it joins no lines"),
        ("--foo", "pip has no option --foo in requirements files"),
        ("-U torch", "pip has no option -U in requirements files"),
        ("--no", "--no may stand for --no-binary or --no-index or --no-require-hashes"),
        ("--index-url", "--index-url needs a value"),
        ("--pre=1", "--pre takes no value"),
        ("-f 'x", "a quote is not closed"),
        ("a --hash=md5:1", "--hash takes one of sha256, sha384, sha512, then : and digits"),
        ("-e git+https://h/r.git", "an editable repository needs a name: append #egg=NAME"),
        ("-e n @ git+https://h/r.git", "-e takes one word: put NAME @ URL in quotes"),
        ("ssh://h/r", "pip installs from no ssh:// URL; a repository is git+https:// or git+ssh://"),
        ("git+git@github.com:o/r", "the user@host:path form is no URL; pip takes git+ssh://user@host/path"),
        ("https://h/x.whl", "the wheel's file name is not NAME-VERSION-PYTHON-ABI-PLATFORM.whl"),
        ("./a[<]", "the brackets hold no list of extras"),
        ("a;" + "(" * 5000, "the marker is nested too deeply"),
        ("a" * 9000, "a requirement of 9,000 characters; mllint reads up to 8,192"),
    ],
)  # fmt: skip
def test_what_pip_refuses_is_bad(text, message):
    file = read(f"ok\n{text}\n")
    assert [bad.message for bad in file.bad] == [message]
    assert file.bad[0].span.line == 2
    assert [requirement.name for requirement in file.requirements] == ["ok"]


def test_no_message_repeats_a_password():
    text = "x y https://user:hunter2@host/r\nssh://user:hunter2@h/r\n-e https://u:hunter2@h/x.zip\n"
    assert len(read(text).bad) == 3
    assert not [bad for bad in read(text).bad if "hunter2" in bad.message]


@pytest.mark.parametrize(
    ("text", "name", "url", "version", "extras"),
    [
        ("Torch_Vision", "torch-vision", None, None, ()),
        ("a[y,x] @ https://h/z", "a", "https://h/z", None, ("x", "y")),
        ("torch @ https://h/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl", "torch",
         "https://h/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl", "2.1.0+cu118", ()),
        ("https://h/A_b-1.0-py3-none-any.whl#sha256=0", "a-b",
         "https://h/A_b-1.0-py3-none-any.whl#sha256=0", "1.0", ()),
        ("wheels/a-1.0-py3-none-any.whl[x]", "a", "wheels/a-1.0-py3-none-any.whl", "1.0", ("x",)),
        ("git+https://h/r#egg=n[e]&subdirectory=s", "n", "git+https://h/r#egg=n[e]&subdirectory=s",
         None, ("e",)),
        ("git+https://${TOKEN}@h/r", None, "git+https://${TOKEN}@h/r", None, ()),
        ("torch==${VERSION}", "torch", None, None, ()),
        ("torch[x]>=${VERSION}", "torch", None, None, ()),
        ("torch${SUFFIX}", None, None, None, ()),
        ("${WHEEL}.whl", None, "${WHEEL}.whl", None, ()),
        (".[gpu]", None, ".", None, ("gpu",)),
        ("../lib", None, "../lib", None, ()),
        ("/opt/lib", None, "/opt/lib", None, ()),
    ],
)  # fmt: skip
def test_references(text, name, url, version, extras):
    found = one(text)
    assert isinstance(found, RequirementLine)
    assert (found.name, found.url, found.extras) == (name, url, extras)
    assert (str(found.version) if found.version else None) == version
    assert found.span == Span(3, 5, 3, 5 + len(text))


def test_requirement_carries_its_marker():
    found = one("torch>=2 ; python_version < '3.12'")
    assert str(found.requirement) == 'torch>=2; python_version < "3.12"'


def test_older_options_of_one_requirement_are_kept():
    found = read("a --global-option=--x --build-option y -C k=v").requirements[0]
    assert found.options == (
        ("--global-option", "--x"),
        ("--build-option", "y"),
        ("--config-settings", "k=v"),
    )


def test_comments_are_kept_with_their_place():
    comments = read("# top\ntorch \\\n ==1  # mllint: ignore[x] -- y\nb#c\n").comments
    assert [(c.text, c.span) for c in comments] == [
        ("top", Span(1, 1, 1, 6)),
        ("mllint: ignore[x] -- y", Span(3, 7, 3, 31)),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a \\\n" * 40_000,
        "a --hash=sha256:1 " * 20_000,
        " " * 400_000 + "x" + " " * 400_000 + "#",
        "-f '" + "\\'" * 100_000,
        '-f "' + "\\" * 200_001,
        "a,=" * 2_700,
        "a" + "[" * 8_000,
        "a==" + "1." * 4_000,
        "-" * 100_000,
        "a @ " + "x:" * 4_000,
        "#" * 500_000,
    ],
    ids=lambda text: text[:8],
)
def test_long_input_takes_linear_time(text):
    start = time.process_time()
    read(text)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("data", "text", "encoding", "invalid"),
    [
        (b"torch\n", "torch\n", "utf-8", None),
        (b"\xef\xbb\xbftorch", "torch", "utf-8", None),
        (codecs.BOM_UTF16_LE + "torch\n".encode("utf-16-le"), "torch\n", "utf-16-le", None),
        (codecs.BOM_UTF16_BE + "torch\n".encode("utf-16-be"), "torch\n", "utf-16-be", None),
        (codecs.BOM_UTF32_LE + "torch\n".encode("utf-32-le"), "torch\n", "utf-32-le", None),
        (codecs.BOM_UTF32_BE + "torch\n".encode("utf-32-be"), "torch\n", "utf-32-be", None),
        (b"# -*- coding: latin-1 -*-\n\xe9", "# -*- coding: latin-1 -*-\n\xe9", "iso8859-1", None),
        (b"#\n# vim: encoding=cp1252\n\x80", "#\n# vim: encoding=cp1252\n€", "cp1252", None),
        (b"\n\n# coding: latin-1\n\xe9", "\n\n# coding: latin-1\n\ufffd", "utf-8", 4),
        (b"# coding: punycode\na-b", "# coding: punycode\na-b", "utf-8", None),
        (b"# coding: iso-8859-99\na", "# coding: iso-8859-99\na", "utf-8", None),
        (b"a\nb\xff\nc\xff", "a\nb\ufffd\nc\ufffd", "utf-8", 2),
        (codecs.BOM_UTF16_LE + b"a\x00\n\x00b", "a\n\ufffd", "utf-16-le", 2),
        (b"", "", "utf-8", None),
    ],
)  # fmt: skip
def test_decode(data, text, encoding, invalid):
    assert decode(data) == (text, encoding, invalid)
