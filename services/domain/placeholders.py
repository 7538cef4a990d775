"""Puts personal details back in place of placeholders, and placeholders in place of details: a model sees placeholders only."""

import re
from collections.abc import Container, Mapping, Sequence

from schemas.values import Person, Redacted
from services.domain import greetings

PLACEHOLDER = re.compile(r"\[(?:[A-Z]+(?:_[A-Z]+)*_[1-9][0-9]{0,3}|CITIZEN_NAME)\]")
WHOLE_MESSAGE = "[MESSAGE_1]"
"""Stands for the whole text of a message that nobody has read: which of its words are somebody's details is not known."""
UNREAD = "none"
"""The model that such a message was sorted by."""
CITIZEN_NAME = "[CITIZEN_NAME]"
"""The name of whom the reply goes to: a draft may greet by it without anybody knowing it."""
CASE_NUMBER, DEPARTMENT, DUE_DATE = "[CASE_NUMBER]", "[DEPARTMENT]", "[DUE_DATE]"
"""What people may write in texts that they keep for many replies, beside the citizen's name."""
OF_THE_CASE = re.compile("|".join(re.escape(name) for name in (CASE_NUMBER, DEPARTMENT, DUE_DATE)))


def values(subject: str | None, body: str, redacted: Redacted, citizen_name: str | None = None) -> dict[str, str]:
    """The personal detail behind each placeholder, read from the original at the places that triage marked."""
    texts = {"subject": subject or "", "body": body}
    details: dict[str, str] = {}
    for span in redacted.spans:
        details.setdefault(span.placeholder, texts[span.field][span.start : span.end])
    if citizen_name and greetings.is_name(citizen_name):
        details[CITIZEN_NAME] = citizen_name
    return details


def fits(subject: str | None, body: str, redacted: Redacted) -> bool:
    """Whether the redacted text is this message's: outside of what was replaced the two are the same, character by character."""
    shown = {"body": redacted.body} | ({} if redacted.subject is None else {"subject": redacted.subject})
    texts = {"subject": subject or "", "body": body}
    return all(_with_placeholders(texts[field], field, redacted) == text for field, text in shown.items())


def _with_placeholders(text: str, field: str, redacted: Redacted) -> str:
    end, parts = 0, list[str]()
    for span in sorted((span for span in redacted.spans if span.field == field), key=lambda span: span.start):
        parts += [text[end : span.start], span.placeholder]
        end = span.end
    return "".join((*parts, text[end:]))


def restore(text: str, details: Mapping[str, str], *, keep: Container[str] = ()) -> str:
    """The text with every known placeholder replaced. A greeting without a name loses the gap with it; what is to `keep` stays."""
    if CITIZEN_NAME not in details and CITIZEN_NAME not in keep:
        text = re.sub(r"(?<!\s)\s*+" + re.escape(CITIZEN_NAME), "", text)
    return PLACEHOLDER.sub(lambda match: details.get(match.group(), match.group()), text)


SHAPES = re.compile(
    r"[^\s@<>]{1,254}@[^\s@<>]{1,254}\.\w+"
    # An account: as far as its groups have digits, so that the words after it stay; a bank's four letters belong to it.
    r"|(?<![^\W_])[A-Z]{2}\d{2}(?=(?:[ .\u00a0-][A-Z]{4}(?=[ .\u00a0-]\d))?(?:[ .\u00a0-]?[A-Z]{0,4}\d){8})"
    r"[A-Z0-9]*+(?:[ .\u00a0-][A-Z]{4}(?=[ .\u00a0-]\d))?+"
    r"(?:[ .\u00a0-](?:(?=[A-Z]{0,30}\d)[A-Z0-9]++|(?-i:[A-Z]{4})(?=[ .\u00a0-][A-Z]{0,3}\d)))*+"
    r"|\+?\d(?:[\s./-]?\d){6,}",
    re.IGNORECASE,
)
"""What an e-mail address, an account or a telephone number looks like, whosever it is."""
_NAMED = re.compile(r"\[NAME_\d+\]")
_SHORTEST_PART = 3  # letters: "Li" and "De" are words as well


def hide(text: str, details: Mapping[str, str], citizen: Person | None, places: Sequence[str] = ()) -> str:
    """The text with the citizen's known details replaced, also where a part of a name is written, and all that is shaped like one."""
    placeholder_of = {value: placeholder for placeholder, value in details.items() if placeholder != CITIZEN_NAME}
    placeholder_of |= dict.fromkeys((place for place in places if place), CITIZEN_NAME)
    if citizen:
        placeholder_of |= {
            value: CITIZEN_NAME for value in (citizen.email, citizen.phone, citizen.address) if value and value not in placeholder_of
        }
        names = [citizen.name, *re.findall(r"\w[\w'’-]+", citizen.name)] if citizen.name else []
        placeholder_of |= dict.fromkeys(names, CITIZEN_NAME)
    for value in sorted(placeholder_of, key=len, reverse=True):
        if value.strip():
            # "de" and "Li": so short a part of a name is one only where it is written with a capital.
            how = re.IGNORECASE if len(value) > 2 else re.NOFLAG  # noqa: PLR2004
            text = re.sub(rf"(?<!\w){re.escape(value.strip())}(?!\w)", placeholder_of[value], text, flags=how)
    for part, placeholder in _parts(details).items():
        # Only where it is written with a capital: "Will" and "Rose" are words too.
        text = re.sub(rf"(?<!\w){re.escape(part[0])}(?i:{re.escape(part[1:])})(?!\w)", placeholder, text)
    return SHAPES.sub("[…]", text)


def _parts(details: Mapping[str, str]) -> dict[str, str]:
    """The placeholder of each word of the names in the letter: the first name's where two share a word."""
    parts: dict[str, str] = {}
    for placeholder, value in details.items():
        if _NAMED.fullmatch(placeholder):
            for word in re.findall(r"\w[\w'’-]+", value):
                if len(word) >= _SHORTEST_PART and word[0].isupper():
                    parts.setdefault(word, placeholder)
    return dict(sorted(parts.items(), key=lambda part: len(part[0]), reverse=True))


def left_over(text: str) -> list[str]:
    """Placeholders left in a text that must not be sent, since no detail is known for them."""
    return sorted({*PLACEHOLDER.findall(text), *OF_THE_CASE.findall(text)})
