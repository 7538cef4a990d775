"""Finds names beside a relation: "my neighbour Tom Hargrove", "mon mari pierre"."""

import re
from collections.abc import Iterator

from services.triage.redaction.lowercase_names import ends_there, small_name_at, two_unheard_at
from services.triage.redaction.name_lexicon import (
    NATIONS,
    OFFICES,
)
from services.triage.redaction.name_shape import (
    WORD,
    is_first_name,
    name_at,
    named,
    several,
    shouted,
    telling,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_AFTER_RELATION = re.compile(
    r"(?:s|'s)?(?P<side>[ -]in[ -]law| (?:du dessus|du dessous|d'a cote|d'en face|du haut|du bas|de palier|upstairs|downstairs|next door"
    r"|opposite))?"
    r"(?: (?:sociale|social worker|est|is|was|named|called|nommee?|prenommee?|qui s'appelle|appelee?|m\.|de|du|d|of)(?!\w))?"
    r"(?:'| ?[,:(-]? ?)(?:(?:mr|mrs|mme|m|dr)\. ?)?"
)


def _related(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    if folded.lower[start:end] == "son" and language == "fr":
        return  # "son" is "his" there
    link = _AFTER_RELATION.match(folded.lower, end)
    if link is None or link.end() == end:
        return
    at = link.end()
    linked = link.group().replace(link["side"] or "", "", 1)
    word = WORD.match(folded.lower, at)
    listed = word is not None and is_first_name(word.group())
    span = name_at(folded, at, spoken=True)
    if span is None and linked.strip(" '") in _BESIDE and folded.text[at : at + 1].isupper():
        span = name_at(folded, at, cued=True)
        if span is not None and not telling(folded, span) and (not folded.text[start].islower() or _is_of_a_nation(folded, span)):
            span = None  # "Child Maintenance", "mon amie Peruvienne"
    if span is not None:
        loose = any(mark in linked for mark in ",:-") or linked in {" is ", " est ", " was "}
        owned = " d" in linked or " of" in linked
        likely = listed or several(folded, span) or not (loose or owned) or (loose and "s" not in linked and ends_there(folded, span[1]))
        if likely and not shouted(folded, span):
            yield named(folded, span)
    elif folded.text[at : at + 1].islower():
        between = linked.strip(" '")
        yield from _related_small(folded, at, beside=between in _BESIDE, copula=between in {"is", "est", "was"})


def _related_small(folded: Folded, at: int, *, beside: bool, copula: bool) -> Iterator[PiiSpan]:
    """Whoever is related, in small letters. After "is" an everyday word tells how somebody is: "ma voisine est claire"."""
    span = small_name_at(folded, at, verb_may_follow=True, alone=beside and not copula)
    if span is None and beside:
        span = two_unheard_at(folded, at)
    if span is not None:
        yield named(folded, span)


def _is_of_a_nation(folded: Folded, span: tuple[int, int]) -> bool:
    word = folded.lower[span[0] : span[1]]
    return word in NATIONS or word.removesuffix("s") in NATIONS | OFFICES


_BESIDE = frozenset(
    ("", "is", "est", "was", "named", "called", "nomme", "nommee", "prenomme", "prenommee", "qui s'appelle", "appele", "appelee"),
)  # fmt: skip
"""Between a relation and a name that may be any word: "my daughter Faith", "mon voisin nomme Sauvage"."""


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("neighbour", "neighbours", "neighbor", "voisin", "voisine", "voisins", "husband", "mari", "wife", "femme", "epouse", "epoux",
         "son", "sons", "fils", "daughter", "daughters", "fille", "filles", "mother", "mere", "maman", "father", "pere", "papa",
         "brother", "frere", "sister", "soeur", "partner", "compagnon", "compagne", "conjoint", "conjointe", "colleague", "collegue",
         "friend", "ami", "amie", "landlord", "landlady", "locataire", "proprietaire", "tenant", "child", "enfant", "enfants",
         "children", "cousin", "cousine", "witness", "temoin", "guide", "teacher", "grandson", "granddaughter", "grandfather",
         "grandmother", "grandma", "grandpa", "nephew", "niece", "neveu", "gardien", "gardienne", "concierge", "caretaker",
         "assistante", "assistant", "worker", "boyfriend", "girlfriend", "fiance", "fiancee", "ex", "twin", "twins", "jumeaux", "boss",
         "kid", "kids", "roommate", "flatmate", "colocataire", "mum", "mom", "dad", "interprete", "tuteur", "tutrice",
         "curateur", "carer", "nanny", "nounou", "boy", "girl", "baby", "bebe", "oncle", "tante", "boys", "girls", "garcon", "garcons",
         "carers", "twins", "mums", "daddy", "mummy", "executor", "executrix", "treasurer", "tresoriere", "tresorier", "secretaire",
         "nan", "gran", "granny", "grandad", "granddad", "aunt", "auntie", "uncle", "stepson", "stepdaughter", "stepfather",
         "stepmother", "stepdad", "stepmum", "stepmom", "stepbrother", "stepsister", "housemate", "housemates", "friends", "sisters",
         "brothers", "cousins", "nieces", "nephews", "amis", "amies", "soeurs", "freres", "person", "veuve", "feu", "copain", "copine",
         "jumelles", "famille", "temoins", "witnesses"),
        _related,
    ),
)  # fmt: skip
