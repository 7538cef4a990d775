"""Reads the values of headers: raw bytes, encoded words, addresses, ids and dates, as right or wrong as they come. Never raises."""

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import islice

from schemas.invisible_characters import one_line
from schemas.values import EARLIEST, LATEST, without_gaps
from services.domain import mail_addresses
from services.domain.mail_addresses import UnusableAddress
from services.intake.mail import charsets
from services.intake.mail.received_mail import Address

LONGEST_VALUE = 20_000  # characters; the mail's policy cuts headers there as they are parsed
LONGEST_ID = 998
MOST_HEADERS = 2_000
MOST_IDS = 100
MOST_ADDRESSES = 100
LONGEST_NAME = 200

_ENCODED = re.compile(r"=\?([\w.:+-]{1,40})(?:\*[\w-]{0,20})?\?([bBqQ])\?([^?]{0,2000})\?=")
_ID = re.compile(r"<[^<>\s]{1,996}>")
_TOKEN = re.compile(r"\"(?:[^\"\\]|\\.){0,500}\"|\([^()]{0,500}\)|<[^<>]{0,500}>|[,;:]")
"""What a list of addresses is divided by, and what its commas may stand in. A quote that never ends is a character as any other."""
_QUOTED_LOCAL_PART = re.compile(r"\"@[^\s<>]")
"""`"jane@a.example"@b.example`: what stands in the quotes would be another's address, and no mail program writes it."""
_EMAIL = re.compile(r"[^@\s<>,;:\"()\[\]\\]{1,200}@[^@\s<>,;:\"()\[\]\\]{1,120}")


def values(message: Message, name: str) -> list[str]:
    """All values of a header, unfolded; bytes outside ASCII are read, encoded words are not."""
    return [_unfolded(value) for header, value in islice(message.raw_items(), MOST_HEADERS) if header.lower() == name]


def _unfolded(value: object) -> str:
    text = str(value).replace("\r", "").replace("\n", "")[:LONGEST_VALUE]
    return text if text.isascii() else charsets.decode(octets(text), None).text


def octets(text: str) -> bytes:
    """The bytes that the parser read as this text."""
    return text.encode("ascii", "surrogateescape") if _is_of_bytes(text) else text.encode("utf-8", "surrogateescape")


def _is_of_bytes(text: str) -> bool:
    return all(ord(c) < 128 or "\udc80" <= c <= "\udcff" for c in text)  # noqa: PLR2004 - ASCII ends there


def decoded(value: str) -> str:
    """The value with its encoded words (RFC 2047) read. Neighbours of one charset are read as one: characters may be cut between them."""
    if "=?" not in value:
        return value
    parts: list[tuple[str | None, bytes]] = []
    end = 0
    for match in _ENCODED.finditer(value):
        between = value[end : match.start()]
        charset = match[1].lower()
        data = _word(match[2].lower(), match[3])
        if data is None:
            continue
        if parts and parts[-1][0] is not None and not between.strip():
            if parts[-1][0] == charset:
                parts[-1] = (charset, parts[-1][1] + data)
            else:
                parts.append((charset, data))
        else:
            parts += [(None, between.encode("utf-8", "surrogatepass")), (charset, data)]
        end = match.end()
    parts.append((None, value[end:].encode("utf-8", "surrogatepass")))
    return "".join(
        data.decode("utf-8", "surrogatepass") if charset is None else charsets.decode(data, charset).text for charset, data in parts
    )


def _word(encoding: str, text: str) -> bytes | None:
    if encoding == "q":
        return binascii.a2b_qp(text.encode("utf-8", "surrogateescape"), header=True)
    letters = re.sub(r"[^A-Za-z0-9+/]", "", text)
    usable = letters[: len(letters) - 1] if len(letters) % 4 == 1 else letters
    try:
        return binascii.a2b_base64(usable + "=" * (-len(usable) % 4))
    except binascii.Error:
        return None


def line(value: str, longest: int = 1_000) -> str:
    """The decoded value as one line, safe to show."""
    return without_gaps(one_line(decoded(value)))[:longest].strip()


def ids(value: str) -> list[str]:
    """The Message-IDs in a value: the first and the last of very many. An id without its brackets is taken as it stands."""
    every = _ID.findall(value)
    if not every:
        bare = value.strip()
        return [one_line(bare)] if 0 < len(bare) <= LONGEST_ID and not re.search(r"\s", bare) and "@" in bare else []
    clean = [one_line(message_id) for message_id in every]
    return clean if len(clean) <= MOST_IDS else [*clean[:10], *clean[-(MOST_IDS - 10) :]]


def date(value: str) -> datetime | None:
    """The moment of a Date header; None for what is none. Without an offset it is taken as UTC."""
    try:
        written = parsedate_to_datetime(value[:200])
        moment = written if written.tzinfo else written.replace(tzinfo=UTC)
        usable = EARLIEST <= moment < LATEST
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if usable else None


def addresses(value: str) -> list[Address]:
    """The addresses of a value, in their order: lists, groups, comments, names with commas that nobody quoted. What is none is left out."""
    read: list[Address] = []
    waiting = ""
    for piece in _pieces(value):
        address = _address(f"{waiting}, {piece}" if waiting else piece)
        if address is None:
            waiting = f"{waiting}, {piece}".strip(", ")[-LONGEST_NAME:]  # `Doe, Jane <jane@...>` in a header that quotes nothing
            continue
        waiting = ""
        read.append(address)
        if len(read) >= MOST_ADDRESSES:
            break
    return read


def _pieces(value: str) -> Iterator[str]:
    """The value between commas and semicolons that are in no quotes, brackets or comments; the name of a group ends at its colon."""
    start = 0
    for token in _TOKEN.finditer(value):
        if token[0] in (",", ";"):
            yield value[start : token.start()].strip()
        elif token[0] != ":" or value[start : token.start()].strip().lower() == "mailto":
            continue
        start = token.end()
    yield value[start:].strip()


def _address(text: str) -> Address | None:
    if ("@" not in text and "=?" not in text) or _QUOTED_LOCAL_PART.search(text):
        return None
    before, bracket, inside = text.rpartition("<")
    if bracket:
        email = inside.partition(">")[0].strip()
        name = before
    else:
        bare = re.sub(r"\([^()]*\)", " ", text)
        match = _EMAIL.search(bare)
        comment = re.search(r"\(([^()]*)\)", text)
        email = match[0] if match else ""
        name = comment[1] if comment else bare[: match.start()] if match else ""
    email = decoded(email) if "=?" in email else email
    email = re.sub(r"\s", "", email).removeprefix("mailto:").strip("'\"<>")
    if "@" not in email and (match := _EMAIL.search(decoded(text))):
        email = match[0]
    usable = usable_email(email)
    return Address(usable, _name(name, usable)) if usable else None


def usable_email(email: str) -> str | None:
    """The address as a request takes it, its domain in ASCII where it has one that can be; None for what is no address."""
    email = one_line(email)
    try:
        return mail_addresses.mailbox(email)
    except UnusableAddress:
        return email if len(email) <= 320 and _EMAIL.fullmatch(email) else None  # noqa: PLR2004 - as long as an address can be


def _name(text: str, email: str) -> str:
    name = text.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    name = line(re.sub(r"\\(.)", r"\1", name), LONGEST_NAME).strip("\"' ,")
    return "" if name.lower() == email.lower() else name


def first_of(lists: Iterable[Iterable[Address]]) -> Address | None:
    """The first that something can be delivered to, else the first of all."""
    every = [address for addresses in lists for address in addresses]
    return next((address for address in every if mail_addresses.fault(address.email) is None), every[0] if every else None)
