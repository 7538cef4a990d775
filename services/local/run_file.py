"""`run.json`: where the other commands find what runs on a data directory."""

import json
import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

NAME = "run.json"


class Run(BaseModel):
    """What runs, and where."""

    review_url: str
    intake_url: str
    kafka_bootstrap: str
    pid: int
    ephemeral: bool = True
    services: dict[str, str] = {}


def write(data_dir: Path, run: Run) -> None:
    """Whole or not at all: somebody may be waiting for it."""
    part = data_dir / f"{NAME}.part"
    part.write_text(json.dumps(run.model_dump(), indent=2) + "\n", encoding="utf-8")
    part.replace(data_dir / NAME)


def read(data_dir: Path) -> Run | None:
    """What runs there now; nothing where it has ended."""
    try:
        run = Run.model_validate_json((data_dir / NAME).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    return run if alive(run.pid) else None


def remove(data_dir: Path) -> None:
    """At a clean end."""
    (data_dir / NAME).unlink(missing_ok=True)


def alive(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
