"""Records that a service vouches for: signed with a key that the services with a database share, and nobody on the broker has."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel, col, select

from services.runtime import clock
from services.runtime.database import Database, Moment, Session, insert_new
from services.runtime.records import Received, as_text
from services.runtime.settings import SigningSettings

HEADER = "parvis-signature"
NAME = "services"
VERSION = "v1,"
KEY_BYTES = 32


class SigningKeyRow(SQLModel, table=True):
    """The key that is made with the tables. It never leaves the database."""

    __tablename__ = "signing_keys"

    name: str = Field(primary_key=True)
    key: str
    created_at: datetime = Field(sa_type=Moment)


@dataclass(frozen=True)
class Origin:
    """What is known of where a record came from, beside what its value says of itself."""

    vouched: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    value: bytes = b""

    def header(self, name: str) -> str | None:
        """The header, where the record has it."""
        return dict(self.headers).get(name)


NOWHERE = Origin()
_origin: ContextVar[Origin] = ContextVar("origin", default=NOWHERE)
_kept: dict[str, str] = {}


def origin() -> Origin:
    """Of the record that is worked on now."""
    return _origin.get()


async def origin_of(record: Received, database: Database | None) -> Origin:
    """Reads the record's headers and, where this process has the key, whether one of our services signed it."""
    headers = as_text(record.headers)
    vouched = False
    if database and HEADER in headers:
        async with database.reading() as session:
            keys = await _keys(session)
        vouched = verify(keys, record.topic, record.key or b"", record.value or b"", headers[HEADER])
    return Origin(vouched, tuple(headers.items()), record.value or b"")


@contextmanager
def handling(origin: Origin) -> Iterator[None]:
    """Makes it the current one."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


async def headers_for(session: Session, topic: str, key: bytes, value: bytes) -> dict[str, str]:
    """What a service adds to a record that leaves with this transaction."""
    keys = await _keys(session)
    if not keys:
        # Made with the tables; only a database that was made without the migrations has none.
        await insert_new(session, SigningKeyRow(name=NAME, key=new_key(), created_at=clock.now()))
        keys = [(await session.exec(select(SigningKeyRow.key).where(col(SigningKeyRow.name) == NAME))).one()]
    return {HEADER: sign(keys[0], topic, key, value)}


async def headers_at_once(database: Database, topic: str, key: bytes, value: bytes) -> dict[str, str]:
    """The same for a record that leaves with no transaction."""
    async with database.reading() as session:
        keys = await _keys(session)
    return {HEADER: sign(keys[0], topic, key, value)} if keys else {}


def new_key() -> str:
    """A random key."""
    return secrets.token_hex(KEY_BYTES)


def sign(secret: str, topic: str, key: bytes, value: bytes) -> str:
    """Of topic, key and value: a record can't be passed off as another, nor moved to another topic."""
    message = b"".join(len(part).to_bytes(8) + part for part in (topic.encode(), key, value))
    return VERSION + base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def verify(keys: Sequence[str], topic: str, key: bytes, value: bytes, signed: str) -> bool:
    """Whether one of the keys signed exactly this record."""
    return any(hmac.compare_digest(sign(secret, topic, key, value).encode(), signed.encode()) for secret in keys)


async def _keys(session: Session) -> list[str]:
    """The configured key first; the database's own is good as well, for what was signed before one was configured."""
    url = str(session.get_bind().engine.url)
    if url not in _kept:
        kept = (await session.exec(select(SigningKeyRow.key).where(col(SigningKeyRow.name) == NAME))).first()
        if kept is not None:
            _kept[url] = kept
    return [key for key in (SigningSettings().key.get_secret_value(), _kept.get(url)) if key]
