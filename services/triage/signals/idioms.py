"""Removes figures of speech and harmless meanings that sound like danger, before signals are detected."""

import re

from services.triage.signals.idioms_english import ENGLISH
from services.triage.signals.idioms_french import FRENCH
from services.triage.signals.wording_matcher import Patterns, Text

_BOTH = (
    (
        r"\b(?:test|essai|testing) (?:of |de |des |du |mensuel )?(?:the |la |les |le )?(?:alarms?|alarmes?|sirens?|"
        r"sirenes?)"
    ),
    (
        r"\bexhaust gas\w*|\bgas (?:bill|bills|meter reading|supplier|tariff|prices?|contract|account|engineer "
        r"appointment|boiler (?:grant|scheme)|station|company|heating grant)|\bgreenhouse gas\w*|\bgaz (?:d'echappement|a "
        r"effet de serre|de ville dans la rue|hilarant|naturel (?:tarif|prix))|\bfactures? (?:de |du )?gaz|\b(?:prix|"
        r"tarif|compteur|fournisseur|contrat|abonnement|chaudiere|cheque) (?:de |du |a |au )?gaz|\bgazon|\bgazette|\beau "
        r"gazeuse|\ba plein gaz|\bgaz de schiste"
    ),
    r"\bbeaten to (?:the|it|a|my)\b|\bbeaten by (?:the|a) (?:queue|system|form|weather)\b",
    r"\bdrown\w* (?:his|her|my|our|their) sorrows?\b|\bnoy\w+ (?:son|mon|leur|ses) chagrins?\b",
    r"\b(?:prices?|costs?|rents?|bills?|fees)\b(?: \w+){0,4} explod\w+",
    r"\b(?:carte|ticket|billet|piece)s?\b(?: \w+){0,4} (?:bloque|coince)\w*",
    r"\b(?:site|serveur|systeme)\b(?:[ ']\w+){0,4} (?:ecroule|effondre)\w*",
    (
        r"\battack\w* by (?:fleas|ticks|seagulls|pigeons|midges|greenfly)|\battaquee?s? par (?:les |des )?(?:puces|tiques|"
        r"mouettes|pigeons|pucerons)"
    ),
    r"\b(?:no ?one|nobody|none)(?: \w+){0,3} (?:hurt|injured|harmed|killed)\b|\bno (?:injur\w+|casualties)\b",
    (
        r"\bn(?:e |')(?:sent|sens|sentons|sentent|fuit|brule|fume|pend|saigne|menace) plus\b|\bno longer "
        r"(?:smell|leak|burn|smok|spark|bleed|threaten)\w*"
    ),
    r"\b(?:aucune?|pas de|sans|ni) (?:blesse\w*|victimes?|mal)\b|\bpersonne n'a (?:ete |rien )?(?:blesse\w*|eu)?",
)
_IDIOMS = Patterns((*ENGLISH, *FRENCH, *_BOTH))


def without_idioms(text: Text) -> Text:
    """The text with each figure of speech blanked, as long as before, so that places stay true."""
    literal = text.folded
    for pattern in _IDIOMS.worth_trying(text):
        literal = pattern.sub(_blank, literal)
    return text if literal == text.folded else Text(literal)


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match.group())
