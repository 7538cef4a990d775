"""A mail server that counts what it took, and behaves as badly as it is told to."""

import asyncio
from collections import Counter
from email import message_from_bytes
from email.policy import default
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.harness.ports import free_port

Mood = Literal["takes", "refuses", "drops the text", "drops its answer"]


class MailServer:
    """What it has answered 250 to, and what it took without an answer, by Message-ID."""

    def __init__(self) -> None:
        self.mood: Mood = "takes"
        self.taken: Counter[str] = Counter()
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """For PARVIS_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_MAIL(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802 - aiosmtpd's name
        """Refuses for now, or goes on."""
        if self.mood == "refuses":
            return "451 not now"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Takes it; or loses it, or the answer to it."""
        if self.mood != "drops the text":
            self.taken[str(message_from_bytes(envelope.original_content or b"", policy=default)["Message-ID"])] += 1
        if self.mood in ("drops the text", "drops its answer"):
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
            await asyncio.sleep(0)
        return "250 taken"
