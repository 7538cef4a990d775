"""Placeholders stand for personal details in all that a model sees; the original text and the spans put them back."""

import re
from collections.abc import Mapping, Sequence

from schemas.values import Person, Redacted

PLACEHOLDER = re.compile(r"\[(?:[A-Z]+(?:_[A-Z]+)*_[1-9][0-9]{0,3}|CITIZEN_NAME)\]")
CITIZEN_NAME = "[CITIZEN_NAME]"
"""The name of whom the reply goes to: a draft may greet by it without anybody knowing it."""


def values(subject: str | None, body: str, redacted: Redacted, citizen_name: str | None = None) -> dict[str, str]:
    """What each placeholder stands for, read from the original at the places that triage marked."""
    texts = {"subject": subject or "", "body": body}
    found: dict[str, str] = {}
    for span in redacted.spans:
        found.setdefault(span.placeholder, texts[span.field][span.start : span.end])
    if citizen_name:
        found[CITIZEN_NAME] = citizen_name
    return found


def restore(text: str, known: Mapping[str, str]) -> str:
    """The text with every known placeholder replaced. A greeting without a name loses the gap with it."""
    if CITIZEN_NAME not in known:
        text = re.sub(r"\s*" + re.escape(CITIZEN_NAME), "", text)
    return PLACEHOLDER.sub(lambda match: known.get(match.group(), match.group()), text)


SHAPES = re.compile(r"[^\s@<>]+@[^\s@<>]+\.\w+|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}|\+?\d(?:[\s./-]?\d){6,}")
"""What an e-mail address, an account or a telephone number looks like, whosever it is."""


def hide(text: str, known: Mapping[str, str], citizen: Person | None, places: Sequence[str] = ()) -> str:
    """The text with the citizen's known details replaced, also where a part of the name is written, and all that is shaped like one."""
    said = {value: placeholder for placeholder, value in known.items() if placeholder != CITIZEN_NAME}
    said |= dict.fromkeys((place for place in places if place), CITIZEN_NAME)
    if citizen:
        said |= {value: CITIZEN_NAME for value in (citizen.email, citizen.phone, citizen.address) if value and value not in said}
        names = [citizen.name, *re.findall(r"\w[\w'’-]+", citizen.name)] if citizen.name else []
        said |= dict.fromkeys(names, CITIZEN_NAME)
    for value in sorted(said, key=len, reverse=True):
        if value.strip():
            # "de" and "Li": so short a part of a name is one only where it is written with a capital.
            how = re.IGNORECASE if len(value) > 2 else re.NOFLAG  # noqa: PLR2004
            text = re.sub(rf"(?<!\w){re.escape(value.strip())}(?!\w)", said[value], text, flags=how)
    return SHAPES.sub("[…]", text)


def left_over(text: str) -> list[str]:
    """Placeholders that nothing was known for: such a text must not be sent."""
    return sorted(set(PLACEHOLDER.findall(text)))
