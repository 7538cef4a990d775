"""Rules of the house that imports cannot say."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parents[2]
VAGUE = {"found", "one", "known", "said", "told"}
CLEAR = (
    "benchmarks",
    "schemas",
    "faults",
    "training",
    "tests/harness",
    "services",
)
"""Folders whose variables are domain nouns."""
MOST_LINES = 400


def _files(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


def _imports(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return modules | {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}


def test_every_module_is_read_in_one_sitting() -> None:
    long = {str(path.relative_to(ROOT)): count for path in _files("*.py") if (count := len(path.read_text().splitlines())) > MOST_LINES}
    assert not long, f"split by verb or by family: {long}"


def _vague_names(tree: ast.Module) -> set[tuple[int, str]]:
    # A field belongs to the contract of its class: what an event holds keeps its name.
    fields = {
        id(field.target)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        for field in node.body
        if isinstance(field, ast.AnnAssign)
    }
    variables = {
        (node.lineno, node.id)
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and id(node) not in fields
    }
    arguments = {(node.lineno, node.arg) for node in ast.walk(tree) if isinstance(node, ast.arg)}
    return {(line, name) for line, name in variables | arguments if name.strip("_").lower() in VAGUE}


def test_a_variable_is_called_by_what_it_holds() -> None:
    paths = _files(*(f"{folder}/**.py" for folder in CLEAR))
    assert paths
    vague = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in paths
        for line, name in sorted(_vague_names(ast.parse(path.read_text(encoding="utf-8"))))
    ]
    assert vague == [], "name what it holds, as `hits`, `letter`, `statement`"


def test_a_vague_name_is_seen_wherever_it_is_bound_but_not_as_a_field() -> None:
    bound = "class Redacted:\n    found: dict\n\ndef search(told):\n    found = [one for one in told]\n    return found\n"
    assert sorted(_vague_names(ast.parse(bound))) == [(4, "told"), (5, "found"), (5, "one")]


def test_fault_runs_stand_on_the_harness_and_on_no_test() -> None:
    foreign = {name for path in _files("faults/*.py") for name in _imports(path) if name.startswith("tests.")}
    assert foreign
    assert {name for name in foreign if not name.startswith("tests.harness.")} == set()


def test_the_harness_stands_on_no_test() -> None:
    for path in _files("tests/harness/*.py"):
        assert {name for name in _imports(path) if name.startswith("tests.") and not name.startswith("tests.harness.")} == set(), path.name


def test_the_harness_says_what_is_in_it() -> None:
    listed = set(re.findall(r"`(\w+\.py)`", (ROOT / "tests" / "harness" / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in _files("tests/harness/*.py")}


def test_no_default_of_a_command_lies_outside_the_repository() -> None:
    assert re.findall(r"^[A-Z]+ \?= *\.\./.*$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE) == []


@pytest.mark.filterwarnings("ignore:A test tried to use")
async def test_no_test_reaches_beyond_this_machine() -> None:
    import socket  # noqa: PLC0415 - after the plugin has replaced what it guards

    with socket.socket() as outward, pytest.raises(SocketConnectBlockedError):
        outward.connect(("192.0.2.1", 80))  # documentation range: nobody is there


def test_every_test_that_the_security_page_names_is_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)`", text)
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
