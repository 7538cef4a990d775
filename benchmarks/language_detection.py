"""Measures language detection, its accuracy by language and its speed: `python -m benchmarks.language_detection [--floors] [--wrong]`."""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from schemas.requests_triaged import DetectedLanguage
from services.domain.language import detect

SET = Path(__file__).with_name("sets") / "language.jsonl"
FLOORS = {"en": 0.97, "fr": 0.97, "others": 0.90, "texts per second": 10_000.0}
_SURE = 0.9
_SPEED_TEXTS = (
    "The street lamp opposite number 14 has been out for a week and the footpath is very dark in the evening. ",
    "Bonjour, le lampadaire en face du 14 ne marche plus depuis une semaine et le chemin est très sombre le soir. ",
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure is below its floor")
    parser.add_argument("--wrong", action="store_true", help="print each text that was taken for another language")
    options = parser.parse_args()
    rows = [json.loads(line) for line in SET.read_text(encoding="utf-8").splitlines()]
    detected = detect([row["text"] for row in rows], [None] * len(rows))
    figures = _table([row["language"] for row in rows], detected)
    if options.wrong:
        for row, guess in zip(rows, detected, strict=True):
            if guess.code != row["language"]:
                print(f"  {row['language']} taken for {guess.code} ({guess.confidence:.2f}): {row['text']}")
    figures["texts per second"] = _speed()
    print(f"{figures['texts per second']:,.0f} texts of 300 characters a second on one core")
    return _below(figures) if options.floors else 0


def _table(truth: list[str], detected: list[DetectedLanguage]) -> dict[str, float]:
    totals, right = Counter(truth), Counter(code for code, guess in zip(truth, detected, strict=True) if guess.code == code)
    print("language    n  right  accuracy")
    for code, n in totals.most_common():
        print(f"{code:<8} {n:>4}  {right[code]:>5}  {right[code] / n:>8.3f}")
    others = [code for code in totals if code not in {"en", "fr"}]
    figures = {code: right[code] / totals[code] for code in ("en", "fr")}
    figures["others"] = sum(right[code] for code in others) / sum(totals[code] for code in others)
    print(f"others   {sum(totals[code] for code in others):>4}  {sum(right[code] for code in others):>5}  {figures['others']:>8.3f}")
    print(f"all      {len(truth):>4}  {sum(right.values()):>5}  {sum(right.values()) / len(truth):>8.3f}")
    for name, low, high in (("confidence >= 0.9", _SURE, 1.01), ("confidence < 0.9", 0.0, _SURE)):
        within = [
            (guess.code == code, guess.confidence) for code, guess in zip(truth, detected, strict=True) if low <= guess.confidence < high
        ]
        if within:
            share, mean = sum(ok for ok, _ in within) / len(within), sum(confidence for _, confidence in within) / len(within)
            print(f"{name}: {len(within)} texts, {share:.3f} right, mean confidence {mean:.3f}")
    return figures


def _speed() -> float:
    texts = [(text * 3)[:300] for text in _SPEED_TEXTS] * 2_000
    started = time.process_time()
    detect(texts, [None] * len(texts))
    return len(texts) / (time.process_time() - started)


def _below(figures: dict[str, float]) -> int:
    below = [f"{name} is {figures[name]:.3f}, floor {floor}" for name, floor in FLOORS.items() if figures[name] < floor]
    print("\n".join(below) or "all floors held")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
