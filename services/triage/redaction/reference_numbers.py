"""Finds case, account, contract and document numbers after a word that announces one, and plates after a word for a car."""

import re
from collections.abc import Iterator

from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_STRONG = (
    "dossier", "dossiers", "reference", "references", "ref", "refs", "allocataire", "matricule", "immatricule", "contrat", "contract",
    "account", "compte", "passport", "passeport", "client", "customer", "invoice", "facture", "ticket", "claim", "sinistre", "policy",
    "police", "membership", "adherent", "permit", "permis", "licence", "license", "siret", "siren", "ssn", "nir", "nino", "sin", "nas",
    "nif", "tin", "bsn", "pesel", "pps", "ppsn", "avs", "ahv", "dni", "nie", "nhs", "insee", "iban", "rib", "bic", "identity",
    "identite", "securite", "secu", "social", "insurance", "national", "tax", "fiscal", "etudiant", "student", "employee", "employe",
    "agent", "usager", "badge", "abonnement", "abonne", "subscription", "order", "commande", "application", "demande", "case", "file",
    "complaint", "plainte", "reclamation", "signalement", "report", "cheque", "check", "penalty", "fine", "amende", "avis", "pv",
    "card", "carte", "sejour", "etranger", "visa", "badge", "code", "pin", "password", "id", "identifiant", "identifier", "meter",
    "compteur", "pdl", "prm", "booking", "reservation", "receipt", "recu", "pass", "certificate", "certificat", "registration",
    "patient", "codice", "personnummer", "steuernummer", "kundennummer", "aktenzeichen", "convocation", "bail", "lease", "tracking",
    "colis", "parcel", "mandat", "mandate", "sort",
)  # fmt: skip
_MARKS = ("n", "no", "nr", "num", "numero", "numeros", "number", "numbers")
_LINK = (
    r"(?:(?:(?:de|du|d'|of) ?[a-z]{3,20}(?=[ :])|file|case|card|carte|account|compte|client|customer|dossier|code|number|numbers"
    r"|numero|numeros|nummer|num|nr|no|nos"
    r"|n ?[o°º]|id|ref|reference|is|are|est|was"
    r"|etait|sont|the|le|la|les|l|my|mon|ma|au|aux|du|de|d|des|en|portant|porte|under|sous|with|avec|for|pour|old|new|ancien"
    r"|nouveau|national|insurance|security|social|sociale"
    r"|securite|tax|fiscal|fiscale|allocataire|adherent|cantine|canteen|sejour|etranger|belge|belgian|francais|plate"
    r"|titre|to|by|has|a|as|it|should|be|doit|etre"
    r"|also|ci-dessous|suivant|suivante|following|contrat|contract|passport|passeport|permis|permit|policy|d'identite|identite"
    r"|identity|residence|driving|conduire|payee|holder"
    r"|fiscale|medical|avs|ahv|nir|nas|sin|ssn|nhs|bsn|nie|dni|pps|pesel|caf|cpam|msa|[a-z]{2,12}(?= ?:)|construire|building"
    r"|planning|travaux|amenager|patient|student|etudiant)(?:[ '.:=#,()\"]{1,3}|\n))"
)
_FOLLOW = re.compile(rf"(?:s|\(s\)|'s)?(?: ?[.:=#°º,(\"-]|[ '\n]){{1,3}}{_LINK}{{0,6}}(?:[#:(°\"] ?){{0,2}}")
_TOKEN = re.compile(
    r"#?(?:[A-Za-z]{0,6}[-/.]?\d[A-Za-z0-9]*(?:[./_-][A-Za-z0-9]{1,20}){0,6}|[A-Z]{1,4}(?:[/-][A-Za-z0-9]{1,20}){1,6}"
    r"|[A-Z]{1,3}(?= [\dA-Z]))"
)
_NEXT = re.compile(r" (?=[A-Z]{0,3}\d|[A-Z]{1,2}(?![\w']))")
_NEXT_TOKEN = re.compile(
    r"(?:[A-Z]{0,3}\d[A-Z0-9]*(?:[./-][A-Z0-9]{1,20}){0,4}|(?![AIJOY] [a-z])[A-Z]{1,2})(?![\w'])"  # "4412 I wrote": the next sentence
)
_NOT_AN_ID = re.compile(
    r"(?:19|20)\d\d(?:[/-](?:19|20)?\d\d)?$|(?:x{1,8}/){1,2}\d{4}$"
    r"|\d{1,2}[./-]\d{1,2}[./-](?:\d\d){1,2}$|\d{4}-\d\d-\d\d$|\d{1,2}[h:]\d{2}$"
    r"|\d{1,3}(?:[ .,]\d{3}){0,8}(?:[.,]\d{1,2})?(?:eur|e|k|kg|m|km|h|gb|mb|mg)$|\d{1,20}+(?:st|nd|rd|th|er|eme)$",
    re.IGNORECASE,
)
_SHORT_NUMBER = re.compile(r"\d{1,2}/\d{1,2}$|\d{1,2}\.\d{2}$|\d{1,2} \d{3}$|\d{1,3}(?: 000){1,3}$")
_UNIT = re.compile(
    r"(?:[.,]\d+)? ?(?:[€$£%]|eur|euros?|pounds?|dollars?|francs?|gbp|usd|chf|mg|ml|kg|km|cm|m2|kwh|m|h|am|pm|hours?|heures?"
    r"|minutes?|min|days?|jours?|weeks?|semaines?"
    r"|months?|mois|years?|ans|annees?|times|fois|people|personnes|habitants|residents|pages?|metres?|meters?|january|february"
    r"|march|april|may|june|july|august"
    r"|september|october|november|december|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre)(?!\w)",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(r"[€$£] ?$")
_PUBLIC = re.compile(
    r"(?:articles?|art|cerfa|lois?|law|decret|form|formulaire|arrete|page|pages|lines?|lignes?|bus|tram|norme|standard|regulation"
    r"|reglement|directive|section|paragraph"
    r"|paragraphe|chapter|chapitre|route|room|salle|version|error|erreur|annexe|alinea|platform|quai|band|zone|act|bill|step"
    r"|etape|question|point|lot|rule|circulaire|ordonnance)"
    r"[ .:,()'-]{0,3}(?:form |n[o°º.]? ?)?$"
)
_THINGS_NUMBER = re.compile(
    r"\b(?:lamp(?: ?post| column)?|(?:street|traffic) ?lights?|bin|bench|bus stop|tree|pole|gate|map|grid|candelabre|lampadaire|poteau"
    r"|banc|arbre|borne|arret|abribus|horodateur|deliberation) (?:has (?:the )?|porte le )?$"
)
"""What has a number that is nobody's: "lamp number 4471"; but "bin reference" is of whoever wrote about the bin."""
_LAWS_CODE = re.compile(r"\b(?:u\.s\.|united states|civil|penal|index du) $")
_OF_NOBODY = {
    **dict.fromkeys(("n", "no", "nr", "num", "numero", "numeros", "number", "numbers"), _THINGS_NUMBER),
    **dict.fromkeys(("code", "compteur"), _LAWS_CODE),
}
_MACHINES = frozenset({*_OF_NOBODY, "report"})
"""What an error or a version has too: "code 0x80070005"."""
_FILED = frozenset(
    ("dossier", "dossiers", "reference", "references", "ref", "refs", "allocataire", "matricule", "contrat", "contract", "account",
     "compte", "passport", "passeport", "client", "customer", "claim", "sinistre", "policy", "membership", "adherent", "licence", "license",
     "application", "case", "file", "complaint", "plainte", "reclamation", "id", "identifiant", "usager", "abonne", "patient", "police",
     "permit", "permis", "card", "carte", "ticket", "booking", "reservation", "bail", "lease", "demande", "commande", "convocation",
     "student", "etudiant", "employee", "employe", "registration", "certificate", "certificat", "signalement", "badge", "abonnement",
     "subscription", "mandat", "tracking", "colis", "parcel", "sejour", "visa"),
)  # fmt: skip
_DIRECTLY = re.compile(r"(?:s|\(s\)|[°ºo.])? ?[:#=]? ?(?:(?:n ?[o°º.]|no|nr|num|number|numero|is|est|id|ref|reference)[ .:]{0,3}){0,2}$")
"""What may stand between such a word and its number, so that an amount or a time is none: "dossier 12 345", "case 24.71"."""
_MARKED = re.compile(r"#|\b(?:n ?[o°º.]|no|nr|num|number|numero)")
_OWNER = re.compile(r"([a-z]{1,28})[ :.,(]{1,2}$")
_NUMBERED_TOO = (frozenset(_STRONG) | {"declaration"}) - {"report", "code", "check", "national", "social"}
_FEWEST_DIGITS = 4
_SHORTEST_PLATE = 5  # shorter ones are classes and zones: "registered for CM2"
_SHORTEST_OWN_PLATE = 3
_ENROLS = frozenset({"registration", "registered"})
"""What is said of pupils and voters too."""


def _reference(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    if folded.digits[-1][0] < end:
        return
    link = _FOLLOW.match(folded.lower, end)
    if link is None or link.end() >= len(folded.text):
        return
    word = folded.lower[start:end]
    before = folded.lower[max(0, start - 28) : start]
    if _PUBLIC.search(before) is not None or (word in _OF_NOBODY and _OF_NOBODY[word].search(before) is not None):
        return
    first = _TOKEN.match(folded.text, link.end())
    if first is None or (folded.text[link.end() - 1].isalnum() and link.end() > end):
        return
    filed = _is_filed(word, before, folded.lower[end : link.end()])
    if word in _MACHINES and not filed and first.group().startswith("0x"):
        return
    yield from _taken(folded, first, _FEWEST_DIGITS, filed=filed)


def _is_filed(word: str, before: str, link: str) -> bool:
    """Whether the number comes right after what is filed under one: "dossier 12 345", "fine no. 12 000", "contrat n° 24.71"."""
    if _DIRECTLY.match(link) is None:
        return False
    if word in _MARKS:
        owner = _OWNER.search(before)
        return owner is not None and owner.group(1) in _NUMBERED_TOO
    return word in _FILED or _MARKED.search(link) is not None


def _numbered(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After "n°": the mark itself must be one, since "no" is also a word."""
    if folded.lower[start:end] in {"n", "no", "nr"}:
        mark = folded.text[end : end + 1]
        if mark not in {"°", "º", ".", "o", ":"} and not (
            folded.lower[start:end] in {"no", "nr"} and re.match(r" ?#?(?:[A-Z]{1,4}[-/])?\d{4}", folded.text[end : end + 12])
        ):
            return
    yield from _reference(folded, start, end, language)


def _is_no_id(written: str, *, filed: bool) -> bool:
    """Whether it is a date, a time, an amount. Right after "my case" only a year or a whole date is one."""
    return _NOT_AN_ID.match(written) is not None or (not filed and _SHORT_NUMBER.match(written) is not None)


def _taken(folded: Folded, first: re.Match[str], fewest: int, *, filed: bool) -> Iterator[PiiSpan]:
    text = folded.text
    start, end = first.span()
    for _ in range(8):
        if _NEXT.match(text, end) is None:
            break
        following = _NEXT_TOKEN.match(text, end + 1)
        if following is None or _UNIT.match(text, following.end()) is not None:
            break
        end = following.end()
    written = text[start:end].rstrip("./-")
    end = start + len(written)
    digits = sum(character.isdigit() for character in written)
    if digits < fewest or _is_no_id(written, filed=filed) or _MONEY_BEFORE.search(text[max(0, start - 2) : start]) is not None:
        return
    if _UNIT.match(text, end) is not None:
        return
    yield PiiSpan("ID", start, end, re.sub(r"\W", "", written).lower())


_PLATE_AFTER = re.compile(
    r"(?:e|ee|es|ation|ated)?(?:[ :,(\"-]{1,3}(?:number|numero|n°|is|est|no|the|la|le|sous|registration|reg|plate|plaque"
    r"|immatriculee?|with|avec|of|de|a)){0,3}[ :,.(\"-]{1,3}"
    r"([A-Z]{1,3}[ -]?\d{1,4}[ -]?[A-Z]{0,3}|\d{1,4}[ -]?[A-Z]{1,3}[ -]?\d{0,3})(?![\w])"
)


def _plate(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    plate_number = _PLATE_AFTER.match(folded.text, end)
    if plate_number is None:
        return
    written = re.sub(r" [IAY]$", "", plate_number.group(1))  # the next sentence
    plate = re.sub(r"\W", "", written)
    fewest = _SHORTEST_PLATE if folded.lower[start:end] in _ENROLS else _SHORTEST_OWN_PLATE
    if len(plate) >= fewest and not plate.isdigit():
        yield PiiSpan("PLATE", plate_number.start(1), plate_number.start(1) + len(written), plate.lower())


_SORT_CODE = re.compile(r" ?code\W{1,3}(?:is )?(\d{2}-\d{2}-\d{2})(?!\w)")


def _sort_code(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """What looks like a date everywhere else."""
    del start, language
    sort_code = _SORT_CODE.match(folded.lower, end)
    if sort_code is not None:
        yield PiiSpan("ID", *sort_code.span(1), sort_code.group(1).replace("-", ""))


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (tuple(dict.fromkeys(_STRONG)), _reference),
    (_MARKS, _numbered),
    (("sort",), _sort_code),
    (
        (
            "plate",
            "plates",
            "plaque",
            "plaques",
            "immatricule",
            "immatriculee",
            "immatriculation",
            "registration",
            "registered",
            "reg",
            "kennzeichen",
        ),
        _plate,
    ),
)
