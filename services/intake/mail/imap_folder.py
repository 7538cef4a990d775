"""One connection to a folder on an IMAP server: what waits there, one message at a time, and marking what was taken. Blocks."""

import contextlib
import logging
import ssl
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, IMAPClientError, LoginError
from pydantic import SecretStr

from services.domain.phrases import Phrase
from services.intake.mail.mailboxes import Mailbox
from services.runtime.errors import Unavailable

log = logging.getLogger(__name__)

TAKEN = b"$ParvisTaken"
"""The keyword of a message that is a case."""
FOLDER = "Parvis"
"""Where messages go that are a case, on a server that keeps no keywords."""
FAULTS = (IMAPClientError, OSError, EOFError, ssl.SSLError)
"""What a server, or the way to it, may answer with."""
CONNECTION_FAULTS = (IMAPClientAbortError, OSError, EOFError)
"""Those of the way to it, which say nothing of the message that was asked for."""
HEADER_BYTES = 256 * 1024
TIMEOUT = SocketTimeout(connect=20, read=60)


@dataclass(frozen=True)
class Fetched:
    """A message as the server has it; `whole` is false where only its first bytes were asked for. `size` is what all of it has."""

    raw: bytes
    arrived_at: datetime
    size: int
    whole: bool


class ImapFolder:
    """A folder that is open for reading and marking. Raises one of FAULTS wherever the server fails."""

    def __init__(self, client: IMAPClient, mailbox: Mailbox, *, changes: bool = True) -> None:
        self._client = client
        self._mailbox = mailbox
        self._taken_folder = mailbox.taken_folder
        selected: dict[bytes, Any] = client.select_folder(mailbox.folder)
        keeps_keywords = {b"\\*", TAKEN} & set(selected.get(b"PERMANENTFLAGS", ()))
        if not self._taken_folder and not keeps_keywords:
            self._taken_folder = FOLDER
        if changes and self._taken_folder and not client.folder_exists(self._taken_folder):
            client.create_folder(self._taken_folder)

    @property
    def marks_by(self) -> str:
        """How a mail is marked that is a case, in words."""
        return f"what is taken moves to {self._taken_folder}" if self._taken_folder else f"what is taken gets the keyword {TAKEN.decode()}"

    @property
    def idles(self) -> bool:
        """Whether the server tells by itself that something has come (RFC 2177)."""
        return bool(self._client.has_capability("IDLE"))

    def waiting(self) -> list[int]:
        """The UIDs of what was not taken yet, the oldest first."""
        criteria: list[Any] = ["UNDELETED"]
        if not self._taken_folder:
            criteria += ["UNKEYWORD", TAKEN]
        if self._mailbox.since:
            criteria += ["SINCE", self._mailbox.since]
        return sorted(self._client.search(criteria))

    def fetch(self, uid: int, most_bytes: int) -> Fetched | None:
        """The message, without marking it as read; of one that is larger, its beginning. None where it is gone."""
        facts = self._client.fetch([uid], ["RFC822.SIZE", "INTERNALDATE"]).get(uid)
        if not facts:
            return None
        size = int(facts[b"RFC822.SIZE"])
        wanted = "BODY.PEEK[]" if size <= most_bytes else f"BODY.PEEK[]<0.{HEADER_BYTES}>"
        parts = self._client.fetch([uid], [wanted]).get(uid, {})
        raw = next((value for name, value in parts.items() if name.startswith(b"BODY[]")), None)
        return None if raw is None else Fetched(bytes(raw), facts[b"INTERNALDATE"].astimezone(UTC), size, whole=size <= most_bytes)

    def mark_taken(self, uids: Collection[int]) -> None:
        """Marks messages that are kept here now, or moves them away."""
        if not self._taken_folder:
            self._client.add_flags(list(uids), [TAKEN], silent=True)
            return
        try:
            self._client.move(list(uids), self._taken_folder)
        except CapabilityError:
            self._client.copy(list(uids), self._taken_folder)
            self._client.delete_messages(list(uids), silent=True)
            with contextlib.suppress(CapabilityError):  # without UIDPLUS they stay, marked as deleted, until somebody clears up
                self._client.uid_expunge(list(uids))

    def wait(self, seconds: float) -> bool:
        """Waits in IDLE; says whether the server told something."""
        self._client.idle()
        responses = self._client.idle_check(timeout=seconds)
        _, last_responses = self._client.idle_done()
        return bool(responses or last_responses)


@contextlib.contextmanager
def opened(mailbox: Mailbox, sign_in: SecretStr, *, changes: bool = True) -> Iterator[ImapFolder]:
    """Signs in with a password, or a token of OAuth2, and opens the folder. Raises Unavailable where the server refuses it.

    Without `changes` no folder is made. What a server would let us mark, it says only to whom it would let.
    """
    context = ssl.create_default_context() if mailbox.tls else None
    client = IMAPClient(mailbox.host, mailbox.port, ssl=mailbox.tls, ssl_context=context, timeout=TIMEOUT)
    client.normalise_times = False
    try:
        try:
            if mailbox.oauth2:
                client.oauth2_login(mailbox.user, sign_in.get_secret_value())
            else:
                client.login(mailbox.user, sign_in.get_secret_value())
        except LoginError:
            raise Unavailable(Phrase(f"{mailbox.name}: the server refuses to sign in; its password or token may be out of date")) from None
        yield ImapFolder(client, mailbox, changes=changes)
    finally:
        with contextlib.suppress(*FAULTS):
            client.shutdown()
