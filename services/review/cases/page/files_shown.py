"""The files of a message and those that a reply may take along, as the case page lists them. Pure."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel

from schemas.replies_decided import ReplyAttachment
from schemas.requests_received import RequestReceived
from services.domain.article_files import ArticleFile
from services.domain.file_types import can_run
from services.review.cases.attachments import reply_files
from services.review.cases.attachments.attached_files import KeptFile, Kind
from services.review.cases.case_state import Case


class FileShown(BaseModel):
    """A file that came with the message; `kept` where it can be opened here; blocked by its `threat`; `unseen` by the scanner so far."""

    place: int
    name: str
    size: int | None
    kept: bool
    kind: Kind
    can_run: bool
    threat: str = ""
    unseen: bool = False


def files_shown(request: RequestReceived, kept_files: Sequence[KeptFile], *, scanner: bool) -> list[FileShown]:
    """What came along, and what of it can be opened."""
    kept = {file.place: file for file in kept_files}
    return [
        FileShown(
            place=place,
            name=file.name,
            size=file.size,
            kept=place in kept,
            kind=kept[place].kind if place in kept else "other",
            can_run=can_run(file.name),
            threat=kept[place].threat if place in kept and kept[place].is_infected else "",
            unseen=scanner and place in kept and kept[place].scan == "not_scanned",
        )
        for place, file in enumerate(request.files)
    ]


class FileOffered(BaseModel):
    """A published file that may go with the reply; `value` names it as it is now."""

    name: str
    kind: str
    size: int
    sha256: str
    value: str
    ticked: bool


def files_offered(case: Case, files: Mapping[str, Sequence[ArticleFile]], typed: Sequence[str] | None) -> list[FileOffered]:
    """None is ticked but by a person: just now, in a first approval, or in an approval that was undone; and none that is another since."""
    if not case.decidable or not case.draft:
        return []
    ticked = _ticked_before(case) if typed is None else typed
    values = {_value(file): file for file in reply_files.offered(case, files).values()}
    return [
        FileOffered(name=file.name, kind=file.kind, size=file.size, sha256=file.sha256, value=value, ticked=value in ticked)
        for value, file in values.items()
    ]


def _ticked_before(case: Case) -> list[str]:
    if case.first_approval:
        return [_value(file) for file in case.first_approval.attachments]
    returned = case.four_eyes.sent_back if case.four_eyes else None
    if returned and case.draft and returned.draft_id == case.draft.draft_id:
        return [_value(file) for file in returned.attachments]
    of_this_draft = case.decision and case.draft and case.decision.draft_id == case.draft.draft_id
    return [_value(file) for file in case.decision.attachments] if case.decision and of_this_draft else []


def _value(file: ArticleFile | ReplyAttachment) -> str:
    """By which an approval names it as it is now."""
    return f"{file.sha256}/{file.name}"
