"""Takes one mail: reads it in a process that can be stopped, keeps its files, and journals it as a request, once."""

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from schemas.replies_dispatched import ReplyDispatched
from services.domain.phrases import Phrase
from services.intake import acceptance, store
from services.intake.acceptance import Accepted, Caller, Sent
from services.intake.incoming_files import IncomingFiles
from services.intake.mail.mail_worker import Question
from services.intake.mail.reading import MailRequest, ReturnedReply, unreadable
from services.runtime import clock, outbox
from services.runtime.database import Database, Session
from services.runtime.errors import ParvisError, Unavailable
from services.runtime.file_scanner import Verdict
from services.runtime.worker_process import QuestionFailed, WorkerFault, WorkerProcess

log = logging.getLogger(__name__)

READ_SECONDS = 20.0  # of the processor, a hundred times what 25 MB of attachments take
STUCK_SECONDS = 120.0


@dataclass(frozen=True)
class Came:
    """How a mail came: `way` is imap, lmtp or smtp. `size` is more than there is of it where only its beginning was fetched."""

    agency: str
    way: str
    arrived_at: datetime
    size: int


class MailTaker:
    """Makes a request of each mail. When `take` returns, it is in the journal with all that came along, and the mail may be marked."""

    def __init__(self, database: Database, files: IncomingFiles, reader: WorkerProcess, patience: timedelta) -> None:
        self._database = database
        self._files = files
        self._reader = reader
        self._patience = patience

    async def take(self, raw: bytes, came: Came) -> UUID:
        """The request that the mail is, a new one or the one that it was before. Raises Unavailable and errors of the database."""
        await self._must_be_known(came.agency)
        read = await self._read(raw, came)
        if not await self._is_taken(read.request_id, came.agency):
            await self._files.keep(came.agency, read.contents)  # first: what is in the journal has all that it names
            verdicts = _of_the_whole(await self._files.verdicts(map(_digest, read.contents), read.contents), read.contents[-1])
            try:
                await self._journal(read, came, verdicts)
            except Refused as error:
                if await self._is_taken(read.request_id, came.agency):  # by another way, at the same moment
                    return read.request_id
                log.warning("a mail of %s could not be taken as it was read (%s): it is taken with its original alone", came.agency, error)
                read = unreadable(raw, came.agency, came.arrived_at, str(error))
                await self._journal(read, came, verdicts)  # of the original, it is no better for being alone
        return read.request_id

    async def _must_be_known(self, agency: str) -> None:
        """A case of an agency that there is not would be seen by few: its mail waits where it is."""
        async with self._database.reading() as session:
            if not await store.has_agency(session, agency):
                raise Unavailable(
                    Phrase(f"there is no agency {agency}: add it, `parvis agencies add {agency}`, or correct PARVIS_MAILBOXES")
                )

    async def _read(self, raw: bytes, came: Came) -> MailRequest:
        question = Question(raw, came.agency, came.arrived_at, came.size)
        try:
            lines = await self._reader.ask(question, READ_SECONDS, STUCK_SECONDS)
        except (WorkerFault, QuestionFailed) as error:
            log.warning("a mail of %s could not be read (%s): it is taken with its original alone", came.agency, type(error).__name__)
            return unreadable(raw, came.agency, came.arrived_at, "it takes too long to read, or can't be read at all")
        value, returned, *contents = lines
        return MailRequest(
            value=json.loads(value),
            returned=tuple(ReturnedReply(UUID(decision_id), reason) for decision_id, reason in json.loads(returned)),
            contents=(*(base64.b64decode(content) for content in contents), raw),
        )

    async def _is_taken(self, request_id: UUID, agency: str) -> bool:
        async with self._database.reading() as session:
            return bool(await store.contents(session, [request_id], agency))

    async def _journal(self, read: MailRequest, came: Came, verdicts: Mapping[str, Verdict]) -> None:
        """Raises Refused where what was read is no request."""

        async def also(session: Session) -> None:
            for reply in read.returned:
                await _return_reply(session, reply, came.agency)

        caller = Caller(came.agency, came.way, stores_files=True)
        [outcome] = await acceptance.accept(self._database, caller, [Sent(read.value, verdicts=verdicts)], self._patience, also=also)
        if not isinstance(outcome, Accepted):
            raise Refused(_why(outcome))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _of_the_whole(verdicts: Mapping[str, Verdict], original: bytes) -> Mapping[str, Verdict]:
    """The original holds every file: it is no better than the worst of them, whether or not a scanner opens mails."""
    worst = next((verdict for result in ("infected", "not_scanned") for verdict in verdicts.values() if verdict.result == result), None)
    return {**verdicts, _digest(original): worst} if worst else verdicts


class Refused(ParvisError):
    """What was read of a mail is no request."""


def _why(outcome: ParvisError | ValidationError) -> str:
    """The reason without what was read, which log and page must not quote."""
    if isinstance(outcome, ParvisError):
        return outcome.detail
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['type']}" for fault in outcome.errors(include_input=False)[:5])


async def _return_reply(session: Session, reply: ReturnedReply, agency: str) -> None:
    """Tells that a reply of the agency's has come back. A decision that is not known here, or another agency's, tells nothing."""
    request_id = await store.request_of_decision(session, reply.decision_id, agency)
    if request_id is None:
        return
    event = ReplyDispatched(
        request_id=request_id,
        decision_id=reply.decision_id,
        agency=agency,
        outcome="failed",
        returned=True,
        channel="smtp",
        attempts=1,
        detail=reply.reason,
        dispatched_at=clock.now(),
    )
    await outbox.add(session, acceptance.SERVICE, event, lane=agency)
