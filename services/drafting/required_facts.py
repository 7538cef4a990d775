"""Tells which facts a letter needs and the message does not have, so that they are asked for instead of made up. Pure."""

import re
from collections.abc import Sequence

from schemas.requests_triaged import RequestTriaged
from services.domain.message_parts import citizens_words_of
from services.drafting import tokenization

_PLACEHOLDERS = {
    "address": r"\[ADDRESS_\d+\]",
    "phone": r"\[PHONE_\d+\]",
    "email": r"\[EMAIL_\d+\]",
    "name": r"\[NAME_\d+\]",
    "plate": r"\[(?:PLATE|LICENCE_PLATE|VEHICLE)_\d+\]",
    "birth": r"\[(?:BIRTH\w*|DATE_OF_BIRTH)_\d+\]",
    "account": r"\[(?:ACCOUNT|CUSTOMER|ID|NUMBER|REFERENCE)\w*_\d+\]",
    "reference": r"\[(?:REFERENCE|ID|NUMBER|CASE)\w*_\d+\]",
}
_MONTHS = (
    r"jan(?:uary|vier)?|feb(?:ruary)?|fevrier|mar(?:ch|s)|apr(?:il)?|avril|may|mai|june?|juin|july?|juillet|aug(?:ust)?|aout"
    r"|sept?(?:ember|embre)?|oct(?:ober|obre)?|nov(?:ember|embre)?|dec(?:ember|embre)?"
)
_PLACES = (
    r"street|road|rd|avenue|ave|lane|square|close|drive|crescent|court|park|bridge|station|school|church|market|corner|junction|crossing"
    r"|roundabout|opposite|in front of|outside|next to|between|behind|near|(?:my|our) (?:house|door|building|flat|garden|street)"
    r"|rue|route|chemin|boulevard|bd|place|quai|allee|impasse|pont|gare|ecole|eglise|marche|carrefour|rond[- ]point|angle|devant"
    r"|derriere|en face|entre le|pres d|a cote d|chez (?:moi|nous)|notre (?:rue|immeuble)|ma (?:rue|maison)"
)
_DAYS = (
    r"today|yesterday|tonight|tomorrow|last (?:night|week|month)|this (?:morning|week)|since|for (?:\w+ )?(?:days|weeks|months)|ago"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|aujourd'hui|hier|demain|depuis|ce (?:matin|soir)|la semaine|il y a"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
)
_SIGNS = {
    "address": rf"\b(?:{_PLACES})\b",
    "date": rf"\b\d{{1,2}}[./-]\d{{1,2}}\b|\b\d{{4}}-\d{{2}}|\b(?:{_MONTHS}|{_DAYS})\b",
    "time": r"\b\d{1,2}[.:h]\d{2}\b|\b\d{1,2} ?(?:am|pm|h|o'clock)\b"
    r"|\b(?:morning|noon|evening|night|midnight|matin|midi|soir|nuit|minuit)\b",
    "photo": r"\b(?:photo\w*|picture|image|attached|attachment|joint\w*|piece jointe|ci-joint)\b",
    "reference": r"\b(?:ref(?:erence)?|dossier|file|case|ticket|notice|avis|n[o\xb0])\W{0,3}"
    r"(?:number |no\.? |numero |n\xb0 ?)?[a-z]{0,4}[- /]?\d",
    "phone": r"\b0\d(?:[ .-]?\d{2}){3,4}\b|\+\d{8,}",
    "account": r"\b(?:account|customer|client|contract|compte|contrat|abonne)\b.{0,20}\d",
    "lamp": r"\b(?:lamp|post|pole|plate|plaque|lampadaire|candelabre|mat|numero|number|no|n\xb0)\b.{0,25}\d",
    "plate": r"\b[a-z]{2}[- ]?\d{3}[- ]?[a-z]{2}\b|\b(?:plate|immatricul\w*)\b.{0,20}\d",
    "meter": r"\b(?:meter|compteur|reading|index|releve)\b.{0,40}\d",
    "document": r"\b(?:attached|enclosed|attachment|ci-joint\w*|piece jointe|en annexe)\b",
    "birth": r"\bborn\b.{0,20}\d|\bnee?\b.{0,20}\d",
    "quantity": r"\b(?:\d+|one|two|three|four|five|six|several|un|une|deux|trois|quatre|cinq|plusieurs)\b",
}
ENOUGH_WORDS = 8
"""Of the message: with fewer it tells no details."""


def missing(needs: Sequence[str], triaged: RequestTriaged) -> list[str]:
    """Of the facts that are needed those that the message shows no sign of; what nobody can look for is asked for."""
    return [fact for fact in needs if not _has(fact, triaged)]


def _has(fact: str, triaged: RequestTriaged) -> bool:
    words = f"{triaged.redacted.subject or ''}\n{citizens_words_of(triaged)}"
    if fact in _PLACEHOLDERS and re.search(_PLACEHOLDERS[fact], words):
        return True
    plain = tokenization.plain(words)
    if fact == "details":
        return len(plain.split()) >= ENOUGH_WORDS
    return fact in _SIGNS and re.search(_SIGNS[fact], plain) is not None
