"""The plan of the house, held by the code: imports flow one way, one adapter, one module a rule."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "mllint"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))

# Folder or module -> the parts of mllint that it may import, itself excepted.
EVERYWHERE = {"named_tuple"}
MAY_IMPORT = {
    "parse": {"errors", "regex"},
    "tables": {"errors", "regex"},
    "facts": {"errors", "finding", "parse", "regex", "tables"},
    "remedies": {"finding", "parse", "facts", "tables"},
    "checks": {"errors", "finding", "parse", "regex", "tables", "facts", "remedies"},
}
# plan.py and those beside it print the facts, verify_*.py and page/ what verify found out; the
# other reporters know findings only.
REPORT = {"__version__", "catalog", "errors", "finding", "parse", "regex", "report"}
SUPPRESSION = {
    "suppress.py": {"finding", "parse", "regex"},
    "baseline.py": {"errors", "finding", "parse", "report"},
}
ADAPTERS = {
    "docker": {"verify/engines/engine.py"},
    "rich": {"verify/live_progress.py"},
    "yaml": {"parse/yaml_text.py"},
    "dockerfile_parse": {"parse/dockerfile/__init__.py"},
    "tree_sitter": {"parse/shell/__init__.py"},
    "tree_sitter_bash": {"parse/shell/__init__.py"},
}


def imported(path: Path) -> set[str]:
    """Every module that a file imports, at its top or inside a function."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((PACKAGE / path).read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "mllint":
                found.update(f"mllint.{alias.name}" for alias in node.names)
            else:
                found.add(node.module)
    return found


def own_parts(path: Path) -> set[str]:
    """The parts of mllint (`facts`, `finding`…) that a file imports."""
    return {name.split(".")[1] for name in imported(path) if name.startswith("mllint.")}


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_imports_flow_one_way(path):
    folder = path.with_suffix("").parts[0]
    allowed = MAY_IMPORT.get(folder) or SUPPRESSION.get(path.as_posix())
    verify = path.name.startswith("verify") or path.parts[1:2] == ("page",)
    if folder == "report" and not path.name.startswith("plan") and not verify:
        allowed = REPORT
    if allowed is not None:
        own = set() if folder == "checks" else {folder}
        assert own_parts(path) <= allowed | own | EVERYWHERE


@pytest.mark.parametrize("library", ADAPTERS)
def test_one_adapter_for_each_library(library):
    users = {
        path.as_posix()
        for path in MODULES
        if any(name.split(".")[0] == library for name in imported(path))
    }
    assert users == ADAPTERS[library]


@pytest.mark.parametrize("command", ["check", "plan"])
def test_no_check_and_no_plan_needs_an_engine(command, tmp_path):
    """What `verify` is made of comes in with that command only."""
    (tmp_path / "Dockerfile").write_text("FROM python:3.11\nRUN pip install torch==2.1.0\n")
    script = (
        "import sys\nfrom mllint.cli import commands\n"
        f"commands([{command!r}, 'Dockerfile'], standalone_mode=False)\n"
        "print([m for m in sys.modules if m.startswith(('mllint.verify', 'docker.'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


CHECKS = [path for path in MODULES if path.parts[0] == "checks" and path.stem != "__init__"]


@pytest.mark.parametrize("path", CHECKS, ids=str)
def test_checks_are_small_and_hold_no_versions(path):
    text = (PACKAGE / path).read_text()
    assert text.count("\n") <= 100
    literals = [
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    docstrings = re.compile(r"\s")
    versions = [v for v in literals if re.fullmatch(r"[<>=~!]*\d+(\.\d+)+", v)]
    assert not [v for v in versions if not docstrings.search(v)]


@pytest.mark.parametrize("path", CHECKS, ids=str)
def test_every_rule_has_a_page_and_fixtures_of_both_kinds(path):
    slug = path.stem.replace("_", "-")
    root = PACKAGE.parent
    assert (root / "rules" / f"{slug}.md").is_file()
    names = [found.name for found in (root / "fixtures/rules" / slug).iterdir()]
    assert any(name.startswith("bad-") for name in names)
    assert any(name.startswith("good-") for name in names)


@pytest.mark.parametrize("verb", ["check", "plan"])
def test_verbs_without_an_engine_import_nothing_of_verify(verb):
    code = (
        "import sys\n"
        "from mllint.cli import main\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    names = [name for name in sys.modules if name.startswith('mllint.verify')]\n"
        "    assert not names and 'docker' not in sys.modules, names\n"
    )
    file = PACKAGE.parent / "fixtures/projects/guide/Dockerfile"
    ended = subprocess.run(
        [sys.executable, "-c", code, verb, str(file)], capture_output=True, text=True, check=False
    )
    assert "AssertionError" not in ended.stderr
    assert "guide/Dockerfile" in ended.stdout or "stage" in ended.stdout


def test_what_runs_inside_an_image_imports_the_standard_library_alone():
    folder = PACKAGE / "verify/inside"
    names = {path.stem for path in folder.glob("*.py")}
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    assert alias.name.split(".")[0] in sys.stdlib_module_names, path
            elif isinstance(node, ast.ImportFrom):
                own = node.level == 1 and node.module in names
                assert own or (node.module or "").split(".")[0] in sys.stdlib_module_names, path


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_named_tuples_are_those_that_are_cheap_to_define(path):
    tree = ast.parse((PACKAGE / path).read_text())
    sources = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and any(alias.name == "NamedTuple" for alias in node.names)
    }
    inside = path.is_relative_to("verify/inside")  # with nothing but the standard library
    assert path.name == "named_tuple.py" or inside or sources <= {"mllint.named_tuple"}
