"""What is said of an image that the engine does not have."""

import pytest

from mllint.verify.engines.failures import ImageMissing, Refused
from mllint.verify.engines.image_info import has_image, read_image


class Engine:
    """One that has no image, and says so in its own words."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(self, what: str, method: str, path: str):
        raise self._error


@pytest.mark.parametrize(
    "error",
    [
        ImageMissing("No such image: postgres:16"),
        Refused("failed to find image postgres:16: docker.io/library/postgres:16: No such image"),
        Refused("postgres:16: image not known"),
    ],
)
def test_missing_image_is_named_with_what_to_type(error):
    with pytest.raises(ImageMissing) as raised:
        read_image(Engine(error), "postgres:16")
    assert raised.value.message == "postgres:16: the engine has no image of that name"
    assert raised.value.help == "docker pull postgres:16"
    assert raised.value.ends_with == 2
    assert not has_image(Engine(error), "postgres:16")


def test_misspelt_dockerfile_is_no_fault_of_the_engine():
    said = "invalid reference format: repository name (library/Dockerfil) must be lowercase"
    with pytest.raises(ImageMissing) as raised:
        read_image(Engine(Refused(said)), "Dockerfil")
    assert raised.value.message == "Dockerfil: is neither a file nor the name of an image"
    assert raised.value.help == ""


def test_other_refusals_stay():
    with pytest.raises(Refused, match="server error"):
        read_image(Engine(Refused("server error")), "postgres:16")
