"""Starts Python modules of ours in processes of their own: with the same code, whatever lies in the working directory."""

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """Runs a module. `-m` alone would import from the working directory first: a `calendar.py` there would run in our place."""
    return [sys.executable, "-P", "-m", module, *arguments]


NEEDED = ("PATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE")
"""What an interpreter starts with, and no setting of ours."""


def environment() -> dict[str, str]:
    """This process's environment, and where it imports from; an empty place is its working directory."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(place or str(Path.cwd()) for place in sys.path)}


def bare_environment() -> dict[str, str]:
    """Enough to import our code, without addresses and keys: for a process that a stranger's file may take over."""
    return {name: value for name, value in environment().items() if name in (*NEEDED, "PYTHONPATH")}
