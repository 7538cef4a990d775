"""Counts that add up over days, processes and restarts: each process keeps one small file a day, and a reader sums them."""

import json
import logging
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

Key = tuple[str, ...]
Counts = Counter[Key]
"""What was counted, under names that the one who counts knows: any two of them may be added."""

KEPT = timedelta(days=120)

log = logging.getLogger(__name__)


class DailyCounts:
    """What this process has counted, written down whole, so that a reader sees all of it or what was there before."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # A name that no other process has, nor this one after a restart: nobody writes over another's counts.
        self._name = uuid4().hex[:12]
        self._counts: dict[tuple[str, date], Counts] = defaultdict(Counter)
        self._changed: set[tuple[str, date]] = set()

    def add(self, kind: str, day: date, counts: Mapping[Key, float]) -> None:
        """Adds to the day; nothing is written yet."""
        self._counts[kind, day].update(counts)
        self._changed.add((kind, day))

    def write(self, today: date) -> None:
        """Writes what has changed and lets go of days that are over. A disk that is full costs counts and nothing else."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for kind, day in sorted(self._changed):
                self._write(self._folder / f"{kind}.{day.isoformat()}.{self._name}.json", self._counts[kind, day])
            self._changed.clear()
        except OSError as error:
            log.warning("counts can't be kept in %s: %s", self._folder, error)
            return
        for over in [key for key in self._counts if key[1] < today]:
            del self._counts[over]
            _forget(self._folder, today - KEPT)

    def _write(self, path: Path, counts: Counts) -> None:
        with tempfile.NamedTemporaryFile("w", dir=self._folder, prefix=".", suffix=".new", delete=False, encoding="utf-8") as file:
            json.dump([[list(key), value] for key, value in counts.items()], file, ensure_ascii=False)
        Path(file.name).chmod(0o644)
        Path(file.name).replace(path)


def days(folder: Path, kind: str, since: date = date.min) -> dict[date, Counts]:
    """The sum of what all processes have counted, by day, the oldest first. A file that can't be read is passed over."""
    counts_by_day: dict[date, Counts] = defaultdict(Counter)
    for path in sorted(folder.glob(f"{kind}.*.json")):
        day = _day_of(path)
        if day is None or day < since:
            continue
        try:
            lines = json.loads(path.read_text(encoding="utf-8"))
            counts_by_day[day].update({tuple(map(str, key)): float(value) for key, value in lines})
        except (OSError, ValueError, TypeError) as error:
            log.warning("%s can't be read: %s", path, error)
    return dict(sorted(counts_by_day.items()))


def _day_of(path: Path) -> date | None:
    try:
        return date.fromisoformat(path.name.split(".")[1])
    except (IndexError, ValueError):
        return None


def _forget(folder: Path, before: date) -> None:
    for path in folder.glob("*.json"):
        day = _day_of(path)
        if day and day < before:
            path.unlink(missing_ok=True)
