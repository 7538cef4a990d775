"""A file system of its own in memory that can be filled to the last byte."""

import contextlib
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.harness.processes import CannotStart


class SmallDisk:
    """Mounted at a folder while the block lasts; only root may. Raises CannotStart where it can't be mounted."""

    def __init__(self, at: Path, megabytes: int) -> None:
        self.at = at
        self._filler = at / "filler"
        self._megabytes = megabytes

    def __enter__(self) -> Self:
        self.at.mkdir(parents=True, exist_ok=True)
        command = [shutil.which("mount") or "mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m", "tmpfs", str(self.at)]
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
        if mounted.returncode:
            raise CannotStart(f"no disk can be mounted here ({mounted.stderr.strip()}): run it as root, in a container with CAP_SYS_ADMIN")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        subprocess.run([shutil.which("umount") or "umount", "-l", str(self.at)], capture_output=True, check=False)

    def fill(self) -> None:
        """Takes every byte that is free now."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (1024 * 1024, 4096, 1):
                with contextlib.suppress(OSError):
                    while filler.write(b"x" * size) == size:
                        pass

    def free(self) -> None:
        """Gives back what was taken."""
        self._filler.unlink(missing_ok=True)
