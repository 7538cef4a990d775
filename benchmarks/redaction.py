"""Measures redaction: how much of what names a person is hidden, and how many words that say nothing of anybody.

`python -m benchmarks.redaction` prints the table; `--make` writes the generated set again, `--floors` exits 1 below the promise,
`--words` writes again the list of ordinary words, which are taken for a name only where a title, a first name or a cue speaks for it.
The written set was written before the rules it measures; what is missed in its `test` part was never looked at while they were tuned.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.redaction_set import generated
from schemas.values import Person, Redacted
from services.triage.redaction import redact

SETS = Path(__file__).parent / "sets"
WRITTEN = SETS / "redaction_written.jsonl"
GENERATED = SETS / "redaction_generated.jsonl"
NAMES, KNOWN_CITIZEN, ADDRESSES = "other names", "known citizen", "addresses"
NUMBERED = ("EMAIL", "PHONE", "ID", "IBAN", "CARD", "BIRTHDATE", "PLATE", "URL")
FLOORS = {"numbered": 0.99, KNOWN_CITIZEN: 0.95, NAMES: 0.85}
MOST_WRONG = 0.01
_WORD = re.compile(r"\S*\w\S*")


@dataclass(frozen=True)
class Message:
    """A marked message: `spans` are (start, end, kind, known), `part` says where it comes from."""

    part: str
    language: str
    text: str
    citizen: Person | None
    spans: tuple[tuple[int, int, str, bool], ...]


@dataclass
class Tally:
    """Details hidden and all details, by group; words wrongly hidden and all words that should be read."""

    hidden: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)
    wrong_words: int = 0
    words: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def recall(self, group: str) -> float:
        """The share found; all of nothing is everything."""
        return self.hidden[group] / self.total[group] if self.total[group] else 1.0

    @property
    def wrong_share(self) -> float:
        """The share of words hidden that should be read."""
        return self.wrong_words / self.words if self.words else 0.0


def read(path: Path) -> Iterator[Message]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield message(json.loads(line))


def message(record: dict[str, Any]) -> Message:
    spans = tuple((span["start"], span["end"], span["kind"], span.get("known", False)) for span in record["spans"])
    citizen = Person.model_validate(record["citizen"]) if record.get("citizen") else None
    return Message(record["part"], record["language"], record["text"], citizen, spans)


def group_of(kind: str, *, of_citizen: bool) -> str:
    if of_citizen:
        return KNOWN_CITIZEN
    return {"NAME": NAMES, "ADDRESS": ADDRESSES}.get(kind, kind)


def judge(messages: Iterable[Message]) -> Tally:
    """A detail counts as found if not one letter or digit of it can still be read."""
    tally = Tally()
    for sent in messages:
        hidden = _hidden(redact(None, sent.text, sent.citizen, sent.language), len(sent.text))
        marked = [False] * len(sent.text)
        for start, end, kind, of_citizen in sent.spans:
            marked[start:end] = [True] * (end - start)
            groups = [group_of(kind, of_citizen=of_citizen), *(["numbered"] if kind in NUMBERED and not of_citizen else [])]
            covered = all(hidden[place] for place in range(start, end) if sent.text[place].isalnum())
            for group in groups:
                tally.total[group] += 1
                tally.hidden[group] += covered
            if not covered:
                tally.missed.append(f"{kind:9} {sent.text[start:end]!r} in {sent.text[max(0, start - 30) : end + 20]!r}")
        for word in _WORD.finditer(sent.text):
            places = [place for place in range(*word.span()) if sent.text[place].isalnum()]
            if any(marked[place] for place in places):
                continue
            tally.words += 1
            if any(hidden[place] for place in places):
                tally.wrong_words += 1
                tally.wrong.append(f"{word.group()!r} in {sent.text[max(0, word.start() - 30) : word.end() + 20]!r}")
    return tally


def _hidden(redacted: Redacted, length: int) -> list[bool]:
    hidden = [False] * length
    for span in redacted.spans:
        hidden[span.start : span.end] = [True] * (span.end - span.start)
    return hidden


def texts_per_second(texts: list[str], language: str, seconds: float = 1.0) -> float:
    """One core, one language, the citizen unknown."""
    for text in texts:
        redact(None, text, None, language)
    done = 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        for text in texts:
            redact(None, text, None, language)
        done += len(texts)
    return done / (time.process_time() - start)


def below_floors(tallies: dict[str, Tally]) -> list[str]:
    faults = []
    for name, tally in tallies.items():
        faults += [
            f"{name}: {group} {tally.recall(group):.1%} < {floor:.0%}" for group, floor in FLOORS.items() if tally.recall(group) < floor
        ]
        if tally.wrong_share > MOST_WRONG:
            faults.append(f"{name}: {tally.wrong_share:.2%} of words wrongly hidden > {MOST_WRONG:.0%}")
    return faults


def table(tallies: dict[str, Tally]) -> Iterator[str]:
    rows = ["numbered", KNOWN_CITIZEN, NAMES, ADDRESSES, *NUMBERED]
    yield f"{'recall':18}" + "".join(f"{name:>20}" for name in tallies)
    for row in rows:
        yield f"{row:18}" + "".join(f"{f'{tally.recall(row):.1%} of {tally.total[row]}':>20}" for tally in tallies.values())
    yield f"{'wrongly hidden':18}" + "".join(f"{f'{tally.wrong_share:.2%} of {tally.words}':>20}" for tally in tallies.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make", action="store_true", help="write the generated set again")
    parser.add_argument("--floors", action="store_true", help="exit 1 where the promise is not kept")
    parser.add_argument(
        "--show", choices=["dev", "test", "generated"], help="print what was missed and what was wrongly hidden in this part"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    if arguments.make:
        with GENERATED.open("w", encoding="utf-8") as lines:
            lines.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in generated(seed=2026, count=400))
    messages = [*read(WRITTEN), *read(GENERATED)]
    tallies = {
        f"{part} {language}": judge(sent for sent in messages if sent.part == part and sent.language == language)
        for part in ("dev", "test", "generated")
        for language in ("en", "fr")
    }
    whole = {language: judge(sent for sent in messages if sent.language == language) for language in ("en", "fr")}
    tallies |= whole
    speeds = {}
    for language in ("en", "fr"):
        joined = "\n".join(sent.text for sent in messages if sent.language == language)
        speeds[language] = texts_per_second([joined[at : at + 300] for at in range(0, len(joined) - 300, 300)], language)
    if arguments.json:
        figures = {
            name: {"recall": {group: tally.recall(group) for group in tally.total}, "wrongly_hidden": tally.wrong_share}
            for name, tally in tallies.items()
        }
        print(json.dumps({"figures": figures, "texts_per_second": speeds}, indent=2))
    else:
        print("\n".join(table(tallies)))
        print("texts of 300 characters a second, one core:", ", ".join(f"{language} {speed:,.0f}" for language, speed in speeds.items()))
    if arguments.show:
        for language in ("en", "fr"):
            shown = tallies[f"{arguments.show} {language}"]
            print("\n".join(["", f"missed, {language}:", *shown.missed, "wrongly hidden:", *shown.wrong]))
    faults = below_floors(whole) if arguments.floors else []
    print("\n".join(faults), file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
