"""Which modules the program that a container starts imports for certain."""

import pytest

from mllint.facts.commands.python_code import parse_code
from mllint.facts.commands.started_imports import started_imports
from tests.projects import project_of

IMAGE = "FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\n"


def imported(folder, command, files):
    project = project_of(folder, f"{IMAGE}CMD {command}\n", files)
    return started_imports(project, project.target)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        ('["python", "serve.py"]', "serve.py"),
        ('["python", "-u", "/app/serve.py"]', "serve.py"),
        ("python src/serve.py", "src/serve.py"),
        ('["python", "-m", "api.serve"]', "api/serve.py"),
        ('["python", "-m", "api"]', "api/__main__.py"),
        ('["uvicorn", "api.serve:app"]', "api/serve.py"),
        ('["python", "-m", "uvicorn", "api.serve:app"]', "api/serve.py"),
    ],
)
def test_the_file_that_is_started(tmp_path, command, file):
    assert imported(tmp_path, command, {file: "import cv2.dnn\n"}) == {"cv2"}


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n    import cv2\n",
        "try:\n    import cv2\nexcept ImportError:\n    pass\n",
        "if x:\n    import cv2\n",
        "from . import cv2\n",
        "import cv2 as\n",
    ],
)
def test_what_is_not_certain_does_not_count(tmp_path, code):
    assert imported(tmp_path, "python serve.py", {"serve.py": code}) == frozenset()


def test_a_module_of_the_project_is_read_too(tmp_path):
    others = "".join(f"from other{n}.part import name\n" for n in range(40))
    files = {
        "serve.py": f"from app.model import load\n{others}",
        "app/model.py": "import cv2\n",
        "app/idle.py": "import soundfile\n",
    }
    found = imported(tmp_path, "python serve.py", files)
    assert "cv2" in found
    assert "soundfile" not in found


def test_modules_come_from_the_folder_of_the_file(tmp_path):
    files = {
        "src/serve.py": "import tools\n",
        "src/tools.py": "import json\n",
        "tools.py": "import cv2\n",
    }
    assert imported(tmp_path, "python src/serve.py", files) == {"tools", "json"}


def test_odd_code_of_others_prints_no_warning():
    # pytest makes an error of the warning, which is a syntax error then.
    assert parse_code('x = "\\d"\n') is not None
