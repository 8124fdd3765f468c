"""One module a rule: `check(project, tables)` yields the problems of that rule."""
