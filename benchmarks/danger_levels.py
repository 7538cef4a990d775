"""Measures what is called an emergency and what a doubt, by kind of danger and by language, before and after: `make bench-danger`.

`python -m benchmarks.danger_levels [--before WEIGHTS] [--data FOLDER] [--set NAME] [--wrong]`. WEIGHTS are those of another release
(`git show REVISION:services/triage/signals/danger_weights.json`), which knew no doubt. With the package of the extra `encoder` on the path
meaning is measured as well. FOLDER holds real messages (JSONL), hardly any of which tells of danger: of these the share that is flagged.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sklearn.metrics import roc_auc_score

from schemas.requests_triaged import Signal
from services.domain.danger_levels import EMERGENCY_FROM
from services.runtime import encoder_backends
from services.triage.signals import danger_score
from services.triage.signals.danger_meaning import DangerMeaning, second_look, weighed
from services.triage.signals.detection import Reading, signals

SETS = Path(__file__).with_name("sets")
BLIND, KINDS, WRITTEN = "danger_blind2", "danger_kinds", "danger_written"
NAMED = ("danger_test", "danger_blind", BLIND, KINDS, WRITTEN)
BATCH = 64
FALSE_ALARMS = 0.05
HALVES = ("all, to tune on", "all, to measure on")
"""Where a doubt begins was chosen on the one half of the real messages, and its false alarms were looked at; nobody looked at the other."""


@dataclass(frozen=True)
class Row:
    """One message of a set."""

    text: str
    danger: bool
    language: str
    kind: str = ""


@dataclass(frozen=True)
class Seen:
    """How a message was flagged, and its place in the order: an emergency before a doubt, the surer before the less sure."""

    emergency: bool
    doubt: bool
    value: float


@dataclass(frozen=True)
class System:
    """One way to see danger."""

    name: str
    meaning: DangerMeaning | None = None
    knows_doubt: bool = True
    weights: Path | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", type=Path, help="weights of another release")
    parser.add_argument("--data", type=Path, help="a folder of real messages")
    parser.add_argument("--set", choices=NAMED, action="append", help="measure these sets alone")
    parser.add_argument("--wrong", action="store_true", help="print what the last system missed or flagged wrongly")
    options = parser.parse_args()
    systems = _systems(options.before)
    for name in options.set or NAMED:
        if (SETS / f"{name}.jsonl").is_file():
            _measure(name, systems, wrong=options.wrong)
    if options.data:
        _real(options.data, systems)
    return 0


def _systems(before: Path | None) -> list[System]:
    meaning = DangerMeaning.of(encoder_backends.local())
    systems = [System("before", knows_doubt=False, weights=before)] if before else []
    systems.append(System("words"))
    return [*systems, System("words and meaning", meaning)] if meaning else systems


def rows(name: str) -> list[Row]:
    """The messages of a set; one without `danger` holds danger alone."""
    lines = [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    return [Row(line["text"], line.get("danger", True), line["language"], line.get("kind", "")) for line in lines]


def seen_by(system: System, texts: Sequence[str]) -> list[Seen]:
    """What the system makes of each text."""
    with _weights_of(system):
        return [each for at in range(0, len(texts), BATCH) for each in _seen(system, texts[at : at + BATCH])]


def _seen(system: System, texts: Sequence[str]) -> list[Seen]:
    readings = [Reading.of(text) for text in texts]
    by_words = signals(readings)
    values = [score.highest for score in danger_score.scored([reading.literal for reading in readings])]
    shown = by_words
    if system.meaning:
        shown = second_look(readings, by_words, system.meaning)
        for number, weight in weighed(readings, by_words, system.meaning).items():
            values[number] = weight.together
    return [_as_seen(system, signs, value) for signs, value in zip(shown, values, strict=True)]


def _as_seen(system: System, signs: Sequence[Signal], value: float) -> Seen:
    sure = max((sign.certainty or 0.0 for sign in signs if sign.kind == "risk_of_harm"), default=0.0)
    # Without doubts every alarm of the score was an emergency.
    emergency = sure >= EMERGENCY_FROM or (not system.knows_doubt and value > 0)
    return Seen(emergency, bool(sure) and not emergency and system.knows_doubt, 100 + sure if sure >= EMERGENCY_FROM else value)


@contextmanager
def _weights_of(system: System) -> Iterator[None]:
    shipped = danger_score.WEIGHTS
    danger_score.WEIGHTS = system.weights or shipped
    danger_score.forget()
    yield
    danger_score.WEIGHTS = shipped
    danger_score.forget()


def _measure(name: str, systems: Sequence[System], *, wrong: bool) -> None:
    messages = rows(name)
    seen = {system.name: seen_by(system, [row.text for row in messages]) for system in systems}
    print(f"\n{name}: {sum(row.danger for row in messages)} of danger, {sum(not row.danger for row in messages)} harmless")
    print(f"{'':<34} {'':>9} {'recall at':>9} {'emergency':>16} {'or doubt':>16}")
    print(f"{'':<34} {'AUC':>9} {'5 % false':>9} {'recall':>8} {'false':>7} {'recall':>8} {'false':>7}")
    for language in ("all", "en", "fr"):
        for system in systems:
            some = [(row, each) for row, each in zip(messages, seen[system.name], strict=True) if language in (row.language, "all")]
            print(f"{language + ', ' + system.name:<34} {_figures(some)}")
    for kind in sorted({row.kind for row in messages if row.kind}):
        for system in systems:
            some = [(row, each) for row, each in zip(messages, seen[system.name], strict=True) if row.kind == kind]
            print(f"{kind + ', ' + system.name:<34} {_figures(some)}")
    if wrong:
        for row, each in zip(messages, seen[systems[-1].name], strict=True):
            flagged = "emergency" if each.emergency else "doubt" if each.doubt else "nothing"
            if (row.danger and not each.emergency) or (not row.danger and flagged != "nothing"):
                print(
                    f"  {'danger' if row.danger else 'harmless'} seen as {flagged} ({each.value:.2f}) {row.kind} {row.language}: {row.text}"
                )


def _figures(some: Sequence[tuple[Row, Seen]]) -> str:
    danger = [each for row, each in some if row.danger]
    harmless = [each for row, each in some if not row.danger]
    emergency, either = _share(danger, doubt=False), _share(danger, doubt=True)
    if not harmless:
        return f"{'-':>9} {'-':>9} {emergency:>8.3f} {'-':>7} {either:>8.3f} {'-':>7}"
    area = roc_auc_score([row.danger for row, _ in some], [each.value for _, each in some])
    limit = sorted((each.value for each in harmless), reverse=True)[int(FALSE_ALARMS * len(harmless))]
    recall = sum(each.value > limit for each in danger) / len(danger)
    alarms, flagged = _share(harmless, doubt=False), _share(harmless, doubt=True)
    return f"{area:>9.3f} {recall:>9.3f} {emergency:>8.3f} {alarms:>7.3f} {either:>8.3f} {flagged:>7.3f}"


def _share(some: Sequence[Seen], *, doubt: bool) -> float:
    return sum(each.emergency or (doubt and each.doubt) for each in some) / len(some)


def _real(folder: Path, systems: Sequence[System]) -> None:
    print(f"\n{'real messages':<44} {'number':>6} {'emergency %':>11} {'doubt %':>8} {'flagged %':>9} {'ms a message':>12}")
    by_file = {path.stem: _texts(path) for path in sorted(folder.glob("*.jsonl"))}
    everything = [text for some in by_file.values() for text in some]
    halves = {half: [text for text in everything if _is_for_tuning(text) == (half == "all, to tune on")] for half in HALVES}
    for name, texts in (by_file | halves).items():
        for system in systems:
            started = time.process_time()
            seen = seen_by(system, texts)
            took = (time.process_time() - started) * 1000 / len(texts)
            alarms, doubts = (100 * sum(which) / len(seen) for which in zip(*((each.emergency, each.doubt) for each in seen), strict=True))
            print(f"{name + ', ' + system.name:<44} {len(texts):>6} {alarms:>11.2f} {doubts:>8.2f} {alarms + doubts:>9.2f} {took:>12.2f}")


def _is_for_tuning(text: str) -> bool:
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 0


def _texts(path: Path) -> list[str]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line.get("text") or "\n".join(filter(None, (line.get("subject"), line["body"]))) for line in lines]


if __name__ == "__main__":
    sys.exit(main())
