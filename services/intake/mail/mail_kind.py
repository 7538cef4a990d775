"""Says by a mail's headers what machine wrote it, if one did. Pure. Words are left to triage.

A machine's mail is never answered and no draft is made for it, so a person's mail taken for one is the worse mistake. What a person's mail
may carry as well decides nothing by itself: that is `X-Auto-Response-Suppress`, `List-Unsubscribe` that a gateway or a sending
service adds, `Auto-Submitted: auto-generated` of a contact form whose `Reply-To` is the citizen, and the `List-Id` of the agency's own
list.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from schemas.values import MailMachine
from services.domain import mail_addresses
from services.intake.mail.received_mail import ReceivedMail

_DAEMON = re.compile(r"(?:mailer-?daemon|postmaster|mail-?daemon|maildelivery|bounces?)(?:[+=._-].{0,200})?@.{1,300}", re.IGNORECASE)
_OUR_ID = re.compile(r"<[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}@([^@<>\s]{1,253})>", re.IGNORECASE)
_RESPONDERS = ("x-autoreply", "x-autorespond", "x-autoresponse", "x-autoreply-from", "x-auto-reply-from", "x-mail-autoreply")
_REPLIES = ("auto_reply", "auto-reply", "autoreply")
_BULK = ("bulk", "list", "junk")


@dataclass(frozen=True)
class Verdict:
    """What machine, and the header that says so."""

    machine: MailMachine | None
    because: str = ""


@dataclass(frozen=True)
class Ours:
    """What mails of our own have: addresses that replies are sent from, and the domain of their Message-IDs."""

    addresses: Collection[str] = ()
    domains: Collection[str] = ()

    def sent_from(self, email: str) -> bool:
        """Whether replies are sent from there."""
        return any(mail_addresses.same_mailbox(email, own) for own in self.addresses)

    def has_domain(self, name: str) -> bool:
        """Whether the name is in one of our domains."""
        name = name.casefold().strip(".")
        return any(name == domain.casefold() or name.endswith(f".{domain.casefold()}") for domain in self.domains)


NOBODY = Ours()


def of(mail: ReceivedMail, ours: Ours = NOBODY) -> MailMachine | None:
    """What kind of machine wrote the mail; None for a person."""
    return verdict(mail, ours).machine


def verdict(mail: ReceivedMail, ours: Ours = NOBODY) -> Verdict:
    """The same with the reason."""
    for rule in (_own, _reported, _daemon, _answered, _listed):
        if decided := rule(mail, ours):
            return decided
    return Verdict(None)


def _own(mail: ReceivedMail, ours: Ours) -> Verdict | None:
    """A colleague writes from the same domain, and a contact form from the same address: neither is a mail of ours."""
    match = _OUR_ID.fullmatch(mail.message_id or "")
    if match and ours.has_domain(match[1]):
        return Verdict("own", f"Message-ID {mail.message_id}")
    if mail.sender and mail.reply_to is None and ours.sent_from(mail.sender.email):
        return Verdict("own", f"From {mail.sender.email}")
    return None


def _reported(mail: ReceivedMail, ours: Ours) -> Verdict | None:
    del ours
    kinds = {report.media_type for report in mail.reports} | {f"message/{mail.report_type}"}
    if "message/feedback-report" in kinds or mail.header("feedback-type"):
        return Verdict("report", "Feedback-Type")
    if "message/disposition-notification" in kinds:
        return Verdict("report", "disposition-notification")
    if kinds & {"message/delivery-status", "message/global-delivery-status"} and mail.media_type == "multipart/report":
        failed = any(re.search(r"(?im)^action\s{0,3}:\s{0,3}failed", report.text) for report in mail.reports)
        has_action = any(re.search(r"(?im)^action\s{0,3}:", report.text) for report in mail.reports)
        return Verdict("bounce" if failed or not has_action else "report", "delivery-status")
    return None


def _daemon(mail: ReceivedMail, ours: Ours) -> Verdict | None:
    del ours
    null_path = mail.header("return-path").replace(" ", "") == "<>"
    if mail.header("x-failed-recipients"):
        return Verdict("bounce", "X-Failed-Recipients")
    if mail.sender and _DAEMON.fullmatch(mail.sender.email) and (null_path or not mail.sender.email.lower().startswith("postmaster")):
        return Verdict("bounce", f"From {mail.sender.email}")
    return Verdict("reply", "Return-Path <>") if null_path else None


def _answered(mail: ReceivedMail, ours: Ours) -> Verdict | None:
    """Automatic by RFC 3834 and its forerunners."""
    del ours
    submitted = mail.header("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    answers = mail.in_reply_to is not None or bool(mail.references)
    if submitted == "auto-replied" or (submitted == "auto-generated" and answers):
        return Verdict("reply", f"Auto-Submitted {submitted}")
    if submitted in ("auto-generated", "auto-notified") and mail.reply_to is None:
        return Verdict("report", f"Auto-Submitted {submitted}")
    if header := next((name for name in _RESPONDERS if mail.header(name).lower() not in ("", "no", "false", "0")), None):
        return Verdict("reply", header)
    precedence = mail.header("precedence").lower()
    if precedence in _REPLIES or (precedence in ("bulk", "junk") and answers and not mail.header("list-id")):
        return Verdict("reply", f"Precedence {precedence}")
    return None


def _listed(mail: ReceivedMail, ours: Ours) -> Verdict | None:
    """A list's or a newsletter's, unless the list is the agency's own or the mail was written to the agency itself as well."""
    listed = mail.header("list-id") or mail.header("list-post")
    hosts = re.findall(r"[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}", listed[:500])
    if any(ours.has_domain(host) for host in hosts):
        return None
    if listed:
        return None if _written_to_both(mail, ours, hosts) else Verdict("list", "List-Id")
    precedence = mail.header("precedence").lower()
    one_click = bool(mail.header("list-unsubscribe") and mail.header("list-unsubscribe-post"))
    if precedence in _BULK or (one_click and mail.in_reply_to is None):
        return Verdict("list", f"Precedence {precedence}" if precedence in _BULK else "List-Unsubscribe-Post")
    return None


def _written_to_both(mail: ReceivedMail, ours: Ours, hosts: Collection[str]) -> bool:
    """Whether a person wrote to the list and to the agency: a newsletter has the agency's address alone."""
    every = [address.email for address in (*mail.to, *mail.cc)]
    domains = [email.rpartition("@")[2].lower() for email in every]
    return any(map(ours.sent_from, every)) and any(
        host.lower() == name or host.lower().endswith(f".{name}") for host in hosts for name in domains
    )
