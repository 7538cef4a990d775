"""Passwords by argon2, and tokens that are random enough to be kept by a plain hash."""

import hashlib
import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))


def new_password() -> str:
    """About 95 bits, easy to copy: four groups of letters and digits, none easily misread."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def hash_password(password: str) -> str:
    """Argon2id with the library's parameters."""
    return _hasher.hash(password)


def matches(password: str, kept: str | None) -> bool:
    """Takes as long for somebody who does not exist, so that names can't be guessed by time."""
    try:
        return _hasher.verify(kept or _nobodys(), password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def new_token(prefix: str) -> str:
    """256 random bits; the prefix says what it is when it turns up where it should not."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()
