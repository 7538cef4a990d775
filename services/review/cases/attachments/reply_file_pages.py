"""Opens a file that goes with a reply: whoever approves it sees what they send."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import UUID

from fastapi import APIRouter, Response

from schemas.replies_decided import ReplyAttachment, ReplyDecided
from services.domain import article_files
from services.domain.article_files import ArticleFile, UnusableFile
from services.review.cases import reading_log, store
from services.review.cases.attachments import attached_files, reply_files
from services.review.cases.attachments.attachment_pages import ALONE
from services.review.cases.case_state import Case
from services.review.cases.deciding import blind_looks, rules
from services.review.cases.request_dependencies import CommandsDep, PublishedDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.people.rules import Person
from services.runtime.errors import NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@router.get("/cases/{request_id}/reply-files/{sha256}")
async def download(request_id: UUID, sha256: str, visitor: ReaderDep, commands: CommandsDep, published: PublishedDep) -> Response:
    """The file, for the browser to keep: one that is offered in this case, or that somebody has decided on in it."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), visitor.person)
        decisions = [decision for decision, _ in await store.decisions_of(session, request_id)]
    file = _decided_on(case, decisions, visitor.person).get(sha256)
    name, content = (file.name, await commands.files.get(case.agency or "", sha256)) if file else ("", None)
    if content is None and published and not case.invented_for:
        name, content = await asyncio.to_thread(_offered, case, published.files, commands.knowledge, sha256)
    if content is None:
        raise NotFound("this file is neither offered nor decided on in this case, or it is another one by now: open the case again")
    await reading_log.note(commands.database, request_id, visitor.person)
    headers = {**ALONE, "Content-Disposition": attached_files.disposition(name)}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _decided_on(case: Case, decisions: Sequence[ReplyDecided], person: Person) -> dict[str, ReplyAttachment]:
    """By digest, what somebody approved in the case, as far as the person may know of it."""
    four_eyes, look = blind_looks.seen_by(case, person).four_eyes, blind_looks.look_of(case, person.email)
    approved = [decision.attachments for decision in decisions if blind_looks.sees(case, person, decision.decided_at)]
    held = [four_eyes.first, four_eyes.sent_back] if four_eyes else []
    kept = [each.attachments for each in (*held, look) if each]
    return {file.sha256: file for files in (*approved, *kept) for file in files}


def _offered(case: Case, files: Mapping[str, Sequence[ArticleFile]], folder: Path, sha256: str) -> tuple[str, bytes | None]:
    """The file of that digest as it lies in the folder. Nothing where it is another one by now."""
    for file in reply_files.offered(case, files).values():
        if file.sha256 == sha256:
            try:
                content = article_files.content_of(folder, file.path)
            except UnusableFile:
                break
            return file.name, content if hashlib.sha256(content).hexdigest() == sha256 else None
    return "", None
