"""Finds commitments in a sentence: what binds the agency, and is wrong unless the agency has published it."""

import re
from dataclasses import dataclass

from services.domain.phrases import Word
from services.drafting.claims.sentences import clauses
from services.drafting.claims.word_lists import patterns

_ABOUT_THIS_CASE = frozenset({"a decision", "fault admitted", "done already", "an appointment"})
"""Kinds that no published rule makes: they are about one citizen."""
_SPARED_WHERE_DENIED = frozenset(
    {"money back", "a debt let go", "a decision", "free of charge", "a right", "a promise", "a word given", "a certainty", "an appointment"}
)
"""Kinds that bind nobody where their clause denies them."""
_OF_THE_HOUSE = frozenset({"done already", "a promise", "an appointment"})
"""What any reply may say of the letter itself: that it was read, passed on, and will be answered."""


KINDS = (
    Word("money back"), Word("a debt let go"), Word("a decision"), Word("fault admitted"), Word("done already"),
    Word("an appointment"), Word("a word given"), Word("a promise"), Word("free of charge"), Word("a right"),
    Word("declared safe"), Word("nothing left to do"), Word("a certainty"), Word("a requirement dropped"), Word("unsafe advice"),
)  # fmt: skip
"""What a draft may commit the agency to, as the word lists and whoever decides call it."""


@dataclass(frozen=True)
class Commitment:
    """A kind of commitment and the words that make it one."""

    kind: str
    words: str


def commitments(plain: str) -> list[Commitment]:
    """The commitments of one sentence, which is in lower case and without accents: of each kind the first."""
    binding = []
    for kind, pattern in patterns("commitments").items():
        matches = (match for match in pattern.finditer(plain) if not _spared(kind, match.group(), _clause(plain, match)))
        if match := next(matches, None):
            binding.append(Commitment(kind, match.group()))
    return binding


def _spared(kind: str, words: str, clause: str) -> bool:
    """Whether the clause around the words takes from them what would bind the agency."""
    exempt = patterns("not_binding")
    return bool(
        (kind in _OF_THE_HOUSE and exempt["of_the_house"].search(clause))
        or (kind in _SPARED_WHERE_DENIED and exempt["denies"].search(clause.replace(words, " ")))
        or (kind in ("done already", "a decision") and exempt["condition"].search(clause))
        or (kind == "declared safe" and exempt["made_safe"].search(clause.split(words, maxsplit=1)[0]))
        or (kind == "unsafe advice" and patterns("strength")["negation"].search(clause))
    )


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
