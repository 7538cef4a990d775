"""The JSON API of canned replies."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from schemas.values import Prose
from services.review.cases import reading_log, store
from services.review.cases.canned_replies import canned_replies, canned_reply_store
from services.review.cases.canned_replies.canned_replies import CannedReply, Owner
from services.review.cases.deciding import rules
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import CaseworkerDep, PersonFirst
from services.review.people.rules import Person
from services.runtime import clock

router = APIRouter(prefix="/api/v1", route_class=PersonFirst)


class CannedReplyOut(BaseModel):
    """One canned reply. An empty agency or department is every one."""

    reply_id: UUID
    owner: Owner
    agency: str
    department: str
    title: str
    language: str
    text: str
    version: int
    changed_by: str
    changed_at: datetime
    may_write: bool


class CannedReplies(BaseModel):
    """All that the person may use, their own first."""

    items: list[CannedReplyOut]


class NewReply(BaseModel):
    """A new one: one's `own`, a `team`'s (agency and department) or an `agency`'s."""

    model_config = ConfigDict(extra="forbid")

    owner: Literal["own", "team", "agency"] = "own"
    agency: Prose = ""
    department: Prose = ""
    title: Prose
    language: Prose = "en"
    text: Prose


class ChangedReply(BaseModel):
    """New words for one; `version` is that of the words they replace."""

    model_config = ConfigDict(extra="forbid")

    version: int
    title: Prose
    language: Prose = "en"
    text: Prose


class FilledReply(BaseModel):
    """The text as it goes into a case's reply; `unknown` are placeholders that nothing is known for in that case."""

    text: str
    unknown: list[str]
    other_language: bool
    """Whether the citizen wrote in another one."""


@router.get("/canned-replies")
async def list_replies(person: CaseworkerDep, commands: CommandsDep, q: Prose = "") -> CannedReplies:
    """The texts that a person may put into replies, by words of their titles."""
    async with commands.database.reading() as session:
        replies = canned_replies.titled(await canned_reply_store.of_person(session, person), q)
    return CannedReplies(items=[_out(reply, person) for reply in replies])


@router.post("/canned-replies", status_code=201)
async def add_reply(sent: NewReply, person: CaseworkerDep, commands: CommandsDep) -> CannedReplyOut:
    """Keeps a new one."""
    words = canned_replies.wording(sent.title, sent.language, sent.text)
    shelf = canned_replies.shelf_of(sent.owner, sent.agency, sent.department, person, commands.taxonomy)
    async with commands.database.transaction() as session:
        reply = await canned_reply_store.add(session, shelf, words, person, clock.now())
    return _out(reply, person)


@router.put("/canned-replies/{reply_id}")
async def change_reply(reply_id: UUID, sent: ChangedReply, person: CaseworkerDep, commands: CommandsDep) -> CannedReplyOut:
    """Writes one anew."""
    words = canned_replies.wording(sent.title, sent.language, sent.text)
    async with commands.database.transaction() as session:
        reply = await canned_reply_store.change(session, reply_id, sent.version, words, person, clock.now())
    return _out(reply, person)


@router.delete("/canned-replies/{reply_id}", status_code=204)
async def remove_reply(reply_id: UUID, version: int, person: CaseworkerDep, commands: CommandsDep) -> None:
    """Deletes one; `version` is that of the words one has read."""
    async with commands.database.transaction() as session:
        await canned_reply_store.remove(session, reply_id, version, person, clock.now())


@router.get("/cases/{request_id}/canned-replies/{reply_id}")
async def fill_reply(request_id: UUID, reply_id: UUID, person: CaseworkerDep, commands: CommandsDep) -> FilledReply:
    """The text with what is known of that case put in."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
        reply = await canned_reply_store.offered_in(session, reply_id, case, person)
    await reading_log.note(commands.database, request_id, person)
    filled = canned_replies.filled(reply.text, canned_replies.facts_of(case, reply.language, commands.taxonomy))
    return FilledReply(text=filled.text, unknown=list(filled.unknown), other_language=not canned_replies.is_in_language(reply, case))


def _out(reply: CannedReply, person: Person) -> CannedReplyOut:
    return CannedReplyOut(
        reply_id=reply.reply_id,
        owner=reply.shelf.owner,
        agency=reply.shelf.agency,
        department=reply.shelf.department,
        title=reply.title,
        language=reply.language,
        text=reply.text,
        version=reply.version,
        changed_by=reply.changed_by,
        changed_at=reply.changed_at,
        may_write=canned_replies.may_write(reply.shelf, person),
    )
