"""Docker's matching of .dockerignore patterns; the tables follow its documentation and matcher."""

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mllint.parse.dockerignore import parse_dockerignore
from mllint.parse.glob import Path, can_match_below


def excluded(lines, path):
    return parse_dockerignore("\n".join(lines)).excluded(path)


@pytest.mark.parametrize(
    ("pattern", "out", "kept"),
    [
        # the examples of Docker's reference page
        ("*/temp*", ["somedir/temporary.txt", "somedir/temp"], ["temp", "a/b/temp"]),
        ("*/*/temp*", ["somedir/subdir/temporary.txt"], ["somedir/temporary.txt"]),
        ("temp?", ["tempa", "tempb"], ["temp", "tempab", "temp/"]),
        ("**/*.go", ["a.go", "x/y/a.go"], ["a.gox"]),
        ("/foo/bar", ["foo/bar"], ["x/foo/bar"]),
        ("foo/bar", ["foo/bar", "foo/bar/baz", "/foo/bar", "./foo/bar"], ["x/foo/bar", "foo/barx"]),
        ("foo/", ["foo", "foo/a"], ["x/foo"]),
        ("./foo/../bar", ["bar", "bar/x"], ["foo"]),
        (".", [], ["a", ".", "a/b"]),
        ("/", [], ["a", "a/b"]),
        ("*", ["a", "a/b", ".env"], []),
        ("*.md", ["README.md", "x.md/y"], ["docs/README.md"]),
        ("  padded  ", ["padded"], []),
        ("# comment", [], ["# comment", "comment"]),
        (" # no comment", ["# no comment"], []),
        ("\\#name", ["#name"], []),
        # what the double star takes
        ("**", ["a", "a/b/c"], []),
        ("**/", ["a", "a/b/c"], []),
        ("**/**", ["a", "a/b/c"], []),
        ("dir/**", ["dir/a", "dir/a/b"], ["dir", "dirx/a"]),
        ("**/dir", ["dir", "x/dir", "dir/file", "x/y/dir/file"], ["xdir"]),
        ("**file", ["file", "xfile", "a/xfile"], ["filex"]),
        ("**a/a", ["a/a", "aa/a", "x/aa/a"], ["a", "aa", "aa/ab"]),
        ("**/a/a", ["a/a", "x/a/a"], ["aa/a"]),
        ("**file*", ["file", "a/filex"], ["xfile"]),
        ("**/dir2/*", ["dir2/a", "dir/dir2/file", "dir/dir2/file/x"], ["dir2"]),
        ("**/dir2/**", ["a/dir2/b/c"], ["a/dir2"]),
        ("**/**/*.txt", ["a.txt", "a/b/c.txt"], ["a.txt2"]),
        ("a**/*.txt", ["a/f.txt", "a/b/f.txt", "ab.txt"], ["b/f.txt"]),
        ("a**b", ["ab", "ax/b"], ["axb"]),
        ("a/*.txt**", ["a/f.txt", "a/f.txtx/y"], ["a/f.tx"]),
        # one name at a time
        ("a*b*c*d*e*/f", ["axbxcxdxexxx/f"], ["axbxcxdxe/xxx/f", "axbxcxdxexxx/fff"]),
        ("a?b", ["a☺b"], ["a/b", "ab"]),
        ("a.b", ["a.b"], ["axb"]),
        ("a(b)|+{$", ["a(b)|+{$"], []),
        # classes and escapes
        ("a[b-d]e", ["ace"], ["ae", "aae", "a[e"]),
        ("a[^b-d]e", ["aze"], ["ace"]),
        ("a[!b]e", ["a!e", "abe"], ["ace"]),
        ("[\\]a]", ["]", "a"], ["b"]),
        ("[a\\-c]", ["-", "a", "c"], ["b"]),
        ("a\\*b", ["a*b"], ["axb"]),
        ("[a-ζ]*", ["β", "βγ"], ["A"]),
    ],
)
def test_pattern(pattern, out, kept):
    assert [path for path in out if not excluded([pattern], path)] == []
    assert [path for path in kept if excluded([pattern], path)] == []


@pytest.mark.parametrize(
    ("lines", "path", "expected"),
    [
        (["*.md", "!README.md"], "README.md", False),
        (["*.md", "!README*.md", "README-secret.md"], "README-secret.md", True),
        (["*.md", "README-secret.md", "!README*.md"], "README-secret.md", False),
        (["!a.go", "*.go"], "a.go", True),
        (["docs", "!docs/README.md"], "docs/README.md", False),
        (["docs", "!docs/README.md"], "docs/other", True),
        (["docs/", "!docs/README.md"], "docs/README.md", False),
        (["**", "!util/docker/web"], "util/docker/web/foo", False),
        (["**", "!util/docker/web", "util/docker/web/foo"], "util/docker/web/foo", True),
        (["*", "! requirements.txt"], "requirements.txt", False),
        (["*", "!/src"], "src/a.py", False),
        (["a", "!a", "a"], "a/b", True),
    ],
)
def test_the_last_match_decides(lines, path, expected):
    assert excluded(lines, path) is expected


@pytest.mark.parametrize(
    ("lines", "folder", "expected"),
    [
        (["docs"], "docs", True),
        (["docs", "!docs/README.md"], "docs", False),
        (["docs", "!docs/README.md"], "docs/sub", True),
        (["*", "!src/**"], "src", False),
        (["*", "!src/**"], "src/deep/er", False),
        (["*", "!src/**"], "lib", True),
        (["*", "!**/*.py"], "lib", False),
        (["*", "!src/a/b.txt"], "src", False),
        (["!docs/a", "docs"], "docs", True),
        ([], "docs", False),
        (["*", "!*.txt"], "lib", True),
    ],
)
def test_folder_with_exceptions_below(lines, folder, expected):
    assert parse_dockerignore("\n".join(lines)).excluded_with_contents(folder) is expected


@pytest.mark.parametrize(
    "pattern", ["!", "! ", "[", "[^", "[]a]", "[-]", "[x-]", "[a-b-c]", "a[", "\\", "a\\"]
)
def test_malformed_lines_are_told(pattern):
    found = parse_dockerignore(f"ok\r\n{pattern}\n*.md\n")
    assert found.bad == (2,)
    assert [(p.text, p.line) for p in found.patterns] == [("ok", 1), ("*.md", 3)]


def test_the_deciding_line_is_told():
    found = parse_dockerignore("# c\n\n*.txt\n!a.txt\n")
    assert found.deciding("b.txt").line == 3
    assert found.deciding("a.txt") is None


def to_regex(pattern):
    """Docker's own translation, for patterns of plain names and stars.

    Behind a leading `**` without another wildcard it compares the end of the path, so that
    `**a/a` leaves out `aa/a` too (moby/patternmatcher 1d6a3f4, read 2026-11-25).
    """
    text = ""
    if re.fullmatch(r"\*\*[^*?]+", pattern):
        suffix = pattern[2:]
        whole = f"|{re.escape(suffix[1:])}" if suffix.startswith("/") else ""
        return re.compile(f".*{re.escape(suffix)}{whole}")
    for part in re.findall(r"\*\*/?|\*|\?|[^*?]", pattern):
        if part.startswith("**"):
            text += "(.*/)?"
        else:
            text += {"*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return re.compile(text)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(["a", "b", "*", "?", "**", "/", "ab"]), min_size=1, max_size=7),
    st.from_regex(r"[ab]{1,3}(/[ab]{1,2}){0,3}", fullmatch=True),
)
def test_agrees_with_the_regex_that_docker_builds(parts, path):
    pattern = re.sub(r"/+", "/", re.sub(r"\*{3,}", "**", "".join(parts))).strip("/")
    if not pattern or pattern.endswith("**"):
        return  # translated in another way: the table above has them
    above = [path[: at.start()] for at in re.finditer("/", path)]
    expected = any(to_regex(pattern).fullmatch(part) for part in [path, *above])
    assert excluded([pattern], path) == expected
    tokens = parse_dockerignore(pattern).patterns[0].tokens
    for folder in above:
        if to_regex(pattern).fullmatch(path):
            assert can_match_below(tokens, Path(folder + "/"))


def test_hostile_patterns_take_linear_time():
    start = time.process_time()
    lines = ["**/*ab" * 500, "*a" * 2000 + "b", "**/" * 3000 + "x", "[a-b]" * 1500]
    assert not excluded(lines, "/".join(["a" * 50] * 60))
    assert time.process_time() - start < 5
