"""Says what kind of letter is answered. Pure."""

from schemas.requests_triaged import LetterKind, RequestTriaged, Tone

WITHOUT_QUOTATION: frozenset[LetterKind] = frozenset(("praise", "suggestion", "follow_up", "no_answer"))
"""To none of these is a rule an answer: whoever follows up has had it, or waits for something else."""
_ASKS: frozenset[LetterKind] = frozenset(("question", "follow_up", "several"))
"""Whoever may have asked something is not put off with regret."""


def letter_of(triaged: RequestTriaged) -> LetterKind:
    """What kind of letter is answered: as read where that is sure, and otherwise as its tone tells; in doubt a question."""
    return answered_as(triaged.letter, triaged.letter_sure, triaged.letter_tone)


def answered_as(letter: LetterKind | None, sure: bool, tone: Tone | None) -> LetterKind:  # noqa: FBT001 - as triage says it
    """The kind that a draft follows: thanks are never given to who complains, nor regrets to who only asks."""
    if letter and sure:
        return letter
    if tone == "positive":
        return "praise"
    return "complaint" if tone == "negative" and letter not in _ASKS else "question"
