"""Names of people we do not know: where a title, a relation, a greeting or a signature announces one, or a common first name starts it."""

import re
from collections.abc import Iterator

from services.triage.redaction.citizen import name_value
from services.triage.redaction.details import Detail, Rule
from services.triage.redaction.folding import Folded
from services.triage.redaction.lexicon import (
    AMBIGUOUS_NAMES,
    BEFORE_PLACES,
    FIRST_NAMES,
    OFFICES,
    PLACE_WORDS,
    SMALL_WORDS,
    starts_no_name,
)

_CAPITAL = r"A-Z\u0370-\u03ab\u0400-\u042f"
_ONE = rf"(?:(?:[DdOLN]'|Mc|Mac)?[{_CAPITAL}][^\W\d_]+(?:['-][{_CAPITAL}]?[^\W\d_]+){{0,3}}|[{_CAPITAL}](?:\.-?[{_CAPITAL}]){{0,3}}\.)"
_PARTICLE = r"(?:de la|de|du|des|van der|van den|van|von|der|den|da|di|dos|del|el|al|bin|ben|le|la|ter|ibn|y|e|zu)"
_SEQUENCE = re.compile(rf"{_ONE}(?:[ \u00a0]{{1,2}}(?:{_PARTICLE} )?(?:d'|de l')?{_ONE}){{0,4}}")
_SMALL_NAME = re.compile(r"[a-z][a-z'-]{1,30}(?: [a-z][a-z'-]{2,30})?(?![\w@])")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*\.?")
_LONGEST = 4


def _trimmed(folded: Folded, start: int, *, single: bool, first_sure: bool = False) -> tuple[int, int] | None:
    """The name that starts here: capitalised words up to the first that is no part of a name, and none of a place."""
    found = _SEQUENCE.match(folded.text, start)
    if found is None:
        return None
    end = start
    words = 0
    for word in _WORD.finditer(folded.text, start, found.end()):
        small = folded.lower[word.start() : word.end()].rstrip(".")
        if folded.text[word.start()].isupper() or small[:2] in {"d'", "l'"}:
            if small in PLACE_WORDS and words:
                return None  # Elm Street, Charles Dickens Primary School
            if starts_no_name(small) and not (words == 0 and first_sure and small in _LED):
                break
            if small.split("'")[0] in {"i"}:
                break
            words += 1
            end = word.end()
            if words == _LONGEST:
                break
        elif word.start() == start:
            break
    if words == 0 or (words == 1 and not single):
        return None
    text = folded.text[start:end]
    if text.endswith(".") and not re.search(rf"(?:^|[ .-])[{_CAPITAL}]\.$", text):
        end -= 1
    if text.endswith(("'s", "'S")):
        end -= 2
    if len(folded.text[start:end].strip(".")) < 2 or (
        words == 1 and end - start <= 3 and folded.text[start:end].isupper() and not first_sure
    ):  # noqa: PLR2004
        return None
    following = _WORD.match(folded.lower, end + 1) if folded.text[end : end + 1] == " " else None
    if following is not None and following.group() in PLACE_WORDS and folded.text[end + 1].isupper():
        return None
    return start, end


_LED = frozenset({"le", "la", "de", "du", "des", "el", "van", "von", "ben", "l", "d"})
"""M. Le Goff, Mme De Smet: after a title a capital particle starts the name."""


def _name(folded: Folded, span: tuple[int, int]) -> Detail:
    return Detail("NAME", *span, name_value(folded.lower[span[0] : span[1]]))


def _in_place(folded: Folded, start: int) -> bool:
    """Whether the word before makes a place of it: rue Victor Hugo, salle Pierre Bourdieu, statue of William Shakespeare."""
    before = folded.lower[max(0, start - 40) : start].rstrip(" -'")
    for _ in range(5):
        word = re.search(r"[^\W\d_]+\.?$", before)
        if word is None or (word.group().endswith(".") and len(word.group()) > 4):  # noqa: PLR2004 - the end of a sentence, not "st."
            return False
        last = word.group().rstrip(".")
        if last in BEFORE_PLACES:
            return True
        if last not in _BETWEEN and last not in FIRST_NAMES:
            return False
        before = before[: word.start()].rstrip(" -'")
    return False


_BETWEEN = frozenset(
    "de du des d la le les l of the general marechal president docteur dr professeur capitaine colonel abbe pere primary elementary primaire maternelle jean saint".split(
        " "
    )
)

# --- titles ---------------------------------------------------------------------------------------------------------------------

_ANY_TITLE = r"(?:mr|mrs|ms|miss|dr|m|mme|mmes|mlle|mm|monsieur|madame|prof)"
_AFTER_TITLE = re.compile(
    rf"(?:\.?,? (?:et|and|&|ou|or|und) {_ANY_TITLE})?\.?(?: (?:le|la) (?:docteur|professeur|maitre|juge|brigadier|capitaine))?(?:\s|\n){{0,2}}"
)
_SMALL_TITLES = frozenset({"mr", "mrs", "ms", "mme", "mlle", "monsieur", "madame", "miss"})
_NEEDS_DOT_OR_CAPITAL = frozenset({"m", "me", "dr", "mm", "st"})


def _titled(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    word = folded.lower[start:end]
    if word in _NEEDS_DOT_OR_CAPITAL and not folded.text[start].isupper() and word != "dr":
        return
    if word == "me" and (language == "en" or folded.text[start:end] != "Me"):
        return
    if word == "m" and folded.text[end : end + 1] not in {".", " "}:
        return
    link = _AFTER_TITLE.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end or (at == end + 1 and folded.text[end] == "." and word not in {"m", "mr", "mrs", "ms", "dr", "mme"}):
        return
    if "\n" in folded.text[end:at] and folded.text[end] != ".":
        return
    span = _trimmed(folded, at, single=True, first_sure=True)
    if span is not None:
        if not _in_place(folded, start):
            yield _name(folded, span)
        return
    if word in _SMALL_TITLES and (found := _SMALL_NAME.match(folded.text, at)) is not None:
        first = found.group().split(" ")[0]
        if not starts_no_name(first) and first not in _COMMON_SMALL and len(first) > 2:  # noqa: PLR2004
            yield _name(folded, (at, at + len(first)))


_COMMON_SMALL = frozenset(
    "who from at la le les et and or ou in has had is was does did a au aux qui que ne est dit m'a vous nous je i you they he she it said told has have de des du "
    "veuillez merci bonjour suite concernant mayor mayors president maire directrice directeur prefet".split(" ")
)

# --- "my name is", "je m'appelle" -----------------------------------------------------------------------------------------------

_AFTER_LABEL = re.compile(
    r"(?:s|\(s\)|'s)?(?: (?:is|are|was|est|sont|etait|complet|de famille|de naissance|d'usage|at birth|and surname|et prenom|in full|on (?:the )?card|et prenoms|prenom|of(?: the)? \w{3,12}|he gave"
    r"|(?:my|ma|mon|our|notre|his|her|their|une?|the|la|le) \w{3,14}|ici))?(?: (?:is|est|was|etait|being|de|d)(?!\w))?[ \t]?[:=,'-]{0,2}\s{0,3}"
)
_WITH_COLON = frozenset({"from", "contact", "sender", "patient", "driver", "employee", "attention", "signature"})
"""Words that only a form uses as a label."""
_INVERTED = re.compile(rf"{_ONE}, {_ONE}")


def _labelled(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    """After a word that says a name comes: small letters will do after "name is"."""
    del language
    label = _AFTER_LABEL.match(folded.lower, end)
    if label is None or label.end() == end:
        return
    at = label.end()
    if folded.lower[start:end] in _WITH_COLON and ":" not in label.group():
        return
    inverted = _INVERTED.match(folded.text, at) if ":" in label.group() else None
    if inverted is not None:
        yield _name(folded, inverted.span())
        return
    span = _trimmed(folded, at, single=True)
    if span is not None:
        yield _name(folded, span)
        return
    small = _SMALL_NAME.match(folded.text, at)
    strong = folded.lower[start:end] in {"appelle", "appelles", "appeler", "appelant"} or label.group().strip() in {
        "is",
        "est",
        ":",
        "is:",
        "est:",
    }
    if strong and small is not None:
        words = [word for word in small.group().split(" ")]
        if (
            starts_no_name(words[0])
            or words[0] in _COMMON_SMALL
            or (words[0] not in FIRST_NAMES and folded.lower[start:end] not in {"appelle", "name", "appeler"})
        ):
            return
        if words[0] not in FIRST_NAMES and (len(words) == 1 or words[0].endswith(("ed", "ing"))) and folded.lower[start:end] == "name":
            return
        length = len(words[0])
        if (
            len(words) > 1
            and not starts_no_name(words[1])
            and words[1] not in _COMMON_SMALL
            and words[0] in FIRST_NAMES
            and _ends(folded, at + len(small.group()))
        ):
            length = len(small.group())
        yield _name(folded, (at, at + length))


def _ends(folded: Folded, at: int) -> bool:
    return (
        folded.text[at : at + 1] in {"", ".", ",", "\n", "!", ";", "\r"}
        or folded.lower[at : at + 5] in {" and ", " from"}
        or folded.lower[at : at + 4] == " et "
    )


_AFTER_SELF = re.compile(r"(?:'m|'s)? ?(?:(?:again|encore|here|le|la|moi|c'est|cest|soussigne|soussignee|undersigned|the|,) ?){0,3}(?:, )?")
_AGAIN = re.compile(r"(?: (?:again|here|encore|ici|from|speaking|du|de|d'|at)\b|, \d|[,.!]?\s*\n|$)")


def _self(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    """After "I am", "this is", "c'est": a common first name, or several capitalised words, or one with "again"."""
    del start, language
    link = _AFTER_SELF.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end:
        return
    first = _WORD.match(folded.lower, at)
    if first is None:
        return
    known = first.group().rstrip(".").split("-")[0] in FIRST_NAMES
    if folded.text[at].isupper():
        span = _trimmed(folded, at, single=True)
        if span is None:
            return
        several = " " in folded.text[span[0] : span[1]]
        again = "encore" in folded.lower[end:at] or "again" in folded.lower[end:at] or _AGAIN.match(folded.text, span[1]) is not None
        sure = "soussigne" in folded.lower[end:at] or "undersigned" in folded.lower[end:at]
        if known or several or again or sure:
            yield _name(folded, span)
    elif known and first.group() not in AMBIGUOUS_NAMES and first.group() not in SMALL_WORDS:
        yield _name(folded, (at, first.end() - first.group().endswith(".")))


# --- relations ------------------------------------------------------------------------------------------------------------------

_AFTER_RELATION = re.compile(
    r"(?:s|'s)?(?: (?:sociale|social worker|est|is|was|named|called|nommee?|prenommee?|qui s'appelle|appelee?|m\.|de|du|d|of)(?!\w))?(?:'| ?[,:(]? ?)(?:(?:mr|mrs|mme|m|dr)\. ?)?"
)


def _related(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    if folded.lower[start:end] == "son" and language == "fr":
        return
    link = _AFTER_RELATION.match(folded.lower, end)
    if link is None or link.end() == end:
        return
    at = link.end()
    span = _trimmed(folded, at, single=True)
    if span is not None:
        loose = any(mark in link.group() for mark in ",:") or " de" in link.group() or " of" in link.group()
        word = _WORD.match(folded.lower, at)
        known = word is not None and word.group().rstrip(".").split("-")[0] in FIRST_NAMES
        if known or not loose or " " in folded.text[span[0] : span[1]] or _ends(folded, span[1]):
            yield _name(folded, span)
        return
    word = _WORD.match(folded.text, at)
    if word is not None and word.group() in FIRST_NAMES and word.group() not in AMBIGUOUS_NAMES and word.group() not in SMALL_WORDS:
        yield _name(folded, word.span())


# --- greetings and signatures ---------------------------------------------------------------------------------------------------

_AFTER_GREETING = re.compile(r" (?:(?:mr|mrs|ms|miss|dr|m|mme|mlle|monsieur|madame|mademoiselle|maitre|professor|all|a tous|you)\b\.? ?)?")
_GREETED = re.compile(r" ?(?:[,.!;:\n\r-]|$|\n| \n| et | and |$)")


def _greeted(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    del start, language
    link = _AFTER_GREETING.match(folded.lower, end)
    if link is None:
        return
    span = _trimmed(folded, link.end(), single=True)
    if span is not None and _GREETED.match(folded.text, span[1]) is not None:
        yield _name(folded, span)
    elif span is None:
        word = _WORD.match(folded.text, link.end())
        if (
            word is not None
            and word.group() in FIRST_NAMES
            and word.group() not in SMALL_WORDS
            and _GREETED.match(folded.text, word.end()) is not None
        ):
            yield _name(folded, word.span())


_AFTER_CLOSING = re.compile(r"(?:[ ,](?:you|yours|a vous|to you|d'avance|in advance|beaucoup|so much|very much|all|et|and|bonne journee|distinguee?s|again|for your help|pour votre aide|truly|faithfully"
                            r"|sincerely|wishes|regards|cordialement|encore|from)){0,3}[ ,.!:;\r-]{0,4}(?:\n[ \t\r]*){0,3}(?:[-~_*] ?|-- ?)?(?:(?:mr|mrs|ms|m|mme|mlle|dr|monsieur|madame)\b\.? )?")  # fmt: skip
_SIGNED = re.compile(r"[ \t]*(?:\(|,?\s*\n|[.,!]?\s*$|\r|, \+?\d)")


def _signed(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    del start, language
    link = _AFTER_CLOSING.match(folded.lower, end)
    at = link.end() if link is not None else end
    if at == end or not any(mark in folded.text[end:at] for mark in ",.!:;\n-") and folded.text[at : at + 1].islower():
        return
    span = _trimmed(folded, at, single=True)
    if span is not None and _SIGNED.match(folded.text, span[1]) is not None:
        yield _name(folded, span)
    elif span is None:
        small = _SMALL_NAME.match(folded.text, at)
        if small is None:
            return
        words = small.group().split(" ")
        if words[0] in FIRST_NAMES and words[0] not in SMALL_WORDS and _SIGNED.match(folded.text, at + len(small.group())) is not None:
            yield _name(folded, (at, at + len(small.group())))


# --- people spoken to, and common first names --------------------------------------------------------------------------------------

_AFTER_VERB = re.compile(
    r"(?: (?:to|with|by|from|about|a|avec|par|de|whether|if|that|que|qu|si|cas|case|au nom|on behalf of|of|d)){0,2}[ ']"
)


def _spoken_of(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    """After "I asked", "spoke to", "parle a": one unknown word is enough in English; French says it of towns too."""
    link = _AFTER_VERB.match(folded.lower, end)
    if link is None:
        return
    span = _trimmed(folded, link.end(), single=True)
    if span is None or folded.text[start:end].isupper():
        return
    first = folded.lower[span[0] : span[1]].split(" ")[0]
    if first in FIRST_NAMES or " " in folded.text[span[0] : span[1]] or language == "en":
        yield _name(folded, span)


def _first_name(folded: Folded, start: int, end: int, language: str) -> Iterator[Detail]:
    """A common first name with a capital, with the surname after it, unless a place bears it."""
    del language
    text = folded.text
    if not text[start].isupper() or (start > 0 and (text[start - 1].isalnum() or text[start - 1] in "@/_.#")):
        return
    if text[end : end + 1] in {"@", "_", "/"}:
        return
    if _in_place(folded, start):
        return
    if start and text[start - 1] == "-":
        return
    span = _trimmed(folded, start, single=True)
    if span is None:
        return
    several = any(mark in text[span[0] : span[1]] for mark in " ")
    small = folded.lower[start:end]
    if not several and small in AMBIGUOUS_NAMES and "-" not in text[span[0] : span[1]]:
        return
    if not several and text[start:end].isupper() and end - start <= 3:  # noqa: PLR2004
        return
    before = _SURNAME_BEFORE.search(text[max(0, start - 32) : start])
    if before is not None and not starts_no_name(before.group(1).lower()) and before.group(1).lower() not in PLACE_WORDS:
        span = (max(0, start - 32) + before.start(1), span[1])
    yield _name(folded, span)


_SURNAME_BEFORE = re.compile(rf"(?<![\w'-])((?:[{_CAPITAL}]{{2,}}['-])?[{_CAPITAL}]{{3,20}}) $")

# --- names by their form ------------------------------------------------------------------------------------------------------------

_INITIAL = re.compile(rf"(?<![\w.'-])(?:[{_CAPITAL}]\.[ -]?){{1,3}}[{_CAPITAL}][^\W\d_]{{2,}}(?:['-][{_CAPITAL}][^\W\d_]+)?")
_LINE = re.compile(rf"^[ \t>]*((?:{_ONE})(?: (?:{_PARTICLE} )?(?:d')?{_ONE}){{1,3}})[ \t]*(?:\([\w. ]{{2,12}}\))?,?[ \t\r]*$", re.MULTILINE)
_NUMBERED_PLACE = re.compile(
    r"(?:building|batiment|block|bloc|room|salle|line|ligne|hall|class|classe|zone|part|partie|point|option|category|categorie|plan|band|form|vitamin|hepatite|hepatitis) $"
)
_BORN = re.compile(rf"({_ONE}(?: (?:{_PARTICLE} )?{_ONE}){{0,3}}),? ?\(?$")


def shaped(folded: Folded) -> Iterator[Detail]:
    """Initials with a surname, and lines that hold nothing but a name."""
    text = folded.text
    if "." in text:
        for found in _INITIAL.finditer(text):
            if _NUMBERED_PLACE.search(folded.lower[max(0, found.start() - 12) : found.start()]) is None and not _in_place(
                folded, found.start()
            ):
                last = re.split(r"[. ]", found.group())[-1].lower()
                following = _WORD.match(folded.lower, found.end() + 1)
                if starts_no_name(last) or last in PLACE_WORDS or (following is not None and following.group() in PLACE_WORDS):
                    continue
                yield _name(folded, found.span())
    if "\n" in text:
        for found in _LINE.finditer(text):
            if not any(
                starts_no_name(word) or word in PLACE_WORDS or word in BEFORE_PLACES
                for word in re.findall(r"[^\W\d_]+", found.group(1).lower())
                if word not in _LINE_PARTICLES
            ):
                yield _name(folded, found.span(1))


_LINE_PARTICLES = frozenset("de la le du des van von der den da di dos del el al bin ben ter d l".split(" "))


def before_contact(folded: Folded, details: list[Detail]) -> Iterator[Detail]:
    """Two capitalised words right before an e-mail address, a telephone number or a date of birth."""
    for detail in details:
        if detail.kind not in {"EMAIL", "PHONE", "BIRTHDATE"}:
            continue
        window = max(0, detail.start - 60)
        found = _BEFORE_CONTACT.search(folded.text[window : detail.start])
        if (
            found is not None
            and (span := _trimmed(folded, window + found.start(1), single=False)) is not None
            and not _in_place(folded, span[0])
        ):
            yield _name(folded, span)


_BEFORE_CONTACT = re.compile(
    rf"(?<![\w'-])({_ONE}(?: (?:{_PARTICLE} )?{_ONE}){{1,3}})[ ,<(:-]{{1,4}}(?:(?:phone|tel|mobile|email|mail|e-mail|tel\.|born|nee?|le|on|nee? le|born on)[ :.]{{1,2}}){{0,2}}$"
)


RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    (
        (
            "m", "mr", "mrs", "ms", "miss", "mx", "mme", "mmes", "mlle", "mm", "monsieur", "madame", "mademoiselle", "dr", "doctor", "docteur", "prof", "professor",
            "professeur", "maitre", "me", "sir", "lady", "reverend", "rev", "pastor", "imam", "rabbi", "inspector", "officer", "sergeant", "captain", "constable",
            "councillor", "cllr", "judge", "nurse", "brigadier", "adjudant", "capitaine", "lieutenant", "commandant", "juge", "infirmiere", "infirmier", "pasteur",
            "herr", "frau", "senor", "senora", "signor", "signora", "uncle", "aunt", "auntie", "tonton", "tata",
        ),
        _titled,
    ),
    (
        (
            "name", "names", "surname", "named", "called", "nom", "noms", "prenom", "prenoms", "appelle", "appelles", "appeler", "appelant", "nomme", "nommee", "soussigne",
            "soussignee", "undersigned", "signed", "signe", "signee", "signature", "attention", "attn", "contact", "tenant", "holder", "titulaire", "locataire", "beneficiaire",
            "beneficiary", "behalf", "patient", "applicant", "demandeur", "demandeuse", "declarant", "from", "expediteur", "sender", "interlocuteur", "caller", "appelante",
            "forename", "payee", "employee", "conducteur", "driver",
        ),
        _labelled,
    ),
    (("am", "im", "this", "it", "its", "suis", "est", "cest", "je", "i", "moi"), _self),
    (
        (
            "neighbour", "neighbours", "neighbor", "voisin", "voisine", "voisins", "husband", "mari", "wife", "femme", "epouse", "epoux", "son", "sons", "fils", "daughter", "daughters",
            "fille", "filles", "mother", "mere", "maman", "father", "pere", "papa", "brother", "frere", "sister", "soeur", "partner", "compagnon", "compagne", "conjoint", "conjointe",
            "colleague", "collegue", "friend", "ami", "amie", "landlord", "landlady", "locataire", "proprietaire", "tenant", "child", "enfant", "enfants", "children", "cousin", "cousine",
            "witness", "temoin", "guide", "teacher", "grandson", "granddaughter", "grandfather", "grandmother", "grandma", "grandpa", "nephew", "niece", "neveu", "gardien", "gardienne", "concierge",
            "caretaker", "assistante", "assistant", "worker", "boyfriend", "girlfriend", "fiance", "fiancee", "ex", "twin", "twins", "jumeaux", "belle-mere", "boss", "director", "chien",
            "dog", "kid", "kids", "roommate", "flatmate", "colocataire", "mum", "mom", "dad", "interprete", "tuteur", "tutrice", "curateur", "carer", "nanny", "nounou",
        ),
        _related,
    ),
    (("dear", "hello", "hi", "hey", "bonjour", "bonsoir", "cher", "chere", "chers", "cheres", "salut", "coucou", "thanks", "merci", "you"), _greeted),
    (
        (
            "regards", "sincerely", "faithfully", "wishes", "cordialement", "salutations", "distingues", "distinguees", "vous", "thanks", "merci", "cheers", "love", "yours", "best",
            "respectueusement", "journee", "soiree", "greetings", "truly", "avance", "advance", "amicalement", "bientot", "respectfully", "cordially", "you", "gratefully", "signed", "signe",
            "sentiments", "devoues", "meilleurs", "remerciements",
        ),
        _signed,
    ),
    (
        (
            "asked", "ask", "told", "spoke", "spoken", "met", "saw", "phoned", "rang", "emailed", "contacted", "whether", "belongs", "appartient", "parle", "demande", "rencontre", "ecrit",
            "with", "avec", "behalf", "seen", "visited", "d",
        ),
        _spoken_of,
    ),
    (tuple(sorted(FIRST_NAMES - {"son", "may", "april", "june", "august", "will", "may"})), _first_name),
)  # fmt: skip
