"""`parvis --help` is quick since it imports no command, and its words are still those of the commands."""

import subprocess
import sys

import pytest

from services.cli.lazy_commands import COMMANDS, loaded

HEAVY = [
    "pydantic",
    "pydantic_settings",
    "yaml",
    "opentelemetry",
    "kafka",
    "aiokafka",
    "numpy",
    "sklearn",
    "sqlalchemy",
    "fastapi",
    "faststream",
]
SHOW_HELP = """
import sys
from services.cli.main import app
sys.argv = ["parvis", "--help"]
try:
    app()
except SystemExit:
    pass
print("imported:", *sys.modules)
"""


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_help_says_what_the_command_says_of_itself(name: str) -> None:
    own = loaded(name).help.split("\n\n")[0]
    assert " ".join(own.split()) == COMMANDS[name][1]


def test_help_imports_nothing_that_takes_long() -> None:
    shown, _, imported = subprocess.run([sys.executable, "-c", SHOW_HELP], capture_output=True, text=True, check=True).stdout.partition(
        "imported:"
    )
    assert set(HEAVY) & set(imported.split()) == set()
    assert all(name in shown for name in COMMANDS)


def test_a_slip_in_a_commands_name_is_answered_with_the_command() -> None:
    answered = subprocess.run([sys.executable, "-m", "services.cli.main", "status"[:-1]], capture_output=True, text=True, check=False)
    assert answered.returncode == 2
    assert "status" in answered.stderr
