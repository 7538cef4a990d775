"""Takes what comes to one mailbox, for as long as the process lives: sign in, take and mark each message, wait, again."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from services.domain.phrases import Phrase, numbered
from services.intake.mail import imap_folder, oauth_tokens
from services.intake.mail.imap_folder import CONNECTION_FAULTS, FAULTS, ImapFolder
from services.intake.mail.mailboxes import Mailbox
from services.intake.mail.taking import Came, MailTaker
from services.runtime.backoff import jittered
from services.runtime.errors import ParvisError
from services.runtime.retry import is_outage

log = logging.getLogger(__name__)

R = TypeVar("R")

MOST_DOUBLINGS = 10
LONGEST_REASON = 200
LONGEST_PAUSE = 60.0  # seconds between two tries while a server is away
IDLE_SLICE = 5.0  # seconds: so long the end of the process may wait for a thread that listens
IDLE_ROUNDS = 60  # a server may end what idles for half an hour; and a message that is moved in by hand may make no noise
TRIES = 3
ASIDE_SECONDS = 3600.0  # a message that can't be taken does not hold up the others


@dataclass
class _Trouble:
    tries: int = 0
    again_at: float = 0.0


@dataclass
class MailboxWatch:
    """One mailbox. `waits_for` says for readiness what it can't do, without a citizen's words."""

    mailbox: Mailbox
    taker: MailTaker
    most_bytes: int
    now: Callable[[], float] = time.monotonic
    waits_for: str | None = None
    _aside: dict[int, _Trouble] = field(default_factory=dict)
    _failures: int = 0
    # Its own: listening holds one as long as the process lives, and those of the loop are a few for everybody.
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "mailbox"))

    async def ready(self) -> str | None:
        """What stands still, in a few words."""
        if self.waits_for:
            return self.waits_for
        held = sum(trouble.tries >= TRIES for trouble in self._aside.values())
        if not held:
            return None
        name = self.mailbox.name
        single = Phrase(f"a message of {name} that can't be taken: the log says why")
        several = Phrase(f"{held} messages of {name} that can't be taken: the log says why")
        return numbered(held, single, several)

    async def run(self) -> None:
        """Never ends by itself: a server that is away is tried again, at longer and longer intervals."""
        while True:
            try:
                await self._session()
            except Exception as error:
                self._failures += 1
                detail = error.detail if isinstance(error, ParvisError) else _one_line(error)
                self.waits_for = Phrase(f"the mailbox {self.mailbox.name}: {detail}")
                pause = min(2.0 ** min(self._failures, MOST_DOUBLINGS), LONGEST_PAUSE)
                unexpected = None if isinstance(error, (*FAULTS, ParvisError, SQLAlchemyError)) else error
                log.warning("%s; trying again in %.0f s", self.waits_for, pause, exc_info=unexpected)
                await asyncio.sleep(jittered(pause, random.random))

    async def _session(self) -> None:
        sign_in = await self._in_thread(oauth_tokens.sign_in_of, self.mailbox)
        opening = imap_folder.opened(self.mailbox, sign_in)
        folder = await self._in_thread(opening.__enter__)
        try:
            self.waits_for, self._failures = None, 0
            log.info("taking mail from %s", self.mailbox.name)
            while True:
                await self._take_all(folder)
                await self._wait(folder)
        finally:
            await asyncio.shield(self._in_thread(opening.__exit__, None, None, None))

    async def _take_all(self, folder: ImapFolder) -> None:
        waiting = await self._in_thread(folder.waiting)
        self._aside = {uid: trouble for uid, trouble in self._aside.items() if uid in waiting}
        tried: set[int] = set()
        # Asked again until nothing new waits: what came meanwhile was told in the answer to another command, and IDLE tells nothing twice.
        while new := [uid for uid in waiting if uid not in tried]:
            for uid in new:
                tried.add(uid)
                await self._try_to_take(folder, uid)
            waiting = await self._in_thread(folder.waiting)

    async def _try_to_take(self, folder: ImapFolder, uid: int) -> None:
        trouble = self._aside.get(uid)
        if trouble and self.now() < trouble.again_at:
            return
        try:
            await self._take(folder, uid)
            self._aside.pop(uid, None)
        except Exception as error:
            if is_outage(error) or isinstance(error, CONNECTION_FAULTS):
                raise
            trouble = self._aside.setdefault(uid, _Trouble())
            trouble.tries += 1
            if trouble.tries < TRIES:
                raise
            trouble.again_at = self.now() + ASIDE_SECONDS
            log.exception("message %d of %s can't be taken; it stays where it is", uid, self.mailbox.name, exc_info=error)

    async def _take(self, folder: ImapFolder, uid: int) -> None:
        fetched = await self._in_thread(folder.fetch, uid, self.most_bytes)
        if fetched is None:
            return
        # Some servers only estimate the size: a mail that was fetched whole has that of its bytes.
        size = len(fetched.raw) if fetched.whole else fetched.size
        await self.taker.take(fetched.raw, Came(self.mailbox.agency, "imap", fetched.arrived_at, size))
        # Only now, when it is in the journal. Whoever is killed before this takes it again, as the same request.
        await self._in_thread(folder.mark_taken, [uid])

    async def _wait(self, folder: ImapFolder) -> None:
        if not folder.idles:
            await asyncio.sleep(self.mailbox.poll_seconds)
            return
        for _ in range(IDLE_ROUNDS):
            if await self._in_thread(folder.wait, IDLE_SLICE):
                return

    async def _in_thread(self, work: Callable[..., R], *arguments: object) -> R:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)


def _one_line(error: Exception) -> str:
    """What a server said, or the kind of an error of ours."""
    words = " ".join(str(error).split()) if isinstance(error, FAULTS) else ""
    return words[:LONGEST_REASON] or type(error).__name__
