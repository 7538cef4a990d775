"""Recognises which kinds of danger a message names, by words of the languages that people write in most.

A kind that is not seen costs its hotline and its advice; the emergency number stands in every reply to an emergency.
"""

import re
from functools import cache

from schemas.requests_triaged import RequestTriaged
from services.domain.emergency_contacts import Danger
from services.domain.message_parts import citizens_words_of, matter_of
from services.drafting import tokenization
from services.drafting.emergency_reply import emergency_words

MOST = 3  # kinds in one reply: who has to act at once reads no more

_LOOKED_AT = 6_000  # characters: the danger stands near its words, and those triage has quoted are read as well


@cache
def _patterns() -> dict[Danger, re.Pattern[str]]:
    return {Danger(name): re.compile("|".join(patterns)) for name, patterns in emergency_words()["dangers"].items()}


def dangers_of(triaged: RequestTriaged) -> list[Danger]:
    """The kinds that the message names, those first whose words were seen as danger; none where it names none that we know."""
    shown = " . ".join(signal.words for signal in triaged.signals if signal.kind == "risk_of_harm")
    kinds = [*named(shown), *named(matter_of(triaged)), *named(citizens_words_of(triaged))]
    return list(dict.fromkeys(kinds))[:MOST]


def named(text: str) -> list[Danger]:
    """The kinds of danger that a text names."""
    folded = re.sub(r"[^\w.!?]+", " ", tokenization.plain(text[:_LOOKED_AT]))
    return [danger for danger, pattern in _patterns().items() if pattern.search(folded)]
