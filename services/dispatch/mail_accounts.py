"""Chooses by agency who a reply is from and which server it leaves by, as the settings and the file of senders say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from services.dispatch import dkim_signature, mail_message, smtp
from services.dispatch.dkim_signature import DkimKey, UnusableKey
from services.dispatch.file_mailer import FileMailer
from services.dispatch.mail_message import Sender, UnusableSetting
from services.dispatch.mailer import Mailer
from services.dispatch.waiting_store import Agencies
from services.domain import mail_senders
from services.domain.mail_senders import EVERY_OTHER, AgencySender, InvalidSenders
from services.runtime.settings import Settings

SETTING = "PARVIS_MAIL_SENDERS"


@dataclass(frozen=True)
class MailAccount:
    """A sender, and the server that knows it."""

    sender: Sender
    mailer: Mailer


@dataclass(frozen=True)
class MailAccounts:
    """The accounts of the agencies that have one of their own, and that of all others."""

    default: MailAccount
    by_agency: Mapping[str, MailAccount]

    def of(self, agency: str | None) -> MailAccount:
        """The account that an agency's replies leave by."""
        return self.by_agency.get(agency or "", self.default)

    def sharing(self, agency: str | None) -> Agencies:
        """Whose mails leave by the same account."""
        own = agency or ""
        return Agencies(frozenset({own})) if own in self.by_agency else Agencies(frozenset(self.by_agency), but=True)


def accounts(settings: Settings) -> MailAccounts:
    """Reads every setting, file and key that mails are sent with. Raises UnusableSetting naming the file, the agency and the field."""
    sent_by = replace(mail_message.sender(settings.mail_from, settings.mail_reply_to), html=True)
    default = MailAccount(sent_by, _mailer(settings, settings.smtp_url.get_secret_value(), sent_by, "PARVIS_SMTP_URL"))
    if not settings.mail_senders:
        return MailAccounts(default, {})
    try:
        entries = mail_senders.read(settings.mail_senders)
    except InvalidSenders as error:
        raise UnusableSetting(f"{SETTING}: {error}", field=SETTING) from None
    by_agency = {agency: _account(settings, agency, entry, default) for agency, entry in entries.items()}
    return MailAccounts(by_agency.pop(EVERY_OTHER, default), by_agency)


def _account(settings: Settings, agency: str, entry: AgencySender, default: MailAccount) -> MailAccount:
    where = f"{settings.mail_senders}: {agency}"
    sent_by = default.sender
    if entry.sent_by:  # answers to another sender do not go where the setting says
        sent_by = mail_message.sender(entry.sent_by)
    if entry.reply_to:
        sent_by = replace(sent_by, reply_to=mail_message.answer_address(entry.reply_to))
    sent_by = replace(sent_by, html=entry.html, dkim=_key(entry, sent_by, where))
    url = entry.smtp_url.get_secret_value() if entry.smtp_url else settings.smtp_url.get_secret_value()
    return MailAccount(sent_by, _mailer(settings, url, sent_by, f"{where}.smtp_url" if entry.smtp_url else "PARVIS_SMTP_URL"))


def _mailer(settings: Settings, url: str, sent_by: Sender, name: str) -> Mailer:
    return smtp.SmtpMailer(smtp.server(url, name), sent_by) if url else FileMailer(settings.data_dir / "mail")


def _key(entry: AgencySender, sent_by: Sender, where: str) -> DkimKey | None:
    if not entry.dkim:
        return None
    domain = entry.dkim.domain or sent_by.domain
    if sent_by.domain != domain and not sent_by.domain.endswith(f".{domain}"):
        raise UnusableSetting(
            f"{SETTING}: {where}.dkim.domain: {domain} is not the domain of {sent_by.email}, nor one above it: receivers do not count it",
            field=SETTING,
        )
    file = Path(entry.dkim.key_file).expanduser()
    try:
        return dkim_signature.read(file, entry.dkim.selector, domain)
    except UnusableKey as error:
        raise UnusableSetting(f"{SETTING}: {where}.dkim.key_file: {error}", field=SETTING) from None
