"""The words that somebody is writing on a case: which of two savings stands, and what is shown of them. Pure.

Each loaded page saves into a place of its own and says on which saved text it goes on. So a late request puts nothing older over what is
newer, two windows of one person never write over each other, and what was not gone on with stays readable as an older text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

NO_DRAFT = UUID(int=0)
"""In place of a draft, for words that belong to the case whatever its draft is: reasons, instructions, notes."""

MAX_TEXT = 60_000
"""Characters that are kept while somebody writes: more than a reply may have, so that a text that is too long can be shortened in peace."""

PROGRAM = "program"
"""The page of what came by the JSON API or by a form without scripts."""


@dataclass(frozen=True)
class WrittenText:
    """What one person wrote in one field on one page. Without text it was used: sent, or turned into an action."""

    email: str
    draft_id: UUID
    field: str
    page: str
    sequence: int
    text: str | None
    saved_at: datetime
    base_page: str = ""
    base: int = 0
    """The page and the number of the saved text that this one goes on with."""

    @property
    def place(self) -> tuple[str, UUID, str]:
        """Whose, on which draft, in which field."""
        return self.email, self.draft_id, self.field


def is_late(standing: Iterable[WrittenText], text: WrittenText) -> bool:
    """Whether something newer has been saved from the same page, or gone on with what is saved now."""
    return any(
        (other.page == text.page and other.sequence >= text.sequence) or (other.base_page == text.page and other.base >= text.sequence)
        for other in standing
        if other.place == text.place
    )


def superseded(standing: Iterable[WrittenText], text: WrittenText) -> list[WrittenText]:
    """The saved texts that this one goes on with: they need not be kept beside it."""
    return [
        other
        for other in standing
        if other.place == text.place and other.page == text.base_page != text.page and other.sequence <= text.base
    ]


def current(texts: Iterable[WrittenText], email: str, draft_id: UUID, field: str) -> WrittenText | None:
    """What the person wrote last there, or that it was used."""
    theirs = [text for text in texts if text.place == (email, draft_id, field)]
    return max(theirs, key=lambda text: (text.sequence, text.text is None), default=None)


def going_on(standing: Sequence[WrittenText], text: WrittenText) -> WrittenText:
    """The text as the next one after what its writer saved last: for whoever keeps no numbers."""
    last = current(standing, *text.place)
    if last is None:
        return text
    return replace(text, sequence=max(text.sequence, last.sequence + 1), base_page=last.page, base=last.sequence)


def used(standing: Sequence[WrittenText], email: str, draft_id: UUID, field: str, page: str, now: datetime) -> WrittenText | None:
    """The mark that the words of a page were used, so that one of its requests that comes late brings nothing back."""
    theirs = [text for text in standing if text.place == (email, draft_id, field)]
    last = next((text for text in theirs if text.page == page), None) or current(theirs, email, draft_id, field)
    if last is None:
        return None
    return (
        replace(last, text=None, saved_at=now)
        if last.page == page
        else replace(last, text=None, saved_at=now, page=page, base_page=last.page, base=last.sequence)
    )


@dataclass(frozen=True)
class Version:
    """A whole reply that somebody wrote and that is not what the editor shows now."""

    email: str
    draft_id: UUID
    page: str
    subject: str
    body: str
    saved_at: datetime


def shown(texts: Sequence[WrittenText], email: str, drafts: Sequence[UUID]) -> Version | None:
    """What the person wrote last on the first of these drafts that they wrote on, or else on any other."""
    theirs = [text for text in texts if text.email == email and text.field == "body"]
    last = [current(theirs, email, draft_id, "body") for draft_id in [*drafts, *dict.fromkeys(t.draft_id for t in reversed(theirs))]]
    body = next((text for text in last if text and text.text is not None), None)
    return _version(texts, body) if body else None


def _version(texts: Sequence[WrittenText], body: WrittenText) -> Version:
    beside = (body.email, body.draft_id, body.page)
    subject = next((t.text for t in texts if t.field == "subject" and (t.email, t.draft_id, t.page) == beside), None)
    return Version(*beside, subject=subject or "", body=body.text or "", saved_at=body.saved_at)


def versions(texts: Sequence[WrittenText], email: str, draft_id: UUID | None) -> list[Version]:
    """Every reply that was written on the case and that this person's editor does not show, the newest first."""
    body = current(texts, email, draft_id, "body") if draft_id else None
    older = [_version(texts, text) for text in texts if text.field == "body" and text.text is not None and text is not body]
    return sorted(older, key=lambda version: version.saved_at, reverse=True)
