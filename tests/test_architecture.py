"""The floor plan holds: layers, sizes, names, and what an import costs."""

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "sparring"
MODULES = sorted(SOURCE.rglob("*.py"))
GENERATED = {SOURCE / "adapters" / "store" / "sql.py"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "misc"}
HEAVY = (
    "fastapi",
    "starlette",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "sqlite3",
    "aiohttp",
    "pydantic",
    "jinja2",
    "rich",
)


def tracked():
    """The files that are kept, from git; those on disk where this is no checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("This is no git checkout, so what is tracked is not known.")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def tracked_texts():
    """Every tracked file that is text, with its text."""
    for path in tracked():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def imported(path):
    """The top-level packages that a module imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module.split(".")[0]


def test_the_import_contracts_hold():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command; lint_imports_command()",
            "--no-cache",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("layer", ["domain", "simulation"])
def test_the_inner_layers_import_the_standard_library_only(layer):
    allowed = sys.stdlib_module_names | {"sparring"} | ({"re2"} if layer == "domain" else set())
    for path in (SOURCE / layer).rglob("*.py"):
        assert set(imported(path)) <= allowed, path.relative_to(ROOT)


def test_the_domain_reads_no_clock_no_chance_and_no_outside():
    outside = {"asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time", "uuid"}
    for path in (SOURCE / "domain").rglob("*.py"):
        assert not outside & set(imported(path)), path.relative_to(ROOT)


def test_no_module_is_longer_than_450_lines():
    lengths = {
        str(path.relative_to(SOURCE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in MODULES
        if path not in GENERATED
    }
    assert {name: lines for name, lines in lengths.items() if lines > 450} == {}


def test_no_module_has_a_name_that_says_nothing():
    said_nothing = [
        path.relative_to(SOURCE)
        for path in MODULES
        if {path.stem, *path.relative_to(SOURCE).parts} & FORBIDDEN_NAMES
    ]
    assert said_nothing == []


def test_every_module_says_what_it_is_for():
    assert MODULES
    silent = [
        path.relative_to(SOURCE)
        for path in MODULES
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_two_test_modules_outside_packages_share_a_name():
    # pytest imports them by their bare names, and which of two it finds depends on what it collected before.
    names = Counter(
        path.name for path in (ROOT / "tests").rglob("test_*.py") if not (path.parent / "__init__.py").exists()
    )
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize("module", ["sparring", "sparring.cli"])
def test_importing_the_package_loads_nothing_heavy(module):
    told = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_the_root_has_at_most_twelve_visible_entries():
    entries = {path.relative_to(ROOT).parts[0] for path in tracked()}
    visible = sorted(entry for entry in entries if not entry.startswith("."))
    assert len(visible) <= 12, visible


def test_nothing_tracked_names_a_package_registry():
    registry = re.compile(
        r"--(extra-)?index-url|--find-links|\b(py" + r"pi\.org|pythonhosted\.org|npmjs\.(org|com))\b"
    )
    found = [
        str(path)
        for path, text in tracked_texts()
        if path != Path(__file__).relative_to(ROOT) and registry.search(text)
    ]
    assert found == []


def test_nothing_tracked_names_a_path_of_the_machine_it_was_written_on():
    here = {f"{ROOT}/", "/wo" + "rk/main", "/wo" + "rk/shared", "/ro" + "ot/", f"{Path.home()}/"} - {"//", "/"}
    found = [(str(path), place) for path, text in tracked_texts() for place in here if place in text]
    assert found == []
