"""Keeps the files of messages, and reads one at a time."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from schemas.attached_files import MAIL_TYPE, ORIGINAL, ScanResult
from schemas.requests_received import RequestReceived
from services.review.cases.attachments import attached_files
from services.review.cases.attachments.attached_files import KeptFile, Kind
from services.review.cases.attachments.attachment_tables import AttachmentRow
from services.runtime.database import Session, insert_all_new, lines
from services.runtime.errors import NotFound
from services.runtime.file_scanner import Verdict, first_infected

ELSEWHERE = b""
"""In place of the bytes of a file that lies in the store of files."""

_LISTED = [col(getattr(AttachmentRow, name)) for name in ("place", "name", "media_type", "size", "sha256", "kind", "scan", "threat")]


async def keep(session: Session, request: RequestReceived) -> bool:
    """Keeps the files that came along, once, and where the others are stored; says whether there were any."""
    came = [(place, file, file.read()) for place, file in enumerate(request.files)]
    rows = [
        AttachmentRow(
            request_id=request.request_id,
            place=place,
            name=file.name,
            media_type=file.media_type,
            kind=attached_files.kind_of(content, file.media_type) if content else attached_files.kind_by_type(file.media_type),
            size=len(content) if content else file.size or 0,
            sha256=file.sha256 or "",
            scan=file.scan or "",
            threat=file.threat or "",
            content=content or ELSEWHERE,
        )
        for place, file, content in came
        if content or (file.stored and file.sha256 and file.size)
    ]
    return bool(rows) and await insert_all_new(session, rows) > 0


async def copy(session: Session, request_id: UUID, to: UUID) -> None:
    """Keeps the files of a message for another case of the same message as well."""
    names = [column.name for column in sa.inspect(AttachmentRow).columns if column.name != "request_id"]
    columns = [col(getattr(AttachmentRow, name)) for name in names]
    files = sa.select(sa.literal(to, sa.Uuid()), *columns).where(col(AttachmentRow.request_id) == request_id)
    await session.exec(sa.insert(AttachmentRow).from_select(["request_id", *names], files))


async def of_case(session: Session, request_id: UUID) -> list[KeptFile]:
    """The files of a message, without their bytes."""
    query = sa.select(*_LISTED).where(col(AttachmentRow.request_id) == request_id).order_by(col(AttachmentRow.place))
    return [_kept(row) for row in await lines(session, query)]


async def read(session: Session, request_id: UUID, place: int) -> tuple[KeptFile, bytes]:
    """One file with its bytes, which are ELSEWHERE where the store of files has them. Raises NotFound."""
    row = await session.get(AttachmentRow, (request_id, place))
    if not row:
        raise NotFound(f"there is no file {place} of this message: it did not travel with it, or was left out as too large")
    return _kept(row), row.content


async def note_verdicts(session: Session, request_id: UUID, verdicts: Mapping[int, Verdict]) -> None:
    """Keeps what the scanner says now, by place, where it has not said it before. Of what is infected, the original mail is as well."""
    of_message = sa.update(AttachmentRow).where(col(AttachmentRow.request_id) == request_id)
    for place, verdict in verdicts.items():
        if verdict.result != "not_scanned":
            unseen = of_message.where(col(AttachmentRow.place) == place, col(AttachmentRow.scan).not_in(["clean", "infected"]))
            await session.exec(unseen.values(scan=verdict.result, threat=verdict.threat))
    if infected := first_infected(verdicts.values()):
        original = of_message.where(col(AttachmentRow.name) == ORIGINAL, col(AttachmentRow.media_type) == MAIL_TYPE)
        await session.exec(original.where(col(AttachmentRow.scan) != "infected").values(scan="infected", threat=infected.threat))


def _kept(row: Any) -> KeptFile:  # noqa: ANN401 - a row of the table, or of those columns
    kind, scan = cast("Kind", row.kind), cast("ScanResult | None", row.scan or None)
    return KeptFile(row.place, row.name, row.media_type, row.size, row.sha256, kind, scan, row.threat)
