"""Removes figures of speech and harmless meanings that sound like danger, before signals are detected."""

import re

from services.triage.signals.idioms_english import ENGLISH
from services.triage.signals.idioms_french import FRENCH
from services.triage.signals.wording_matcher import Cued, Text

_BOTH = (
    (
        "alar test exer essa",
        (
            r"\b(?:test|essai|testing) (?:of |de |des |du |mensuel )?(?:the |la |les |le )?(?:alarms?|alarmes?|sirens?|"
            r"sirenes?)"
        ),
    ),
    (
        "gas gaz gazo gaze gase",
        (
            r"\bexhaust gas\w*|\bgas (?:bill|bills|meter reading|supplier|tariff|prices?|contract|account|engineer "
            r"appointment|boiler (?:grant|scheme)|station|company|heating grant)|\bgreenhouse gas\w*|\bgaz (?:d'echappement|a "
            r"effet de serre|de ville dans la rue|hilarant|naturel (?:tarif|prix))|\bfactures? (?:de |du )?gaz|\b(?:prix|"
            r"tarif|compteur|fournisseur|contrat|abonnement|chaudiere|cheque) (?:de |du |a |au )?gaz|\bgazon|\bgazette|\beau "
            r"gazeuse|\ba plein gaz|\bgaz de schiste"
        ),
    ),
    ("beat", r"\bbeaten to (?:the|it|a|my)\b|\bbeaten by (?:the|a) (?:queue|system|form|weather)\b"),
    ("sorr chag", r"\bdrown\w* (?:his|her|my|our|their) sorrows?\b|\bnoy\w+ (?:son|mon|leur|ses) chagrins?\b"),
    ("pric cost rent bill fees", r"\b(?:prices?|costs?|rents?|bills?|fees)\b(?: \w+){0,4} explod\w+"),
    ("cart tick bill piec", r"\b(?:carte|ticket|billet|piece)s?\b(?: \w+){0,4} (?:bloque|coince)\w*"),
    ("site serv syst", r"\b(?:site|serveur|systeme)\b(?:[ ']\w+){0,4} (?:ecroule|effondre)\w*"),
    (
        "flea puce tick seag moue pige midg gree tiqu",
        (
            r"\battack\w* by (?:fleas|ticks|seagulls|pigeons|midges|greenfly)|\battaquee?s? par (?:les |des )?(?:puces|tiques|"
            r"mouettes|pigeons|pucerons)"
        ),
    ),
    (
        "hurt inju harm kill casu",
        r"\b(?:no ?one|nobody|none)(?: \w+){0,3} (?:hurt|injured|harmed|killed)\b|\bno (?:injur\w+|casualties)\b",
    ),
    (
        "sent sens fuit brul fume pend saig mena long",
        (
            r"\bn(?:e |')(?:sent|sens|sentons|sentent|fuit|brule|fume|pend|saigne|menace) plus\b|\bno longer "
            r"(?:smell|leak|burn|smok|spark|bleed|threaten)\w*"
        ),
    ),
    (
        "bles vict mal pers",
        r"\b(?:aucune?|pas de|sans|ni) (?:blesse\w*|victimes?|mal)\b|\bpersonne n'a (?:ete |rien )?(?:blesse\w*|eu)?",
    ),
)
_IDIOMS = Cued((*ENGLISH, *FRENCH, *_BOTH))


def without_idioms(text: Text) -> Text:
    """The text with each figure of speech blanked, as long as before, so that places stay true."""
    literal = text.folded
    for pattern in _IDIOMS.worth_trying(text):
        literal = pattern.sub(_blank, literal)
    return text if literal == text.folded else Text(literal)


def _blank(match: re.Match[str]) -> str:
    return "_" * len(match.group())
