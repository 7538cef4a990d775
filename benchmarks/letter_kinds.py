"""Measures how well kinds of letters are told apart: `python -m benchmarks.letter_kinds [--data DIR] [--floors] [--wrong]`.

Of our set every odd number is `dev`, which may be tuned on, and every even one `test`, which may not: it is printed and nothing else.
With `--data`, real messages as well, whose kinds are in `real_letter_kinds.csv` without their texts: nothing is ever trained on these.
Where people could differ about one there is a second kind, and either is right.
"""

import argparse
import csv
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from services.drafting.letter import answered_as
from services.triage.signals.letter_kind import KINDS, letter_kind

SETS = Path(__file__).with_name("sets")
SET, REAL = SETS / "letters.jsonl", SETS / "real_letter_kinds.csv"
REAL_MESSAGES = "real_requests_mixed.jsonl"
FLOORS = {
    "test": {"right": 0.4, "right where sure": 0.5},
    "real test": {},
}


class Letter(NamedTuple):
    """A message and the kinds that it may be called; the first is the likeliest."""

    subject: str | None
    text: str
    language: str
    kinds: tuple[str, ...]


def main() -> int:
    """Prints the figures of each part; with `--floors`, exits 1 where a test part is below one."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, metavar="DIR", help=f"folder with {REAL_MESSAGES}")
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure of a test part is below its floor")
    parser.add_argument("--wrong", action="store_true", help="print what went wrong in the dev parts")
    options = parser.parse_args()
    parts = {part: ours(part) for part in ("dev", "test")}
    if options.data:
        parts |= {f"real {part}": real(options.data, part) for part in ("dev", "test")}
    below = []
    for part, letters in parts.items():
        measured = _figures(part, letters, wrong=options.wrong and not part.endswith("test"))
        below += [
            f"{part}: {name} is {measured[name]:.3f}, floor {floor}"
            for name, floor in FLOORS.get(part, {}).items()
            if measured[name] < floor
        ]
    if options.floors:
        print("\n".join(below) or "all floors held")
    return 1 if options.floors and below else 0


def ours(part: str) -> list[Letter]:
    """Half of our own set."""
    lines = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    return [
        Letter(line["subject"], line["text"], line["language"], (line["kind"], *line["also"]))
        for line in lines
        if int(line["id"].rsplit("-", 1)[1]) % 2 == (part == "dev")
    ]


def real(folder: Path, part: str) -> list[Letter]:
    """Half of the real messages whose kinds are known."""
    lines = map(json.loads, (folder / REAL_MESSAGES).read_text(encoding="utf-8").splitlines())
    messages = {line["request_id"]: line for line in lines}
    with REAL.open(encoding="utf-8", newline="") as table:
        rows = [row for row in csv.DictReader(table) if row["part"] == part]
    return [
        Letter(message.get("subject"), message["body"], message["language"], tuple(filter(None, (row["kind"], row["also"]))))
        for row in rows
        if (message := messages.get(row["request_id"]))
    ]


def _figures(part: str, letters: Sequence[Letter], *, wrong: bool) -> dict[str, float]:
    for letter in letters:
        letter_kind(letter.subject, letter.text)
    started = time.perf_counter()
    readings = [letter_kind(letter.subject, letter.text) for letter in letters]
    microseconds = (time.perf_counter() - started) / len(letters) * 1e6
    called = [reading.kind if reading else None for reading in readings]
    sure = [bool(reading and reading.sure) for reading in readings]
    right = [kind in letter.kinds for letter, kind in zip(letters, called, strict=True)]
    print(f"{part}: {len(letters)} messages, {microseconds:.0f} us each")
    print(f"{'kind':<12}{'letters':>8}{'precision':>11}{'recall':>8}{'surely':>19}")
    for kind in KINDS:
        named = [is_right for is_right, name in zip(right, called, strict=True) if name == kind]
        surely = [is_right for is_right, name, is_sure in zip(right, called, sure, strict=True) if name == kind and is_sure]
        of_kind = [name == kind for letter, name in zip(letters, called, strict=True) if letter.kinds[0] == kind]
        of_kind_surely = sum(
            name == kind and is_sure for letter, name, is_sure in zip(letters, called, sure, strict=True) if letter.kinds[0] == kind
        )
        shares = (
            _share(sum(named), len(named)),
            _share(sum(of_kind), len(of_kind)),
            _share(sum(surely), len(surely)),
            _share(of_kind_surely, len(of_kind)),
        )
        print(f"{kind:<12}{len(of_kind):>8}{shares[0]:>11}{shares[1]:>8}{shares[2]:>10}{shares[3]:>9}")
    for language in ("en", "fr"):
        of_language = [number for number, letter in enumerate(letters) if letter.language == language]
        surely = [right[number] for number in of_language if sure[number]]
        all_right = _share(sum(right[number] for number in of_language), len(of_language))
        print(f"{language}: right {all_right}; sure of {len(surely)} of {len(of_language)}, right {_share(sum(surely), len(surely))}")
    right_surely = [is_right for is_right, is_sure in zip(right, sure, strict=True) if is_sure]
    measured = {
        "right": sum(right) / len(letters),
        "named as first": sum(kind == letter.kinds[0] for letter, kind in zip(letters, called, strict=True)) / len(letters),
        "right where sure": sum(right_surely) / max(1, len(right_surely)),
        "sure": len(right_surely) / len(letters),
        **_drafts(letters, [answered_as(reading.kind, reading.sure, reading.tone) if reading else "question" for reading in readings]),
    }
    print(
        f"right {measured['right']:.3f} (by the first kind alone {measured['named as first']:.3f}); "
        f"sure of {len(right_surely)}, of which right {measured['right where sure']:.3f}\n"
    )
    if wrong:
        for letter, reading in zip(letters, readings, strict=True):
            if reading and reading.kind not in letter.kinds:
                name = f"{reading.kind}{' surely' if reading.sure else ''}"
                print(f"  {letter.kinds[0]}, called {name} at {reading.probability:.2f}: {letter.subject} | {letter.text[:160]!r}")
    return measured


def _drafts(letters: Sequence[Letter], drafts: Sequence[str]) -> dict[str, float]:
    """How often drafts take the right tone: by the kind that a draft follows, which may be told by the tone alone."""
    praise = [kind == "praise" for letter, kind in zip(letters, drafts, strict=True) if letter.kinds == ("praise",)]
    thanked = [letter.kinds for letter, kind in zip(letters, drafts, strict=True) if kind == "praise"]
    complaints = [kind in ("complaint", "not_ours") for letter, kind in zip(letters, drafts, strict=True) if letter.kinds[0] == "complaint"]
    bitter = sum("praise" not in kinds and not {"complaint", "not_ours"}.isdisjoint(kinds) for kinds in thanked)
    print(
        f"drafts: {sum(praise)} of {len(praise)} that only praise are thanked, {sum(complaints)} of {len(complaints)} complaints met "
        f"with regret; of {len(thanked)} thanked {bitter} complain"
    )
    return {"praise thanked": sum(praise) / max(1, len(praise)), "complaints thanked": bitter / max(1, len(complaints))}


def _share(some: int, of: int) -> str:
    return f"{some / of:.2f}" if of else "-"


if __name__ == "__main__":
    sys.exit(main())
