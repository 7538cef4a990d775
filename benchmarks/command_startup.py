"""Times `parvis --help` beside a Python that does nothing: `python -m benchmarks.command_startup`."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 15
LIMIT_SECONDS = 0.3
PARVIS = Path(sys.executable).with_name("parvis")


def seconds(command: list[str]) -> list[float]:
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        taken.append(time.perf_counter() - began)
    return taken


def main() -> int:
    for name, command in (("python -c pass", [sys.executable, "-c", "pass"]), ("parvis --help", [str(PARVIS), "--help"])):
        taken = seconds(command)
        print(f"{name:16} median {statistics.median(taken):.3f} s, fastest {min(taken):.3f} s, slowest {max(taken):.3f} s")
    print(f"the aim is {LIMIT_SECONDS} s on an idle machine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
