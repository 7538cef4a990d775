"""Validates the reply text that a person approves, and measures how far it differs from the draft."""

import hashlib
import json
from collections.abc import Container

from rapidfuzz.distance import Levenshtein

from schemas import invisible_characters
from services.domain import placeholders
from services.runtime.errors import InvalidInput

MAX_SUBJECT = 300
MAX_BODY = 20_000


def shortened(subject: str) -> str:
    """A subject that can be approved as it is: a long one ends between two words."""
    line = invisible_characters.one_line(subject)
    if len(line) <= MAX_SUBJECT:
        return line
    head = line[: MAX_SUBJECT - 1]
    words = head.rpartition(" ")[0]
    return f"{words if len(words) > MAX_SUBJECT // 2 else head.rstrip()}…"


def check(subject: str, body: str, citizens_own: Container[str] = ()) -> None:
    """Raises InvalidInput naming the field where the text must not be sent.

    `citizens_own` are words in brackets that the citizen typed: they look like placeholders and are none.
    """
    if invisible_characters.is_blank(subject):
        raise InvalidInput("subject: write one, the citizen sees it first", field="subject")
    if len(subject) > MAX_SUBJECT:
        raise InvalidInput(f"subject: at most {MAX_SUBJECT} characters, this has {len(subject)}", field="subject")
    if invisible_characters.is_blank(body):
        raise InvalidInput("body: an empty reply can't be sent: there is nothing to see in it", field="body")
    if len(body) > MAX_BODY:
        raise InvalidInput(f"body: at most {MAX_BODY} characters, this has {len(body)}", field="body")
    for name, text in (("subject", subject), ("body", body)):
        if left := [name for name in placeholders.left_over(text) if name not in citizens_own]:
            raise InvalidInput(f"{name}: nothing is known for {', '.join(left)}; write out what is meant, or take it away", field=name)


def proof(subject: str, body: str, address: str | None) -> str:
    """Stands for exactly this text to exactly this address: a page shows it, and the decision has it."""
    return hashlib.sha256(json.dumps([subject, body, address]).encode()).hexdigest()


def differs(text: str, drafted: str) -> bool:
    """Whether a person changed the draft: blanks and line ends round it are of the browser's or the program's making."""
    return invisible_characters.letter(text).strip() != invisible_characters.letter(drafted).strip()


def edit_distance(before: str, after: str) -> int:
    """The number of words removed, added or put in place of others."""
    return Levenshtein.distance(before.split(), after.split())
