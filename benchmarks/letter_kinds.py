"""Measures how well kinds of letters are told apart: `python -m benchmarks.letter_kinds [--floors] [--wrong]`.

Of the set every odd number is `dev`, which may be tuned on, and every even one `test`, which may not: it is printed and nothing else.
"""

import argparse
import json
import sys
import time
from pathlib import Path

from services.triage.signals.letter_kind import KINDS, letter_kind

SET = Path(__file__).with_name("sets") / "letters.jsonl"
FLOORS = {"right": 0.4, "right where sure": 0.5}


def main() -> int:
    """Prints the figures of both halves; with `--floors`, exits 1 where the test half is below one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure of the test half is below its floor")
    parser.add_argument("--wrong", action="store_true", help="print what went wrong in the dev half")
    options = parser.parse_args()
    figures = {part: _figures(part, wrong=options.wrong and part == "dev") for part in ("dev", "test")}
    below = [f"{name} is {figures['test'][name]:.3f}, floor {floor}" for name, floor in FLOORS.items() if figures["test"][name] < floor]
    if options.floors:
        print("\n".join(below) or "all floors held")
    return 1 if options.floors and below else 0


def _figures(part: str, *, wrong: bool) -> dict[str, float]:
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if int(row["id"].rsplit("-", 1)[1]) % 2 == (part == "dev")]
    for row in rows:
        letter_kind(row["subject"], row["text"])
    started = time.perf_counter()
    readings = [letter_kind(row["subject"], row["text"]) for row in rows]
    microseconds = (time.perf_counter() - started) / len(rows) * 1e6
    called = [reading.kind if reading else None for reading in readings]
    sure = [bool(reading and reading.sure) for reading in readings]
    right = [row["kind"] == kind for row, kind in zip(rows, called, strict=True)]
    print(f"{part}: {len(rows)} messages, {microseconds:.0f} us each\n{'kind':<12}{'precision':>10}{'recall':>10}{'surely':>22}")
    for kind in KINDS:
        named = [is_right for is_right, name in zip(right, called, strict=True) if name == kind]
        surely = [is_right for is_right, name, is_sure in zip(right, called, sure, strict=True) if name == kind and is_sure]
        of_kind = sum(row["kind"] == kind for row in rows)
        shares = (
            _share(sum(named), len(named)),
            _share(sum(named), of_kind),
            _share(sum(surely), len(surely)),
            _share(sum(surely), of_kind),
        )
        print(f"{kind:<12}{shares[0]:>10}{shares[1]:>10}{shares[2]:>11}{shares[3]:>11}")
    right_surely = [is_right for is_right, is_sure in zip(right, sure, strict=True) if is_sure]
    figures = {"right": sum(right) / len(rows), "right where sure": sum(right_surely) / max(1, len(right_surely))}
    print(f"right {figures['right']:.3f}; sure of {len(right_surely)}, of which right {figures['right where sure']:.3f}\n")
    if wrong:
        for row, reading in zip(rows, readings, strict=True):
            if reading and reading.kind != row["kind"]:
                print(f"  {row['kind']}, called {reading.kind} at {reading.probability:.2f}: {row['subject']} | {row['text'][:200]!r}")
    return figures


def _share(some: int, of: int) -> str:
    return f"{some / of:.2f}" if of else "-"


if __name__ == "__main__":
    sys.exit(main())
