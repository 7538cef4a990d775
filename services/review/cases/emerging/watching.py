"""Looks at each message that came, in the transaction that groups it: what emerges, rises or is over leaves with it as an event."""

import asyncio
import dataclasses
import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from schemas.matters_emerging import Stage
from services.domain import mail_addresses, wish_for_person
from services.review.cases import store, upkeep, upkeep_store
from services.review.cases.case_state import Case
from services.review.cases.emerging import announcement, matter_store, matters, message_terms, naming, vectors
from services.review.cases.emerging.likeness import History, Vector
from services.review.cases.emerging.matter_store import Matter
from services.review.cases.emerging.matters import Emergence, Joined, Message
from services.review.cases.emerging.naming import Name
from services.review.cases.groups import group_store, grouping
from services.review.cases.groups.group_store import Member
from services.review.cases.groups.grouping import Tie
from services.review.cases.related.contact_keys import contact_keys, is_personal
from services.review.cases.search import search_words
from services.runtime import outbox
from services.runtime.database import Database, Session
from services.runtime.encoder import Encoder

SERVICE = "review"
UPKEEP = "matters"

HISTORY_LASTS = 900.0  # seconds: what was usual over weeks is not another thing a quarter of an hour later
HISTORY_LASTS_AT_FIRST = 60.0
GROWS_BELOW = 500  # letters: below it each day, or an import, makes it another history
AGENCIES_KEPT = 16  # histories in memory, some 4 MB each
TIDIED_EACH = 3_600.0
NAMED_ANEW = 12
"""Messages up to which a matter is named anew with each: the first four may call it by the street alone."""
OVER_BELOW = 2
LASTS_AT_LEAST = timedelta(minutes=30)


class Watch:
    """What one process remembers between messages: histories of agencies, for a while. All else is in the database."""

    def __init__(self, encoder: Encoder | None = None, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._encoder = encoder
        self._monotonic = monotonic
        self._histories: OrderedDict[str, tuple[float, History]] = OrderedDict()
        self._tidied: float | None = None

    @property
    def _encoder_name(self) -> str:
        return self._encoder.name if self._encoder else ""

    async def prepare(self, cases: Sequence[Case]) -> None:
        """Asks the encoder for the meaning of texts before a transaction begins that would wait for it."""
        texts = [message_terms.redacted_text(case.triage) for case in cases if case.triage and may_be_encoded(case)]
        if self._encoder and texts:
            await asyncio.to_thread(self._encoder.vectors, texts)

    async def look_at(self, session: Session, cases: Sequence[Case], now: datetime) -> None:
        """Keeps what the messages are compared by, and says of each that has just come what it is part of. Twice is the same as once."""
        windows: dict[str, list[Message]] = {}
        for case in cases:
            if case.request and case.triage and case.agency and not case.invented_for:
                await self._look(session, case, case.agency, windows, now)

    async def _look(self, session: Session, case: Case, agency: str, windows: dict[str, list[Message]], now: datetime) -> None:
        assert case.request
        assert case.triage
        reading = message_terms.read(case.request, case.triage)
        vector = self._vector(message_terms.redacted_text(case.triage)) if may_be_encoded(case) else None
        received_at = min(case.request.received_at, now)
        message = Message(case.request_id, received_at, writer_of(case), reading.terms, vector)
        kept = vectors.packed(vector, self._encoder_name) if vector is not None else b""
        # What comes late, as old letters that are taken over, says nothing of this hour.
        if not await matter_store.keep_message(session, message, agency, kept) or received_at <= now - matters.WINDOW:
            return
        if agency not in windows:
            others = await matter_store.window(session, agency, now, self._encoder_name)
            windows[agency] = [other for other in others if other.request_id != message.request_id]
        open_matters = {matter.matter_id: matter for matter in await matter_store.open_matters(session, agency)}
        history = await self._history(session, agency, now)
        signatures = {matter_id: matter.signature for matter_id, matter in open_matters.items()}
        outcome = matters.step(message, windows[agency], history, signatures)
        members: tuple[UUID, ...] = ()
        if isinstance(outcome, Joined):
            members = (message.request_id,)
            await self._join(session, open_matters[outcome.matter_id], message.request_id, history, now)
        elif isinstance(outcome, Emergence):
            members = outcome.members
            await self._begin(session, agency, outcome, [*windows[agency], message], history, now)
        matter_id = outcome.matter_id if outcome else None
        windows[agency] = [
            dataclasses.replace(other, matter_id=matter_id) if other.request_id in members else other
            for other in [*windows[agency], message]
        ]

    def _vector(self, text: str) -> Vector | None:
        rows = self._encoder.vectors([text]) if self._encoder else None
        return None if rows is None else rows[0]

    async def _history(self, session: Session, agency: str, now: datetime) -> History:
        made = self._histories.get(agency)
        if made is None or self._monotonic() - made[0] > (HISTORY_LASTS if made[1].size >= GROWS_BELOW else HISTORY_LASTS_AT_FIRST):
            made = self._monotonic(), await matter_store.history(session, agency, now, self._encoder_name)
            self._histories[agency] = made
        self._histories.move_to_end(agency)
        while len(self._histories) > AGENCIES_KEPT:
            self._histories.popitem(last=False)
        return made[1]

    async def _begin(
        self, session: Session, agency: str, outcome: Emergence, window: Sequence[Message], history: History, now: datetime
    ) -> None:
        members = [message for message in window if message.request_id in outcome.members]
        cases = await store.cases_of(session, outcome.members)
        group_of = await group_store.groups_of(session, outcome.members)
        group_id = Counter(group_of.values()).most_common(1)[0][0] if group_of else grouping.new_group(outcome.members[0])
        name, category = name_of(list(cases.values()), history)
        since = min(message.received_at for message in members)
        matter = Matter(
            matter_id=outcome.matter_id,
            agency=agency,
            group_id=group_id,
            since=since,
            opened_at=now,
            over_at=None,
            level=matters.steps_of(outcome.people),
            usual=outcome.usual,
            category=category,
            name=name,
            signature=outcome.signature,
            dismissed=False,
        )
        if not await matter_store.begin(session, matter):
            return
        await matter_store.put_in(session, matter.matter_id, outcome.members)
        await group_store.open_group(session, group_id, agency, now)
        await _put_in_group(session, group_id, list(cases.values()))
        await _tell(session, matter, "emerged", now)

    async def _join(self, session: Session, matter: Matter, request_id: UUID, history: History, now: datetime) -> None:
        await matter_store.put_in(session, matter.matter_id, (request_id,))
        await _put_in_group(session, matter.group_id, [await store.look(session, request_id)])
        members = await matter_store.members(session, matter.matter_id)
        level = matters.steps_of(matters.people_of(members))
        if matter.dismissed or (level <= matter.level and len(members) > NAMED_ANEW):
            return
        newest = [member.request_id for member in members[: group_store.MOST_MATES]]
        name, category = name_of(list((await store.cases_of(session, newest)).values()), history)
        await matter_store.rise(session, matter.matter_id, max(level, matter.level), name, category)
        if level > matter.level:
            risen = dataclasses.replace(matter, level=level, name=name, category=category)
            await _tell(session, risen, "rose", now)

    async def conclude(self, database: Database, now: datetime) -> None:
        """Ends what hardly anybody writes about any more, and tells it. Writes only where there is something to end."""
        async with database.reading() as session:
            quiet = [matter for matter in await matter_store.all_open(session) if await _is_over(session, matter, now)]
        for matter in quiet:
            async with database.transaction() as session:
                held = await matter_store.matter(session, matter.matter_id)
                if held and held.over_at is None and await _is_over(session, held, now):
                    await matter_store.end(session, held.matter_id, now)
                    if not held.dismissed:
                        await _tell(session, held, "over", now)

    async def catch_up(self, database: Database, now: datetime) -> None:
        """Keeps what the letters of the last weeks are compared by that were there before there was anything to keep."""

        async def keep(session: Session, cases: Sequence[Case]) -> None:
            for case in cases:
                if case.request and case.request.received_at < now - matter_store.HISTORY_ENDS:
                    await self._keep(session, case)

        async with database.reading() as session:
            more = not await upkeep_store.is_done(session, UPKEEP)
        while more:
            async with database.transaction() as session:
                more = await upkeep.go_on(session, UPKEEP, keep, since=now - matter_store.HISTORY_REACHES)
            self._histories.clear()

    async def _keep(self, session: Session, case: Case) -> None:
        if case.request and case.triage and case.agency and not case.machine:
            terms = message_terms.read(case.request, case.triage).terms
            message = Message(case.request_id, case.request.received_at, writer_of(case), terms)
            await matter_store.keep_message(session, message, case.agency, b"")

    async def tidy(self, database: Database, now: datetime) -> None:
        """Forgets, once an hour, messages that nothing is compared with any more."""
        if self._tidied is not None and self._monotonic() - self._tidied < TIDIED_EACH:
            return
        self._tidied = self._monotonic()
        async with database.reading() as session:
            agencies = await matter_store.agencies(session)
        for agency in agencies:
            async with database.transaction() as session:
                await matter_store.forget_old(session, agency, now)


async def dismiss(session: Session, matter: Matter, by: str, now: datetime) -> None:
    """A person said that it is no matter: it is told nobody any more, and its messages begin no other until it is over."""
    await matter_store.dismiss(session, matter.matter_id, by, now)
    await _tell(session, matter, "dismissed", now)


def name_of(cases: Sequence[Case], history: History) -> tuple[Name, str | None]:
    """What a matter of these cases is called, without the name of anybody who wrote, and what most of them were sorted as."""
    readings = [message_terms.read(case.request, case.triage) for case in cases if case.request and case.triage]
    names = [case.request.citizen.name for case in cases if case.request and case.request.citizen and case.request.citizen.name]
    of_people = {word.text for name in names for word in search_words.words(name)}
    categories = Counter(case.category for case in cases if case.category)
    return naming.name_of(readings, history, of_people), categories.most_common(1)[0][0] if categories else None


def may_be_encoded(case: Case) -> bool:
    """Whether what the letter means may be looked up: whoever wants no automated handling is compared by words alone."""
    if not (case.request and case.triage):
        return False
    return not wish_for_person.wants_a_person(case.triage.signals, case.request.automation, case.request.unsolved_by)


def writer_of(case: Case) -> str:
    """Stands for whoever wrote, at one agency: by the mailbox where there is one, so that another telephone number is nobody else."""
    citizen = case.request.citizen if case.request else None
    email = citizen.email if citizen else None
    if email and is_personal(email):
        return hashlib.blake2b(f"{case.agency}\0{mail_addresses.mailbox_key(email)}".encode("utf-8", "replace"), digest_size=8).hexdigest()
    contacts = contact_keys(case)
    return hashlib.blake2b(min(contacts), digest_size=8).hexdigest() if contacts else ""


async def _put_in_group(session: Session, group_id: UUID, cases: Sequence[Case]) -> None:
    """Shows the messages together, but for those that are in a group already or that a person took out."""
    group_of = await group_store.groups_of(session, [case.request_id for case in cases])
    joining = [
        Member(
            case.request_id,
            group_id,
            case.request.received_at if case.request else case.created_at,
            Tie("matter"),
            grouping.sender_mark(group_id, contact_keys(case)),
        )
        for case in cases
        if case.request_id not in group_of and group_id not in await group_store.left_by(session, case.request_id)
    ]
    await group_store.put_in(session, joining)


async def _is_over(session: Session, matter: Matter, now: datetime) -> bool:
    if now - matter.opened_at < LASTS_AT_LEAST:
        return False
    members = await matter_store.members(session, matter.matter_id, matter_store.MOST_COUNTED)
    return matters.people_of([member for member in members if member.received_at > now - matters.WINDOW]) < OVER_BELOW


async def _tell(session: Session, matter: Matter, stage: Stage, now: datetime) -> None:
    members = await matter_store.members(session, matter.matter_id)
    await outbox.add(session, SERVICE, announcement.event_of(matter, stage, members, now))
