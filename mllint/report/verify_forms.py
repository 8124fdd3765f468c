"""What `mllint verify` found out in, the report in the form that is asked for out."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from mllint import catalog
from mllint.errors import InputError
from mllint.facts.project import Project
from mllint.finding import Severity
from mllint.named_tuple import NamedTuple
from mllint.report.verify_text import verify_text
from mllint.verify.verification import Verification


class Reports(NamedTuple):
    """The reports of one run; fail_level: None, when no finding is to fail it."""

    found: Verification
    fail_level: Severity | None
    redact: Callable[[str], str]

    @property
    def code(self) -> int:
        """The exit code of the run."""
        return self.found.exit_code(self.fail_level)

    def text(self, *, color: bool, verbose: bool, quiet: bool) -> str:
        """For a terminal."""
        return verify_text(self.found, self.redact, color=color, verbose=verbose, quiet=quiet)

    def of_form(self, form: str) -> str:
        """For a program: `json`, `junit` or `sarif`; what the others need is not imported."""
        if form == "json":
            from mllint.report.verify_json import verify_json

            return verify_json(self.found, self.code, self.redact)
        if form == "junit":
            from mllint.report.verify_junit import verify_junit

            return verify_junit(self.found, self.fail_level, self.redact)
        from mllint.report.verify_sarif import verify_sarif

        sources = _sources(self.found.project)
        return verify_sarif(self.found, catalog.page, self.code, self.redact, sources)

    def html(self) -> str:
        """The page of `--html`."""
        from mllint.report.verify_html import verify_html

        return verify_html(self.found, self.code, self.redact)


def _sources(project: Project | None) -> Mapping[str, str]:
    """The texts of the files that findings can stand in, where they can be read."""
    files = project.context.files if project is not None and project.context is not None else None
    if project is None or files is None:
        return {}
    texts = {}
    for path in (project.path, *project.read_files):
        with suppress(InputError):  # it has changed meanwhile, or lies outside
            texts[path] = files.read(files.absolute(path)).text
    return texts
