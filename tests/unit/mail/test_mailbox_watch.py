"""One mailbox is looked into for as long as the process lives: no single message, nor what the server gets wrong, stops the others."""

import asyncio
import re
import threading
from collections.abc import Collection
from datetime import UTC, datetime
from typing import cast
from uuid import UUID, uuid4

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from services.intake.mail import mailbox_watch
from services.intake.mail.imap_folder import Fetched, ImapFolder
from services.intake.mail.mailbox_watch import TRIES, MailboxWatch
from services.intake.mail.mailboxes import Mailbox
from services.intake.mail.taking import Came, MailTaker
from services.runtime.errors import ParvisError

MAILBOX = Mailbox.model_validate(
    {"agency": "belrive", "imap": "imaps://mail.belrive.example/INBOX", "user": "info@belrive.example", "password_file": "/run/secret"}
)
ARRIVED = datetime(2026, 3, 2, 8, tzinfo=UTC)


class Folder:
    """A folder with messages by UID; `faults` says which can't be fetched, `later` what comes while another is marked."""

    def __init__(
        self, *uids: int, faults: dict[int, Exception] | None = None, size: int | None = None, later: Collection[int] = ()
    ) -> None:
        self.uids = list(uids)
        self.taken: list[int] = []
        self.later = list(later)
        self._faults = faults or {}
        self._size = size

    def waiting(self) -> list[int]:
        return [uid for uid in self.uids if uid not in self.taken]

    def fetch(self, uid: int, _most_bytes: int) -> Fetched:
        if uid in self._faults:
            raise self._faults[uid]
        raw = b"Subject: %d\r\n\r\nText" % uid
        return Fetched(raw, ARRIVED, self._size or len(raw), whole=True)

    def mark_taken(self, uids: Collection[int]) -> None:
        self.taken += uids
        self.uids += self.later
        self.later = []


class Taker:
    """Notes what it is given."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.sizes: list[tuple[int, int]] = []
        self._fault = fault

    async def take(self, raw: bytes, came: Came) -> UUID:
        if self._fault:
            raise self._fault
        self.sizes.append((len(raw), came.size))
        return uuid4()


def a_watch(taker: Taker) -> MailboxWatch:
    return MailboxWatch(MAILBOX, cast("MailTaker", taker), 1_000_000, now=lambda: 0.0)


async def takes_all(watch: MailboxWatch, folder: Folder) -> None:
    """As often as the session is begun anew."""
    for _ in range(TRIES):
        try:
            await watch._take_all(cast("ImapFolder", folder))
        except (ParvisError, IMAPClientError, KeyError):
            continue


@pytest.mark.parametrize(
    "fault", [IMAPClientError("NO The message could not be retrieved"), KeyError(b"INTERNALDATE")], ids=["server", "parser"]
)
async def test_a_message_that_the_server_cannot_hand_over_holds_up_no_other(fault: Exception) -> None:
    watch, folder = a_watch(Taker()), Folder(1, 2, 3, faults={1: fault})
    await takes_all(watch, folder)
    assert folder.taken == [2, 3]
    assert re.fullmatch(r"a message of .+ that can't be taken: the log says why", await watch.ready() or "")  # behind "waits for"


async def test_a_message_that_was_set_aside_and_is_gone_is_told_of_no_more() -> None:
    watch, folder = a_watch(Taker()), Folder(1, faults={1: IMAPClientError("NO")})
    await takes_all(watch, folder)
    assert await watch.ready()
    folder.uids.remove(1)
    await takes_all(watch, folder)
    assert await watch.ready() is None


async def test_what_comes_while_another_is_taken_is_taken_at_once() -> None:
    """The server tells of it in an answer to a command that is none of IDLE's, and never again."""
    watch, folder = a_watch(Taker()), Folder(1, later=[2])
    await watch._take_all(cast("ImapFolder", folder))
    assert folder.taken == [1, 2]


async def test_a_server_that_estimates_sizes_has_not_cut_a_mail() -> None:
    taker = Taker()
    await takes_all(a_watch(taker), Folder(1, size=70_000))
    assert [came == size for size, came in taker.sizes] == [True]


async def test_many_mailboxes_are_listened_to_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than an event loop has threads."""
    together = threading.Barrier(40)

    class Idle(Folder):
        idles = True

        def wait(self, _seconds: float) -> bool:
            together.wait(20)
            return True

    monkeypatch.setattr(mailbox_watch, "IDLE_ROUNDS", 1)
    await asyncio.gather(*(a_watch(Taker())._wait(cast("ImapFolder", Idle())) for _ in range(40)))


class Client:
    """An IMAP connection whose server tells of a mail just as it is asked to stop listening."""

    def select_folder(self, _name: str) -> dict[bytes, object]:
        return {b"PERMANENTFLAGS": (b"\\*",)}

    def idle(self) -> None:
        """Begins."""

    def idle_check(self, timeout: float) -> list[object]:
        del timeout
        return []

    def idle_done(self) -> tuple[bytes, list[object]]:
        return b"Idle completed", [(3, b"EXISTS")]


async def test_a_fault_that_nobody_thought_of_ends_no_other_mailbox(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def session(_watch: MailboxWatch) -> None:
        begun.set()
        raise KeyError("access_token")

    monkeypatch.setattr(MailboxWatch, "_session", session)
    watch = a_watch(Taker())
    running = asyncio.create_task(watch.run())
    await begun.wait()
    await asyncio.sleep(0)
    assert not running.done()
    assert "KeyError" in (await watch.ready() or "")
    running.cancel()


def test_what_the_server_tells_as_the_listening_ends_is_heard() -> None:
    assert ImapFolder(cast("IMAPClient", Client()), MAILBOX).wait(5.0)
