"""Finds commitments in a sentence: what binds the agency, and is wrong unless the agency has published it."""

import re
from dataclasses import dataclass

from services.drafting.claims.sentences import clauses
from services.drafting.claims.word_lists import patterns

_ABOUT_THIS_CASE = frozenset({"a decision", "fault admitted", "done already", "an appointment"})
"""Kinds that no published rule makes: they are about one citizen."""
_SPARED_WHERE_DENIED = frozenset(
    {
        "money back",
        "a debt let go",
        "a decision",
        "free of charge",
        "a right",
        "a promise",
        "a certainty",
        "an appointment",
        "unsafe advice",
    }
)
"""Kinds that bind nobody where their clause denies them."""
_OF_THE_HOUSE = frozenset({"done already", "a promise", "an appointment"})
"""What any reply may say of the letter itself: that it was read, passed on, and will be answered."""


@dataclass(frozen=True)
class Commitment:
    """A kind of commitment and the words that make it one."""

    kind: str
    words: str


def commitments(plain: str) -> list[Commitment]:
    """The commitments of one sentence, which is in lower case and without accents."""
    exempt = patterns("not_binding")
    binding = []
    for kind, pattern in patterns("commitments").items():
        for match in pattern.finditer(plain):
            clause = _clause(plain, match)
            if kind in _OF_THE_HOUSE and exempt["of_the_house"].search(clause):
                continue
            if kind in _SPARED_WHERE_DENIED and exempt["denies"].search(clause.replace(match.group(), " ")):
                continue
            if kind in ("done already", "a decision") and exempt["condition"].search(clause):
                continue
            if kind == "declared safe" and exempt["made_safe"].search(clause.split(match.group())[0]):
                continue
            binding.append(Commitment(kind, match.group()))
            break
    return binding


def publishes(plain: str, kind: str) -> bool:
    """Whether a sentence of a passage makes this kind of commitment, in whatever words."""
    wider = patterns("not_binding").get(f"published_{kind}")
    return bool(wider and wider.search(plain)) or any(commitment.kind == kind for commitment in commitments(plain))


def is_rule(plain: str, kind: str) -> bool:
    """Whether a sentence says what holds under a condition, rather than what was decided about one citizen."""
    return kind not in _ABOUT_THIS_CASE and bool(patterns("not_binding")["rule"].search(plain))


def _clause(plain: str, match: re.Match[str]) -> str:
    """The part of the sentence, between commas, where the words stand; all of it where they go across one."""
    return next((clause for clause in clauses(plain) if match.group() in clause), plain)
