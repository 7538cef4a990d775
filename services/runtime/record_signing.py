"""Signs and verifies records with a key that the services with a database share, and nobody else on the broker has."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import Field, SQLModel, col, select

from services.runtime import clock
from services.runtime.database import Database, Moment, Session, insert_new
from services.runtime.kafka_records import Outgoing, Received, as_text
from services.runtime.record_provenance import NotVouchedFor, Origin
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


_cached_keys: dict[str, str] = {}


class DatabaseSeal:
    """Signs and verifies with the key that the services share. On `guarded` topics nothing is read that none of them signed."""

    def __init__(self, database: Database, guarded: Collection[str] = ()) -> None:
        self._database = database
        self._guarded = frozenset(guarded)

    async def headers(self, record: Outgoing) -> dict[str, str]:
        """The signature, for a record that leaves with no transaction; without one where the key is not known yet."""
        async with self._database.reading() as session:
            keys = await _keys(session)
        return {HEADER: sign(keys[0], record.topic, record.key, record.value)} if keys else {}

    async def opened(self, record: Received) -> Origin:
        """Raises NotVouchedFor where the topic is guarded and no service of ours signed exactly this record."""
        headers = as_text(record.headers)
        vouched = False
        if HEADER in headers:
            async with self._database.reading() as session:
                keys = await _keys(session)
            vouched = verify(keys, record.topic, record.key or b"", record.value or b"", headers[HEADER])
        if record.topic in self._guarded and not vouched:
            raise NotVouchedFor(
                "the signature is wrong: somebody changed the record, or signed it with another key"
                if HEADER in headers
                else "there is no signature: only a service of ours may say this, and none did"
            )
        return Origin(vouched, headers, record.value or b"")


async def headers_for(session: Session, record: Outgoing) -> dict[str, str]:
    """The signature headers of a record that leaves with this transaction."""
    return {HEADER: sign((await _own_keys(session))[0], record.topic, record.key, record.value)}


async def key_for(session: Session, purpose: str) -> bytes:
    """A key for that purpose alone, which all processes with this database derive alike. Nothing tells the signing key from it."""
    return hmac.new((await _own_keys(session))[0].encode(), purpose.encode(), hashlib.sha256).digest()


async def _own_keys(session: Session) -> list[str]:
    keys = await _keys(session)
    if not keys:
        # Made with the tables; only a database that was made without the migrations has none.
        await insert_new(session, SigningKeyRow(name=NAME, key=new_key(), created_at=clock.now()))
        keys = [(await session.exec(select(SigningKeyRow.key).where(col(SigningKeyRow.name) == NAME))).one()]
    return keys


def new_key() -> str:
    """A random key."""
    return secrets.token_hex(KEY_BYTES)


def sign(secret: str, topic: str, key: bytes, value: bytes) -> str:
    """The signature of topic, key and value: a record can't be passed off as another, nor moved to another topic."""
    message = b"".join(len(part).to_bytes(8) + part for part in (topic.encode(), key, value))
    return VERSION + base64.b64encode(hmac.new(secret.encode(), message, hashlib.sha256).digest()).decode()


def verify(keys: Sequence[str], topic: str, key: bytes, value: bytes, signed: str) -> bool:
    """Whether one of the keys signed exactly this record."""
    return any(hmac.compare_digest(sign(secret, topic, key, value).encode(), signed.encode()) for secret in keys)


async def _keys(session: Session) -> list[str]:
    """The configured key first; the database's own is good as well, for what was signed before one was configured."""
    url = str(session.get_bind().engine.url)
    if url not in _cached_keys:
        key = (await session.exec(select(SigningKeyRow.key).where(col(SigningKeyRow.name) == NAME))).first()
        if key is not None:
            _cached_keys[url] = key
    return [key for key in (SigningSettings().key.get_secret_value(), _cached_keys.get(url)) if key]
