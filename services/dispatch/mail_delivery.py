"""Mails decided replies and receipts: leases each delivery, makes one attempt, and records the outcome."""

import asyncio
import contextlib
import functools
import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from opentelemetry.trace import SpanKind

from schemas.acknowledgements_decided import AcknowledgementDecided
from schemas.replies_decided import ReplyDecided
from services.dispatch import delivery_metrics, mail_message, rules, store, waiting_store
from services.dispatch.delivery_log import log_outcome
from services.dispatch.lease import LEASE, renewed
from services.dispatch.mail_accounts import MailAccount, MailAccounts
from services.dispatch.mail_integrity import UnsafeMail
from services.dispatch.mailer import LeaseLost
from services.dispatch.rules import Delivery, Result
from services.domain.mail_addresses import UnusableAddress
from services.domain.phrases import Phrase
from services.runtime import clock, outbox, telemetry
from services.runtime.database import Database, Session
from services.runtime.errors import ParvisError
from services.runtime.outbox import Relay
from services.runtime.retry import Health, persist

if TYPE_CHECKING:
    from services.runtime.file_store import FileStore

log = logging.getLogger(__name__)

SERVICE = "dispatch"


@dataclass(frozen=True)
class Patience:
    """The retry policy: how many attempts, and the pause after the first."""

    attempts: int
    first_pause: timedelta
    chance: Callable[[], float] = random.random
    """Spreads the pauses: mails that failed together do not come back together."""


class FileMissing(Exception):
    """What goes with a reply is not there."""


class Deliveries:
    """Sends the mails that are due. An attempt that loses its lease sends nothing; one that began to transmit is never repeated."""

    def __init__(
        self,
        database: Database,
        relay: Relay,
        accounts: MailAccounts,
        patience: Patience,
        health: Health,
        open_store: Callable[[], "FileStore"],
    ) -> None:
        self._database = database
        self._relay = relay
        self._accounts = accounts
        self._patience = patience
        self._health = health
        self._store = functools.cache(open_store)
        self._with_files = asyncio.Semaphore(1)
        """A mail with files takes many times their size while it is composed: one at a time, from their fetching to its sending."""

    async def claim(self, limit: int) -> list[Delivery]:
        """Leases the deliveries to send now. One that was being transmitted when its process ended becomes uncertain instead."""
        now = clock.now()
        async with self._database.reading() as session:
            if not await store.anything_due(session, now):
                return []
        async with self._database.transaction() as session:
            lapsed = await store.lapsed_in_transmission(session, now)
            for delivery in lapsed:
                with telemetry.request_span("deliver", delivery.request_id, parent=delivery.trace) as span:
                    telemetry.note(span, {"parvis.delivery": "uncertain", "parvis.agency": delivery.agency})
                    telemetry.failed(span, "process_stopped")
                    await self._conclude(session, delivery, Result("uncertain", rules.in_doubt(delivery.message_id)))
            claimed = await store.claim(session, now, now + LEASE, limit)
        if lapsed:
            self._relay.wake()
        return claimed

    async def deliver(self, claimed: Delivery) -> None:
        """Makes one attempt and records its outcome, however long the database is away."""
        account = self._accounts.of(claimed.agency)
        delivery = replace(
            claimed, channel=account.mailer.channel, message_id=mail_message.message_id(claimed.decision_id, account.sender.domain)
        )
        with telemetry.request_span("deliver", delivery.request_id, parent=delivery.trace, kind=SpanKind.CLIENT) as span:
            telemetry.note(span, {"parvis.attempt": delivery.attempts, "parvis.agency": delivery.agency})

            async def renew(leased_until: datetime) -> bool:
                async with self._database.transaction() as session:
                    return await store.renew(session, delivery, leased_until)

            async with renewed(renew):
                try:
                    result = await self._attempt(delivery, account)
                except LeaseLost:
                    telemetry.note(span, {"parvis.delivery": "lease lost"})
                    telemetry.failed(span, "lease_lost")
                    return
                if result.kind != "delivered":
                    telemetry.failed(span, rules.code_of(result))

                async def record() -> str | None:
                    async with self._database.transaction() as session:
                        return await self._conclude(session, delivery, result)

                state = await persist(record, self._health)
                telemetry.note(span, {"parvis.delivery": state})
                delivery_metrics.count(delivery, result, state)
        self._relay.wake()
        if result.kind == "delivered":
            await self._try_others(delivery.agency)

    async def _try_others(self, agency: str | None) -> None:
        """What waits for the server that has just taken a mail is worth another try."""
        try:
            async with self._database.reading() as session:
                if not await waiting_store.summaries(session):
                    return
            async with self._database.transaction() as session:
                await waiting_store.try_mails_now(session, clock.now(), self._accounts.sharing(agency), self._patience.attempts)
        except Exception as error:  # the mail is out and recorded, and the others have a time of their own
            log.warning("what waits for the mail server is not tried earlier: %s", type(error).__name__, exc_info=error)

    async def _attempt(self, delivery: Delivery, account: MailAccount) -> Result:
        if delivery.attempts > self._patience.attempts:
            return Result("failed", Phrase("no attempt came to its end: the process was stopped each time"))
        event = _event_of(delivery)
        if isinstance(event, AcknowledgementDecided) and clock.now() >= event.good_until:
            return Result("failed", rules.TOO_LATE)
        has_files = isinstance(event, ReplyDecided) and event.attachments
        async with self._with_files if has_files else contextlib.nullcontext():
            return await self._mailed(delivery, event, account)

    async def _mailed(self, delivery: Delivery, event: ReplyDecided | AcknowledgementDecided, account: MailAccount) -> Result:
        now = clock.now()
        try:
            files = await self._files_of(event) if isinstance(event, ReplyDecided) else []
            mail = await asyncio.to_thread(mail_message.compose, event, sent_by=account.sender, now=now, files=files)
        except FileMissing as error:  # whoever runs Parvis may put it right
            return Result("later", str(error), "file_missing")
        except UnusableAddress as error:
            return Result("failed", Phrase(f"the recipient's address can't be used: {error}"))
        except UnsafeMail as error:
            return Result("failed", Phrase(f"the mail was not sent, since it would not have been what was approved: {error}"))

        async def about_to_transmit() -> None:
            now = clock.now()
            async with self._database.transaction() as session:
                if not await store.begin_transmission(session, delivery, now + LEASE, now):
                    raise LeaseLost

        return await account.mailer.send(delivery.decision_id, mail, about_to_transmit)

    async def _files_of(self, reply: ReplyDecided) -> list[bytes]:
        """The bytes of what goes with the reply, each of the digest that was decided on. Raises FileMissing: nothing goes without them."""
        contents = []
        for file in reply.attachments:
            try:
                content = await self._store().get(reply.agency or "", file.sha256)
            except ParvisError as error:
                raise FileMissing(error.detail) from None
            except OSError as error:
                raise FileMissing(Phrase(f"the store of files can't be opened ({type(error).__name__})")) from None
            if content is None:
                raise FileMissing(Phrase(f"the file {file.name} that goes with the reply is not in the store of files, or is another one"))
            contents.append(content)
        return contents

    async def _conclude(self, session: Session, delivery: Delivery, result: Result) -> str | None:
        now = clock.now()
        verdict = rules.verdict(result, delivery.attempts, self._patience.attempts, now, self._patience.first_pause, self._patience.chance)
        if not await store.conclude(session, delivery, verdict, now):
            return None
        if verdict.state != "pending":
            ended = replace(delivery, state=verdict.state, detail=verdict.detail, finished_at=now)
            await outbox.add(session, SERVICE, rules.dispatched(ended))
        log_outcome(log, delivery.kind, delivery.request_id, verdict, delivery.attempts)
        return verdict.state


def _event_of(delivery: Delivery) -> ReplyDecided | AcknowledgementDecided:
    event = AcknowledgementDecided if delivery.kind == "acknowledgement" else ReplyDecided
    return event.model_validate_json(delivery.event)
