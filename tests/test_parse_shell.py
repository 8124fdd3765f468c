"""Shell text to commands: words, guards, scopes, positions, nested scripts, odd input."""

import re
import shlex
import shutil
import subprocess
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mllint.parse import shell
from mllint.parse.shell import Guard, Literal, Parameter, Substitution, parse_script
from mllint.parse.source import MappedText, Span

G = Guard
needs_bash = pytest.mark.skipif(shutil.which("bash") is None, reason="no bash to compare with")


def mapped(text):
    return MappedText(text, (0,), ((1, 1),))


def parse(text):
    return parse_script(mapped(text))


def shown(command):
    """A command as `argv` with each word's value, or its text when that is not known."""
    return [word.text if word.literal is None else word.literal for word in command.argv]


def argvs(text):
    return [shown(command) for command in parse(text).commands]


def only(text):
    (command,) = parse(text).commands
    return command


def word(text):
    """The one argument of `x`, the script's last command."""
    (_, found) = parse(f"x {text}").commands[-1].argv
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="empty"),
        pytest.param(" \n\t\n", [], id="blank"),
        pytest.param("# only a comment && a", [], id="comment"),
        pytest.param("a b # c && d", [["a", "b"]], id="comment-at-end"),
        pytest.param("a b#c", [["a", "b#c"]], id="hash-inside-word"),
        pytest.param("a && b; c\nd || e", [["a"], ["b"], ["c"], ["d"], ["e"]], id="connectors"),
        pytest.param("a &&\n\n b |\n c", [["a"], ["b"], ["c"]], id="newline-after-operator"),
        pytest.param("a \\\n  b\\\nc", [["a", "bc"]], id="continuation-lines"),
        pytest.param("a b\r\nc\r\n", [["a", "b"], ["c"]], id="carriage-returns"),
        pytest.param("pip install foo[bar]>=1", [["pip", "install", "foo[bar]"]], id="extras"),
        pytest.param("a <in b c", [["a", "b", "c"]], id="words-after-redirect"),
        pytest.param(">out a b", [["a", "b"]], id="redirect-first"),
        pytest.param("if a; then b; elif c; then d; else e; fi", [[c] for c in "abcde"], id="if"),
        pytest.param("case $x in a|b) c;; (*) d ;; esac", [["c"], ["d"]], id="case"),
        pytest.param("for i in a b; do c; done; d", [[], ["c"], ["d"]], id="for"),
        pytest.param("for ((i=0;i<3;i++)); do c; done", [["c"]], id="arithmetic-for"),
        pytest.param("while a; do b; done; until c; do d; done", [[c] for c in "abcd"], id="while"),
        pytest.param("f() { a; }; function g { b; }; f", [["a"], ["b"], ["f"]], id="functions"),
        pytest.param("(a; b) && { c; }", [["a"], ["b"], ["c"]], id="groups"),
        pytest.param("if a; then if b; then c; fi else d; fi", [[c] for c in "abcd"], id="fi-else"),
        pytest.param(
            "if a; then for i in x; do b; done fi",
            [["a"], [], ["b"]],
            id="done-fi-without-separator",
        ),
        pytest.param("! a | b", [["a"], ["b"]], id="negated-pipeline"),
        pytest.param("time a", [["time", "a"]], id="time-is-a-word"),
        pytest.param("[ -f x ] && a", [["[", "-f", "x", "]"], ["a"]], id="test"),
        pytest.param(
            "[[ a =~ ^(b|c)$ && d < e ]]",
            [["[[", "a", "=~", "^(b|c)$", "&&", "d", "<", "e", "]]"]],
            id="double-bracket-test",
        ),
        pytest.param("((x > 1)) && a", [["((", "x", ">", "1", "))"], ["a"]], id="arithmetic"),
        pytest.param("export A=b C", [["export", "A=b", "C"]], id="export"),
        pytest.param("local a=1; unset b", [["local", "a=1"], ["unset", "b"]], id="declarations"),
        pytest.param('x $"tr" y', [["x", "tr", "y"]], id="translated-string"),
        pytest.param("a $(b) `c`", [["b"], ["c"], ["a", "$(b)", "`c`"]], id="substitutions"),
        pytest.param(
            'a "$(b "$(c)")"', [["c"], ["b", '"$(c)"'], ["a", '"$(b "$(c)")"']], id="deep"
        ),
        pytest.param("a $(( $(b) + 1 ))", [["b"], ["a", "$(( $(b) + 1 ))"]], id="in-arithmetic"),
        pytest.param("a ${x:-$(b)}", [["b"], ["a", "${x:-$(b)}"]], id="in-operand"),
        pytest.param("a <(b) >(c)", [["b"], ["c"], ["a", "<(b)", ">(c)"]], id="process"),
        pytest.param(
            "x $(if case a in b) c;; esac; then d; fi) y",
            [["c"], ["d"], ["x", "$(if case a in b) c;; esac; then d; fi)", "y"]],
            id="case-condition-inside-substitution",
        ),
        pytest.param("for i in $(a); do b; done", [[], ["a"], ["b"]], id="in-for-words"),
        pytest.param("case $(a) in x) b;; esac", [["a"], ["b"]], id="in-case-word"),
        pytest.param(
            "x $(case $(a) in b) c;; d) e;; esac) y",
            [["a"], ["c"], ["e"], ["x", "$(case $(a) in b) c;; d) e;; esac)", "y"]],
            id="case-inside-substitution",
        ),
        pytest.param(r"a `b \`c\``", [["c"], ["b", "`c`"], ["a", r"`b \`c\``"]], id="backquotes"),
        pytest.param("a=(1 $(b) 2)", [["b"], []], id="array"),
        pytest.param("ünï && é=1 x", [["ünï"], ["é=1", "x"]], id="not-ascii"),
        pytest.param("if a; then ünï; b; fi", [["a"], ["ünï"], ["b"]], id="not-ascii-in-tree"),
        pytest.param("rm !(keep)", [["rm", "!(keep)"]], id="extended-glob"),
        pytest.param("echo } if {", [["echo", "}", "if", "{"]], id="keywords-as-arguments"),
    ],
)
def test_commands(text, expected):
    script = parse(text)
    assert [shown(command) for command in script.commands] == expected
    assert script.problems == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a && b", [set(), set()], id="and"),
        pytest.param("a || b", [{G.BEFORE_OR}, {G.AFTER_OR}], id="or"),
        pytest.param("a && b || c", [{G.BEFORE_OR}, {G.BEFORE_OR}, {G.AFTER_OR}], id="and-or"),
        pytest.param("a || b && c", [{G.BEFORE_OR}, {G.AFTER_OR}, set()], id="or-and"),
        pytest.param(
            "a || b || c", [{G.BEFORE_OR}, {G.AFTER_OR, G.BEFORE_OR}, {G.AFTER_OR}], id="or-or"
        ),
        pytest.param("[ a ] && b && c", [set(), {G.AFTER_AND_TEST}, {G.AFTER_AND_TEST}], id="test"),
        pytest.param("test a && b; c", [set(), {G.AFTER_AND_TEST}, set()], id="test-ends"),
        pytest.param("! [[ a ]] && b", [{G.NEGATED}, {G.AFTER_AND_TEST}], id="negated-test"),
        pytest.param(
            "[ a ] || [ b ] && c",
            [{G.BEFORE_OR}, {G.AFTER_OR}, {G.AFTER_AND_TEST}],
            id="either-test",
        ),
        pytest.param("[ a ] || b && c", [{G.BEFORE_OR}, {G.AFTER_OR}, set()], id="test-or-command"),
        pytest.param("! a | b", [{G.NEGATED, G.PIPED}, {G.NEGATED}], id="negated"),
        pytest.param("a | b |& c", [{G.PIPED}, {G.PIPED}, set()], id="pipe"),
        pytest.param("a & b && c &", [{G.BACKGROUND}, {G.BACKGROUND}, {G.BACKGROUND}], id="amp"),
        pytest.param(
            "if a; then b; elif c; then d; else e; fi; f",
            [{G.CONDITION}, {G.BRANCH}, {G.CONDITION}, {G.BRANCH}, {G.BRANCH}, set()],
            id="if",
        ),
        pytest.param(
            "if a; then b; fi & c",
            [{G.CONDITION, G.BACKGROUND}, {G.BRANCH, G.BACKGROUND}, set()],
            id="if-amp",
        ),
        pytest.param("while a; do b; done", [{G.CONDITION}, {G.LOOP}], id="while"),
        pytest.param("for i in x; do a; done", [{G.LOOP}, {G.LOOP}], id="for"),
        pytest.param("case x in y) a;; esac", [{G.BRANCH}], id="case"),
        pytest.param("f() { a; }", [{G.FUNCTION}], id="function"),
        pytest.param("f() ( a )", [{G.FUNCTION}], id="function-subshell"),
        pytest.param("{ a; b; } || c", [{G.BEFORE_OR}, {G.BEFORE_OR}, {G.AFTER_OR}], id="group"),
        pytest.param("a || (b && c)", [{G.BEFORE_OR}, {G.AFTER_OR}, {G.AFTER_OR}], id="subshell"),
        pytest.param(
            "a $(b || c)",
            [{G.SUBSTITUTION, G.BEFORE_OR}, {G.SUBSTITUTION, G.AFTER_OR}, set()],
            id="inside",
        ),
        pytest.param("bash -c 'a || b'", [set(), {G.BEFORE_OR}, {G.AFTER_OR}], id="bash-c"),
        pytest.param(
            "a && b > x && c > y | d > z && e", [set(), set(), {G.PIPED}, set(), set()],
            id="pipe-binds-tighter-than-redirected-list",
        ),
    ],
)  # fmt: skip
def test_guards(text, expected):
    assert [set(command.guards) for command in parse(text).commands] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a; b\nc && d || e | f & g", ["", ";", ";", "&&", "||", "|", ";"], id="all"),
        pytest.param("a && (b; c) && d", ["", "&&", ";", "&&"], id="subshell"),
        pytest.param("a && if b; then c; fi && d", ["", "&&", ";", "&&"], id="if"),
        pytest.param("a && b $(c; d) && e", ["", "", ";", "&&", "&&"], id="substitution"),
        pytest.param("a && bash -c 'b && c' && d", ["", "&&", "", "&&", "&&"], id="bash-c"),
        pytest.param("a |& b", ["", "|"], id="pipe-with-errors"),
    ],
)
def test_connectors(text, expected):
    assert [command.connector for command in parse(text).commands] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a; (b; (c); d); (e)", [(), (1,), (1, 1), (1,), (2,)], id="subshells"),
        pytest.param("{ a; }; b", [(), ()], id="group"),
        pytest.param("a $(b) $(c)", [(1,), (2,), ()], id="substitutions"),
        pytest.param("bash -c 'a; (b)'; c", [(), (1,), (1, 1), ()], id="bash-c"),
        pytest.param("eval 'a; b'", [(), (), ()], id="eval"),
        pytest.param("a | (b) && c", [(1,), (2,), ()], id="pipeline"),
        pytest.param("a && b & c", [(1,), (1,), ()], id="background"),
        pytest.param("f() { a; }; g() ( b )", [(), (1,)], id="functions"),
    ],
)
def test_scopes(text, expected):
    assert [command.scope for command in parse(text).commands] == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("ab", (Literal("ab"),), id="plain"),
        pytest.param("''", (), id="empty"),
        pytest.param("'a b'\"c\"d\\ e", (Literal("a bcd e"),), id="joined"),
        pytest.param(r"""'it'"'"'s'""", (Literal("it's"),), id="apostrophe"),
        pytest.param(r'"a\"\$\`\\\n"', (Literal('a"$`\\\\n'),), id="double-quote-escapes"),
        pytest.param(
            r"$'a\n\t\x41\101\u00e9\'\e\cA\z'", (Literal("a\n\tAAé'\x1b\x01\\z"),), id="ansi"
        ),
        pytest.param("$HOME/x", (Parameter("HOME"), Literal("/x")), id="parameter"),
        pytest.param('"$A $B"', (Parameter("A"), Literal(" "), Parameter("B")), id="in-quotes"),
        pytest.param("$1$@$#$?$$", tuple(map(Parameter, "1@#?$")), id="special"),
        pytest.param("a$", (Literal("a$"),), id="lone-dollar"),
        pytest.param("'$x'\\$y", (Literal("$x$y"),), id="quoted-dollar"),
        pytest.param("$é", (Literal("$é"),), id="not-a-name"),
        pytest.param("${x}y", (Parameter("x"), Literal("y")), id="braces"),
        pytest.param("${#x}", (Parameter("x", "length"),), id="length"),
        pytest.param("${!x}", (Parameter("x", "indirect"),), id="indirect"),
        pytest.param("${#}", (Parameter("#"),), id="count"),
        pytest.param("${a[0]}", (Parameter("a[0]"),), id="element"),
        pytest.param("$(a b)c", (Substitution("$(a b)"), Literal("c")), id="substitution"),
        pytest.param("`a`", (Substitution("`a`"),), id="backquotes"),
        pytest.param("$((1+2))", (Substitution("$((1+2))"),), id="arithmetic"),
        pytest.param("$[1+2]", (Substitution("$[1+2]"),), id="old-arithmetic"),
        pytest.param("<(a)", (Substitution("<(a)"),), id="process"),
        pytest.param("${x y}", (Substitution("${x y}"),), id="bad-substitution"),
        pytest.param("x{a,b}", (Literal("x"), Substitution("{a,b}"), Literal("a,b}")), id="braces"),
        pytest.param("~/x", (Literal("~/x"),), id="tilde-stays"),
        pytest.param("a\\\nb", (Literal("ab"),), id="continued"),
    ],
)  # fmt: skip
def test_parts(text, parts):
    assert word(text).parts == parts
    assert word(text).text == text


@pytest.mark.parametrize(
    ("operator", "operand"),
    [
        *((operator, "a b") for operator in (":-", "-", ":=", "=", ":+", "+", ":?", "?")),
        *((operator, "a*") for operator in ("#", "##", "%", "%%", "^^", ",,", "^", ",")),
        ("/", "a/b"),
        ("//", "a/b"),
        (":", "0:3"),
        (":", " -1"),
        (":-", ""),
    ],
)
@pytest.mark.parametrize("quote", ["", '"'])
def test_operators(operator, operand, quote):
    (part,) = word(f"{quote}${{x{operator}{operand}}}{quote}").parts
    assert (part.name, part.operator, part.operand.text) == ("x", operator, operand)
    assert part.operand.literal == operand


def test_operands_nest():
    (part,) = word("${a:-${b:-'c d'}e}").parts
    inner, tail = part.operand.parts
    assert (inner.name, inner.operand.literal, tail) == ("b", "c d", Literal("e"))


@pytest.mark.parametrize(
    ("text", "quoted", "glob"),
    [
        ("a", False, False),
        ("'a'", True, False),
        ('a"b"', True, False),
        ("*.txt", False, True),
        ("'*'", True, False),
        (r"\*", False, False),
        ("foo[bar]", False, True),
        ("'a'?", True, True),
        ("$'a'", True, False),
        ("${x:-*}", False, False),
    ],
)
def test_quoted_and_glob(text, quoted, glob):
    assert (word(text).quoted, word(text).unquoted_glob) == (quoted, glob)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a >b", [(None, ">", "b")]),
        ("a 2>&1 >>b", [(2, ">&", "1"), (None, ">>", "b")]),
        ("a &>b", [(None, "&>", "b")]),
        ("a &>>b", [(None, "&>>", "b")]),
        ("a >| b <c", [(None, ">|", "b"), (None, "<", "c")]),
        ("a <> b <&0", [(None, "<>", "b"), (None, "<&", "0")]),
        ("a {fd}>b", [(None, ">", "b")]),
        ("a <<< 'x y'", [(None, "<<<", "'x y'")]),
        ("pip install torch>=2.0", [(None, ">", "=2.0")]),
        ("pip install torch<2", [(None, "<", "2")]),
        ("pip install 'torch>=2.0'", []),
        ("pip install torch>=2,<3", [(None, ">", "=2,"), (None, "<", "3")]),
        ('echo "x" >> $FILE', [(None, ">>", "$FILE")]),
        (">b", [(None, ">", "b")]),
        ("{ a; } 2>b", [(2, ">", "b")]),
        ("(a >c) >b", [(None, ">", "b"), (None, ">", "c")]),
    ],
)
def test_redirects(text, expected):
    found = only(text).redirects
    assert [(r.descriptor, r.operator, r.target.text) for r in found] == expected


def test_assignments():
    command = only("A=1 B='x y' C+=z D= pip install E=2")
    values = [(name, value.literal) for name, value in command.assignments]
    assert values[:2] + values[3:] == [("A", "1"), ("B", "x y"), ("D", "")]
    assert command.assignments[2] == ("C", command.assignments[2][1])
    assert command.assignments[2][1].parts == (Parameter("C"), Literal("z"))
    assert shown(command) == ["pip", "install", "E=2"]


def test_bare_assignment():
    command = only("PATH=/x:$PATH")
    ((name, value),) = command.assignments
    assert (name, value.parts, command.argv) == ("PATH", (Literal("/x:"), Parameter("PATH")), ())
    assert value.span == Span(1, 6, 1, 14)


def bodies(text):
    return [
        (shown(command), redirect.target.text, redirect.body.text)
        for command in parse(text).commands
        for redirect in command.redirects
        if redirect.body is not None
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat <<EOF >x\na $b\nEOF\nc", [(["cat"], "EOF", "a $b\n")]),
        ("cat <<-'EOF' a >x\n\tb\n\t\tEOF\nc", [(["cat", "a"], "'EOF'", "b\n")]),
        ("cat <<A; c <<B\na\nA\nb\nB\nd", [(["cat"], "A", "a\n"), (["c"], "B", "b\n")]),
        ("cat <<E | tee f && z\nif (\nE\n", [(["cat"], "E", "if (\n")]),
        ("cat <<E\nnever ends", [(["cat"], "E", "never ends")]),
        ("cat <<E", [(["cat"], "E", "")]),
        ("if a; then cat <<E\nfi\nE\nfi", [(["cat"], "E", "fi\n")]),
        ("x $(cat <<E\n)\nE\n)", [(["cat"], "E", ")\n")]),
        ('x "$(cat <<E\n"\nE\n)"', [(["cat"], "E", '"\n')]),
        ("a $((1<<2)) '<<E' # <<E\nb", []),
        ("a <<<E\nb", []),
    ],
)
def test_heredocs(text, expected):
    assert bodies(text) == expected
    assert parse(text).problems == ()


def test_heredoc_body_position():
    (redirect,) = parse("a\ncat <<-E\n\tb\n\t\tc\n\tE\n").commands[1].redirects
    assert [redirect.body.position(offset) for offset in (0, 2)] == [(3, 2), (4, 3)]


@pytest.mark.parametrize(
    ("text", "nested"),
    [
        ("bash -c 'a && b'", [["a"], ["b"]]),
        ('sh -ec "a; b"', [["a"], ["b"]]),
        ("/bin/bash -lc 'a'", [["a"]]),
        ("bash -exc a", [["a"]]),
        ("bash -euo pipefail -c 'a b'", [["a", "b"]]),
        ("bash --login -c 'a' arg0 arg1", [["a"]]),
        ("bash -o pipefail -c 'a'", [["a"]]),
        ("sudo -H bash -c 'a'", [["a"]]),
        ("conda run -n e sh -c 'a'", [["a"]]),
        ("eval 'a && b'", [["a"], ["b"]]),
        ('bash -c "a \\"b c\\" \\$d"', [["a", "b c", "$d"]]),
        ("bash -c 'a '\"'b c'\"", [["a", "b c"]]),
        ("bash -c $'a\\nb'", [["a"], ["b"]]),
        ('bash -c "a $x"', [["a", "$x"]]),
        ('bash -c "a $(b)"', [["b"], ["a", "$(b)"]]),
        ("bash -c 'sh -c \"a\"'", [["sh", "-c", "a"], ["a"]]),
        ("bash <<E\na\nb\nE", [["a"], ["b"]]),
        ("bash -s x <<'E'\na $b\nE", [["a", "$b"]]),
        ("sudo sh <<E\na\nE", [["a"]]),
        ("bash -c $CMD", []),
        ("eval $CMD", []),
        ("bash script.sh -c 'a'", []),
        ("apt-get install bash", []),
        ("bash script.sh <<E\na\nE", []),
        ("python <<E\na\nE", []),
    ],
)
def test_nested_scripts(text, nested):
    assert argvs(text)[1:] == nested


def test_nested_commands_in_heredocs_are_expanded_ones():
    assert argvs("cat <<E\n$(a) `b`\nE") == [["cat"], ["a"], ["b"]]
    assert argvs("cat <<'E'\n$(a)\nE") == [["cat"]]


@pytest.mark.parametrize(
    ("text", "word_text", "span"),
    [
        ("a && bash -c 'b ccc'", "ccc", Span(1, 17, 1, 20)),
        ('bash -c "b \\"x\\" ccc"', "ccc", Span(1, 18, 1, 21)),
        ("bash -c 'b '\"ccc\"", "ccc", Span(1, 9, 1, 18)),
        ("bash <<E\nb\n ccc\nE", "ccc", Span(3, 2, 3, 5)),
        ("é `b \\`ccc\\``", "ccc", Span(1, 8, 1, 11)),
    ],
)
def test_nested_positions(text, word_text, span):
    found = [w.span for c in parse(text).commands for w in c.argv if w.text == word_text]
    assert span in found


def test_positions_follow_the_pieces():
    text = MappedText.from_pieces([("RUN é a ", 3, 1), ("bb cc", 4, 5), ("\nd\ne", 6, 2)])
    words = [w for c in parse_script(text).commands for w in c.argv]
    assert [(w.text, w.span.line, w.span.column, w.span.end_column) for w in words] == [
        ("RUN", 3, 1, 4),
        ("é", 3, 5, 6),
        ("a", 3, 7, 8),
        ("bb", 4, 5, 7),
        ("cc", 4, 8, 10),
        ("d", 7, 1, 2),
        ("e", 8, 1, 2),
    ]
    assert parse_script(text).commands[0].span == Span(3, 1, 4, 10)


# Broken or foreign text: what is around the fault is kept, and the fault is listed.
@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("a; if b; then c", ["a"]),
        ("a 'b", ["a"]),
        ("a; ) b", ["a"]),
        ("a && && b", ["a", "b"]),
        ("a; {{ if x }} b; c", ["a", "c"]),
        ("a &&", ["a"]),
        ("| a", ["a"]),
        ("a; b $(", ["a"]),
        ("a; c < ", ["a"]),
        ("fi; a", ["a"]),
        ("a|)b", ["a", "b"]),
    ],
)
def test_problems(text, kept):
    script = parse(text)
    names = [shown(command)[0] for command in script.commands if command.argv]
    assert set(kept) <= set(names)


@needs_bash
@pytest.mark.parametrize(
    "text", ["if b; then c", "a 'b", "a; ) b", "a &&", "a; fi", "a (b)", "a;;b"]
)
def test_what_bash_refuses_is_a_problem(text):
    assert subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True).returncode
    assert parse(text).problems


HOSTILE = {
    "and": "a b" + " && a b" * 20_000,
    "pipe": "a" + " | a" * 20_000,
    "open-pipe": "a | " * 20_000,
    "newlines": "a\n" * 20_000,
    "word": "a" * 5_000_000,
    "blanks": " " * 5_000_000,
    "parentheses": "(" * 100_000 + "a" + ")" * 100_000,
    "closing": ")" * 100_000,
    "braces": "{ " * 100_000,
    "substitutions": "$(" * 20_000 + "a" + ")" * 20_000,
    "quoted-substitutions": '"$(' * 20_000,
    "operands": "${a:-" * 20_000 + "}" * 20_000,
    "backquotes": "`" * 100_001,
    "quotes": '"' * 100_001,
    "ifs": "if a; then " * 20_000,
    "long-if": "if a; then " + "b\n" * 20_000 + "fi",
    "statements": "if a; then b; fi\n" * 3_000,
    "heredocs": "<<E " * 20_000 + "\n",
    "redirects": "<" * 100_000,
    "nested-shells": 'bash -c "' * 20_000,
    "evals": "eval " * 20_000 + "'a'",
    "arrays": "a=(" * 20_000,
    "nul": "\0" * 100_000,
    "surrogates": "\ud800 " * 20_000,
    "backslashes": "\\" * 100_001,
    "functions": "f() " * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_input_takes_linear_time(name):
    start = time.process_time()
    parse(HOSTILE[name])
    assert time.process_time() - start < 5  # seconds; quadratic ways take minutes


def test_long_scripts_are_read_by_statement():
    script = parse("if a; then b; fi\nfunction f {\nc\n}\ncat <<E\n)\nE\nx &&\ny\n" * 500)
    assert [shown(c)[0] for c in script.commands[:6]] == ["a", "b", "c", "cat", "x", "y"]
    assert (len(script.commands), script.problems) == (3_000, ())
    assert script.commands[-1].span == Span(4_500, 1, 4_500, 2)


def test_deep_nesting_is_a_problem():
    script = parse("a; b " + "$(x " * 40 + ")" * 40)
    assert len(script.problems) == 1
    assert shown(script.commands[-1])[0] == "b"


WORDS = st.lists(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), max_size=6
)


@given(WORDS)
def test_quoted_words_come_back(words):
    command = only("x " + " ".join(map(shlex.quote, words)))
    assert [w.literal for w in command.argv[1:]] == words


PLAIN_FRAGMENTS = ["a", "b=c", "é", "#", "=", "-", ",", ":", "%", "@", "^", "{", "}", "!", "]", "0"]
QUOTED_FRAGMENTS = ["'x y'", '"p q"', '"\\$"', "''", '"a\'b"', "$'\\t'", "$'\\x41b'", '"\\a"']
ESCAPED_FRAGMENTS = [r"\ ", r"\'", r"\\", "\\\n"]
FRAGMENTS = st.lists(
    st.sampled_from(PLAIN_FRAGMENTS + QUOTED_FRAGMENTS + ESCAPED_FRAGMENTS), min_size=1, max_size=6
).map("".join)


SEVERAL = re.compile(r"\{.*,.*\}", re.DOTALL)


@pytest.mark.parametrize(
    "word", ["{a,b}", "x{1..3}y", "{,}", "/opt/{a,$(b)}", "{a}b,c}", "{a,'b c'}"]
)
def test_braces_that_make_several_words_have_no_literal(word):
    assert parse(f"x {word}").commands[-1].argv[1].literal is None


@pytest.mark.parametrize(
    ("word", "literal"),
    [("{}", "{}"), ("{a}", "{a}"), ("'{a,b}'", "{a,b}"), (r"\{a,b}", "{a,b}"), ("a,{b", "a,{b")],
)
def test_other_braces_stand_for_themselves(word, literal):
    assert only(f"x {word}").argv[1].literal == literal


def test_braces_in_assignments_stand_for_themselves():
    ((_, value),) = only("V={a,b}").assignments
    assert value.literal == "{a,b}"


@needs_bash
@settings(deadline=None, max_examples=60)
@given(st.lists(FRAGMENTS, min_size=1, max_size=30))
@example(["a#b", "$'\\''c", '"\\""'])
def test_literals_are_those_of_bash(words):
    words = [word for word in words if not SEVERAL.search(word)]
    line = "printf '%s\\0' x" + "".join(f" x{word}" for word in words)
    command = only(line)
    assert all(found.literal is not None for found in command.argv)
    run = subprocess.run(["bash", "-c", line], capture_output=True, env={"LC_ALL": "C.UTF-8"})
    assert [found.literal for found in command.argv[2:]] == run.stdout.decode().split("\0")[:-1]


JOINS = [" && ", " || ", " | ", "; ", "\n"]
STATEMENTS = st.recursive(
    st.sampled_from(["a", "b 'c d'", "X=1 y", "[ -f z ]", "p > q", "r 2>&1 <s t", '"$u" v', "w*"]),
    lambda inner: st.one_of(
        st.builds("{}{}{}".format, inner, st.sampled_from(JOINS), inner),
        inner.map("( {} )".format),
        inner.map("{{ {}; }}".format),
        # Negated compound commands (`! for …`) are not in the grammar, and in no Dockerfile seen.
        st.sampled_from(["! a", "! a | b", "! [ c ]"]),
        inner.map("if {0}; then {0}; fi".format),
        inner.map("for i in 1 2; do {}; done".format),
        inner.map("case k in l) {} ;; esac".format),
        inner.map('m "$( {} )"'.format),
    ),
    max_leaves=8,
)  # fmt: skip


@settings(deadline=None)
@given(STATEMENTS)
def test_single_line_spans_hold_the_text(text):
    script = parse(text)
    lines = text.split("\n")
    assert script.problems == ()
    for command in script.commands:
        for found in command.argv:
            span = found.span
            if span.line == span.end_line:
                assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == found.text


@settings(deadline=None)
@given(STATEMENTS)
def test_both_ways_of_reading_agree(text):
    expected = parse(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shell, "plain_lists", lambda *_: None)
        assert parse(text) == expected


@needs_bash
@settings(deadline=None, max_examples=40)
@given(st.lists(STATEMENTS, min_size=1, max_size=4))
def test_what_bash_accepts_has_no_problem(texts):
    text = "\n".join(texts)
    run = subprocess.run(["bash", "-n"], input=text.encode(), capture_output=True)
    assert run.returncode or parse(text).problems == ()


@settings(deadline=None)
@given(st.text(st.sampled_from("ab$(){}[]<>'\"`\\ \n;&|#=!*é-") | st.characters(), max_size=80))
def test_no_text_raises(text):
    script = parse(text)
    for command in script.commands:
        assert command.argv or command.assignments or command.redirects
