"""Receives mail by LMTP or SMTP from the agency's own mail server, and answers that it is taken once it is in the journal."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy.exc import SQLAlchemyError

from services.intake.mail.mailboxes import MailSources
from services.intake.mail.taking import Came, MailTaker
from services.runtime import clock
from services.runtime.errors import ParvisError

log = logging.getLogger(__name__)

MOST_RECIPIENTS = 100
MOST_CONNECTIONS = 8
SILENT_SECONDS = 600.0  # which is what a client waits for the answer to a mail (RFC 5321, 4.5.3.2.6): it covers the reading as well
IDENT = "Parvis"
NOBODYS = "550 5.1.1 no agency receives mail at this address here"
TRY_AGAIN = "451 4.3.0 it can't be kept for now, send it again"
TAKEN = "250 2.0.0 taken"


class _Bounded:
    line_length_limit = 1024 * 1024
    """Octets: many programs write lines longer than RFC 5321 has them, and a mail that is refused for one is lost to the agency."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Takes a connection, or lets it come again later: each may hold a mail of 50 MB in memory."""
        handler: Handler = self.event_handler  # type: ignore[attr-defined]
        handler.connections += 1
        if handler.connections > MOST_CONNECTIONS:
            cast("asyncio.Transport", transport).write(b"421 4.3.2 too many connections, come again later\r\n")
            transport.close()
        else:
            super().connection_made(transport)  # type: ignore[misc]

    def connection_lost(self, error: Exception | None) -> None:
        """One less."""
        handler: Handler = self.event_handler  # type: ignore[attr-defined]
        handler.connections -= 1
        if self.transport is not None:  # type: ignore[attr-defined]
            super().connection_lost(error)  # type: ignore[misc]


class _Lmtp(_Bounded, LMTP):
    """LMTP within these bounds."""


class _Smtp(_Bounded, SMTP):
    """SMTP within these bounds."""


class Handler:
    """What is done with each mail. The names of its methods are aiosmtpd's."""

    def __init__(self, sources: MailSources, taker: MailTaker) -> None:
        self._sources = sources
        self._taker = taker
        self._way = sources.receiver.protocol
        self.connections = 0

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Takes only what is for one of our addresses: this is no relay."""
        if self._sources.agency_of(address) is None:
            return NOBODYS
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients at once"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Takes it for each agency that it is addressed to; where one of them can't have it now, all of it is to come again."""
        recipients: dict[str, list[str]] = {}
        for address in envelope.rcpt_tos:
            recipients.setdefault(self._sources.agency_of(address) or "", []).append(address)
        answers = {agency: await self._take(_with_envelope(envelope, its), agency) for agency, its in recipients.items()}
        if self._way == "lmtp":  # one answer for each recipient (RFC 2033)
            return "\r\n".join(answers[self._sources.agency_of(address) or ""] for address in envelope.rcpt_tos)
        return TRY_AGAIN if TRY_AGAIN in answers.values() else TAKEN

    async def _take(self, raw: bytes, agency: str) -> str:
        try:
            await self._taker.take(raw, Came(agency, self._way, clock.now(), len(raw)))
        except Exception as error:  # a driver's own, or a fault of ours: any but this answer would send the mail back to its citizen
            expected = isinstance(error, ParvisError | SQLAlchemyError | OSError)
            log.warning(
                "a mail for %s can't be kept now (%s): the server is to send it again",
                agency,
                type(error).__name__,
                exc_info=None if expected else error,
            )
            return TRY_AGAIN
        return TAKEN


def _with_envelope(envelope: Envelope, recipients: Sequence[str]) -> bytes:
    """The mail as it came, below what only its envelope says: to whom of the agency's it went, and where it comes back to."""
    content = envelope.original_content or envelope.content or b""
    raw = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    delivered = "".join(f"Delivered-To: {address}\r\n" for address in recipients)
    return f"Return-Path: <{envelope.mail_from or ''}>\r\n{delivered}".encode("utf-8", "surrogateescape") + raw


@asynccontextmanager
async def receiving(sources: MailSources, taker: MailTaker) -> AsyncIterator[tuple[str, int]]:
    """Listens until the end; yields the address and the port."""
    receiver = sources.receiver
    protocol = _Lmtp if receiver.protocol == "lmtp" else _Smtp
    handler = Handler(sources, taker)
    server = await asyncio.get_running_loop().create_server(
        lambda: protocol(
            handler,
            data_size_limit=receiver.most_bytes,
            enable_SMTPUTF8=True,
            ident=IDENT,
            hostname=socket.gethostname(),
            timeout=SILENT_SECONDS,
        ),
        receiver.host,
        receiver.port,
    )
    try:
        host, port = server.sockets[0].getsockname()[:2]
        log.info("receiving mail by %s at %s:%d", receiver.protocol, host, port)
        yield host, port
    finally:
        server.close()
