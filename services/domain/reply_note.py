"""The note under a reply: how it came about, where to object, and whether it solved the matter. In its reader's language. Pure.

Triage knows the note again where a citizen quotes it or pastes it: its words are ours, and say nothing of a matter.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr"]
Sorted = Literal["program", "person"]
Written = Literal["model", "model_changed", "template", "template_changed", "together", "person"]

HEADINGS: dict[Language, str] = {"en": "About this reply", "fr": "À propos de cette réponse"}
SORTED: dict[Language, dict[Sorted, str]] = {
    "en": {"program": "A program sorted your message.", "person": "A person sorted your message."},
    "fr": {"program": "Un programme a trié votre message.", "person": "Une personne a trié votre message."},
}
WRITTEN: dict[Language, dict[Written, str]] = {
    "en": {
        "model": "The language model {model} drafted the text of this reply; a person at the office decided to send it as it was.",
        "model_changed": "The language model {model} drafted this reply; a person at the office changed the draft and decided to send it.",
        "template": "A program put the text of this reply together; a person at the office decided to send it as it was.",
        "template_changed": "A program put a draft together from set texts; a person at the office changed it and decided to send it.",
        "together": "A person at the office wrote one reply to several messages, beginning with a program's draft, and decided to send it.",
        "person": "A person at the office wrote this reply and decided to send it.",
    },
    "fr": {
        "model": "Le modèle de langage {model} a rédigé le texte de cette réponse ; un agent a décidé de l’envoyer tel quel.",
        "model_changed": "Le modèle de langage {model} a rédigé un projet de réponse ; un agent l’a modifié et a décidé de l’envoyer.",
        "template": "Un programme a composé le texte de cette réponse ; un agent a décidé de l’envoyer tel quel.",
        "template_changed": "Un programme a composé un projet à partir de textes types ; un agent l’a modifié et a décidé de l’envoyer.",
        "together": "Un agent a écrit une même réponse à plusieurs messages, à partir du projet d’un programme, et a décidé de l’envoyer.",
        "person": "Un agent a écrit cette réponse et a décidé de l’envoyer.",
    },
}
ABOUT: dict[Language, str] = {
    "en": "What is automated here, and how to object to it: {about}",
    "fr": "Ce qui est automatisé ici, et comment s’y opposer : {about}",
}
QUESTION: dict[Language, str] = {
    "en": "Did this reply solve the matter? Tell us here: {question}",
    "fr": "Cette réponse a-t-elle réglé la question ? Dites-le-nous ici : {question}",
}
LONGEST_NAME = 100


@dataclass(frozen=True)
class HowItCameAbout:
    """What is true of one letter."""

    sorted_by: Sorted
    written: Written
    model: str = ""


def language_of(tag: str) -> Language:
    """The language of the note under a letter in that language."""
    return "fr" if tag.lower().partition("-")[0] == "fr" else "en"


def note(facts: HowItCameAbout, language: Language, about: str, question: str = "") -> str:
    """The note, line by line. `about` and `question` are links; without the second nothing is asked."""
    model = " ".join(facts.model.split())[:LONGEST_NAME]
    written = WRITTEN[language][facts.written].format(model=model).replace("  ", " ")
    lines = [HEADINGS[language], f"{SORTED[language][facts.sorted_by]} {written}", ABOUT[language].format(about=about)]
    return "\n".join([*lines, QUESTION[language].format(question=question)] if question else lines)


_GAP = r"(?:[\s>]{1,20})"
"""Mail programs break lines anew, and mark those that they quote."""
_LINK = r"<?https?://\S{1,500}"


def _pattern(text: str) -> str:
    """The words of a sentence of ours, however its lines were broken; what is filled in may be any."""
    filled = {"{model}": rf"\S{{1,{LONGEST_NAME}}}(?:{_GAP}\S{{1,{LONGEST_NAME}}}){{0,9}}?", "{about}": _LINK, "{question}": _LINK}
    return _GAP.join(filled.get(word) or re.escape(word).replace("’", "['’]").replace(r"\-", f"-{_GAP}?") for word in text.split())


def _any(patterns: Iterator[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


_NOTES = [
    re.compile(
        _GAP.join(
            (
                re.escape(HEADINGS[language]),
                _any(_pattern(text) for text in SORTED[language].values()),
                _any(_pattern(text) for text in WRITTEN[language].values()),
                _pattern(ABOUT[language]),
            )
        )
        + f"(?:{_GAP}{_pattern(QUESTION[language])})?"
    )
    for language in HEADINGS
]


def places(body: str) -> list[tuple[int, int]]:
    """Where notes of ours stand in a message: code points, end excluded."""
    return sorted(match.span() for pattern in _NOTES for match in pattern.finditer(body))
