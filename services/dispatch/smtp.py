"""Sends mail by SMTP, step by step, so that it is always certain or marked as uncertain whether the server took it."""

import asyncio
import contextlib
import re
import ssl
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit
from uuid import UUID

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPException,
    SMTPHeloError,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)
from aiosmtplib.protocol import SMTPProtocol
from opentelemetry import trace
from pydantic import SecretStr

from services.dispatch.mail_message import Mail, Sender, UnusableSetting
from services.dispatch.mailer import LeaseLost, Step
from services.dispatch.rules import Result, in_doubt
from services.domain import mail_addresses
from services.domain.phrases import Phrase
from services.domain.waiting_deliveries import Reason
from services.runtime import telemetry

COMMAND_SECONDS = 20.0
PREPARE_SECONDS = 50.0  # all that comes before the text
ANSWER_SECONDS = 300.0  # a server may look for viruses before it answers; giving up too early makes a doubt out of nothing

START_INPUT = 354
OK, TRY_AGAIN, REFUSED = 2, 4, 5  # the first digit of an answer
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class Server:
    """The parsed setting SMTP_URL."""

    host: str
    port: int
    tls: bool
    user: str | None = None
    password: SecretStr | None = None

    @property
    def start_tls(self) -> bool | None:
        """Never on this machine, where certificates seldom fit; always before a password; else where it is offered."""
        if self.tls or self.host in LOOPBACK:
            return False
        return True if self.user else None


def server(url: str, setting: str = "PARVIS_SMTP_URL") -> Server:
    """Reads `smtp://user:password@host:587` or `smtps://...`. The error names the setting and never quotes it: it has a password."""
    wanted = "give smtp://user:password@host:587 or smtps://user:password@host, with % codes for special characters"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise UnusableSetting(f"{setting} can't be read ({error}): {wanted}", field=setting) from None
    if parts.scheme not in ("smtp", "smtps") or not host or parts.path not in ("", "/") or parts.query or parts.fragment or port == 0:
        raise UnusableSetting(f"{setting} can't be read: {wanted}", field=setting)
    tls = parts.scheme == "smtps"
    try:
        host = mail_addresses.ascii_host(host)
    except mail_addresses.UnusableAddress:
        raise UnusableSetting(f"{setting} has a host that can't exist: {wanted}", field=setting) from None
    user = unquote(parts.username) if parts.username else None
    password = SecretStr(unquote(parts.password)) if parts.password else None
    return Server(host, port or (465 if tls else 587 if user else 25), tls, user, password)


class SmtpMailer:
    """One connection a mail. STARTTLS where it is offered, and always before a password leaves this machine; certificates are checked."""

    channel: Literal["smtp", "file"] = "smtp"

    def __init__(self, where: Server, sent_by: Sender) -> None:
        self._server = where
        self._sent_by = sent_by

    def _client(self) -> SMTP:
        telemetry.note(trace.get_current_span(), {"server.address": self._server.host, "server.port": self._server.port})
        return SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.tls,
            start_tls=self._server.start_tls,
            username=self._server.user,
            password=self._server.password.get_secret_value() if self._server.password else None,
            local_hostname=self._sent_by.domain,
            timeout=COMMAND_SECONDS,
        )

    async def check(self) -> Result:
        """Signs in and names the sender, and sends nothing: `delivered` means that the server would take a mail of ours."""
        client = self._client()
        try:
            await client.connect()
            await client.mail(self._sent_by.email)
            await client.rset()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what is asked for
            return _not_sent(error, self._sent_by.email)
        finally:
            client.close()
        return Result("delivered", f"{self._server.host}:{self._server.port}")

    async def send(self, decision_id: UUID, mail: Mail, about_to_transmit: Step) -> Result:
        """Before the text, any trouble means that it was not sent. After its last dot, only an answer says what became of it."""
        client = self._client()
        try:
            try:
                async with asyncio.timeout(PREPARE_SECONDS):
                    wire = await self._prepare(client, decision_id, mail)
                await about_to_transmit()
                # Nothing may come between this and the reading of the answer: the protocol would miss one that is quick.
                wire.write(_on_the_wire(mail.content))
            except LeaseLost:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, no byte of the text has left
                return _not_sent(error, mail.recipient)
            try:
                code, words = await wire.read_response(timeout=ANSWER_SECONDS)
            except SMTPResponseException as error:
                code, words = error.code, error.message
            except Exception:  # noqa: BLE001 - the connection is gone: the server knows, we do not
                code, words = 0, ""
            if code // 100 == OK:
                with contextlib.suppress(SMTPException, OSError, TimeoutError):
                    await client.quit(timeout=2)
            return (
                _answered(code, words, mail.recipient)
                if code // 100 in (OK, TRY_AGAIN, REFUSED)
                else Result("uncertain", in_doubt(mail.message_id), "no_answer")
            )
        finally:
            client.close()

    async def _prepare(self, client: SMTP, decision_id: UUID, mail: Mail) -> SMTPProtocol:
        """Everything up to the server's "go ahead"."""
        await client.connect()
        if client.is_ehlo_or_helo_needed:  # without TLS and a password nothing has asked yet what it offers
            with contextlib.suppress(SMTPHeloError):  # an old one, which is greeted otherwise below
                await client.ehlo()
        recipient = mail.recipient
        options, encoding = ([], "ascii") if recipient.isascii() else (["SMTPUTF8"], "utf-8")
        if options and not client.supports_extension("smtputf8"):
            raise UnicodeError
        wanted = ([], ["NOTIFY=NEVER"]) if mail.automatic else _notification(decision_id, recipient)
        of_mail, of_recipient = wanted if client.supports_extension("dsn") else ([], [])
        await client.mail("" if mail.automatic else self._sent_by.email, options=[*options, *of_mail], encoding=encoding)
        await client.rcpt(recipient, options=of_recipient, encoding=encoding)
        wire = client.protocol
        answer = await client.execute_command(b"DATA")
        if answer.code != START_INPUT or wire is None:
            raise _DataRefused(answer.code, answer.message)
        return wire


def _notification(decision_id: UUID, recipient: str) -> tuple[list[str], list[str]]:
    """What is asked of a server that sends delivery status notifications (RFC 3461), with the mail and with its recipient.

    One comes back where the mail fails or is late, with the decision in it and, of the mail, its header alone.
    """
    original = [f"ORCPT=rfc822;{_xtext(recipient)}"] if recipient.isascii() else []
    return ["RET=HDRS", f"ENVID={decision_id}"], ["NOTIFY=FAILURE,DELAY", *original]


def _xtext(text: str) -> str:
    """ASCII as the options of SMTP have it (RFC 3461, 4)."""
    return re.sub(r"[^!-*,-<>-~]", lambda match: f"+{ord(match.group()):02X}", text)


class _DataRefused(SMTPResponseException):
    """The server accepted sender and recipient, and refused DATA."""


def _answered(code: int, words: str, recipient: str) -> Result:
    kind: Literal["delivered", "failed", "later"] = "delivered" if code // 100 == OK else "failed" if code // 100 == REFUSED else "later"
    return Result(kind, Phrase(f"{code} {mail_addresses.without_addresses(words, recipient)}"), "busy" if kind == "later" else "refused")


def _on_the_wire(mail: bytes) -> bytes:
    """The DATA bytes: CRLF line ends, leading dots doubled, a final dot."""
    lines = mail.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(b"\n")
    return b"".join((b"." + line if line.startswith(b".") else line) + b"\r\n" for line in lines) + b".\r\n"


def _not_sent(error: Exception, recipient: str) -> Result:
    """Only a refusal of this very mail is final. A refused password or greeting is for the admin, and can wait for that."""
    if isinstance(error, SMTPSenderRefused | SMTPRecipientRefused | _DataRefused):
        return _answered(error.code, error.message, recipient)
    if isinstance(error, UnicodeError):
        return Result("failed", Phrase("the server takes no address with such characters"), "refused")
    if isinstance(error, SMTPResponseException):
        reason: Reason = "busy" if error.code // 100 == TRY_AGAIN else "refused"
        if isinstance(error, SMTPAuthenticationError):
            reason = "credentials"
        return Result("later", Phrase(f"{error.code} {mail_addresses.without_addresses(error.message, recipient)}"), reason)
    if isinstance(error, TimeoutError):
        return Result("later", Phrase("the server did not answer in time"), "no_answer")
    # The kind alone: the text of an error may quote what it was about.
    return Result("later", Phrase(f"the mail could not be handed to the server ({type(error).__name__})"), _broken(error))


def _broken(error: BaseException) -> Reason:
    """What went wrong with the connection: aiosmtplib wraps what the system said."""
    causes = [error, *filter(None, (error.__cause__, error.__context__))]
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls"
    if any(isinstance(cause, SMTPServerDisconnected | ConnectionResetError | BrokenPipeError) for cause in causes):
        return "dropped"
    return "unreachable" if any(isinstance(cause, OSError) for cause in causes) else "other"
