"""Measures the detectors behind emergency replies: kinds of danger in messages, reassuring sentences in drafts.

`python -m benchmarks.emergency_replies [--floors] [--wrong]`. `dev` of both sets may be tuned on, `test` is not.
"""

import argparse
import json
import sys
from pathlib import Path

from services.drafting.danger_kinds import MOST, named
from services.drafting.emergency_reply import unhelpful

SETS = Path(__file__).with_name("sets")
FLOORS = {"kind named": 0.75, "reassuring seen": 0.85, "instructions kept": 0.9}
"""Of the test halves, with a little room below what was measured."""


def main() -> int:
    """Prints the figures of both halves; with `--floors`, exits 1 where the test half is below one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure of the test half is below its floor")
    parser.add_argument("--wrong", action="store_true", help="print what went wrong in the dev half")
    options = parser.parse_args()
    figures = {part: _figures(part, wrong=options.wrong and part == "dev") for part in ("dev", "test")}
    if not options.floors:
        return 0
    below = [f"{name} is {figures['test'][name]:.3f}, floor {floor}" for name, floor in FLOORS.items() if figures["test"][name] < floor]
    print("\n".join(below) or "all floors held")
    return 1 if below else 0


def _rows(name: str, part: str) -> list[dict[str, str]]:
    rows = [json.loads(line) for line in (SETS / name).read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["split"] == part]


def _figures(part: str, *, wrong: bool) -> dict[str, float]:
    messages = _rows("danger_kinds.jsonl", part)
    kinds = [named(row["text"]) for row in messages]
    right = [row["kind"] in [kind.value for kind in of][:MOST] for row, of in zip(messages, kinds, strict=True)]
    sentences = _rows("reassuring.jsonl", part)
    seen = [bool(unhelpful(row["text"], row["language"])) for row in sentences]
    reassuring = [hit for row, hit in zip(sentences, seen, strict=True) if row["reassures"]]
    kept = [not hit for row, hit in zip(sentences, seen, strict=True) if not row["reassures"]]
    print(f"{part}: kind of danger named {sum(right)} of {len(right)}, kinds a message {sum(map(len, kinds)) / len(kinds):.2f};", end=" ")
    print(f"reassuring sentences seen {sum(reassuring)} of {len(reassuring)}, instructions kept {sum(kept)} of {len(kept)}")
    if wrong:
        for row, of, is_right in zip(messages, kinds, right, strict=True):
            if not is_right:
                print(f"  {row['kind']} ({', '.join(kind.value for kind in of) or 'none'}): {row['text']}")
        for row, hit in zip(sentences, seen, strict=True):
            if hit != bool(row["reassures"]):
                print(f"  {'missed' if row['reassures'] else 'not kept'}: {row['text']}")
    return {
        "kind named": sum(right) / len(right),
        "reassuring seen": sum(reassuring) / len(reassuring),
        "instructions kept": sum(kept) / len(kept),
    }


if __name__ == "__main__":
    sys.exit(main())
