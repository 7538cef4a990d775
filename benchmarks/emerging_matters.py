"""Measures how soon a matter is seen that many people begin to write about: `python -m benchmarks.emerging_matters --data DIR`.

A day of real messages, after weeks of others as history; in each day two matters are planted whose messages are ours, in as many wordings
as messages (`benchmarks/sets/emerging_matters.jsonl`). Thresholds were tuned with `--part tune`: half of the real messages and four
matters. The default is the other half and eight other matters, which nothing was tuned on; `--part second` has eight that were looked at
once, before single words were asked as well. Beside it, in the same run: the groups of near-duplicates and streets that `rising.py`
judges, and single words that burst. With the encoder on the path the same days are measured once more.
"""

import argparse
import hashlib
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import numpy as np

from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import fingerprints, taxonomy
from services.domain.chance import chance_of
from services.review.cases.emerging import matters, message_terms, naming
from services.review.cases.emerging.likeness import History
from services.review.cases.emerging.matters import Emergence, Joined, Message
from services.review.cases.groups import places, rising
from services.review.cases.near_duplicates import store as near_duplicates
from services.runtime import encoder_backends
from services.runtime.encoder import CachingEncoder
from services.triage import rules
from services.triage.classification import model_store

PLANTED = Path(__file__).parent / "sets" / "emerging_matters.jsonl"
IDS = UUID("f0b5a1a4-34a5-5d9c-9f3d-7a4e3f1d2c11")
DAY = datetime(2026, 3, 10, tzinfo=UTC)
HISTORY_DAYS = 28
BY_HOUR = (1, 1, 1, 1, 1, 2, 4, 10, 18, 20, 20, 18, 14, 15, 18, 18, 16, 14, 12, 11, 10, 8, 5, 3)
HISTORY_SHARE = 0.7
MINUTES_BETWEEN = 4.5
"""Between two messages of a planted matter, on average: the tenth comes after three quarters of an hour."""
WRITES_AGAIN = 0.05
NAMED_AT = 10
"""Members with which a matter's name is judged once more: it is named anew while it begins."""
AGENCIES = {
    "city": ("real_requests_mixed", "hospital_feedback_41_en", "public_services_experiences_fr", "public_debate_answers_fr"),
    "hospital": ("hospital_feedback_9_en", "hospital_feedback_41_en"),
    "state (fr)": ("public_services_experiences_fr", "public_debate_answers_fr"),
    "finance": ("consumer_finance_complaints_en",),
}


@dataclass(frozen=True)
class Letter:
    """A message of the day, as triage sorts it; `matter` is empty for a real one."""

    message: Message
    request: RequestReceived
    triaged: RequestTriaged
    reading: message_terms.Reading
    matter: str = ""


@dataclass
class Day:
    """An agency's weeks before, and one day."""

    agency: str
    before: list[Letter]
    letters: list[Letter]


@dataclass
class Seen:
    """What one way of looking saw in one day: its first member of each planted matter by number, false ones, names."""

    within: dict[str, int | None] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)
    named: dict[str, bool] = field(default_factory=dict)
    placed: dict[str, bool] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    members: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


Look = Callable[[Day], Seen]


class Sorter:
    """Triages texts, each once: days are drawn from the same ones."""

    def __init__(self) -> None:
        self._taxonomy = taxonomy.load()
        self._classifier = model_store.trained_default(Path("var/models"), self._taxonomy)
        self._kept: dict[str, RequestTriaged] = {}

    def letters(self, texts: Sequence[tuple[str, datetime, str, str]], agency: str, seed: int) -> list[Letter]:
        """Of each text, moment, sender and matter a letter."""
        new = list(dict.fromkeys(text for text, *_ in texts if text not in self._kept))
        for begin in range(0, len(new), 64):
            some = [self._request(text, DAY, uuid5(IDS, text)) for text in new[begin : begin + 64]]
            self._kept |= zip(new[begin : begin + 64], rules.triage(some, self._classifier, self._taxonomy), strict=True)
        return [self._letter(*row, f"{agency} {seed} {number}") for number, row in enumerate(texts)]

    @staticmethod
    def _request(text: str, at: datetime, request_id: UUID) -> RequestReceived:
        return RequestReceived(request_id=request_id, agency="city", channel="email", received_at=at, body=text)

    def _letter(self, text: str, at: datetime, sender: str, matter: str, name: str) -> Letter:
        request_id = uuid5(IDS, name)
        request = self._request(text, at, request_id)
        triaged = self._kept[text].model_copy(update={"request_id": request_id, "received_at": at})
        reading = message_terms.read(request, triaged)
        return Letter(Message(request_id, at, sender, reading.terms), request, triaged, reading, matter)


def real(data: Path, names: Sequence[str], part: str) -> list[str]:
    """The texts of these sets that belong to the part: half of them each, by their own hash."""
    texts = []
    for name in names:
        for line in (data / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = row.get("text") or row["body"]
            if (hashlib.sha256(text.encode()).digest()[0] % 2 == 0) == (part == "tune"):
                texts.append(text)
    return sorted(set(texts))


def moment(rng: random.Random, day: datetime) -> datetime:
    return day + timedelta(hours=rng.choices(range(24), BY_HOUR)[0], minutes=rng.random() * 60)


def a_day(agency: str, texts: list[str], planted: Sequence[dict[str, Any]], sorter: Sorter, seed: int) -> Day:
    """Weeks before and a day, drawn anew by the seed."""
    rng = random.Random(f"{agency} {seed}")
    texts = rng.sample(texts, len(texts))
    number = round(len(texts) * HISTORY_SHARE)
    before = [
        (text, moment(rng, DAY - timedelta(days=1 + rng.randrange(HISTORY_DAYS))), f"past {n}", "") for n, text in enumerate(texts[:number])
    ]
    rows = [(text, moment(rng, DAY), f"today {n if rng.random() > WRITES_AGAIN else n // 2}", "") for n, text in enumerate(texts[number:])]
    for matter in planted:
        at = DAY + timedelta(hours=rng.uniform(8, 19))
        own = list(matter["texts"])
        for n, text in enumerate(rng.sample(own, len(own))):
            rows.append((text, at, f"{matter['matter']} {n}", str(matter["matter"])))
            at += timedelta(minutes=rng.expovariate(1 / MINUTES_BETWEEN))
    rows.sort(key=lambda row: row[1])
    return Day(agency, sorter.letters(before, f"{agency} before", seed), sorter.letters(rows, agency, seed))


def watched(encoder: CachingEncoder | None) -> Look:
    """Emerging matters, as review looks for them."""

    def look(day: Day) -> Seen:
        vectors = _vectors(day, encoder)
        seen, began = Seen(), time.perf_counter()
        history = History(
            [letter.message.received_at for letter in day.before],
            [letter.message.terms for letter in day.before],
            [vectors.get(letter.message.request_id) for letter in day.before],
        )
        by_id = {letter.message.request_id: letter for letter in day.letters}
        window: list[Message] = []
        signatures: dict[UUID, matters.Signature] = {}
        members: dict[UUID, list[UUID]] = {}
        for letter in day.letters:
            message = replace(letter.message, vector=vectors.get(letter.message.request_id))
            window = [other for other in window if other.received_at > message.received_at - matters.WINDOW]
            outcome = matters.step(message, window, history, signatures)
            if isinstance(outcome, Joined):
                message = replace(message, matter_id=outcome.matter_id)
                members[outcome.matter_id].append(message.request_id)
                if len(members[outcome.matter_id]) == NAMED_AT:
                    again = naming.name_of([by_id[member].reading for member in members[outcome.matter_id]], history)
                    _name(seen, [by_id[member] for member in members[outcome.matter_id]], again.words, again.streets)
            elif isinstance(outcome, Emergence):
                ids = set(outcome.members)
                signatures[outcome.matter_id], members[outcome.matter_id] = outcome.signature, list(outcome.members)
                window = [replace(other, matter_id=outcome.matter_id) if other.request_id in ids else other for other in window]
                message = replace(message, matter_id=outcome.matter_id)
                name = naming.name_of([by_id[member].reading for member in outcome.members], history)
                _note(seen, day, letter, [by_id[member] for member in outcome.members], name.words, name.streets)
            window.append(message)
        seen.seconds = (time.perf_counter() - began) / len(day.letters)
        for ids_of in members.values():
            own = Counter(by_id[member].matter for member in ids_of)
            matter = max(own, key=lambda name: (bool(name), own[name]))
            seen.members.update({"right": own[matter] if matter else 0, "wrong": sum(own.values()) - (own[matter] if matter else 0)})
        return seen

    return look


def _vectors(day: Day, encoder: CachingEncoder | None) -> dict[UUID, np.typing.NDArray[np.float32]]:
    if encoder is None:
        return {}
    letters = [*day.before, *day.letters]
    rows = encoder.vectors([message_terms.redacted_text(letter.triaged) for letter in letters])
    assert rows is not None
    return {letter.message.request_id: row for letter, row in zip(letters, rows, strict=True)}


def _note(seen: Seen, day: Day, at: Letter, members: Sequence[Letter], words: Sequence[str], streets: Sequence[str]) -> None:
    """Whether a group is a planted matter, with which of its messages it was seen, and whether its name tells it."""
    own = Counter(letter.matter for letter in members)
    matter = max(own, key=lambda name: (own[name], name))
    shown = ", ".join((*words, *streets))
    if not matter or own[matter] * 2 < len(members):
        seen.false.append(f"{shown} ({len(members)})")
        return
    if seen.within.get(matter) is not None:
        return
    of_it = [letter for letter in day.letters if letter.matter == matter and letter.message.received_at <= at.message.received_at]
    seen.within[matter] = len(of_it)
    _name(seen, members, words, streets)


def _name(seen: Seen, members: Sequence[Letter], words: Sequence[str], streets: Sequence[str]) -> None:
    """Whether the name has a telling word, and the place where there is one; what it is called later counts."""
    own = Counter(letter.matter for letter in members if letter.matter)
    if not own:
        return
    matter = own.most_common(1)[0][0]
    asked = _PLANTED[matter]
    name = ", ".join((*words, *streets)).casefold()
    seen.names.append(f"{matter}: {name} ({len(members)})")
    seen.named[matter] = any(word in name for word in asked["telling"])
    if asked["place"]:
        seen.placed[matter] = str(asked["place"]).casefold() in name


_PLANTED: dict[str, dict[str, Any]] = {}


def rising_groups(day: Day) -> Seen:
    """Groups of near-duplicates and of streets, and whether `rising.py` says that they rise."""
    seen = Seen()
    slots: list[tuple[str, str]] = []
    letters: list[Letter] = []
    by_street: dict[tuple[str, str], list[int]] = {}
    group_of: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    announced: set[int] = set()
    began = time.perf_counter()
    for number, letter in enumerate(sorted([*day.before, *day.letters], key=lambda letter: letter.message.received_at)):
        own = fingerprints.read(letter.triaged.fingerprint)
        ties = [int(str(n.request_id)) for n in near_duplicates.nearest(own, slots)] if own else []  # type: ignore[arg-type]
        for place in places.places_of(letter.request, letter.triaged.parts):
            mates = by_street.setdefault((letter.triaged.category, place.key), [])
            ties += [n for n in mates if letter.message.received_at - letters[n].message.received_at <= timedelta(hours=48)]
            mates.append(number)
        letters.append(letter)
        if letter.triaged.fingerprint:
            slots.append((str(number), letter.triaged.fingerprint))
        if not ties:
            continue
        joined = Counter(group_of[tie] for tie in ties if tie in group_of)
        group = max(joined, key=lambda g: (joined[g], g)) if joined else number
        for member in {number, *(tie for tie in ties if tie not in group_of)}:
            group_of[member] = group
            groups.setdefault(group, []).append(member)
        now = letter.message.received_at
        newest = {letters[n].message.sender: letters[n].message.received_at for n in sorted(groups[group])}
        if group not in announced and now >= DAY and rising.rise_of(sorted(newest.values(), reverse=True), now):
            announced.add(group)
            _note(seen, day, letter, [letters[n] for n in groups[group]], (), ())
    seen.seconds = (time.perf_counter() - began) / len(letters)
    return seen


def bursting_words(day: Day) -> Seen:
    """Single words that more people use within the hour than chance explains by their share of the weeks before."""
    seen, began = Seen(), time.perf_counter()
    history = History([letter.message.received_at for letter in day.before], [letter.message.terms for letter in day.before])
    window: list[Letter] = []
    announced: dict[int, datetime] = {}
    for letter in day.letters:
        window = [other for other in window if other.message.received_at > letter.message.received_at - matters.WINDOW]
        window.append(letter)
        having = history.postings.having(letter.message.terms)
        for term, before in zip(letter.message.terms, having, strict=True):
            with_it = [other for other in window if term in other.message.terms]
            people = len({other.message.sender for other in with_it})
            if people < matters.FEWEST or letter.message.received_at - announced.get(int(term), DAY - timedelta(days=1)) < matters.WINDOW:
                continue
            if chance_of(people, int(before), history.size / len(window)) < matters.BY_CHANCE / len(letter.message.terms):
                announced[int(term)] = letter.message.received_at
                word = next((w for other in with_it if (w := other.reading.words.get(int(term)))), "")
                _note(seen, day, letter, with_it, (word,), ())
    seen.seconds = (time.perf_counter() - began) / len(day.letters)
    return seen


def row(name: str, seen: Sequence[Seen]) -> str:
    within = [number for day in seen for number in day.within.values()]
    hits = sorted(number for number in within if number is not None)
    named, placed = [n for day in seen for n in day.named.values()], [n for day in seen for n in day.placed.values()]
    false = [len(day.false) for day in seen]
    members = sum((day.members for day in seen), Counter[str]())
    pure = members["right"] / members.total() if members else 0.0
    return (
        f"{name:30s}{len(hits):4d} of {len(within):<4d}{sum(n <= 10 for n in hits):8d}"
        f"{statistics.median(hits) if hits else float('nan'):8.1f}{max(hits, default=0):6d}"
        f"{statistics.mean(false):10.2f}{max(false):6d}{_share(named):>8s}{_share(placed):>8s}{100 * pure:8.0f}%"
        f"{1000 * statistics.mean(day.seconds for day in seen):9.2f}"
    )


def _share(values: Sequence[bool]) -> str:
    return f"{100 * sum(values) / len(values):.0f}%" if values else "-"


COLUMNS = ("seen", "in 10", "median", "last", "false/day", "most", "named", "placed", "members", "ms each")
WIDTHS = (10, 9, 8, 6, 10, 6, 8, 8, 9, 9)
HEAD = f"{'':30s}" + "".join(f"{column:>{width}s}" for column, width in zip(COLUMNS, WIDTHS, strict=True))


def days_of(data: Path, part: str, seeds: int, planted: Sequence[dict[str, Any]]) -> Iterator[Day]:
    """Each agency's days, two matters of a language that it is written to in each."""
    sorter = Sorter()
    for agency, names in AGENCIES.items():
        texts = real(data, names, part)
        fitting = [matter for matter in planted if agency == "city" or matter["language"] == ("fr" if "fr" in agency else "en")]
        for seed in range(seeds):
            day = a_day(agency, texts, random.Random(f"planted {agency} {seed}").sample(fitting, 2), sorter, seed)
            if not seed:
                print(f"{agency}: {len(day.before)} messages before, {len(day.letters)} on the day", flush=True)
            yield day


def looks_of(*, peers: bool) -> dict[str, Look]:
    """What is measured: with meaning only where the encoder can be had."""
    looks: dict[str, Look] = {"emerging, words": watched(None)}
    if encoder := encoder_backends.local():
        looks["emerging, words and meaning"] = watched(encoder)
    return looks | ({"groups of today, rising": rising_groups, "single words": bursting_words} if peers else {})


def seen_in(look: Look, day: Day) -> Seen:
    """What was seen in the day, with each planted matter that was not."""
    seen = look(day)
    for letter in day.letters:
        if letter.matter:
            seen.within.setdefault(letter.matter, None)
    return seen


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of real messages")
    parser.add_argument("--part", choices=("tune", "second", "test"), default="test")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="names of what was seen, and of false ones")
    parser.add_argument("--only", action="store_true", help="without the peers")
    args = parser.parse_args()
    planted = [matter for line in PLANTED.read_text(encoding="utf-8").splitlines() if (matter := json.loads(line))["part"] == args.part]
    _PLANTED.update({matter["matter"]: matter for matter in planted})
    looks = looks_of(peers=not args.only)
    by_look: dict[str, dict[str, list[Seen]]] = {name: {} for name in looks}
    for day in days_of(args.data, args.part, args.seeds, planted):
        for name, look in looks.items():
            by_look[name].setdefault(day.agency, []).append(seen_in(look, day))
    print(f"\n{HEAD}")
    for name, by_agency in by_look.items():
        print(row(name, [seen for days in by_agency.values() for seen in days]))
        for agency, days in by_agency.items():
            print(row(f"  {agency}", days))
            for seed, seen in enumerate(days if args.show else ()):
                print(f"    {name}, {agency}, {seed}", *seen.names, *(f"FALSE {false}" for false in seen.false[:9]), sep="\n      ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
