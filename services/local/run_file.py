"""Writes and reads `run.json`: where the other commands find what runs on a data directory."""

import json
import logging
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ValidationError

from services.runtime.errors import InvalidInput

log = logging.getLogger(__name__)

NAME = "run.json"
OURS = ("parvis.", "traces.db", "broker.pid", NAME, "logs", "mail", "models", "watched")
"""How the names of all that we keep in a data directory begin."""


class Run(BaseModel):
    """What runs, and where."""

    review_url: str
    intake_url: str
    kafka_bootstrap: str
    pid: int
    ephemeral: bool = True
    services: dict[str, str] = {}


def write(data_dir: Path, run: Run) -> None:
    """Writes the file whole or not at all: somebody may be waiting for it."""
    part = data_dir / f"{NAME}.part"
    part.write_text(json.dumps(run.model_dump(), indent=2) + "\n", encoding="utf-8")
    part.replace(data_dir / NAME)


def read(data_dir: Path) -> Run | None:
    """The running installation; None where it has ended."""
    try:
        run = Run.model_validate_json((data_dir / NAME).read_text(encoding="utf-8"))
    except (OSError, ValidationError):
        return None
    return run if alive(run.pid) else None


def written_at(data_dir: Path) -> datetime | None:
    """When the running installation became ready; None where it has ended."""
    try:
        return datetime.fromtimestamp((data_dir / NAME).stat().st_mtime, UTC) if read(data_dir) else None
    except OSError:
        return None


def keep_private(data_dir: Path) -> None:
    """Gives the directory to this user alone: citizens' words are in it. Raises InvalidInput where that is not possible.

    One that others could read is closed where it is ours and holds nothing else; one that only a group may read was meant so.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise InvalidInput(f"{data_dir} is no directory: choose another with --data-dir or PARVIS_DATA_DIR", field="data_dir") from None
    about = data_dir.stat()
    if not about.st_mode & stat.S_IRWXO or about.st_uid != os.geteuid():
        return
    names = [path.name for path in data_dir.iterdir()]
    if names and all(name.startswith(OURS) for name in names):
        data_dir.chmod(0o700)
        log.warning("%s was open to every user of this machine, and is closed now (mode 0700)", data_dir)
    elif (data_dir, about.st_ino) not in _warned:
        _warned.add((data_dir, about.st_ino))
        log.warning("%s is open to every user of this machine: `chmod 700 %s`, it holds citizens' words", data_dir, data_dir)


_warned: set[tuple[Path, int]] = set()


def remove(data_dir: Path) -> None:
    """Removes the file, at a clean end."""
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
