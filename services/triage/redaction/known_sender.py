"""Finds the sender's own details, as the agency gave them, in every form: name, e-mail, telephone, address."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from schemas.optional_fields import DroppedField
from schemas.values import Person
from services.triage.redaction.name_lexicon import WORDS_TOO, starts_no_name
from services.triage.redaction.name_shape import named
from services.triage.redaction.pii_span import PiiSpan
from services.triage.redaction.street_types import house_pattern
from services.triage.redaction.text_folding import Folded, fold

_TITLES = frozenset((
    "m", "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "dame", "rev", "mme", "mlle", "monsieur", "madame", "mademoiselle",
    "maitre", "me", "pr", "herr", "frau",
))  # fmt: skip
_PARTICLES = frozenset((
    "de", "du", "des", "da", "di", "do", "dos", "van", "von", "der", "den", "la", "le", "les", "el", "al", "bin", "ben", "ibn", "y",
    "e", "und", "of", "the", "d", "l",
))  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_MAIL_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,100}+@[^\s@<>,;:\"()\[\]\\]{1,200}+")
_FEWEST_LETTERS = 4
_FEWEST_IN_LOCAL = 6
_SPARE_DIGITS = 6  # a number's last digits tell it apart whatever prefix was written


def hints(dropped: Sequence[DroppedField]) -> list[Person]:
    """Whom a field tells of that could not be used: it was no address, say, but it still names the citizen."""
    return [_hint(note.field, note.value) for note in dropped if note.value and note.field.split(".")[0] == "citizen"]


def _hint(field: str, value: str) -> Person:
    emails = _MAIL_ADDRESS.findall(value)
    words = _MAIL_ADDRESS.sub(" ", value)
    match field.split("."):
        case ["citizen", "phone", *_]:
            return Person(phone=value[:50])
        case ["citizen", "address", *_]:
            return Person(address=value)
        case _:
            return Person.model_construct(name=words, email=emails[0] if emails else None)


def of_known_sender(folded: Folded, citizen: Person) -> Iterator[PiiSpan]:
    """Where the text names the citizen, in whatever form."""
    if citizen.email:
        yield from _email(folded, citizen.email)
    if citizen.name and (pattern := _name_pattern(citizen.name)):
        for name in pattern.finditer(folded.lower):
            if folded.text[name.start()].isupper() or _is_name_in_small_letters(name.group()):
                yield named(folded, name.span())
    if citizen.phone and (pattern := _phone_pattern(citizen.phone)):
        for phone in pattern.finditer(folded.text):
            yield PiiSpan("PHONE", phone.start(), phone.end(), phone.group()[-_SPARE_DIGITS:])
    if citizen.address:
        for pattern in _address_patterns(citizen.address):
            for address in pattern.finditer(folded.lower):
                yield PiiSpan("ADDRESS", address.start(), address.end(), " ".join(_words(address.group())))


def _is_name_in_small_letters(written: str) -> bool:
    """Whether nothing else is meant: "the stone wall" is not Derek Stone's, though "derek stone" is."""
    words = [word for word in _WORD.findall(written) if len(word) > 1]
    return len(words) > 1 or (len(words[0]) >= _FEWEST_LETTERS and words[0] not in WORDS_TOO and not starts_no_name(words[0]))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _email(folded: Folded, email: str) -> Iterator[PiiSpan]:
    whole = fold(email).lower
    local = whole.partition("@")[0]
    # The part before the sign alone leads to the person where it is no everyday word: j_kowalski.88.
    telling = len(local) >= _FEWEST_IN_LOCAL and not local.isalpha()
    for address in _email_pattern(whole, local if telling else whole).finditer(folded.lower):
        yield PiiSpan("EMAIL", *address.span(), address.group())


@lru_cache(maxsize=1024)
def _email_pattern(whole: str, local: str) -> re.Pattern[str]:
    return re.compile(rf"{re.escape(whole)}|(?<![\w.+-]){re.escape(local)}(?![\w+-])")


@lru_cache(maxsize=1024)
def _name_pattern(name: str) -> re.Pattern[str] | None:
    words = [word for word in _WORD.findall(fold(name).lower) if word not in _TITLES] if "@" not in name else []
    strong = [word for word in words if len(word) > 1 and word not in _PARTICLES]
    if not strong:
        return None
    any_word = "|".join(sorted({re.escape(word) for word in strong}, key=len, reverse=True))
    initials = "".join(sorted({word[0] for word in strong}))
    particles = "|".join(sorted(_PARTICLES, key=len, reverse=True))
    # Atomic: two spaces read in three ways each would be 3 ** 20 ways for a name of six words with particles.
    gap = r"(?>[ \t]{1,4}+(?:[-,.'][ \t]?|\r?\n)?+|[-,.'][ \t]?|\r?\n)"
    return re.compile(
        rf"(?<![^\W_])(?:[{re.escape(initials)}](?:\.{gap}?|{gap})){{0,3}}(?:{any_word})"
        rf"(?:{gap}(?:(?:{particles}){gap}){{0,3}}(?:{any_word})"
        rf"|[ ,]{{1,2}}[{re.escape(initials)}]\.){{0,5}}(?![^\W_])(?![\w.+-]{{0,40}}@)"
    )


@lru_cache(maxsize=1024)
def _phone_pattern(phone: str) -> re.Pattern[str] | None:
    digits = re.sub(r"\D", "", fold(phone).text)
    if len(digits) < _SPARE_DIGITS:
        return None
    tail = digits[-9:] if len(digits) > 9 else digits  # noqa: PLR2004 - past nine digits it is a prefix, written in many ways
    inner = r"[ .\-/()]{0,3}".join(tail)
    return re.compile(rf"(?:\+|(?<!\d))(?:[\d(][\d ().\-/]{{0,9}})?{inner}(?!\d)")


@lru_cache(maxsize=1024)
def _address_patterns(address: str) -> tuple[re.Pattern[str], ...]:
    patterns: list[re.Pattern[str]] = []
    for part in re.split(r"[,;\n]", fold(address).lower):
        words = _words(part)
        if len(words) >= 2 and any(character.isdigit() for character in part):  # noqa: PLR2004 - a number and what it numbers
            patterns.append(house_pattern(words))
    return tuple(patterns)
