"""Writes what a reply to an emergency begins with, what to do now and whom to call; finds sentences that calm or put off."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.domain.emergency_contacts import Danger, Emergencies
from services.domain.placeholders import CITIZEN_NAME
from services.domain.taxonomy import said_in
from services.drafting import tokenization

WORDS = Path(__file__).with_name("emergency_words.yaml")
_LINE = {"en": "{name}: {number}", "fr": "{name} : {number}"}


@dataclass(frozen=True)
class Lead:
    """The text that begins a reply to an emergency, and the telephone numbers that it must have."""

    text: str
    numbers: tuple[str, ...]

    def leads(self, body: str) -> bool:
        """Whether a body begins with it, greeting and spacing apart."""
        place = _spaced(body).find(_spaced(self.text))
        return 0 <= place <= _GREETING


_GREETING = 200  # characters: with the longest name


def lead(dangers: Sequence[Danger], language: str, spoken: str, emergencies: Emergencies) -> Lead:
    """What to do now, in the language of the reply; the first sentence in the citizen's own as well, where that is another that we know."""
    number = emergencies.number
    calls: dict[str, str] = emergency_words()["call"]
    paragraphs = [said_in(calls, language).format(number=number)]
    if spoken != language and spoken in calls:
        paragraphs.insert(0, calls[spoken].format(number=number))
    numbers = [number]
    for danger in dangers:
        hotline = emergencies.hotlines.get(danger)
        advice = said_in(hotline.advice if hotline and hotline.advice else emergency_words()["advice"][danger.value], language).replace(
            "{number}", number
        )
        if hotline:
            numbers.append(hotline.number)
            line = said_in(_LINE, language).format(name=said_in(hotline.name, language), number=hotline.number)
            advice = f"{advice}\n{line}"
        paragraphs.append(advice)
    return Lead("\n\n".join(paragraphs), tuple(dict.fromkeys(numbers)))


@cache
def emergency_words() -> dict[str, Any]:
    """The sentences and patterns, read once."""
    words: dict[str, Any] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return words


@cache
def _pattern(name: str) -> re.Pattern[str]:
    """The patterns of one list, as one."""
    return re.compile("|".join(emergency_words()[name]))


_SENTENCE_ENDS = re.compile(r"(?<=[.!?\u2026])\s+|\n+")
_CLAUSES = re.compile(r"[:;,\u2013\u2014]\s{0,3}|\b(?:and|or|et|ou|then|puis|ensuite|but|mais)\s")
_SHAPES_KNOWN_IN = frozenset({"en", "fr"})


def calming(text: str) -> list[str]:
    """The sentences that reassure or put off: none of them may stand in a reply to an emergency."""
    return [sentence for sentence in _sentences(text) if _calms(tokenization.plain(sentence))]


def unhelpful(text: str, language: str, published: str = "", department: str = "") -> list[str]:
    """The sentences of a draft that may not stand in a reply to an emergency.

    In English and French those are all but instructions, greeting and goodbye, what is published word for word, and that somebody has
    read the message: what else a model says there can only calm, promise or put off, in whatever words. In other languages those
    that are known to.
    """
    source = " ".join(tokenization.plain(published).split())
    wrong = []
    for sentence in _sentences(text):
        plain = " ".join(tokenization.plain(sentence).split())
        is_known = (
            language not in _SHAPES_KNOWN_IN
            or plain.strip(" .,!") in {"", tokenization.plain(department).strip()}
            or _instructs(plain)
            or _pattern("plain_words").match(plain) is not None
            or plain.strip(" \"'\u201c\u201d\u00ab\u00bb") in source
        )
        if not is_known or _calms(plain):
            wrong.append(sentence)
    return wrong


def _sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE_ENDS.split(text) if sentence.strip()]


def _calms(plain: str) -> bool:
    """Whether a sentence reassures or puts off; `do not worry about your belongings` beside an instruction does not."""
    if not _pattern("calming").search(plain):
        return False
    return not _instructs(plain) or _pattern("calming").search(_pattern("beside_an_instruction").sub(" ", plain)) is not None


def _instructs(plain: str) -> bool:
    """Whether a part of the sentence says what to do at once, beside what may only stand beside such a part."""
    bare = _pattern("beside_an_instruction").sub(" ", plain)
    return any(_pattern("instructions").match(_pattern("before_instructions").sub("", clause, count=1)) for clause in _CLAUSES.split(bare))


def led(body: str, first: Lead) -> str:
    """The body with the lead right after the greeting; unchanged where it has it already."""
    if first.leads(body):
        return body
    rest = without(body, first).strip()
    greeting = re.match(r"[^\n.?]{0,120}?(?:,|:|!|\uff0c)[ \t]*(?=\n|$)", rest) or re.match(
        rf"[^\n.?]{{0,60}}{re.escape(CITIZEN_NAME)}[,:!]?", rest
    )
    if not greeting:
        return f"{first.text}\n\n{rest}"
    return f"{greeting.group().strip()}\n\n{first.text}\n\n{rest[greeting.end() :].strip()}".strip()


def without(body: str, first: Lead) -> str:
    """The body but for its lead, whose own words are known."""
    for paragraph in first.text.split("\n"):
        body = body.replace(paragraph, " ", 1) if paragraph.strip() else body
    return body


def _spaced(text: str) -> str:
    return " ".join(text.split())
