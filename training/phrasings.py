"""Reads phrasings of danger and of harmless matters by kind (`data/phrasings`), and writes each out a few times.

A phrasing has places where one of several words may stand, `I (have|had) (no|little) heat`, so that what is learned is what they have
in common. Half of them get a sentence before or behind as letters have, the same ones whether there is danger or not.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent / "data" / "phrasings"
TIMES = 6
"""How often a phrasing is written out at most."""
_CHOICE = re.compile(r"\(([^()]*)\)")
_FRAMED, _TRIES = 0.5, 4


@dataclass(frozen=True)
class Written:
    """A phrasing written out; `phrasing` numbers what it is of."""

    text: str
    danger: bool
    kind: str
    language: str
    phrasing: int


def files() -> list[Path]:
    """A file for each language."""
    return sorted(FOLDER.glob("*.yaml"))


def written() -> list[Written]:
    """All phrasings, written out the same way every time."""
    texts: list[Written] = []
    number = 0
    for path in files():
        kinds = yaml.safe_load(path.read_text(encoding="utf-8"))
        frames = kinds.pop("frames")
        for kind, sides in kinds.items():
            for side, phrasings in sides.items():
                for phrasing in phrasings:
                    texts += [Written(text, side == "danger", kind, path.stem, number) for text in _variants(phrasing, frames)]
                    number += 1
    return texts


def _variants(phrasing: str, frames: dict[str, list[str]]) -> list[str]:
    chance = random.Random(phrasing)
    plain = dict.fromkeys(_filled(phrasing, chance) for _ in range(TIMES * _TRIES))
    return [" ".join(_framed(text, frames, chance)) for text in list(plain)[:TIMES]]


def _filled(phrasing: str, chance: random.Random) -> str:
    text = _CHOICE.sub(lambda choice: chance.choice(choice[1].split("|")), phrasing)
    return re.sub(r"\s+([,.])", r"\1", " ".join(text.split()))


def _framed(text: str, frames: dict[str, list[str]], chance: random.Random) -> Iterator[str]:
    if chance.random() < _FRAMED:
        yield chance.choice(frames["before"])
    yield text
    if chance.random() < _FRAMED:
        yield chance.choice(frames["after"])
