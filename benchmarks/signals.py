"""Measures how well danger and the other signals are seen, by language: `python -m benchmarks.signals [--floors] [--wrong dev]`.

Of danger, the sets down to `plain_fr` are those that the score was learned from: what it has to say of unseen messages is printed by
`python -m training.danger_weights`, which holds them out by turns. `test` is by the hand that wrote `dev`. Nothing was ever tuned on
the two blind sets: `blind2` was written by somebody who had seen nothing, and is the figure to believe.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from schemas.values import Urgency
from services.triage.signals.detection import Reading, signals
from services.triage.signals.urgency import urgency

SETS = Path(__file__).with_name("sets")
LEARNED_SETS = Path(__file__).parent.parent / "training" / "data"
CORPUS = Path(__file__).parent.parent / "services" / "triage" / "classification" / "corpus"
_LEARNED_FROM = (0.92, 0.06)
DANGER_FLOORS = {
    **dict.fromkeys(("dev", "train_en", "train_fr", "more_en", "more_fr"), _LEARNED_FROM),
    **dict.fromkeys(("wide_people_en", "wide_people_fr", "wide_things_en", "wide_things_fr"), _LEARNED_FROM),
    **dict.fromkeys(("post_a_en", "post_a_fr", "post_b_en", "post_b_fr", "plain_en", "plain_fr"), _LEARNED_FROM),
    "test": (0.87, 0.05),
    "blind": (0.86, 0.12),
    "blind2": (0.80, 0.08),
}
"""Of emergencies: recall, and false alarms at most. A floor is what is held today; `danger_levels` measures doubts as well."""
# Of automatic replies 26 of 30 are seen (0.867): who is taken for a machine gets no answer, so a note in doubt is left to a person.
SIGNAL_RECALL, SIGNAL_FALSE_ALARMS = 0.85, 0.05
MOST_TIMES_WORDS = 19.0
"""How many times as long as Python takes to find the words of the same text: seconds alone would measure the machine."""
WORD = re.compile(r"[^\W_]+")
BATCH = 64
_KINDS = ("legal_deadline", "wants_a_person", "automatic_reply")


@dataclass(frozen=True)
class Row:
    """One message: whether it shows the signal, and whether that was detected."""

    language: str
    text: str
    shows: bool
    seen: bool


@dataclass(frozen=True)
class Figures:
    """Recall of what shows it, false alarms among what does not."""

    positives: int
    detected: int
    negatives: int
    alarms: int

    @property
    def recall(self) -> float:
        """Share of the messages that show it in which it was seen."""
        return self.detected / self.positives

    @property
    def false_alarms(self) -> float:
        """Share of the messages that do not show it in which it was seen."""
        return self.alarms / self.negatives


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", action="store_true", help="exit 1 where a figure is below its floor")
    parser.add_argument("--wrong", choices=(*DANGER_FLOORS, "signals"), help="print what was missed or wrongly seen in that set")
    options = parser.parse_args()
    below: list[str] = []
    print(f"{'set':<24} language  shows  recall  not  false alarms")
    for name, floors in DANGER_FLOORS.items():
        rows = _read(f"danger_{name}.jsonl", _are_emergencies)
        figures = _table(f"danger, {name}", rows)
        _wrong(rows, shown=options.wrong == name)
        below += _short(f"danger, {name}", figures, *floors)
    for kind in _KINDS:
        rows = _read("danger_signals.jsonl", partial(_show, kind), kind)
        figures = _table(kind, rows)
        _wrong(rows, shown=options.wrong == "signals")
        below += _short(kind, figures, SIGNAL_RECALL, SIGNAL_FALSE_ALARMS)
    speed, words = _speeds()
    print(f"{speed:,.0f} texts of 300 characters a second on one core; taken apart into words alone {words:,.0f}")
    if words > MOST_TIMES_WORDS * speed:
        below.append(f"speed: {words / speed:.1f} times as long as taking texts apart into words, at most {MOST_TIMES_WORDS}")
    if options.floors:
        print("\n".join(below) or "all floors held")
    return 1 if options.floors and below else 0


def _are_emergencies(texts: Sequence[str]) -> list[bool]:
    readings = [Reading.of(text) for text in texts]
    return [urgency(shown, reading)[0] is Urgency.EMERGENCY for shown, reading in zip(signals(readings), readings, strict=True)]


def _show(kind: str, texts: Sequence[str]) -> list[bool]:
    return [any(signal.kind == kind for signal in shown) for shown in signals([Reading.of(text) for text in texts])]


def _path(name: str) -> Path:
    return next(folder / name for folder in (SETS, LEARNED_SETS) if (folder / name).is_file())


def _read(name: str, see: Callable[[Sequence[str]], list[bool]], kind: str | None = None) -> list[Row]:
    lines = [json.loads(line) for line in _path(name).read_text(encoding="utf-8").splitlines()]
    lines = [line for line in lines if line.get("kind") == kind]
    detections = see([line["text"] for line in lines])
    return [
        Row(
            line.get("language", name.removesuffix(".jsonl")[-2:]),
            line["text"],
            line["danger"] if kind is None else line["shows"],
            saw,
        )
        for line, saw in zip(lines, detections, strict=True)
    ]


def _count(rows: Iterable[Row]) -> Figures:
    rows = list(rows)
    return Figures(
        positives=sum(row.shows for row in rows),
        detected=sum(row.shows and row.seen for row in rows),
        negatives=sum(not row.shows for row in rows),
        alarms=sum(row.seen and not row.shows for row in rows),
    )


def _table(name: str, rows: list[Row]) -> Figures:
    for language in ("en", "fr", "all"):
        figures = _count(row for row in rows if language in {"all", row.language})
        if not figures.positives:
            continue
        print(
            f"{name:<24} {language:<8} {figures.positives:>6}  {figures.recall:>6.3f} {figures.negatives:>4}  {figures.false_alarms:>12.3f}"
        )
    return figures


def _wrong(rows: list[Row], *, shown: bool) -> None:
    for row in rows if shown else ():
        if row.shows != row.seen:
            print(f"  {'missed' if row.shows else 'false alarm'} {row.language}: {row.text}")


def _short(name: str, figures: Figures, recall: float, false_alarms: float) -> list[str]:
    below = []
    if figures.recall < recall:
        below.append(f"{name}: recall {figures.recall:.3f}, floor {recall}")
    if figures.false_alarms > false_alarms:
        below.append(f"{name}: false alarms {figures.false_alarms:.3f}, at most {false_alarms}")
    return below


def _speeds() -> tuple[float, float]:
    """Messages a second of 300 characters as they come (most say nothing of danger): looked at for signals, and only taken apart."""
    lines = [
        json.loads(line)["text"] for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text(encoding="utf-8").splitlines()[:60]
    ]
    joined = " ".join(lines)
    texts = [joined[place : place + 300] for place in range(0, len(joined) - 300, 300)]
    batches = [texts[place : place + BATCH] for place in range(0, len(texts), BATCH)]

    def looked_at() -> None:
        for batch in batches:
            _are_emergencies(batch)

    def taken_apart() -> None:
        for text in texts:
            WORD.findall(text.casefold())

    looked_at()  # what is worked out once for each word is worked out now, as in a service that runs
    speed, words = (max(len(texts) / _seconds(work) for _ in range(3)) for work in (looked_at, taken_apart))
    return speed, words


def _seconds(work: Callable[[], None]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main())
