"""What the readers of an agency's folders share: whether a folder is as it was, and how its faults are told."""

from collections.abc import Iterable, Sequence
from pathlib import Path

SHOWN_FAULTS = 20

Stamp = frozenset[tuple[str, int, int, int, int]]
"""Name, times, size and number of every file: another one where any was changed, added or taken away."""


def stamp_of(files: Iterable[Path]) -> Stamp:
    """What tells whether the files are as they were."""
    seen = set()
    for file in files:
        try:
            status = file.stat()
        except OSError:  # taken away between the two
            continue
        # Whoever copies with times kept sets the one of the content; that of the inode is the system's own.
        seen.add((str(file), status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    return frozenset(seen)


def fault_list(what: str, faults: Sequence[str]) -> str:
    """Why something can't be used, a line a fault, as many as a screen has."""
    more = f"\n... and {len(faults) - SHOWN_FAULTS} more" if len(faults) > SHOWN_FAULTS else ""
    return f"{what} can't be used:\n" + "\n".join(faults[:SHOWN_FAULTS]) + more
