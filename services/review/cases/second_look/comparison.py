"""Compares what two people made of the same draft, neither knowing of the other. Pure."""

from dataclasses import dataclass
from typing import Literal, get_args

from schemas import invisible_characters
from services.review.cases.deciding import reply_text
from services.review.cases.deciding.applied_action import reason_of
from services.review.cases.deciding.figures import figures_of
from services.runtime.errors import InvalidInput

Outcome = Literal["agreed", "other_figures", "other_text", "other_files", "not_sent"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

ALIKE = 0.1
"""Texts that differ in fewer of their words than this say the same."""


@dataclass(frozen=True)
class Look:
    """What the second person would have done: a text to send, or why none."""

    sends: bool
    subject: str = ""
    body: str = ""
    reason: str = ""


def look_of(verdict: str, subject: str, body: str, reason: str) -> Look:
    """What was sent by the form. Raises InvalidInput naming the field."""
    if verdict == "send":
        subject, body = invisible_characters.one_line(subject), invisible_characters.letter(body)
        reply_text.check(subject, body)
        return Look(sends=True, subject=subject, body=body)
    if verdict == "not":
        return Look(sends=False, reason=reason_of(reason))
    raise InvalidInput(f"verdict: there is no {verdict[:20]!r}; use send or not", field="verdict")


def outcome_of(body: str, look: Look) -> Outcome:
    """Whether both came to the same, and else how they differ: sums, dates, deadlines and rights weigh more than words."""
    if not look.sends:
        return "not_sent"
    if _figures(body) != _figures(look.body):
        return "other_figures"
    words = max(len(body.split()), len(look.body.split()), 1)
    return "other_text" if reply_text.edit_distance(body, look.body) / words > ALIKE else "agreed"


def _figures(text: str) -> set[tuple[str, str]]:
    return {(figure.kind, figure.text.casefold()) for figure in figures_of(text, [])}
