"""Derives an agency's signing key from its API key (one secret for both), and signs what it publishes to Kafka itself."""

import base64
import hashlib
import hmac

HEADER = "parvis-agency-signature"
PURPOSE = b"parvis.requests.received.v1"
VERSION = "v1,"


def signing_key(api_key: str) -> str:
    """The signing key that belongs to an API key, in hexadecimal. The API key can't be told from it."""
    return hmac.new(api_key.encode(), PURPOSE, hashlib.sha256).hexdigest()


def sign(key: str, value: bytes) -> str:
    """The header's value for a record's bytes."""
    return VERSION + base64.b64encode(_digest(key, value)).decode()


def verify(key: str, value: bytes, signature: str) -> bool:
    """Whether the holder of the key signed exactly these bytes."""
    return hmac.compare_digest(sign(key, value).encode(), signature.strip().encode())


def _digest(key: str, value: bytes) -> bytes:
    return hmac.new(bytes.fromhex(key), value, hashlib.sha256).digest()
