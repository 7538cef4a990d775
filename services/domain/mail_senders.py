"""Reads the file that says by agency who replies are from, where answers go, and by which server they leave."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from schemas.values import AgencySlug
from services.domain import mail_addresses
from services.domain.reply_tokens import LENGTH

EVERY_OTHER = "*"
"""The entry of all agencies that have none of their own."""
LONGEST_FILE = 1_000_000  # characters


class InvalidSenders(ValueError):
    """The file can't be used; the message names the file, the agency, the field and the fix."""


def _sender(value: str) -> str:
    """`Name <address>` or an address, in ASCII before the @. Raises UnusableAddress."""
    _must_be_ascii(mail_addresses.named(value)[1])
    return value


def _answer_address(value: str) -> str:
    """An address; with a plus before the @ there must be room for a case's token. Raises UnusableAddress."""
    local, _, domain = mail_addresses.mailbox(value).rpartition("@")
    _must_be_ascii(local)
    if local.strip("+") == "":
        raise mail_addresses.UnusableAddress("something has to stand before the plus")
    if local.endswith("+"):
        mail_addresses.mailbox(f"{local}{'a' * LENGTH}@{domain}")
    return f"{local}@{domain}"


def _must_be_ascii(address: str) -> None:
    if not address.isascii():
        raise mail_addresses.UnusableAddress("only ASCII may stand before the @")


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Sender = Annotated[Text, AfterValidator(_sender)]
AnswerAddress = Annotated[Text, AfterValidator(_answer_address)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
Domain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$", to_lower=True)]


class Dkim(BaseModel):
    """The key that signs an agency's mails, and where in the DNS its public half is: `selector._domainkey.domain`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    selector: Label
    key_file: Path
    domain: Domain | None = None
    """Empty: that of the sender."""


class AgencySender(BaseModel):
    """How one agency's replies leave. What is left out is as the settings say."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    sent_by: Annotated[Sender | None, Field(alias="from")] = None
    reply_to: AnswerAddress | None = None
    smtp_url: SecretStr | None = None
    html: bool = True
    dkim: Dkim | None = None


Entries = Mapping[str, AgencySender]


class _File(BaseModel):
    agencies: dict[AgencySlug | Annotated[str, StringConstraints(pattern=r"^\*$")], AgencySender]


def read(file: Path) -> Entries:
    """The entries by agency. Raises InvalidSenders naming each field at fault; a password in the file is never quoted."""
    try:
        text = file.read_text(encoding="utf-8")
        entries = yaml.safe_load(text[:LONGEST_FILE]) or {}
    except OSError as error:
        raise InvalidSenders(f"{file} can't be read ({error.strerror}): give the file that names senders by agency") from None
    except UnicodeDecodeError:
        raise InvalidSenders(f"{file}: not UTF-8; save it as UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)  # the text around it may hold a password
        raise InvalidSenders(
            f"{file} is not YAML{f', line {mark.line + 1}' if mark else ''}: write `agency:` and its fields below it"
        ) from None
    try:
        return _File.model_validate({"agencies": entries}).agencies
    except ValidationError as error:
        raise InvalidSenders(f"{file}: {'; '.join(dict.fromkeys(_faults(error)))}") from None


def addresses(mail_from: str, reply_to: str, file: Path | None) -> tuple[str, ...]:
    """Every address that replies are from or that answers go to: a mail to one of them comes back to us. What can't be read is left out."""
    try:
        entries: Entries = _cached(file) if file else {}
    except InvalidSenders:
        entries = {}  # whoever sends says so, and sends nothing
    written = [mail_from, reply_to, *(entry.sent_by for entry in entries.values()), *(entry.reply_to for entry in entries.values())]
    return tuple(dict.fromkeys(address for text in written if text and (address := _address(text))))


@lru_cache(maxsize=8)
def _cached(file: Path) -> Entries:
    return read(file)


def _address(text: str) -> str:
    try:
        return mail_addresses.named(text)[1]
    except mail_addresses.UnusableAddress:
        return ""  # whoever sends says so, and sends nothing


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        path = [str(part) for part in fault["loc"][1:] if part != "[key]" and not str(part).startswith(("function-", "constrained-"))]
        message = fault["msg"].removeprefix("Value error, ")
        if fault["loc"][-1] == "[key]" or "[key]" in fault["loc"]:
            message = f"no agency can have this code: give the agency's, or {EVERY_OTHER!r} for every other one"
        elif fault["type"] == "extra_forbidden":
            message = f"there is no such field: use {', '.join(_fields(fault['loc']))}"
        elif fault["type"] == "model_type":
            message = "write its fields below it, as `from: City Hall <no-reply@city.example>`"
        yield f"{'.'.join(path) or 'file'}: {message}"


def _fields(where: tuple[int | str, ...]) -> list[str]:
    fields = Dkim.model_fields if "dkim" in where else AgencySender.model_fields
    return [field.alias or name for name, field in fields.items()]
