"""What every card of learned weights ends with: the files that they were learned from, by hash."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def learned_from(paths: Iterable[Path]) -> list[str]:
    """The lines of the table."""
    rows = [f"| {path.name} | {hashlib.sha256(path.read_bytes()).hexdigest()} |" for path in paths]
    return ["| learned from | sha256 |", "| --- | --- |", *rows]
