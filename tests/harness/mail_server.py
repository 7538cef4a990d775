"""A real SMTP server on this machine that counts what it takes, and misbehaves as it is told to."""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.harness.ports import free_port

Mood = Literal["takes", "refuses", "drops the text", "drops its answer"]


class _Notifying(SMTP):
    """Takes the options of delivery status notifications (RFC 3461), which aiosmtpd knows nothing of."""

    OFFERED = "250-DSN"
    _OPTION = re.compile(r"\s(?:RET|ENVID|NOTIFY|ORCPT)=\S+", re.IGNORECASE)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's names
        await super().smtp_MAIL(self._without_options(arg))

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        await super().smtp_RCPT(self._without_options(arg))

    def _without_options(self, arg: str | None) -> str | None:
        self.event_handler.asked += [option.strip() for option in self._OPTION.findall(arg or "")]
        return self._OPTION.sub("", arg) if arg else arg


class MailServer:
    """Takes every mail, unless a mood or an answer laid down for a step (MAIL, RCPT, DATA) says otherwise.

    An answer is what SMTP says, or `drop` (the connection is cut), `hang` (until `hangs` is set).
    In a thread of its own: `with MailServer()`. On the loop of a test: `async with server.on_this_loop()`.
    """

    def __init__(self) -> None:
        self.mood: Mood = "takes"
        self.answers: dict[str, list[str]] = {}
        self.taken: list[bytes] = []
        self.senders: list[str] = []
        """Who each mail was from, as its envelope said."""
        self.asked: list[str] = []
        """What notifications it was asked for, where it offers them."""
        self.connections = 0
        self.hangs = asyncio.Event()
        self.took = asyncio.Event()
        self.port = 0
        self._controller: Controller | None = None
        self._notifies = False

    def __enter__(self) -> Self:
        self.port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._controller
        self._controller.stop()

    @contextlib.asynccontextmanager
    async def on_this_loop(self, *, notifies: bool = False) -> AsyncIterator[Self]:
        """Serves without SMTPUTF8 until the block ends; with `notifies`, it offers delivery status notifications."""
        self._notifies = notifies
        kind = _Notifying if notifies else SMTP
        server = await asyncio.get_running_loop().create_server(lambda: kind(self, enable_SMTPUTF8=False), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            self.hangs.set()
            server.close()

    @property
    def url(self) -> str:
        """For PARVIS_SMTP_URL."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def mails(self) -> list[EmailMessage]:
        """What was taken, in its order."""
        return [message_from_bytes(content, policy=default) for content in list(self.taken)]

    @property
    def counts(self) -> Counter[str]:
        """How often each Message-ID was taken."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    def to(self, email: str) -> list[EmailMessage]:
        """What that citizen got."""
        return [mail for mail in self.mails if email in str(mail["To"])]

    def says(self, step: str, *answers: str) -> None:
        """Lays down the next answers to that step; afterwards it takes again."""
        self.answers[step] = list(answers)

    def _next(self, step: str) -> str | None:
        waiting = self.answers.get(step)
        return waiting.pop(0) if waiting else None

    async def handle_EHLO(self, _server: SMTP, session: Session, _: Envelope, hostname: str, responses: list[str]) -> list[str]:  # noqa: N802 - aiosmtpd's names
        self.connections += 1
        session.host_name = hostname
        return [*responses[:-1], _Notifying.OFFERED, *responses[-1:]] if self._notifies else responses

    async def handle_MAIL(self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.mood == "refuses":
            return "451 not now"
        if answer := self._next("MAIL"):
            return answer
        envelope.mail_from = address
        self.senders.append(address)
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802
        if answer := self._next("RCPT"):
            if answer == "drop":
                _cut(server)
            if answer == "hang":
                await self.hangs.wait()
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._next("DATA")
        if self.mood != "drops the text" and (answer is None or answer in ("drop", "hang", "nonsense")):
            self.taken.append(envelope.original_content or b"")
            self.took.set()
        if answer == "drop" or self.mood in ("drops the text", "drops its answer"):
            _cut(server)
            await asyncio.sleep(0)
        if answer == "hang":
            await self.hangs.wait()
            return "250 OK at last"
        return answer or "250 OK queued as 42"


def _cut(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.WriteTransport)
    server.transport.abort()


def text_of(mail: EmailMessage) -> str:
    """What the citizen reads; lines end with a line feed, however they travelled."""
    return _content(mail, "plain")


def html_of(mail: EmailMessage) -> str:
    """What the citizen's program shows, where there is HTML."""
    return _content(mail, "html")


def _content(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None, f"no {kind} part in {mail.get_content_type()}"
    return str(part.get_content()).replace("\r\n", "\n")
