"""Finds commitments in a sentence: what binds the agency, and is wrong unless the agency has published it."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).with_suffix(".yaml")
_NEGATED = frozenset({"money back", "a decision", "free of charge", "a right", "a promise", "an appointment"})
"""Kinds that bind nobody where the sentence denies them."""
_DENIES = re.compile(r"\b(?:not|cannot|no|never|nobody|neither)\b|n't\b|\b(?:ne|n')\s?\w+(?: \w+)? (?:pas|plus|jamais|aucune?)\b|\bsans\b")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    words: dict[str, list[str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {kind: re.compile("|".join(patterns)) for kind, patterns in words.items()}


_OF_THE_HOUSE = re.compile(
    r"\b(?:we|a person|somebody|someone|the (?:team|department)|it|your (?:message|letter)|this)\b[^.]{0,40}\b(?:received|read|noted|passed (?:it )?on|forwarded (?:it|your)|handed|looked at|will (?:answer|reply|look|write|read|get back|come back|be (?:read|looked at)))"
    r"|\b(?:nous|une personne|l'equipe|votre (?:message|courrier)|le service|il)\b[^.]{0,40}\b(?:recu|lu|pris connaissance|transmis votre|transmettrons|repondra|repondrons|reviendrons|examinera|examinerons|sera (?:lu|examine))\w*"
)
"""What any reply may say of the letter itself: that it was read, passed on, and will be answered."""


@dataclass(frozen=True)
class Commitment:
    """A kind of commitment and the words that make it one."""

    kind: str
    words: str


def commitments(plain: str) -> list[Commitment]:
    """The commitments of one sentence, which is in lower case and without accents."""
    spared: frozenset[str] = frozenset()
    if _OF_THE_HOUSE.search(plain):
        spared = frozenset({"done already", "a promise", "an appointment"})
    if _DENIES.search(plain):
        spared |= _NEGATED
    matches = ((kind, pattern.search(plain)) for kind, pattern in _patterns().items() if kind not in spared)
    return [Commitment(kind, match.group()) for kind, match in matches if match]
