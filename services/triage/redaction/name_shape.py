"""Finds where a name begins and ends by its capitals, particles and initials: shared by all rules for names."""

import re

from services.triage.redaction.name_lexicon import (
    AFTER_POST,
    AMBIGUOUS_NAMES,
    BEFORE_PLACES,
    COMPANY_WORDS,
    FIRST_NAMES,
    GIVEN_TOO,
    OFFICES,
    ORDINARY_WORDS,
    PLACE_WORDS,
    PROPER_NOUNS,
    SMALL_WORDS,
    SURNAME_PLACES,
    SURNAMES_TOO,
    TITLES,
    TRADES,
    WELL_KNOWN,
    starts_no_name,
)
from services.triage.redaction.pii_span import PiiSpan
from services.triage.redaction.text_folding import Folded

CAPITAL = r"A-Z\u0370-\u03ab\u0400-\u042f"
CAPITALISED = (
    rf"(?:(?:[DdOLN]'|Mc|Mac|al-|el-|S[Tt][Ee]?\. )?[{CAPITAL}][^\W\d_]++(?:['-](?:S[Tt][Ee]?\. )?[^\W\d_]++){{0,3}}"
    rf"|[{CAPITAL}](?:\.-?[{CAPITAL}]){{0,3}}\.)"
)
"""One capitalised word, or initials."""
PARTICLE = r"(?:de la|de|du|des|van der|van den|van|von|der|den|da|di|dos|del|el|al|bin|ben|le|la|ter|ibn|y|e|zu)"
WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?")
SMALL_NAME = re.compile(r"[a-z][a-z'-]{1,30}(?: [a-z][a-z'-]{2,30})?(?![\w@])")
_SEQUENCE = re.compile(rf"{CAPITALISED}(?:[ \u00a0]{{1,2}}(?:{PARTICLE} )?(?:d'|de l')?{CAPITALISED}){{0,4}}")
_CAPITALS = re.compile(f"[{CAPITAL}]")
_INITIAL_LAST = re.compile(rf"(?:^|[ .-])[{CAPITAL}]\.$")
_TRADE_NAME = re.compile(r"(?!Mc|Mac|De|Di|Du|La|Le|Van|Von|Fitz)[A-Z][a-z]+[A-Z]")
"""A capital inside one word is a company's: FranceConnect, BestBuy."""
_CAMEL = re.compile(r"[A-Z][a-z]+")
_LONGEST_ABBREVIATION = 5  # in capitals: RATP, HMRC
_PLACES_TOO = frozenset(
    ("street", "road", "avenue", "hospital", "school", "library", "station",
     "bridge", "square", "ward", "wing", "building", "disease", "syndrome"),
)  # fmt: skip
"""Places also in small letters: "Heather road"."""
_LONGEST = 4
_SHORT = 3  # so short in capitals, it is an abbreviation
_AROUND = 30
_LABELS = frozenset(
    ("tel", "telephone", "phone", "mobile", "email", "mail", "courriel", "adresse", "address", "fax", "ref", "numero", "dossier", "mr",
     "mrs", "ms", "miss", "mx", "dr", "mme", "mlle", "mm", "monsieur", "madame"),
)  # fmt: skip
"""What may stand right after a name without a sign between."""
_SAINT = frozenset({"st", "ste"})
_LED = frozenset({"le", "la", "de", "du", "des", "el", "van", "von", "ben", "l", "d", "st", "ste"})
"""M. Le Goff, Mme De Smet, Mrs St. Clair: after a title a capital particle starts the name."""
_BETWEEN = frozenset(
    ("de", "du", "des", "d", "la", "le", "les", "l", "of", "the", "general", "marechal", "president", "docteur", "dr", "professeur",
     "capitaine", "colonel", "abbe", "pere", "called", "named", "nomme", "nommee", "appele", "appelee",
     "primary", "elementary", "primaire", "maternelle", "jean", "saint"),
)  # fmt: skip
_WORD_BEFORE = re.compile(r"[^\W\d_]{1,40}\.?$")

_OF = re.compile(r"\b(?:d'|(?:de|of) )$")
_CORNER = re.compile(r"\b(?:angle|coin|croisement|carrefour|corner|intersection)\b")
_OWNED = frozenset(
    ("chien", "chienne", "chat", "chatte", "cheval", "dog", "horse", "pony", "cat", "garage", "bateau", "maison", "jardin", "cours",
     "boutique", "magasin", "restaurant", "cafe", "bar", "salon", "foyer", "place", "renault", "peugeot", "citroen", "toyota", "nissan",
     "volkswagen"),
)  # fmt: skip
"""Of a person, and named after nobody, where "de" comes between: "le garage du docteur Plumeau"."""
_STARTS_NAMES = frozenset({"king", "prince", "roman", "val"})
"""Before an unknown word a first name: Roman Kowalski, Prince Kamara; but King Charles."""

Span = tuple[int, int]


def name_value(name: str) -> str:
    """The same for "Claire Dupont" and "CLAIRE  DUPONT"."""
    return " ".join(re.findall(r"[^\W\d_]+", name.lower()))


def named(folded: Folded, span: Span) -> PiiSpan:
    """The detail for this stretch."""
    return PiiSpan("NAME", *span, name_value(folded.lower[span[0] : span[1]]))


def name_at(folded: Folded, start: int, *, titled: bool = False, cued: bool = False, spoken: bool = False) -> Span | None:
    """The name that starts here: capitalised words up to the first that is no part of one. None for Elm Street or Rennes Museum.

    After a title or a cue that leaves no doubt (`cued`: "my name is") any word can be a name. Whoever is `spoken` to is a person: then
    a first name that is a word too makes a surname of the next.
    """
    sequence = _SEQUENCE.match(folded.text, start)
    if sequence is None:
        return None
    if not titled and (bare := past_title(folded, start)) is not None:
        after = name_at(folded, bare, titled=True)
        if after is not None or not cued or folded.lower[start : bare - 1] not in SURNAMES_TOO:
            return after  # else the title is the name: "mon voisin Pasteur"
    extent = _extent(folded, start, sequence.end(), titled=titled, cued=cued, spoken=spoken)
    if extent is None:
        return None
    end, words = extent
    return _checked(folded, (start, end), alone=words == 1, announced=titled or cued, spoken=spoken, titled=titled)


def _extent(folded: Folded, start: int, until: int, *, titled: bool, cued: bool, spoken: bool) -> tuple[int, int] | None:
    """Where the name ends and how many words it has."""
    announced = titled or cued
    end, words = start, 0
    given = False  # a first name came before
    sure = announced  # a title, a cue or a plain first name came before: then the next word is a surname whatever else it means
    for word in WORD.finditer(folded.text, start, until):
        small = folded.lower[word.start() : word.end()].rstrip(".")
        if not folded.text[word.start()].isupper() and not small.startswith(("d'", "l'", "al-", "el-")):
            continue  # a particle, which counts only with what follows it
        if given and small in _SAINT and _CAPITALS.match(folded.text, word.end() + 1) is not None:
            continue  # Mary St. Clair
        if _of_a_place(folded, small, word.end(), first=words == 0, announced=announced or (spoken and given)):
            return None
        leads = small in _LED and _CAPITALS.match(folded.text, word.end() + 1) is not None
        if leads and words:
            continue  # Brigitte Le Goff
        leads = leads and announced
        leads = leads or (words == 0 and spoken and small in GIVEN_TOO and _goes_before_surname(folded, word.end()))  # Will Frost
        if not leads and _no_part(small, announced=announced, given=given and (sure or spoken)):
            if words and not sure and small in OFFICES and small not in _LABELS:
                return None  # Thames Water
            break
        ordinary = not sure and is_ordinary(small) and not (given and words == 1 and small in SURNAMES_TOO)
        if ordinary and not (words == 0 and small in GIVEN_TOO and _goes_before_surname(folded, word.end())):
            return None  # Zone, Portfolio, Equifax Report
        given = is_first_name(small) or small in GIVEN_TOO
        sure = sure or (given and (spoken or small not in AMBIGUOUS_NAMES))
        words += 1
        end = word.end()
        if words == _LONGEST:
            break
    return (end, words) if words else None


def past_title(folded: Folded, start: int) -> int | None:
    """Where the name starts if its first word is a title: Cllr Blythe, M. Plumeau (at the start of a line M. is an initial)."""
    first = WORD.match(folded.lower, start)
    if first is None or folded.text[first.end() : first.end() + 1] != " ":
        return None
    title = first.group().rstrip(".")
    if title not in TITLES and not (first.group() == "m." and folded.text[start - 1 : start] == " "):
        return None
    if title in TRADES and not names_after_post(folded, first.end() + 1):
        return None
    return first.end() + 1


def names_after_post(folded: Folded, at: int) -> bool:
    """Whether what comes after the word for a post can be a surname: Officer Sharp; but Nurse Practitioner, Doctor Told Me."""
    following = WORD.match(folded.lower, at)
    if following is None:
        return False
    word = following.group().rstrip(".").removesuffix("'s")
    if word in AFTER_POST:
        return False
    if word in SURNAMES_TOO or is_first_name(word):
        return True
    if folded.text[at : at + len(word)].isupper() and (len(word) <= _LONGEST_ABBREVIATION or is_ordinary(word)):
        return False
    if not is_ordinary(word):
        return True
    end = following.end()
    return not word.endswith("s") and not (folded.text[end : end + 1] == " " and folded.text[end + 1 : end + 2].isupper())


def _of_a_place(folded: Folded, small: str, end: int, *, first: bool, announced: bool) -> bool:
    """Charles Dickens Primary School, Saint Germain; but Mrs Mary Hill, Yves Saint Laurent."""
    if not first:
        return small in PLACE_WORDS and not (announced and small in SURNAME_PLACES)
    return not announced and (small in PLACE_WORDS or small in BEFORE_PLACES) and _starts_place(folded, small, end)


def _starts_place(folded: Folded, small: str, end: int) -> bool:
    """Whether the word starts the name of a place or of a king: Saint Germain, King Charles; but Roman Kowalski."""
    following = WORD.match(folded.lower, end + 1) if small in _STARTS_NAMES and folded.text[end : end + 1] == " " else None
    if following is None or not folded.text[end + 1].isupper():
        return True
    word = following.group()
    return is_ordinary(word) or is_first_name(word) or starts_no_name(word) or word in PLACE_WORDS


def _goes_before_surname(folded: Folded, end: int) -> bool:
    """Whether a word that is a first name too has a surname after it: Preston Oakley; but Preston Market, Kent Police."""
    following = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if following is None or not folded.text[end + 1].isupper():
        return False
    word = following.group().rstrip(".").removesuffix("'s")
    if word in PLACE_WORDS:
        return False
    return word in SURNAMES_TOO or not (is_ordinary(word) or starts_no_name(word))


def _no_part(small: str, *, announced: bool, given: bool) -> bool:
    """Whether the word ends a name; an everyday word does not in Mr White, "my name is Will", Sarah Black."""
    if starts_no_name(small):
        return not (small in SURNAMES_TOO and (announced or given))
    return small[:2] == "i'"


def is_ordinary(small: str) -> bool:
    """Whether the word is one that says nothing of a person: Zone, Haute-Savoie, Saint-Denis."""
    if small in ORDINARY_WORDS:
        return True
    head, dash, _ = small.partition("-")
    return dash != "" and (head in BEFORE_PLACES or head in ORDINARY_WORDS)


def telling(folded: Folded, span: Span) -> bool:
    """Whether one of the words is more than an everyday word: a first name, a surname, or one not known."""
    words = folded.lower[span[0] : span[1]].split(" ")
    return any(word in SURNAMES_TOO or is_first_name(word) or not is_ordinary(word) for word in words)


def _checked(folded: Folded, span: Span, *, alone: bool, announced: bool, titled: bool, spoken: bool) -> Span | None:
    start, end = span
    text = folded.text[start:end]
    if alone and not announced and not spoken and _TRADE_NAME.match(text) is not None and not _is_two_first_names(text):
        return None
    if text.endswith(".") and _INITIAL_LAST.search(text) is None:
        end -= 1
    elif text.endswith(("'s", "'S")):
        end -= 2
    length = len(folded.text[start:end].strip("."))
    if not (announced or spoken) and folded.lower[start:end].replace("-", " ") in WELL_KNOWN:
        return None
    if length < 2 or (alone and length <= _SHORT and folded.text[start:end].isupper() and not titled):  # noqa: PLR2004
        return None
    following = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if following is not None:
        word = following.group()
        if not announced and goes_on_as_company(folded, end):
            return None
        if word in PLACE_WORDS and (folded.text[end + 1].isupper() or (not announced and word in _PLACES_TOO)):
            return None
    return start, end


def goes_on_as_company(folded: Folded, end: int) -> bool:
    """Whether the next word makes a company of the name: Franklin Credit, Jacob Law Group."""
    following = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    return (
        following is not None
        and following.group() in COMPANY_WORDS
        and folded.text[end + 1].isupper()
        and folded.text[end + 2 : end + 3].islower()
    )


def names_no_person(folded: Folded, span: Span) -> bool:
    """Whether one word is known as the name of a body, a firm or a place, or has a firm's shape: Amnesty, NatWest."""
    word = folded.lower[span[0] : span[1]].removesuffix("'s")
    written = folded.text[span[0] : span[1]]
    return word in PROPER_NOUNS or (" " not in word and _TRADE_NAME.match(written) is not None and not _is_two_first_names(written))


def _is_two_first_names(written: str) -> bool:
    """JoAnn, AnnMarie."""
    return any(part.lower() in FIRST_NAMES for part in _CAMEL.findall(written))


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


def _is_of_a_person(folded: Folded, start: int) -> bool:
    """Whether a first name stands here that is no town's too: "le chien de Claire Plumeau", but "la rue de Florence"."""
    word = WORD.match(folded.lower, start)
    if word is None or not is_first_name(word.group()):
        return False
    return word.group() not in AMBIGUOUS_NAMES or folded.text[word.end() + 1 : word.end() + 2].isupper()


def bears_place(folded: Folded, start: int) -> bool:
    """Whether the words before make a place of it: rue Victor Hugo, salle Pierre Bourdieu, statue of William Shakespeare."""
    before = folded.lower[max(0, start - 40) : start]
    if _OF.search(before) is not None and _CORNER.search(before) is None and _is_of_a_person(folded, start):
        return False
    before = before.rstrip(" -'")
    of = False
    for _ in range(5):
        word = _WORD_BEFORE.search(before)
        if word is None or (word.group().endswith(".") and len(word.group()) > 4):  # noqa: PLR2004 - the end of a sentence, not "st."
            return False
        last = word.group().rstrip(".")
        if last in BEFORE_PLACES:
            return not (of and last in _OWNED)
        of = of or last in {"de", "du", "d", "of"}
        if last not in _BETWEEN and last not in FIRST_NAMES:
            return False
        before = before[: word.start()].rstrip(" -'")
    return False
