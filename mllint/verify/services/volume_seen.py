"""A mount of a service and what became of it in the test, as a value; judges nothing."""

from mllint.named_tuple import NamedTuple


class VolumeSeen(NamedTuple):
    """A mount, its source as messages name it, and what the containers told of it.

    skipped: why nothing stands in for it. fault: why Compose would not start the service. unseen:
    why no container told of it. doubt: why a refusal here need not be one for the service. user,
    owner: `1000:1000`; mode: `drwxr-xr-x`. refusal: what the system said to the one who wrote.
    written, kept: None where that was not tried. absent: the source was not there. whole: False
    where only a part of the source was copied.
    """

    kind: str
    source: str
    target: str
    read_only: bool = False
    is_file: bool = False
    absent: bool = False
    whole: bool = True
    external: bool = False
    skipped: str = ""
    fault: str = ""
    unseen: str = ""
    doubt: str = ""
    user: str = ""
    owner: str = ""
    mode: str = ""
    readable: bool = False
    written: bool | None = None
    refusal: str = ""
    kept: bool | None = None

    @property
    def lacks(self) -> str:
        """What the service has there and the test did not; "" for nothing."""
        if self.skipped:
            return f"nothing was mounted at {self.target}"
        if self.external:
            return f"the volume {self.source} was an empty one"
        return "" if self.whole else f"{self.source} was copied in part only"
