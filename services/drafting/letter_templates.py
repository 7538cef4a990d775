"""Chooses and writes the letter that a reply without a model is, and knows which sentences are the house's own."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Annotated

from jinja2 import Template
from pydantic import BaseModel, ConfigDict, StringConstraints

from services.domain.placeholders import CITIZEN_NAME

ANY_KIND = "letter"
LONGEST_LETTER = 20_000
"""Characters; a check tells of what is too long to be read."""
OWN_WORDS = 3  # a sentence with fewer of its own could be anybody's

VALUES: Mapping[str, str] = {
    "greeting": "the greeting, with the citizen's name",
    "danger": "whom to call, where somebody may be in danger; empty otherwise",
    "published": "the quotations, each with its source; empty where nothing fits",
    "asked": "what the citizen is asked for; empty where it is nothing",
    "apology": "a sentence of regret, where a person asked for one",
    "friendly": "a closing line, where a person asked for a friendly letter",
    "goodbye": "the closing words, with the department",
    "department": "who answers",
    "within": "the promised time, as `within 5 working days`",
    "matter": "what the letter is about, where that is sure; empty otherwise",
    "calm": "true where nobody is in danger or in a hurry",
    "sorry": "true but where a person asked for no apology",
    "may_need_no_answer": "true where the letter may ask for nothing",
    "shorter": "true where a person asked for a shorter letter",
    "plainer": "true where a person asked for plainer words",
}
"""What a letter may fill in or ask about."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class Sentences(BaseModel):
    """What replies in one language share; `{...}` are filled in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    greeting: Text
    greeting_formal: Text
    greeting_friendly: Text
    goodbye: Text
    goodbye_formal: Text
    goodbye_friendly: Text
    friendly: Text
    apology: Text
    danger: Text
    danger_line: Text
    found_one: Text
    found_more: Text
    found_plain: Text
    responsible: Text
    source: Text
    other_language: Text
    asks: Text
    facts: dict[str, Text]
    """The question for each fact that a letter may need, or a person may want to be asked for."""
    within_days: Text
    within_hours: Text
    within_working_days: Text
    within_working_hours: Text
    read: Text
    read_by_somebody: Text
    your_message: Text
    quotes: tuple[str, str]

    def all(self) -> list[str]:
        """Every sentence."""
        return [*(value for value in self.__dict__.values() if isinstance(value, str)), *self.facts.values()]


@dataclass(frozen=True)
class Letter:
    """One file: its text, and the facts that it needs."""

    name: str
    source: str
    template: Template = field(repr=False, compare=False)
    needs: tuple[str, ...] = ()

    def written(self, values: Mapping[str, object]) -> str:
        """The letter with its values; paragraphs that are empty are left out."""
        text = self.template.render(values)
        lines = [line.rstrip() for line in re.sub(r"(?<=\S) {2,}", " ", text).split("\n")]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_LETTER]


@dataclass(frozen=True)
class Templates:
    """Every letter, by file name without `.txt` below its language, the agency's before those of Parvis."""

    sentences: Mapping[str, Sentences]
    own: Mapping[str, Letter]
    shipped: Mapping[str, Letter]

    @property
    def languages(self) -> list[str]:
        """Those that a reply can be written in."""
        return list(self.sentences)

    def language(self, code: str) -> str:
        """The language of a reply to somebody who writes in this one: theirs, or English."""
        return code if code in self.sentences else "en"

    def letter(self, language: str, category: str, kind: str) -> Letter:
        """The most special one: for category and kind, for the category, for the kind, for any; of the agency's first, then of Parvis's."""
        names = [f"{language}/{name}" for name in (f"{category}.{kind}", category, kind, ANY_KIND)]
        for letters in (self.own, self.shipped):
            for name in names:
                if name in letters:
                    return letters[name]
        raise KeyError(names[0])  # pragma: no cover - a folder without a letter for each kind is refused

    @staticmethod
    def within(sentences: Sentences, promise: timedelta, *, working_time: bool) -> str:
        """The promise in words."""
        hours = max(1, round(promise.total_seconds() / 3600))
        days, rest = divmod(hours, 24)
        if days > 1 and not rest:
            return (sentences.within_working_days if working_time else sentences.within_days).format(n=days)
        return (sentences.within_working_hours if working_time else sentences.within_hours).format(n=hours)

    def house(self, language: str) -> str:
        """Every sentence that is the house's own, with `{...}` for what is filled in."""
        return _house(self, self.language(language))

    def is_of_the_house(self, sentence: str, language: str, filled: "Filled") -> bool:
        """Whether a sentence is one of the house's own, with nothing filled in but what this desk would."""
        return any(pattern.fullmatch(" ".join(sentence.split())) for pattern in _patterns(self, self.language(language), filled))

    def __hash__(self) -> int:
        return id(self)

    def __eq__(self, other: object) -> bool:
        return self is other


@dataclass(frozen=True)
class Filled:
    """What this desk fills in: nothing else may stand there."""

    department: str = ""
    within: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@lru_cache(maxsize=64)
def _house(templates: Templates, language: str) -> str:
    letters = (letter for name, letter in {**templates.shipped, **templates.own}.items() if name.startswith(f"{language}/"))
    return "\n".join([*templates.sentences[language].all(), *(_flat(letter.source) for letter in letters)])


@lru_cache(maxsize=256)
def _patterns(templates: Templates, language: str, filled: Filled) -> list[re.Pattern[str]]:
    house = _house(templates, language)
    # A colon ends a sentence where a quotation or a list follows, and none otherwise.
    split = [*re.split(r"(?<=[.!?])\s+|\n+", house), *re.split(r"(?<=[.!?:])\s+|\n+", house)]
    own = {" ".join(sentence.split()) for sentence in split if len(re.findall(r"\w+", re.sub(r"\{\w+\}", "", sentence))) >= OWN_WORDS}
    names = [CITIZEN_NAME, *filled.names]
    values = {"department": [filled.department], "within": filled.within, "number": filled.numbers, "name": names, "n": ["\0"]}
    free = ".{0,120}?"
    patterns = []
    for sentence in own:
        parts = re.split(r"\{(\w+)\}", sentence)
        pattern = "".join(re.escape(part) if i % 2 == 0 else _value(values, part) or free for i, part in enumerate(parts))
        patterns.append(re.compile(pattern))
    return patterns


def _value(values_of: Mapping[str, Sequence[str]], name: str) -> str:
    values = [re.escape(value) for value in values_of.get(name, ()) if value]
    return f"(?:{'|'.join(values)})" if values else ""


def _flat(source: str) -> str:
    """A letter's text with a gap for each value, and a break at each choice."""
    return re.sub(
        r"\{%.*?%\}", "\n", re.sub(r"\{\{\s*(\w+).*?\}\}", r"{\1}", re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)), flags=re.DOTALL
    )
