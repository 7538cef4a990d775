"""What a name looks like, and where it ends: what the rules for introductions and signatures share."""

import re

from services.triage.redaction.details import Detail
from services.triage.redaction.folding import Folded
from services.triage.redaction.lexicon import (
    AMBIGUOUS_NAMES,
    BEFORE_PLACES,
    FIRST_NAMES,
    OFFICES,
    ORDINARY_WORDS,
    PLACE_WORDS,
    SMALL_WORDS,
    TITLES,
    TRADES,
    WELL_KNOWN,
    starts_no_name,
)

CAPITAL = r"A-Z\u0370-\u03ab\u0400-\u042f"
ONE = rf"(?:(?:[DdOLN]'|Mc|Mac)?[{CAPITAL}][^\W\d_]+(?:['-][{CAPITAL}]?[^\W\d_]+){{0,3}}|[{CAPITAL}](?:\.-?[{CAPITAL}]){{0,3}}\.)"
"""One capitalised word, or initials."""
PARTICLE = r"(?:de la|de|du|des|van der|van den|van|von|der|den|da|di|dos|del|el|al|bin|ben|le|la|ter|ibn|y|e|zu)"
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?")
SMALL_NAME = re.compile(r"[a-z][a-z'-]{1,30}(?: [a-z][a-z'-]{2,30})?(?![\w@])")
_SEQUENCE = re.compile(rf"{ONE}(?:[ \u00a0]{{1,2}}(?:{PARTICLE} )?(?:d'|de l')?{ONE}){{0,4}}")
_CAPITALS = re.compile(f"[{CAPITAL}]")
_INITIAL_LAST = re.compile(rf"(?:^|[ .-])[{CAPITAL}]\.$")
_TRADE_NAME = re.compile(r"(?!Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz)[A-Z][a-z]+[A-Z]")
"""A capital inside one word is a company's: FranceConnect, BestBuy."""
_PLACES_TOO = frozenset(
    {
        "street",
        "road",
        "avenue",
        "hospital",
        "school",
        "library",
        "station",
        "bridge",
        "square",
        "ward",
        "wing",
        "building",
        "disease",
        "syndrome",
    }
)
"""Places also in small letters: "Heather road"."""
_LONGEST = 4
_SHORT = 3  # so short in capitals, it is an abbreviation
_AROUND = 30
_LABELS = frozenset(
    ("tel", "telephone", "phone", "mobile", "email", "mail", "courriel", "adresse", "address", "fax", "ref", "numero", "dossier", "mr",
     "mrs", "ms", "miss", "mx", "dr", "mme", "mlle", "mm", "monsieur", "madame"),
)  # fmt: skip
"""What may stand right after a name without a sign between."""
_LED = frozenset({"le", "la", "de", "du", "des", "el", "van", "von", "ben", "l", "d"})
"""M. Le Goff, Mme De Smet: after a title a capital particle starts the name."""
_BETWEEN = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "general", "marechal", "president", "docteur", "dr", "professeur",
     "capitaine", "colonel", "abbe", "pere", "called", "named", "nomme", "nommee", "appele", "appelee",
     "primary", "elementary", "primaire", "maternelle", "jean", "saint"),
)  # fmt: skip
_WORD_BEFORE = re.compile(r"[^\W\d_]+\.?$")

_FAMILIAR = re.compile(r"\b(?:place|maison|jardin|cours) (?:d'|de )$")
"""Of a person, and not of a street: "la place de Mohamed a l'ecole"."""

Span = tuple[int, int]


def name_value(name: str) -> str:
    """The same for "Claire Dupont" and "CLAIRE  DUPONT"."""
    return " ".join(re.findall(r"[^\W\d_]+", name.lower()))


def named(folded: Folded, span: Span) -> Detail:
    """The detail for this stretch."""
    return Detail("NAME", *span, name_value(folded.lower[span[0] : span[1]]))


def name_at(folded: Folded, start: int, *, titled: bool = False) -> Span | None:
    """The name that starts here: capitalised words up to the first that is no part of one. None for Elm Street or Rennes Museum."""
    found = _SEQUENCE.match(folded.text, start)
    if found is None:
        return None
    if not titled and (bare := past_title(folded, start)) is not None:
        return name_at(folded, bare, titled=True)
    end, words = start, 0
    sure = titled  # a title or a plain first name came before: then the next word is a surname whatever else it means
    for word in WORD.finditer(folded.text, start, found.end()):
        small = folded.lower[word.start() : word.end()].rstrip(".")
        if not folded.text[word.start()].isupper() and small[:2] not in {"d'", "l'"}:
            continue  # a particle, which counts only with what follows it
        if _of_a_place(small, first=words == 0, titled=titled):
            return None
        leads = words == 0 and titled and small in _LED and _CAPITALS.match(folded.text, word.end() + 1) is not None
        if (starts_no_name(small) and not leads) or small.startswith("i'"):
            if words and not sure and small in OFFICES and small not in _LABELS:
                return None  # Thames Water
            break
        if not sure and is_ordinary(small):
            return None  # Zone, Portfolio, Equifax Report
        sure = sure or (is_first_name(small) and small not in AMBIGUOUS_NAMES)
        words += 1
        end = word.end()
        if words == _LONGEST:
            break
    return _checked(folded, (start, end), alone=words == 1, titled=titled) if words else None


def past_title(folded: Folded, start: int) -> int | None:
    """Where the name starts if its first word is a title: Cllr Blythe, M. Plumeau (at the start of a line M. is an initial)."""
    first = WORD.match(folded.lower, start)
    if first is None or folded.text[first.end() : first.end() + 1] != " ":
        return None
    title = first.group().rstrip(".")
    if title not in TITLES and not (first.group() == "m." and folded.text[start - 1 : start] == " "):
        return None
    following = WORD.match(folded.lower, first.end() + 1)
    if title in TRADES and (following is None or is_ordinary(following.group().rstrip("."))):
        return None
    return first.end() + 1


def _of_a_place(small: str, *, first: bool, titled: bool) -> bool:
    """Charles Dickens Primary School, Saint Germain; but Mrs Hill, Yves Saint Laurent."""
    if first:
        return not titled and (small in PLACE_WORDS or small in BEFORE_PLACES)
    return small in PLACE_WORDS


def is_ordinary(small: str) -> bool:
    """Whether the word is one that says nothing of a person: Zone, Haute-Savoie, Saint-Denis."""
    if small in ORDINARY_WORDS:
        return True
    head, dash, _ = small.partition("-")
    return dash != "" and (head in BEFORE_PLACES or head in ORDINARY_WORDS)


def _checked(folded: Folded, span: Span, *, alone: bool, titled: bool) -> Span | None:
    start, end = span
    text = folded.text[start:end]
    if alone and _TRADE_NAME.match(text) is not None:
        return None
    if text.endswith(".") and _INITIAL_LAST.search(text) is None:
        end -= 1
    elif text.endswith(("'s", "'S")):
        end -= 2
    length = len(folded.text[start:end].strip("."))
    if not titled and folded.lower[start:end] in WELL_KNOWN:
        return None
    if length < 2 or (alone and length <= _SHORT and folded.text[start:end].isupper() and not titled):  # noqa: PLR2004
        return None
    following = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if following is not None:
        word = following.group()
        if word in PLACE_WORDS and (folded.text[end + 1].isupper() or (not titled and word in _PLACES_TOO)):
            return None
    return start, end


def several(folded: Folded, span: Span) -> bool:
    """Whether the name has more than one word."""
    return " " in folded.text[span[0] : span[1]]


def is_first_name(word: str) -> bool:
    """Whether it is a common first name, or starts with one as Marie-Claude does. `word` is folded and small."""
    return word.rstrip(".").split("-")[0] in FIRST_NAMES


def shouted(folded: Folded, span: Span) -> bool:
    """All in capitals, where a capital says nothing: then only a common first name is one."""
    if any(map(str.islower, folded.text[max(0, span[0] - _AROUND) : span[1] + _AROUND])):
        return False
    return not any(word in FIRST_NAMES and word not in SMALL_WORDS for word in folded.lower[span[0] : span[1]].split(" "))


def _first_word(folded: Folded, start: int) -> str:
    word = WORD.match(folded.lower, start)
    return word.group() if word is not None else ""


def bears_place(folded: Folded, start: int) -> bool:
    """Whether the words before make a place of it: rue Victor Hugo, salle Pierre Bourdieu, statue of William Shakespeare."""
    before = folded.lower[max(0, start - 40) : start]
    if _FAMILIAR.search(before) is not None and is_first_name(_first_word(folded, start)):
        return False
    before = before.rstrip(" -'")
    for _ in range(5):
        word = _WORD_BEFORE.search(before)
        if word is None or (word.group().endswith(".") and len(word.group()) > 4):  # noqa: PLR2004 - the end of a sentence, not "st."
            return False
        last = word.group().rstrip(".")
        if last in BEFORE_PLACES:
            return True
        if last not in _BETWEEN and last not in FIRST_NAMES:
            return False
        before = before[: word.start()].rstrip(" -'")
    return False
