"""Finds postal addresses: a house number with its street, a flat, a box, a postcode. A street alone is a place and stays readable."""

import re
from collections.abc import Iterator

from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_FRENCH = (
    "rue", "r", "avenue", "av", "ave", "boulevard", "bd", "bld", "boul", "blvd", "impasse", "imp", "chemin", "allee", "allees",
    "venelle", "ruelle", "montee", "chaussee", "residence", "lotissement", "hameau", "sentier", "faubourg", "fg", "rond-point",
    "lieu-dit", "clos", "mail", "promenade", "esplanade", "traverse", "place", "pl", "quai", "cours", "route", "rte", "square",
    "passage", "villa", "cite", "voie", "levee", "grande", "grand", "parvis",
)  # fmt: skip
_AMBIGUOUS = frozenset(
    {
        "place",
        "pl",
        "cours",
        "route",
        "passage",
        "villa",
        "cite",
        "voie",
        "mail",
        "square",
        "quai",
        "residence",
        "promenade",
        "r",
        "grand",
        "grande",
        "clos",
    }
)
"""Words for streets that are other words too: a capital must follow."""
_ENGLISH = (
    "street", "st", "road", "rd", "avenue", "ave", "lane", "ln", "drive", "dr", "court", "ct", "close", "crescent", "cres", "terrace",
    "ter", "place", "pl", "boulevard", "blvd", "way", "row", "walk", "grove", "gardens", "gdns", "mews", "hill", "park", "square",
    "sq", "rise", "view", "yard", "parkway", "pkwy", "highway", "hwy", "circle", "cir", "trail", "green", "wharf", "quay", "broadway",
    "parade", "alley", "path", "loop", "plaza", "vale", "fields", "drove", "bank", "end", "fold", "croft", "chase", "mead", "embankment",
)  # fmt: skip
_FLAT = (
    r"(?:(?:flat|apt|apartment|unit|suite|appt|appartement|apt|app|bat|batiment|esc|escalier|etage|porte|bte|boite|logement"
    r"|studio|lot|chambre)\.? ?(?:n ?[°o] ?)?(?:[a-z]?\d{1,4}[a-z]?|[a-z])\b(?: at)?,? ?)"
)
_HOUSE = r"(?:(?:n[°o] ?)?\d{1,5}(?: ?(?:bis|ter|quater)\b| ?[a-h]\b)?(?: ?[-/&] ?\d{1,4}(?: ?(?:bis|ter|quater)\b|[a-h]\b)?)?)"
_BEFORE_FRENCH = re.compile(rf"(?<![\w.,/-])({_FLAT}{{0,3}}{_HOUSE}(,?) ?\n?)$")
_BEFORE_ENGLISH = re.compile(
    rf"(?<![\w,/-])({_FLAT}{{0,3}}(?<![\w.,])(\d{{1,5}}[A-Za-z]?(?: ?[-/&] ?\d{{1,4}}[A-Za-z]?)?),? ((?:(?:\d{{1,3}}(?:st|nd|rd"
    rf"|th)|[A-Za-z][\w'.-]*) ){{0,4}}))$",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_TOWN = (
    r"[A-Z][\w'-]{1,40}+(?: (?:sur|sous|le|la|les|en|de|upon|on|under) [A-Z][\w'-]{1,40}+| [A-Z][\w'-]{1,40}+| \d{1,2}(?:e|er|eme)?\b"
    r"| [Cc]edex(?: \d{1,2})?){0,3}"
)
_UK = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b"
_TAIL = re.compile(
    r"(?:(?:,? ?\n?|\s{0,2})(?i:apt|apartment|flat|unit|suite|appt|appartement|bte|boite|bat|batiment|escalier|floor|etage"
    r"|porte)\.? ?[#°]?\w{1,4}\b|,? ?#\d{1,5}[A-Z]?)?"
    rf"(?:[ ,\r\n(-]{{1,5}}(?:[A-Z]{{1,2}}[- ])?\d{{4,5}},? {_TOWN}"
    rf"|(?:[ ,\r\n]{{1,4}}{_TOWN}){{0,2}}[ ,\r\n]{{1,4}}(?:{_UK}|[A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?\b|[A-Z]\d[A-Z] ?\d[A-Z]\d\b"
    rf"|[A-Z]\d\d ?[A-Z\d]{{4}}\b))?"
)
_PARTICLE = (
    r"(?:de|du|des|d|la|le|les|l|aux|au|a|en|sous|sur|et|lez|les|of|saint|sainte|st|ste|general|marechal|president"
    r"|docteur|dr|professeur|capitaine|colonel|abbe|pere|chanoine)"
)
_ABBREVIATED = r"(?:Gal|Dr|Ste?|Mal|Pdt|Cdt|Col|Cap|Pr|[A-Z])\.(?= ?[A-Z])"
_NAMED = re.compile(
    rf"(?:[ '-]{_PARTICLE}\.?){{0,4}}(?:[ '-](?:{_ABBREVIATED}|[A-Z][\w']*"
    rf"|\d{{1,2}}(?:er)?(?= [A-Za-z])))(?:[ '-](?:{_PARTICLE}\.?[ '-]){{0,3}}(?:{_ABBREVIATED}|[A-Z][\w']*|(?:19|20)\d\d\b))"
    r"{0,5}"
)
_SMALL_NAMED = re.compile(
    rf"(?:[ '-]{_PARTICLE}(?!\w)\.?){{0,4}}[ '-][a-z][\w'-]{{1,30}}(?:[ -](?:{_PARTICLE}(?!\w)[ '-]){{1,3}}[a-z][\w-]{{1,30}})?"
)
_LINE_BEFORE = re.compile(
    r"(?:bus|lignes?|lines?|tram|route|room|articles?|salle|les|the|every|all|these|page|line|sortie|exit|junction) $", re.IGNORECASE
)
_DAY_BEFORE = re.compile(r"(?:\ble |\bthe |\bon |(?:lun|mar|mercre|jeu|vendre|same)di )$", re.IGNORECASE)
_NOT_STREET_NAME = frozenset((
    "a", "an", "the", "of", "on", "in", "at", "to", "from", "for", "with", "and", "or", "by", "people", "persons", "trees", "lamps",
    "lights", "cars", "bins", "holes", "houses", "places", "parking", "spaces", "metres", "meters", "km", "m", "minutes", "hours",
    "days", "weeks",
))  # fmt: skip
_PUBLIC_BEFORE = re.compile(
    r"(?:\b(?:pub|shop|office|offices|restaurant|library|store|supermarket|clinic|hotel|bank|cafe) at"
    r"|\b(?:bar|bureau|guichet|magasin|restaurant|supermarche|cafe|agence) (?:du|au)"
    r"|\b(?:between|entre) (?:le |number )?\d{1,4}[a-z]? (?:and|et le|et)) $",
    re.IGNORECASE,
)
"""Places anybody may go to, and stretches of a street."""
_HOME_BEFORE = re.compile(
    r"\b(?:mon|ma|mes|notre|my|our|his|her|their|flat|apartment|appartement|logement|room|chambre|studio|above|over|below|behind|beside|next"
    r"|opposite|dessus|dessous|derriere|habit\w*|log(?:e|eons)|vi(?:s|t|vons)|liv(?:e|es|ed|ing)|rent|loue|home|chez)\b[^.,!?\n]*$",
    re.IGNORECASE,
)
"""Somebody's home all the same: "the flat above the shop at"."""
_AT_HOUSE = re.compile(
    r"\b(?:live|lives|living|at|address|is|number|no|house|flat|moved to|from|outside|opposite|of|nr)[ :.,]{1,3}$", re.IGNORECASE
)
_LAMP_AFTER = re.compile(
    r" (?:lamp|light|sign|party|cleaning|lighting|work|trees?|parking|noise|works|food|market|vendor|lights|lamps|signs)\b"
)


def _is_public(folded: Folded, begin: int) -> bool:
    place = _PUBLIC_BEFORE.search(folded.text[max(0, begin - 24) : begin])
    return place is not None and _HOME_BEFORE.search(folded.text[max(0, begin - 64) : begin]) is None


def _french(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    if (
        start == 0
        or folded.text[start - 1] not in " \n,"
        or (language == "en" and folded.lower[start:end] in {"place", "square", "mail", "court"})
    ):
        return
    window = max(0, start - 70)
    if _DIGIT.search(folded.text, window, start) is None:
        return
    house = _BEFORE_FRENCH.search(folded.lower[window:start])
    if house is None:
        return
    begin = window + house.start(1)
    before = folded.lower[max(0, begin - 24) : begin]
    if _is_public(folded, begin):
        return
    if _LINE_BEFORE.search(before) is not None or (house.group(2) and _DAY_BEFORE.search(before) is not None):
        return
    named = _NAMED.match(folded.text, end + (folded.text[end : end + 1] == "."))
    if named is None and folded.lower[start:end] not in _AMBIGUOUS:
        named = _SMALL_NAMED.match(folded.lower, end + (folded.text[end : end + 1] == "."))
    if named is None:
        return
    yield _address(folded, _with_house_name(folded, begin), named.end())


def _english(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    window = max(0, start - 80)
    if _DIGIT.search(folded.text, window, start) is None:
        return
    house = _BEFORE_ENGLISH.search(folded.text[window:start])
    if house is None:
        return
    begin = window + house.start(1)
    between = house.group(3).split()
    if not between and folded.lower[start:end] != "broadway":
        return
    before = folded.text[max(0, begin - 24) : begin]
    no_name = any(word.lower() in _NOT_STREET_NAME for word in between[:1] + between[-1:])
    if no_name or _LINE_BEFORE.search(before) is not None or _is_public(folded, begin):
        return
    capitals = all(word[0].isupper() or word[0].isdigit() or word in {"of", "the"} for word in between)
    if not (capitals and folded.text[start].isupper()):
        small = len(between) <= 2 and _AT_HOUSE.search(before) is not None and _LAMP_AFTER.match(folded.lower, end) is None  # noqa: PLR2004
        if not small:
            return
    elif _DAY_BEFORE.search(before) is not None and between[0].lower() in _NOT_STREET_NAME:
        return
    yield _address(folded, _with_house_name(folded, begin), end + (folded.text[end : end + 2] in {".,", ".\n"}))


_HOUSE_NAME = re.compile(
    r"(?:(?:[Ff]lat|[Aa]pt|[Aa]partment|[Uu]nit|[Aa]ppt|[Aa]ppartement|Bat)\.? \w{1,4},? )?"
    r"(?:(?:The|La|Le|Les|L') ?[A-Z]\w{1,40}+(?: [A-Z]\w{1,40}+)?|(?:[A-Z][\w']{1,40}+ ){1,2}(?:House|Cottage|Lodge|Farm|Court|Mansions"
    r"|Tower|Towers|Building|Buildings|Villa)"
    r"|(?:Residence|Villa|Bat\.?|Batiment|Immeuble) [A-Z]\w{0,40}+(?: [A-Z]\w{1,40}+)?),\s{1,2}$"
)


def _with_house_name(folded: Folded, begin: int) -> int:
    """Where the address starts if the house has a name before its number: "The Cottage, 2 Back Lane"."""
    window = max(0, begin - 60)
    named = _HOUSE_NAME.search(folded.text[window:begin])
    return begin if named is None else window + named.start()


def _address(folded: Folded, start: int, end: int) -> PiiSpan:
    tail = _TAIL.match(folded.text, end)
    end = tail.end() if tail is not None else end
    return PiiSpan("ADDRESS", start, end, " ".join(re.findall(r"\w+", folded.lower[start:end])))


_BOX = re.compile(rf"\.? ?(?i:box|postale)?,? ?(?:n[°o]? ?)?\d{{1,6}}(?:[ ,\r\n]{{1,4}}(?:\d{{5}} )?{_TOWN})?(?:[ ,]{{1,3}}{_UK})?")


def _box(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del language
    begin = start - 2 if folded.lower[max(0, start - 2) : start] == "p." else start
    if folded.lower[start:end] == "box" or folded.lower[start:end] == "o":
        return
    box = _BOX.match(folded.text, end) if folded.text[start:end].isupper() or folded.lower[start:end] in {"po", "boite"} else None
    if folded.lower[start:end] in {"po", "boite"} and box is None:
        box = re.compile(r"(?i:\.? ?(?:box|postale),? ?(?:n[°o]? ?)?\d{1,6})").match(folded.text, end)
    if (
        folded.lower[start:end] in {"po", "boite"}
        and box is not None
        and not re.match(r"(?i)\.? ?(?:box|postale)", folded.text[end : end + 9])
    ):
        return
    if box is not None:
        yield PiiSpan("ADDRESS", begin, box.end(), " ".join(re.findall(r"\w+", folded.lower[begin : box.end()])))


_STATES = "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
_POSTCODE = re.compile(
    rf"(?<![\w-])(?:{_UK}|(?<=[,\n(] )\d{{5}}(?= [A-Z][a-z]{{2}})|(?<=\n)\d{{5}}(?= [A-Z][a-z]{{2}})"
    rf"|(?:{_STATES}) \d{{5}}(?:-\d{{4}})?\b)"
)
_ZIP_DIGITS = 5
_POSTCODE_WORD = re.compile(
    r"(?:s| ?code)?(?: ?(?:is|est|:|le)){0,2} ?((?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4,5}(?:-\d{4})?))\b", re.IGNORECASE
)


def postcodes(folded: Folded) -> Iterator[PiiSpan]:
    """Postcodes that stand where one is written. The town beside it stays."""
    text = folded.text
    if not any(end - start == _ZIP_DIGITS or text[start - 1 : start].isupper() for start, end in folded.digits):
        return
    for postcode in _POSTCODE.finditer(folded.text):
        yield PiiSpan("ADDRESS", postcode.start(), postcode.end(), postcode.group().replace(" ", "").lower())


def _postcode(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del start, language
    postcode = _POSTCODE_WORD.match(folded.text, end)
    if postcode is not None:
        yield PiiSpan("ADDRESS", *postcode.span(1), postcode.group(1).replace(" ", "").lower())


_LIVE = re.compile(
    r"(?:s|ing)?(?: (?:at|in|a|au|dans|the|le|la|l'|on)){0,3}(?: ?:)? ((?:flat|apartment|apt|house|number|numero|n°|no"
    r"|appartement|appt)\.? ?(?:n[°o] ?)?\d{1,4}[a-z]?)\b(?! ?(?:years|ans|mois|months|metres|km))"
)


def _lives(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    del start, language
    home = _LIVE.match(folded.lower, end)
    if home is not None:
        yield PiiSpan("ADDRESS", *home.span(1), " ".join(re.findall(r"\w+", home.group(1))))


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (tuple(dict.fromkeys(_FRENCH)), _french),
    (tuple(dict.fromkeys(_ENGLISH)), _english),
    (("po", "bp", "cs", "boite"), _box),
    (("postcode", "postal", "postale", "zip"), _postcode),
    (("live", "lives", "living", "habite", "habitons", "loge", "demeurant", "domicilie", "domiciliee", "reside"), _lives),
)
