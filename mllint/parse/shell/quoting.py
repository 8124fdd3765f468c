"""Where a quoted or bracketed stretch of shell text ends: `'…'`, `"…"`, `$(…)`, `${…}`, backquotes.

Looks at quotes and brackets only; does not know commands.
"""

import re

from mllint.regex import lazy

# What each kind of stretch must look at; all else inside it is passed over.
_INSIDE = {
    "'": lazy(r"(?P<close>')"),
    "$'": lazy(r"\\. | (?P<close>')", re.VERBOSE | re.DOTALL),
    "`": lazy(r"\\. | (?P<close>`)", re.VERBOSE | re.DOTALL),
    '"': lazy(r'\\. | (?P<open>\$\(|\$\{|`) | (?P<close>")', re.VERBOSE | re.DOTALL),
    # In "${x:-it's}" the apostrophe is a plain character; in ${x:-'}'} it quotes.
    '"{': lazy(r'\\. | (?P<open>\$\(|\$\{|`|") | (?P<close>\})', re.VERBOSE | re.DOTALL),
    "{": lazy(r"""\\. | (?P<open>\$\(|\$\{|`|"|\$?') | (?P<close>\})""", re.VERBOSE | re.DOTALL),
    "[": lazy(r"\\. | (?P<open>\$\(|\$\{|\[) | (?P<close>\])", re.VERBOSE | re.DOTALL),
    "(": lazy(
        r"""
        \\.
        | (?<![^\s;&|(]) \# [^\n]*                # a comment, from the start of a word
        | (?P<open> \$\( | \$\{ | ` | " | \$?' | \( )
        | (?P<case> (?<![^\s;&|(]) case (?=\s) )
        | (?P<esac> (?<![^\s;]) esac (?![^\s;&|)]) )
        | (?P<close> \) )
        """,
        re.VERBOSE | re.DOTALL,
    ),
}

_COMMAND_POSITION = lazy(
    r"(?: \A | [;&|({\n] | \b(?:do|then|else|if|elif|while|until) ) [ \t]* \Z", re.VERBOSE
)

_KINDS = {
    "'": "'",
    "$'": "$'",
    '"': '"',
    '$"': '"',
    "`": "`",
    "$(": "(",
    "<(": "(",
    ">(": "(",
    "(": "(",
    "${": "{",
    "$[": "[",
    "[": "[",
}


def stretch_end(
    text: str, opener: str, start: int, end: int, *, in_double_quotes: bool = False
) -> int:
    """The offset past the stretch whose `opener` ends at `start`; -1 when it is never closed.

    `in_double_quotes` says where a `${` stands.
    """
    kind = _KINDS[opener]
    stack = ['"{' if kind == "{" and in_double_quotes else kind]
    open_cases = [0]
    while True:
        match = _INSIDE[stack[-1]].search(text, start, end)
        if match is None:
            return -1
        start = match.end()
        event = match.lastgroup
        if event == "close":
            # $(case $(uname -m) in x86_64) echo a;; esac): a pattern's ")" closes nothing.
            if stack[-1] == "(" and open_cases[-1]:
                continue
            stack.pop()
            open_cases.pop()
            if not stack:
                return start
        elif event == "open":
            kind = _KINDS[match.group()]
            stack.append('"{' if kind == "{" and stack[-1] in ('"', '"{') else kind)
            open_cases.append(0)
        elif event == "case":
            before = text[max(0, match.start() - 80) : match.start()]
            open_cases[-1] += _COMMAND_POSITION.search(before) is not None
        elif event == "esac":
            open_cases[-1] = max(0, open_cases[-1] - 1)
