"""A real mail server on this machine that counts what it takes."""

from collections import Counter
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from types import TracebackType
from typing import Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.harness.ports import free_port


class MailServer:
    """Takes every mail, and knows how often it took each."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self._port = free_port()
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(message_from_bytes(envelope.original_content or b"", policy=default))
        return "250 taken"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        """For PARVIS_SMTP_URL."""
        return f"smtp://127.0.0.1:{self._port}"

    @property
    def counts(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(mail["Message-ID"]) for mail in list(self.mails))

    def to(self, email: str) -> list[EmailMessage]:
        """What that citizen got."""
        return [mail for mail in list(self.mails) if email in str(mail["To"])]


def text_of(mail: EmailMessage) -> str:
    """What the citizen reads; lines end with a line feed, however they travelled."""
    return str(mail.get_content()).replace("\r\n", "\n")
