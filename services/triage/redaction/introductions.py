"""Names that a word introduces: a title, "my name is", a relation, somebody spoken to, a common first name."""

import re
from collections.abc import Iterator

from services.triage.redaction.lexicon import (
    AMBIGUOUS_NAMES,
    CIVIL_TITLES,
    FIRST_NAMES,
    GIVEN_TOO,
    NATIONS,
    OFFICES,
    ORDINARY_WORDS,
    PLACE_WORDS,
    SMALL_WORDS,
    SURNAME_PLACES,
    SURNAMES_TOO,
    TITLES,
    TRADES,
    WELL_KNOWN,
    WORDS_TOO,
    starts_no_name,
)
from services.triage.redaction.name_shape import (
    CAPITAL,
    ONE,
    SMALL_NAME,
    WORD,
    bears_place,
    is_first_name,
    name_at,
    named,
    names_after_post,
    several,
    shouted,
    telling,
)
from services.triage.redaction.pii_span import PiiSpan, Rule
from services.triage.redaction.text_folding import Folded

_AFTER_TITLE = re.compile(
    r"(?:\.?,? (?:et|and|&|ou|or|und) (?:mr|mrs|ms|miss|dr|m|mme|mmes|mlle|mm|monsieur|madame|prof))?\.?"
    r"(?: (?:le|la) (?:docteur|professeur|maitre|juge|brigadier|capitaine))?(?:\s|\n){0,2}"
)
_ABBREVIATED = frozenset(
    ("m", "mr", "mrs", "ms", "mx", "dr", "mme", "mmes", "mlle", "mm", "prof", "rev", "cllr", "me", "sgt", "insp", "capt", "lt",
     "col", "mgr", "pr", "fr"),
)  # fmt: skip
_SMALL_TITLES = frozenset({"mr", "mrs", "ms", "mme", "mlle"})
_CAPITAL_TITLES = frozenset(
    {"m", "me", "mm", "pc", "pr", "fr", "lt", "col", "dame", "lord", "chief", "major", "sister", "coach", "manager", "secretary", "tata"}
)
"""Words in small letters too."""
_NO_SMALL_NAME = frozenset(
    ("who", "from", "at", "la", "le", "les", "et", "and", "or", "ou", "in", "has", "had", "is", "was", "does", "did", "a", "au", "aux",
     "qui", "que", "ne", "est", "dit", "vous", "nous", "je", "i", "you", "they", "he", "she", "it", "said", "told", "have", "de",
     "des", "du", "veuillez", "merci", "bonjour", "suite", "concernant", "mayor", "president", "maire", "directrice", "directeur",
     "prefet", "rappelle", "appelle"),
)  # fmt: skip


def _is_title(folded: Folded, start: int, end: int, language: str) -> bool:
    """Whether it is no word: "M." and "me", "sister", "coach" in small letters."""
    word = folded.lower[start:end]
    if word in _CAPITAL_TITLES and not folded.text[start].isupper():
        return False
    if word == "me":
        return language != "en" and folded.text[end - 1] != "E"
    return word != "m" or (folded.text[end : end + 1] in {".", " "} and folded.text[start - 1 : start] != "'")


def _titled(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    word = folded.lower[start:end]
    if not _is_title(folded, start, end, language):
        return
    link = _AFTER_TITLE.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end or (folded.text[end] == "." and word not in _ABBREVIATED) or ("\n" in folded.text[end:at] and folded.text[end] != "."):
        return
    if folded.text[at : at + 2] == "d'":
        return  # "le professeur d'allemand"
    if word in TRADES and folded.text[at : at + 1].isupper() and not names_after_post(folded, at):
        return
    span = name_at(folded, at, titled=True)
    if span is not None:
        if word in CIVIL_TITLES or not bears_place(folded, start):
            yield named(folded, span)
    elif word in _SMALL_TITLES and folded.text[start:end].islower():
        yield from _small_surname(folded, at, word)


def _small_surname(folded: Folded, at: int, title: str) -> Iterator[PiiSpan]:
    """In small letters after a title, where any word can be a name: "mr sharp", "mme riviere"."""
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return
    first, _, second = small.group().partition(" ")
    if first in _NO_SMALL_NAME or len(first) <= 2 or (starts_no_name(first) and first not in SURNAMES_TOO):  # noqa: PLR2004
        return
    if title == "ms" and first in ORDINARY_WORDS and first not in SURNAMES_TOO:
        return  # the disease, the company
    whole = first in FIRST_NAMES and second not in _NO_SMALL_NAME
    whole = whole and (second in SURNAMES_TOO or (second not in ORDINARY_WORDS and not starts_no_name(second)))
    yield named(folded, (at, at + (len(small.group()) if whole else len(first))))


_AFTER_LABEL = re.compile(
    r"(?:s|\(s\)|'s)?(?: (?:is|are|was|est|sont|etait|complet|de famille|de naissance|d'usage|at birth|and surname|et prenoms?"
    r"|in full|on (?:the )?card"
    r"|prenom|of(?: the)? (?!street|road|school|shop|company|park|club|place|village|town)"
    r"\w{3,12}|he gave|by|par|(?:my|ma|mon|our|notre|his|her|their|une?|the|la|le) \w{3,14}|ici)(?!\w))?"
    r"(?: (?:is|est|was|etait|being|de|d)(?!\w))?[ \t]?[:=,'-]{0,2}\s{0,3}"
)
_WITH_COLON = frozenset(
    {"from", "contact", "sender", "patient", "driver", "employee", "attention", "signature", "parent", "enfant", "child"}
)
"""Words that only a form uses as a label."""
_NAMING = frozenset({"called", "named", "nomme", "nommee", "appelle"})
_NAMES_A_THING = re.compile(
    r"(?:\b(?:i|we|they|he|she|have|had|and|then|just|when|also|finally|immediately|company|bank|firm|agency|app|site|shop|place|school|dog"
    r"|cat|programme|scheme|street|road|entreprise|societe|agence|magasin|chien|chienne|chat|lieu|rue)|^)[ ,]{1,2}(?:s')?$"
)
"""Before "called": whoever rings somebody up, or a thing that has a name."""
_INVERTED = re.compile(rf"(?<![^\W\d_]){ONE}, {ONE}")
_SURE_LABELS = frozenset({"is", "est", ":", "is:", "est:"})
_ALWAYS = frozenset({"soussigne", "soussignee", "undersigned", "forename", "certain", "certaine"})
_NAME_LABELS = frozenset({"name", "names", "surname", "nom", "noms", "prenom", "prenoms"})
_OWN = re.compile(r"\b(?:my|full|last|first|family|maiden|birth|married|mon|son|sa|her|his|their|your) $")
_SIGNS = frozenset({"signed", "signe", "signee"})
_OF_A_THING = re.compile(
    r"\b(?:street|road|company|business|trade|trading|brand|product|drug|file|domain|school|shop|pub|store|firm|dog|cat|pet|bank|place"
    r"|station|building|estate|park|ward|area|town|village|project"
    r"|scheme|event|group|course|form|document|app|site|website|display|animal) $"
)
_PEOPLE = re.compile(
    r"\b(?:m[ae]n|wom[ae]n|guy|lady|boy|girl|person|people|child|children|kid|someone|somebody|friend|neighbou?r|colleague|nurse|officer"
    r"|doctor|agent|lad|bloke|gentleman|homme|femme|dame|fille|garcon|monsieur|personne|quelqu'un|individu|type|gars|ami|amie|voisine?"
    r"|collegue|enfant|m|s|is|was|am|be|are),? $"
)


def _leaves_no_doubt(folded: Folded, start: int, end: int, label: str) -> bool:
    """Whether the label makes a name of whatever comes: "my name is", "nom :", "signed,", "je soussigne"; but not "street name is"."""
    word = folded.lower[start:end]
    before = folded.lower[max(0, start - 20) : start]
    if _OF_A_THING.search(before) is not None:
        return False
    if word in _SIGNS:
        return label[:1] in {",", ":", "-", "\n"} or label.strip() in {"by", "par", ":"} or before[-1:] in {"", "\n"}
    if word in _NAMING or word.startswith("appel"):
        return before.endswith(("m'", "s'")) or _PEOPLE.search(before) is not None
    verb = label.replace("'", " ").split()
    return (
        word in _ALWAYS
        or (":" in label and word != "from")
        or (word in _NAME_LABELS and (any(one in _BEING for one in verb) or _OWN.search(before) is not None))
    )


_BEING = frozenset({"is", "was", "est", "etait", "are", "sont"})


def _labelled(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After a word that says a name comes: small letters will do after "name is"."""
    del language
    label = _AFTER_LABEL.match(folded.lower, end)
    if folded.lower[start:end] in _NAMING and _NAMES_A_THING.search(folded.lower[max(0, start - 20) : start]) is not None:
        return
    if label is None or label.end() == end or (folded.lower[start:end] in _WITH_COLON and ":" not in label.group()):
        return
    at = label.end()
    if ":" in label.group() and (inverted := _INVERTED.match(folded.text, at)) is not None:
        yield named(folded, inverted.span())
        return
    span = name_at(folded, at, cued=_leaves_no_doubt(folded, start, end, label.group()))
    if span is not None:
        if ":" in label.group() or not shouted(folded, span):
            yield named(folded, span)
        return
    calls = folded.lower[max(0, start - 2) : end] in {"m'appelle", "s'appelle", "s'appeler", "m'appeler"}
    small = SMALL_NAME.match(folded.text, at)
    if small is not None and ((calls and at == end + 1) or label.group().strip() in _SURE_LABELS):
        yield from _small_name(folded, at, small.group(), sure=calls)


def _small_name(folded: Folded, at: int, written: str, *, sure: bool) -> Iterator[PiiSpan]:
    """After "my name is", in small letters: a common first name, or whatever comes after "je m'appelle"."""
    first, _, second = written.partition(" ")
    if starts_no_name(first) or first in _NO_SMALL_NAME or (first not in FIRST_NAMES and not sure):
        return
    goes_on = second and not starts_no_name(second) and second not in _NO_SMALL_NAME and first in FIRST_NAMES
    length = len(written) if goes_on and _ends(folded, at + len(written)) else len(first)
    yield named(folded, (at, at + length))


def _ends(folded: Folded, at: int) -> bool:
    following = folded.lower[at : at + 5]
    return following[:1] in {"", ".", ",", "\n", "!", ";", "\r", ")"} or following in {" and ", " from"} or following[:4] == " et "


def _born(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """A name at birth: "Mme Pellow, nee Ashgrove"."""
    del language
    span = name_at(folded, end + 1, cued=folded.text[start:end] == "nee") if folded.text[end : end + 1] == " " else None
    if span is not None and not shouted(folded, span):
        yield named(folded, span)


_AFTER_SELF = re.compile(r"(?:'m|'s| is(?= ))? ?(?:(?:again|encore|here|le|la|moi|c'est|cest|soussignee?|undersigned|the|,) ?){0,3}(?:, )?")
_AGAIN = re.compile(r"(?: (?:again|here|encore|ici|from|speaking|who|qui|du|de|d'|at)\b|, \d|[,.!]?[^\S\n]{0,80}+\n|$)")
_SURE_SELF = re.compile(r"again|encore|soussigne|undersigned")


def _self(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After "I am", "this is", "c'est": a common first name, or several capitalised words, or one with "again"."""
    del language
    word = folded.lower[start:end]
    if (word == "i" and folded.text[end : end + 2] not in {"'m", ", "}) or (
        word == "it" and folded.text[end : end + 2] != "'s" and folded.lower[end : end + 4] != " is "
    ):
        return
    if word == "est" and folded.lower[max(0, start - 2) : start] != "c'":
        return
    link = _AFTER_SELF.match(folded.lower, end)
    at = link.end() if link is not None else end
    first = WORD.match(folded.lower, at) if at > end else None
    if first is None:
        return
    known = is_first_name(first.group())
    if folded.text[at].isupper():
        span = name_at(folded, at)
        again = _SURE_SELF.search(folded.lower, end, at) is not None
        if span is None:
            # An everyday word or a well-known name: only where more than one such word speaks for a person, or "again" does.
            span = name_at(folded, at, cued=True)
            if span is None or not (again or (telling(folded, span) and (several(folded, span) or _said_of_oneself(folded, start, span)))):
                return
            known = True
        if not shouted(folded, span) and (known or again or _AGAIN.match(folded.text, span[1]) is not None or several(folded, span)):
            yield named(folded, span)
    elif known and _unmistakable(first.group()):
        yield named(folded, (at, first.end() - first.group().endswith(".")))


def _said_of_oneself(folded: Folded, start: int, span: tuple[int, int]) -> bool:
    """Whether "I am" stands before one word and nothing goes on after it: "I am Frost again", "Moi, c'est Boucher."."""
    return folded.lower[start : start + 2] != "it" and _AGAIN.match(folded.text, span[1]) is not None


def _unmistakable(word: str) -> bool:
    """Whether the first name is a name even in small letters."""
    return word not in AMBIGUOUS_NAMES and word not in SMALL_WORDS and word not in WORDS_TOO


_AFTER_RELATION = re.compile(
    r"(?:s|'s)?(?: (?:sociale|social worker|est|is|was|named|called|nommee?|prenommee?|qui s'appelle|appelee?|m\.|de|du|d|of)(?!\w))?"
    r"(?:'| ?[,:(]? ?)(?:(?:mr|mrs|mme|m|dr)\. ?)?"
)


def _related(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    if folded.lower[start:end] == "son" and language == "fr":
        return  # "son" is "his" there
    link = _AFTER_RELATION.match(folded.lower, end)
    if link is None or link.end() == end:
        return
    at = link.end()
    word = WORD.match(folded.lower, at)
    known = word is not None and is_first_name(word.group())
    span = name_at(folded, at, spoken=True)
    if span is None and link.group().strip(" '") in _BESIDE and folded.text[at : at + 1].isupper():
        span = name_at(folded, at, cued=True)
        if span is not None and not telling(folded, span) and (not folded.text[start].islower() or _is_of_a_nation(folded, span)):
            span = None  # "Child Maintenance", "mon amie Peruvienne"
    if span is not None:
        loose = any(mark in link.group() for mark in ",:") or link.group() in {" is ", " est ", " was "}
        owned = " d" in link.group() or " of" in link.group()
        likely = known or several(folded, span) or not (loose or owned) or (loose and "s" not in link.group() and _ends(folded, span[1]))
        if likely and not shouted(folded, span):
            yield named(folded, span)
    elif folded.text[at : at + 1].islower():
        yield from _related_small(folded, at, beside=link.group().strip(" '") in _BESIDE)


def _related_small(folded: Folded, at: int, *, beside: bool) -> Iterator[PiiSpan]:
    """Whoever is related, in small letters: a first name with the word after it that is no everyday word, or two such words."""
    small = SMALL_NAME.match(folded.text, at)
    if small is None:
        return
    first, _, second = small.group().partition(" ")
    goes_on = len(second) >= _SHORT and _is_unheard(second)
    if is_first_name(first) and (_unmistakable(first) or goes_on):
        yield named(folded, small.span() if goes_on else (at, at + len(first)))
    elif beside and goes_on and len(first) >= _SHORT and _is_unheard(first):
        yield named(folded, small.span())


def _is_unheard(word: str) -> bool:
    """Whether a word in small letters is none that our messages use."""
    return not (word in ORDINARY_WORDS or word in WORDS_TOO or word in _NO_SMALL_NAME or word in TITLES or starts_no_name(word))


def _is_of_a_nation(folded: Folded, span: tuple[int, int]) -> bool:
    word = folded.lower[span[0] : span[1]]
    return word in NATIONS or word.removesuffix("s") in NATIONS | OFFICES


_BESIDE = frozenset(
    ("", "is", "est", "was", "named", "called", "nomme", "nommee", "prenomme", "prenommee", "qui s'appelle", "appele", "appelee"),
)  # fmt: skip
"""Between a relation and a name that may be any word: "my daughter Faith", "mon voisin nomme Sauvage"."""

_AFTER_VERB = re.compile(
    r"(?: (?:to|for|with|by|from|about|after|a|avec|par|de|whether|if|that|que|qu|si|cas|case|au nom|on behalf of|of|d)){0,2}[ ']"
)


_WITH_A_FIRM = re.compile(
    r"\b(?:accounts?|loans?|mortgages?|cards?|polic(?:y|ies)|contracts?|insurance|insured|cover|credit|debts?|bank(?:s|ed|ing)?"
    r"|register(?:ed)?|complaints?|dispute[sd]?|filed?|plans?|consolidated?|refinanced?|payments?|business|transactions?|deposit|claims?"
    r"|tariff|subscription|order|ordered|booking|booked|work|worked|working|job|employed|invest(?:ed|ment)?|savings?"
    r"|application|applied|checked) $"
)
"""Before "with", of a firm: "an account with Citibank"."""
_NAMES = re.compile(r"\b(?:calls?|called|calling|named?) $")
_ASKING = frozenset({"asked", "ask", "told", "spoke", "spoken", "phoned", "rang", "emailed", "called", "demandez", "rappelez"})
"""Of persons, even where the name is a word: "ask Faith"."""
_PLACED = re.compile(r"\b(?:at|in|on|to|from|near|through|across|outside|behind|via|of|the|a|au|aux|sur|vers|en|dans|devant|du|de) $")
_RANG = re.compile(
    r"\b(?:i|we|they|he|she|who|have|had|has|'ve|and|then|just|also|finally|immediately|daughter|son|wife|husband"
    r"|mother)[ ,]{1,2}$"
)
"""Before "called": whoever rings somebody up."""
_LONGEST_ABBREVIATION = 5
_SURE_VERBS = frozenset({"selon", "apres", "demandez", "rappelez", "contactez", "remercie"})


def _is_no_name(folded: Folded, span: tuple[int, int]) -> bool:
    """Tuesday's."""
    return starts_no_name(folded.lower[span[0] : span[1]].removesuffix("'s"))


def _spoken_of(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """After "I asked", "spoke to", "parle a": one unknown word is enough in English; French says it of towns too."""
    if folded.lower[start:end] == "apres" and folded.lower[max(0, start - 2) : start] != "d'":
        return  # after a time, not in somebody's words
    link = _AFTER_VERB.match(folded.lower, end)
    span = name_at(folded, link.end(), spoken=True) if link is not None else None
    if span is None and link is not None and folded.lower[start:end] in _ASKING:
        span = name_at(folded, link.end(), cued=True)
        if span is not None and (several(folded, span) or folded.lower[span[0] : span[1]] not in GIVEN_TOO | SURNAMES_TOO):
            span = None
    if span is None or folded.text[start:end].isupper() or shouted(folded, span) or _is_no_name(folded, span):
        return
    word = folded.lower[start:end]
    sure = language == "en" or word in _SURE_VERBS
    if word in {"himself", "herself"} and _NAMES.search(folded.lower[max(0, start - 10) : start]) is None:
        return
    if word == "called" and _RANG.search(folded.lower[max(0, start - 16) : start]) is None:
        return
    if word == "with" and _WITH_A_FIRM.search(folded.lower[max(0, start - 16) : start]) is not None:
        sure = False
    if folded.text[span[0] : span[1]].isupper() and span[1] - span[0] <= _LONGEST_ABBREVIATION:
        sure = False
    if sure or several(folded, span) or is_first_name(folded.lower[span[0] : span[1]].split(" ")[0]):
        yield named(folded, span)


_SURNAME_BEFORE = re.compile(rf"(?<![\w'-])((?:[{CAPITAL}]{{2,}}['-])?[{CAPITAL}]{{3,20}}) $")
_SHORT = 3


def _with_place(folded: Folded, start: int, end: int) -> tuple[int, int] | None:
    """A first name whose surname ends the names of places too, unless a place may be meant: "Sarah Hill came", but "in Albert Park"."""
    word = WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if word is None or word.group().removesuffix("'s") not in SURNAME_PLACES or folded.lower[start:end] in GIVEN_TOO:
        return None
    if folded.text[word.end() + 1 : word.end() + 2].isupper() or _PLACED.search(folded.lower[max(0, start - 9) : start]) is not None:
        return None
    return name_at(folded, start, cued=True)


def _first_name(folded: Folded, start: int, end: int, language: str) -> Iterator[PiiSpan]:
    """A common first name with a capital, with the surname beside it, unless a place bears it."""
    del language
    text = folded.text
    if not text[start].isupper() or (start > 0 and text[start - 1] in "@/_.#-") or text[end : end + 1] in {"@", "_", "/"}:
        return
    span = name_at(folded, start) or _with_place(folded, start, end)
    if span is None or bears_place(folded, start):
        return
    if not several(folded, span):
        ambiguous = folded.lower[start:end] in AMBIGUOUS_NAMES and "-" not in text[span[0] : span[1]]
        if ambiguous or (text[start:end].isupper() and end - start <= _SHORT):
            return
    window = max(0, start - 32)
    if start > 0 and text[start - 1] == " " and f"{folded.lower[window:start].split(' ')[-2]} {folded.lower[start:end]}" in WELL_KNOWN:
        return  # the second half of Victor Hugo
    before = _SURNAME_BEFORE.search(text[window:start])
    if before is not None and not starts_no_name(before.group(1).lower()) and before.group(1).lower() not in PLACE_WORDS:
        span = (window + before.start(1), span[1])
    yield named(folded, span)


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        ("m", "mm", "me", *sorted(TITLES)),
        _titled,
    ),
    (
        ("name", "names", "surname", "named", "called", "nom", "noms", "prenom", "prenoms", "appelle", "appelles", "appeler",
         "appelant", "nomme", "nommee", "soussigne", "soussignee", "undersigned", "signed", "signe", "signee", "signature",
         "attention", "attn", "contact", "tenant", "holder", "titulaire", "locataire", "beneficiaire", "beneficiary", "behalf",
         "patient", "applicant", "demandeur", "demandeuse", "declarant", "from", "expediteur", "sender", "interlocuteur", "caller",
         "appelante", "forename", "certain", "certaine", "parent", "enfant", "child", "payee", "employee", "conducteur", "driver"),
        _labelled,
    ),
    (("nee", "born"), _born),
    (("am", "im", "this", "it", "its", "suis", "est", "cest", "i", "moi"), _self),
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
         "person", "veuve", "feu", "copain", "copine", "jumelles", "famille", "temoins", "witnesses"),
        _related,
    ),
    (
        ("asked", "ask", "told", "spoke", "spoken", "met", "saw", "phoned", "rang", "emailed", "contacted", "called", "himself",
         "herself", "whether", "belongs", "appartient", "parle", "demande", "rencontre", "ecrit", "with", "avec", "behalf", "seen",
         "visited", "according", "selon", "apres",
         "demandez", "demander",
         "rappelez", "rappeler", "contacter", "contactez", "remercie", "remercier"),
        _spoken_of,
    ),
    (tuple(sorted(FIRST_NAMES - {"son", "said"})), _first_name),
)  # fmt: skip
