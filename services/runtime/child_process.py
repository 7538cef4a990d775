"""Starts Python modules of ours in processes of their own: with the same code, whatever lies in the working directory."""

import os
import sys
from pathlib import Path


def command(module: str, *arguments: str) -> list[str]:
    """Runs a module. `-m` alone would import from the working directory first: a `calendar.py` there would run in our place."""
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """This process's environment, and where it imports from; an empty place is its working directory."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(place or str(Path.cwd()) for place in sys.path)}
