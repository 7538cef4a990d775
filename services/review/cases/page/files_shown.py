"""The files of a message, as the case page lists them. Pure."""

from collections.abc import Sequence

from pydantic import BaseModel

from schemas.requests_received import RequestReceived
from services.review.cases.attachments.attached_files import KeptFile, Kind, can_run


class FileShown(BaseModel):
    """A file that came with the message; `kept` where it can be opened here; blocked by its `threat`; `unseen` by a scanner so far."""

    place: int
    name: str
    size: int | None
    kept: bool
    kind: Kind
    can_run: bool
    threat: str = ""
    unseen: bool = False


def files_shown(request: RequestReceived, kept_files: Sequence[KeptFile]) -> list[FileShown]:
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
            unseen=place in kept and kept[place].scan == "not_scanned",
        )
        for place, file in enumerate(request.files)
    ]
