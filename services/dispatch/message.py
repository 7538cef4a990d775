"""A decided reply as a mail: built by the standard library, so that nothing in it can pass for a header."""

import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from uuid import UUID

from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.runtime.errors import ParvisError

# Not 8bit: a relay need not take it. SMTPUTF8 is only for an address that can be written in no other way.
ASCII_ONLY = policy.SMTP.clone(cte_type="7bit")
WITH_UTF8 = policy.SMTPUTF8.clone(cte_type="7bit")


class UnusableSetting(ParvisError):
    """A setting that no mail can be sent with."""

    title = "A setting can't be used"


@dataclass(frozen=True)
class Sender:
    """Who replies are from."""

    name: str
    email: str

    @property
    def domain(self) -> str:
        """What is after the @."""
        return self.email.rpartition("@")[2]


def sender(mail_from: str) -> Sender:
    """The setting MAIL_FROM, as `Name <address>` or an address."""
    name, email = parseaddr(mail_from)
    user, _, domain = email.rpartition("@")
    if not user or not domain or not email.isascii():
        raise UnusableSetting(
            f"PARVIS_MAIL_FROM is {mail_from!r}: give an address, as `City Hall <no-reply@city.example>`", field="PARVIS_MAIL_FROM"
        )
    return Sender(name, email)


def message_id(decision_id: UUID, domain: str) -> str:
    """The same for the same decision: a mail that went twice would show it, and one in doubt can be looked for."""
    return f"<{decision_id}@{domain}>"


def mailbox(email: str) -> str:
    """The address as servers want it: the domain in ASCII. Raises ValueError where it is none."""
    user, _, domain = email.rpartition("@")
    ascii_domain = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    if not user or re.search(r"[\s\x00-\x1f\x7f]", user) or not re.fullmatch(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", ascii_domain):
        raise ValueError("not an address")
    return f"{user}@{ascii_domain}"


def compose(reply: ReplyDecided, *, sent_by: Sender, now: datetime) -> EmailMessage:
    """The mail. Raises ValueError where the recipient's address can't be used."""
    to = reply.recipient or Person()
    address = mailbox(to.email or "")
    mail = EmailMessage(ASCII_ONLY if address.isascii() else WITH_UTF8)
    user, _, domain = address.rpartition("@")
    mail["From"] = Address(_line(sent_by.name), addr_spec=sent_by.email)
    mail["To"] = Address(_line(to.name or ""), username=user, domain=domain)
    mail["Subject"] = _line(reply.subject or "")
    mail["Date"] = now
    mail["Message-ID"] = message_id(reply.decision_id, sent_by.domain)
    mail.set_content("\n".join((reply.body or "").splitlines()) + "\n", charset="utf-8")
    # After the content: setting that takes every Content-* header away.
    if reply.language and re.fullmatch(r"[A-Za-z0-9-]{1,35}", reply.language):
        mail["Content-Language"] = reply.language
    return mail


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", "".join(c if c.isprintable() else " " for c in text)).strip()
