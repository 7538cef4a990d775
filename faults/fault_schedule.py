"""Draws which fault comes when, from a seed, so that a run can be repeated."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "kill a service",
    "freeze a service",
    "kill a broker",
    "stop the database at once",
    "cut every database connection",
    "the model refuses",
    "the model hangs",
    "the model talks nonsense",
    "the mail server refuses",
    "the mail server drops the text",
    "the mail server drops its answer",
    "requests twice and out of order",
    "rebalance storm",
]

SERVICES = ("intake", "triage", "drafting", "review", "dispatch")

WEIGHTS: dict[Kind, int] = {
    "kill a service": 10,
    "freeze a service": 5,
    "kill a broker": 3,
    "stop the database at once": 3,
    "cut every database connection": 3,
    "the model refuses": 2,
    "the model hangs": 2,
    "the model talks nonsense": 2,
    "the mail server refuses": 2,
    "the mail server drops the text": 2,
    "the mail server drops its answer": 2,
    "requests twice and out of order": 3,
    "rebalance storm": 2,
}
LONGEST: dict[Kind, float] = {
    "freeze a service": 14.0,  # longer than a session of a consumer group: the others take over, and then it wakes
    "kill a broker": 8.0,
    "stop the database at once": 6.0,
    "the model refuses": 8.0,
    "the model hangs": 8.0,
    "the model talks nonsense": 8.0,
    "the mail server refuses": 8.0,
    "the mail server drops the text": 6.0,
    "the mail server drops its answer": 3.0,
}


@dataclass(frozen=True)
class Fault:
    """A fault: kind, victim, seconds after the start, and seconds that it lasts."""

    at: float
    kind: Kind
    service: str
    process: int
    seconds: float


def draw(seed: int, count: int, seconds: float) -> list[Fault]:
    """Draws `count` faults over `seconds`. Every kind comes at least once where there is room for all."""
    dice = random.Random(seed)
    kinds: list[Kind] = list(WEIGHTS)[:count]
    kinds += dice.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count - len(kinds))
    dice.shuffle(kinds)
    gap = seconds / count
    return [_fault(dice, kind, (number + dice.uniform(0.1, 0.9)) * gap) for number, kind in enumerate(kinds)]


def _fault(dice: random.Random, kind: Kind, at: float) -> Fault:
    longest = LONGEST.get(kind, 0.0)
    return Fault(at, kind, dice.choice(SERVICES), dice.randrange(2), round(dice.uniform(min(1.0, longest), longest), 1))


def told(faults: Sequence[Fault]) -> str:
    """How many of each, for the report."""
    counts = {kind: sum(f.kind == kind for f in faults) for kind in WEIGHTS}
    return ", ".join(f"{count} x {kind}" for kind, count in counts.items() if count)
