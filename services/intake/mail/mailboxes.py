"""Reads the file of mailboxes (YAML): where an agency's mail is taken from, or at which of its addresses it is received."""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator, model_validator

from schemas.values import AgencySlug
from services.intake import yaml_file
from services.runtime.errors import InvalidInput

SETTING = "PARVIS_MAILBOXES"
_ADDRESS = re.compile(r"(?:\*|[^\s@*<>\",;:]{1,64})@[^\s@*<>\",;:]{1,255}")


class InvalidMailboxes(InvalidInput):
    """The file of mailboxes can't be used."""

    title = "The mailboxes can't be used"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OAuth2(_Strict):
    """A token in place of a password: asked for at the provider with the installation's secret, or read from a file that is kept fresh."""

    token_file: Path | None = None
    token_url: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    scope: str = ""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        asked = bool(self.token_url and self.client_id and self.client_secret_file)
        if asked == bool(self.token_file):
            raise ValueError("give token_file, or token_url with client_id and client_secret_file")
        if self.token_url and urlsplit(self.token_url).scheme != "https" and urlsplit(self.token_url).hostname not in LOOPBACK:
            raise ValueError("token_url: give an address that begins with https://")
        return self


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Mailbox(_Strict):
    """A folder on an IMAP server, and whose mail it holds.

    `since`: mail that arrived before that day is left alone. `taken_folder`: where mail goes once it is a case; empty: it stays and
    is marked with a keyword, or goes to `Parvis` where the server keeps no keywords.
    """

    agency: AgencySlug
    imap: str
    user: Annotated[str, StringConstraints(min_length=1)]
    password_file: Path | None = None
    oauth2: OAuth2 | None = None
    since: date | None = None
    taken_folder: str = ""
    poll_seconds: Annotated[float, Field(ge=1, le=3600)] = 60.0

    @field_validator("imap")
    @classmethod
    def _is_an_address(cls, imap: str) -> str:
        parts = urlsplit(imap)
        usable = parts.scheme in ("imap", "imaps") and bool(parts.hostname) and not parts.username and not parts.query
        if not usable:
            raise ValueError("give imaps://host/FOLDER, as imaps://mail.city.example/INBOX; the user has a line of its own")
        if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
            raise ValueError("a password would travel in the clear: give imaps://")
        return imap

    @model_validator(mode="after")
    def _has_one_way_in(self) -> Self:
        if bool(self.password_file) == bool(self.oauth2):
            raise ValueError("give password_file or oauth2, one of them")
        return self

    @property
    def host(self) -> str:
        """The server."""
        return urlsplit(self.imap).hostname or ""

    @property
    def port(self) -> int:
        """Its port: 993 with TLS, 143 without."""
        return urlsplit(self.imap).port or (993 if self.tls else 143)

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted from its first byte."""
        return urlsplit(self.imap).scheme == "imaps"

    @property
    def folder(self) -> str:
        """The folder, INBOX where none is named."""
        return unquote(urlsplit(self.imap).path.strip("/")) or "INBOX"

    @property
    def name(self) -> str:
        """What log and readiness call it; no person's name is in it, unless the agency's own address has one."""
        return f"{self.user} at {self.host}/{self.folder}"

    def password(self) -> SecretStr:
        """The password, read anew at each sign-in, so that a changed one needs no restart. Raises InvalidMailboxes."""
        return secret(self.password_file)


class Addresses(_Strict):
    """Addresses at which an agency's mail is received by LMTP or SMTP: `info@city.example`, or `*@city.example`."""

    agency: AgencySlug
    addresses: Annotated[list[str], Field(min_length=1)]

    @field_validator("addresses")
    @classmethod
    def _are_addresses(cls, addresses: list[str]) -> list[str]:
        for address in addresses:
            if not _ADDRESS.fullmatch(address):
                raise ValueError(f"{address!r} is no address: give name@domain, or *@domain")
        return [address.lower() for address in addresses]


class Receiver(_Strict):
    """Where this process itself takes mail, from the agency's mail server and from nobody else."""

    listen: str = "lmtp://127.0.0.1:8024"
    most_bytes: Annotated[int, Field(ge=64 * 1024, le=200 * 1024 * 1024)] = 50 * 1024 * 1024

    @field_validator("listen")
    @classmethod
    def _is_an_address(cls, listen: str) -> str:
        parts = urlsplit(listen)
        if parts.scheme not in ("lmtp", "smtp") or not parts.hostname or parts.port is None:
            raise ValueError("give lmtp://127.0.0.1:8024 or smtp://127.0.0.1:8025")
        return listen

    @property
    def protocol(self) -> Literal["lmtp", "smtp"]:
        """What it speaks."""
        return "lmtp" if urlsplit(self.listen).scheme == "lmtp" else "smtp"

    @property
    def host(self) -> str:
        """The address it listens on."""
        return urlsplit(self.listen).hostname or ""

    @property
    def port(self) -> int:
        """The port it listens on; 0: a free one."""
        return urlsplit(self.listen).port or 0


class MailSources(_Strict):
    """All mailboxes, and the receiver where there is one."""

    mailboxes: list[Mailbox] = []
    received: list[Addresses] = []
    receiver: Receiver = Receiver()

    @model_validator(mode="after")
    def _has_each_once(self) -> Self:
        names = [mailbox.name.lower() for mailbox in self.mailboxes]
        addresses = [address for entry in self.received for address in entry.addresses]
        for twice in [name for name in names if names.count(name) > 1] + [name for name in addresses if addresses.count(name) > 1]:
            raise ValueError(f"{twice} stands there twice: whose mail is it?")
        if not names and not addresses:
            raise ValueError("name at least one mailbox, or one address at which mail is received")
        return self

    def agency_of(self, address: str) -> AgencySlug | None:
        """Whose mail comes to that address: its own entry counts before one for the whole domain, and `+anything` is no part of it."""
        local, _, domain = address.lower().rpartition("@")
        wanted = (f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}", f"*@{domain}")
        owners = {entry_address: entry.agency for entry in self.received for entry_address in entry.addresses}
        return next((owners[name] for name in wanted if name in owners), None)


def read(path: Path) -> MailSources:
    """The mailboxes of that file. Raises InvalidMailboxes with the file, the place in it and what to write."""
    return yaml_file.read(path, MailSources, SETTING, InvalidMailboxes)


def secret(path: Path | None) -> SecretStr:
    """The one line of a secret's file. Raises InvalidMailboxes; never says what is in it."""
    if path is None:
        raise InvalidMailboxes(f"{SETTING}: a file with the secret is needed", field=SETTING)
    try:
        return SecretStr(path.read_text().strip())
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidMailboxes(f"{SETTING}: the secret {path} can't be read ({type(error).__name__})", field=SETTING) from None
