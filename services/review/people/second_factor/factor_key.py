"""Seals the secrets of second factors, so that whoever reads the database or a copy of it can make no codes."""

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.runtime.errors import Unavailable
from services.runtime.settings import Settings

KEY_FILE = "second-factor-key"
NONCE_BYTES = 12


class FactorKey:
    """Two keys from one: one that seals secrets, one that recovery codes are hashed with."""

    def __init__(self, configured: str) -> None:
        self._cipher = AESGCM(_derived(configured, b"parvis second factor: secrets"))
        self.recovery = _derived(configured, b"parvis second factor: recovery codes")

    def seal(self, secret: bytes, email: str) -> str:
        """The secret as it is kept; it opens for this person alone."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, secret, email.encode())).decode()

    def open(self, sealed: str, email: str) -> bytes:
        """The secret. Raises Unavailable where it was sealed with another key."""
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], email.encode())
        except InvalidTag:
            raise Unavailable("second factors were set up with another PARVIS_SECOND_FACTOR_KEY: set that one, or reset them") from None


def _derived(configured: str, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(configured.encode())


def key_of(settings: Settings) -> FactorKey | None:
    """The configured key; with the embedded database one that is made in the data directory. None with PostgreSQL and no setting."""
    if configured := settings.second_factor_key.get_secret_value():
        return FactorKey(configured)
    if settings.database_url.get_secret_value():
        return None
    path = settings.data_dir / KEY_FILE
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32), encoding="ascii")
    return FactorKey(path.read_text(encoding="ascii"))
