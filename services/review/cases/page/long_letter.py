"""What a long letter is, at one glance."""

from pydantic import BaseModel

from schemas.requests_triaged import LetterKind


class LongLetter(BaseModel):
    """What a long message is, in one line before it."""

    words: int
    folded: bool
    letter: LetterKind | None
    attachments: int
