"""The one family of errors that mllint raises on purpose; cli.py makes a line and exit 2 of it."""


class MllintError(Exception):
    """Something a user can mend: a file, an option, a configuration.

    `path` is the file as the user would write it, `line` is 1-based; both may be None.
    """

    def __init__(self, message: str, path: str | None = None, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def __str__(self) -> str:
        """`file:line: message`, as far as file and line are known."""
        place = "".join(f"{part}:" for part in (self.path, self.line) if part is not None)
        return f"{place} {self.message}" if place else self.message


class InputError(MllintError):
    """A file that cannot be read: missing, binary, too large, outside the project."""


class ConfigError(MllintError):
    """A configuration that cannot be used: unknown key, wrong type, unknown rule."""


class TableError(MllintError):
    """A fact table or rule page that does not hold what its reader expects."""


def explained(what: str, error: Exception) -> str:
    """The message for any error: one of ours, a limit of Python's, or else a bug."""
    if isinstance(error, MllintError):
        return str(error)
    if isinstance(error, RecursionError):
        return "is nested too deeply to be read"
    if isinstance(error, MemoryError):
        return "takes more memory to read than there is"
    if isinstance(error, ValueError) and "integer string conversion" in str(error):
        return "holds a number of more than 4,300 digits"
    return f"{what}, which is a bug in mllint: {type(error).__name__}: {error}"[:500]
