"""Shows the note that is sent beneath a reply's text, before anybody approves."""

from pydantic import BaseModel

from services.review.cases.case_state import Case
from services.review.cases.deciding import reply_text
from services.review.cases.deciding.reply_note import ReplyNotes


class NoteUnderReply(BaseModel):
    """What is sent beneath the text, as it reads where the draft is left as it is, and where it is changed."""

    as_drafted: str
    if_changed: str
    drafted: str
    """The text of the draft, by which a script tells which of the two holds."""
    changed: bool


def note_under_reply(case: Case, body: str, notes: ReplyNotes) -> NoteUnderReply | None:
    """The note of the case's reply, whose text stands in the editor like this. None where none is sent, or nothing is to be decided."""
    if not case.draft or not case.decidable or not (as_drafted := notes.of(case, changed=False)):
        return None
    _, drafted = case.with_details(case.draft)
    changed = reply_text.differs(body, drafted)
    return NoteUnderReply(as_drafted=as_drafted, if_changed=notes.of(case, changed=True), drafted=drafted, changed=changed)
