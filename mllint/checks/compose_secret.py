"""compose-secret: a compose file holds a credential for whoever can read the repository."""

from collections.abc import Iterator

from mllint.facts.compose.project import ComposeProject
from mllint.facts.secrets.compose_secrets import PlainKind, PlainSecret, plain_secrets
from mllint.finding import Problem, Severity
from mllint.tables import Tables

_MESSAGES = {
    PlainKind.ENVIRONMENT: "the value of {what} is written here in plain text",
    PlainKind.ARGUMENT: "the build argument {what} is written here and stays in the image",
    PlainKind.ADDRESS: "the address of {what} holds a password in plain text",
    PlainKind.COMMAND: "a token is written in the command `{what}`",
}
_VARIABLE = "write `{what}: ${{{what}:?}}`, with the value in a `.env` file that git ignores"
_HELP = {
    PlainKind.ENVIRONMENT: _VARIABLE,
    PlainKind.ARGUMENT: "give it to the build as one of `build.secrets`, for a RUN that mounts it",
    PlainKind.ADDRESS: "write `${{…_PASSWORD:?}}` in its place, with the value in a `.env` file",
    PlainKind.COMMAND: "write `${{TOKEN:?}}` in its place, with the value in a `.env` file",
}


def check_compose(project: ComposeProject, tables: Tables) -> Iterator[Problem]:
    """A problem for each credential; a warning where it may be no more than a default."""
    for service in project.services:
        for secret in plain_secrets(service):
            yield _problem(secret)


def _problem(secret: PlainSecret) -> Problem:
    advice = _HELP[secret.kind].format(what=secret.what)
    return Problem(
        secret.location,
        _MESSAGES[secret.kind].format(what=secret.what),
        f"revoke it; then {advice}" if secret.certain else advice,
        severity=None if secret.certain else Severity.WARNING,
        hidden=(secret.hidden,),
    )
