"""A made-up rule that finds words and fixes them, for the tests of what changes files.

The rule `made-up` finds each `bad…` of a Dockerfile; `badly` needs an unsafe fix.
"""

import re

from mllint import catalog, config_reader
from mllint.finding import Edit, Fix, Problem, Severity
from mllint.parse.source import Location, Span

_WORD = re.compile(r"\bbad(\w*)")


def word_problems(project, replacement="good"):
    """A problem for each word, in any instruction or heredoc, and the fix that writes another."""
    for instruction in project.dockerfile.instructions:
        texts = [instruction.arguments, *(heredoc.body for heredoc in instruction.heredocs)]
        for text in texts:
            for match in _WORD.finditer(text.text):
                place = Location(project.path, text.span(*match.span()))
                edit = Edit(place, replacement + match[1])
                fix = Fix("write another word", (edit,), safe=match[0] != "badly")
                yield Problem(place, f"{match[0]} is bad", "write good", fix=fix, stage="0")


def use_rules(monkeypatch, **rules):
    """Let these rules, slug with `_` -> function of a project, be the only ones."""
    checks = {slug.replace("_", "-"): function for slug, function in rules.items()}
    monkeypatch.setattr(catalog, "slugs", lambda: tuple(sorted(checks)))
    known = (*sorted(checks), "ignore-without-reason", "unused-ignore")
    # The reader of the configuration is imported late, and binds the name for itself.
    for module in (catalog, config_reader):
        monkeypatch.setattr(module, "known_slugs", lambda: known)
    monkeypatch.setattr(
        catalog, "load_check", lambda slug: lambda project, _tables: checks[slug](project)
    )
    monkeypatch.setattr(catalog, "is_idle", lambda slug, told: False)
    real = catalog.page

    def page(slug):
        if slug not in checks:
            return real(slug)
        return catalog.RulePage(slug, Severity.ERROR, "build", "made up", "safe", (), "")

    monkeypatch.setattr(catalog, "page", page)


def at(project, line, column, end_line, end_column):
    return Location(project.path, Span(line, column, end_line, end_column))
