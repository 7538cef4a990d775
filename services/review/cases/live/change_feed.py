"""Follows the log for changes of cases: one query a round in each process, told to everybody who listens there.

Each change of a case leaves an entry of the log in its transaction, so the log's numbers are the feed, whichever process made the change.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from schemas.values import Urgency
from services.domain.taxonomy import Taxonomy
from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases.case_state import State
from services.review.cases.live import live_store
from services.review.cases.live.live_cells import LineCells
from services.review.cases.live.live_updates import ChangedCase, Message, Written, steps_of
from services.review.cases.live.log_position import LogPosition
from services.review.people import session_store
from services.review.people import store as people
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.database import Database, Session
from services.runtime.errors import ParvisError
from services.runtime.message_catalogues import PageLanguage

log = logging.getLogger(__name__)

ROUND_SECONDS = 0.5  # a fire is to be on every screen within two
RIGHTS_SECONDS = 5.0  # also where nothing happens, a session that ended ends its streams
GAP_SECONDS = 60.0  # no transaction is open for longer
MOST_ENTRIES = 500  # of one round
LOOK_BACK = 200  # numbers in which transactions may be under way when the first listener comes
MOST_WAITING = 32  # messages to one listener who does not read
MOST_OF_A_SESSION = 8
MOST_LISTENERS = 2000


class TooManyStreams(ParvisError):
    """This browser, or all together, listens often enough already."""

    status = 429
    title = "Too many streams"


@dataclass(eq=False)
class Listener:
    """One open stream. What is put into `waiting` leaves in that order; None ends it."""

    session_key: str
    person: Person
    language: PageLanguage
    waiting: asyncio.Queue[tuple[int, str] | None] = field(default_factory=lambda: asyncio.Queue(MOST_WAITING))
    ended: bool = False

    def tell(self, number: int, data: str) -> None:
        """Puts a message in its place. Who does not read is let go, and finds everything when they come again."""
        try:
            self.waiting.put_nowait((number, data))
        except asyncio.QueueFull:
            self.end()

    def end(self) -> None:
        """Ends the stream, after what is waiting or in place of it."""
        self.ended = True
        if self.waiting.full():
            self.waiting.get_nowait()
        self.waiting.put_nowait(None)


@dataclass
class ChangeFeed:
    """Everybody who listens in this process. It asks the database only while somebody does."""

    database: Database
    taxonomy: Taxonomy
    listeners: set[Listener] = field(default_factory=set)
    _position: LogPosition | None = None
    _following: "asyncio.Task[None] | None" = None
    _closing: bool = False
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def join(self, session_key: str, person: Person, language: PageLanguage) -> Listener:
        """A new listener, who is told from now on. Raises TooManyStreams."""
        if sum(listener.session_key == session_key for listener in self.listeners) >= MOST_OF_A_SESSION:
            raise TooManyStreams(f"this browser has {MOST_OF_A_SESSION} open streams: close some of its windows")
        if len(self.listeners) >= MOST_LISTENERS:
            raise TooManyStreams("there are too many open streams: the page works without, load it again to see what is new")
        async with self._starting:
            if not self._following or self._following.done():
                self._position = await self._begin()
                self._following = asyncio.create_task(self._follow(self._position))
        listener = Listener(session_key, person, language)
        self.listeners.add(listener)
        return listener

    def leave(self, listener: Listener) -> None:
        """The stream has ended."""
        self.listeners.discard(listener)

    async def stopped(self) -> None:
        """Returns when the database is asked no more, after `close`."""
        if self._following:
            await self._following

    def close(self) -> None:
        """Ends every stream, as the process does."""
        self._closing = True
        for listener in self.listeners:
            listener.end()

    async def since(self, number: int, listener: Listener) -> tuple[int, str | None]:
        """What happened after that number, for somebody who was away, and from where they go on."""
        safe = self._position.safe if self._position else number
        async with self.database.reading() as session:
            entries = await audit.after(session, number, limit=MOST_ENTRIES + 1)
            message = await self._message(session, entries[:MOST_ENTRIES], safe, too_many=len(entries) > MOST_ENTRIES)
        return safe, message.data_for(listener.person, listener.language, {})

    async def _begin(self) -> LogPosition:
        """Where the log ends, with what may be under way before its end."""
        async with self.database.reading() as session:
            newest = await audit.newest(session)
            recent = await audit.after(session, newest - LOOK_BACK, limit=LOOK_BACK)
        numbers = [number for number, _ in recent]
        position = LogPosition(numbers[0] - 1 if numbers else newest, GAP_SECONDS)
        position.advance(numbers, asyncio.get_running_loop().time())
        return position

    async def _follow(self, position: LogPosition) -> None:
        loop = asyncio.get_running_loop()
        rights_known_at = loop.time()
        while not self._closing and (self.listeners or loop.time() - rights_known_at < RIGHTS_SECONDS):
            await asyncio.sleep(ROUND_SECONDS)
            try:
                full = not self._closing
                while full:
                    full, rights_known_at = await self._round(position, rights_known_at)
            except Exception as error:  # the database is away: nothing is lost, as the position stays
                log.warning("live updates: %s", type(error).__name__, exc_info=error)

    async def _round(self, position: LogPosition, rights_known_at: float) -> tuple[bool, float]:
        """Tells everybody what is new. Rights are looked at before anything is told, and from time to time."""
        now = asyncio.get_running_loop().time()
        async with self.database.reading() as session:
            entries = await audit.after(session, position.newest, also=list(position.missing), limit=MOST_ENTRIES)
            if entries or now - rights_known_at >= RIGHTS_SECONDS:
                await self._look_at_rights(session)
                rights_known_at = now
            later = LogPosition(position.newest, position.patience, dict(position.missing))
            later.advance((number for number, _ in entries), now)
            message = await self._message(session, entries, later.safe)
        written: Written = {}
        for listener in list(self.listeners):
            data = None if listener.ended else message.data_for(listener.person, listener.language, written)
            if data:
                listener.tell(message.safe, data)
        position.newest, position.missing = later.newest, later.missing
        return len(entries) == MOST_ENTRIES, rights_known_at

    async def _look_at_rights(self, session: Session) -> None:
        """One query for all: whose session has ended, or who reads no letters any more, is told nothing more."""
        signed_in = await session_store.of_sessions(session, {listener.session_key for listener in self.listeners}, clock.now())
        for listener in list(self.listeners):
            person = signed_in.get(listener.session_key)
            if person and person.reads_cases:
                listener.person = person
            else:
                listener.end()

    async def _message(self, session: Session, entries: Sequence[tuple[int, Entry]], safe: int, *, too_many: bool = False) -> Message:
        steps_taken = [(number, entry) for number, entry in entries if entry.request_id and entry.action not in audit.READINGS]
        about = sorted(((entry.request_id, number, entry) for number, entry in steps_taken), key=lambda each: each[:2])
        steps = {request_id: steps_of([entry for *_, entry in group]) for request_id, group in groupby(about, key=lambda each: each[0])}
        rows = await live_store.cases_shown(session, steps.keys())
        names = await people.names_of(session, {row.assignee for row in rows if row.assignee})
        cases = [
            ChangedCase(
                request_id=row.request_id,
                version=row.version,
                agency=row.agency,
                everybodys=row.everybodys,
                state=State(row.state),
                subject=row.title,
                category=row.category,
                department=row.department,
                urgency=Urgency(row.urgency),
                language=row.language,
                assignee=row.assignee,
                in_danger=row.pressing > 0 and row.urgency == Urgency.EMERGENCY,
                perhaps_in_danger=row.pressing > 0 and row.urgency != Urgency.EMERGENCY,
                steps=steps[row.request_id],
                cells=LineCells(row, self.taxonomy, names),
            )
            for row in rows
        ]
        return Message(cases, safe, too_many)
