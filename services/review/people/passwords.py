"""Passwords by argon2, and tokens that are random enough to be kept by a plain hash."""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.runtime.errors import Unavailable

AT_ONCE = 2  # each takes 64 MiB, and every core that it can get
MOST_WAITING = 50  # a second or two of work: whoever comes after that would wait too long, and take memory meanwhile

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
    nobodys = _nobodys()  # made at the first call, whoever that is of
    try:
        return _hasher.verify(kept or nobodys, password) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


class Checks:
    """Compares passwords beside the event loop, a few at a time: anybody may ask, and the pages must go on meanwhile."""

    def __init__(self, at_once: int = AT_ONCE, most_waiting: int = MOST_WAITING) -> None:
        # Threads of its own: one whose request was given up still counts until it is done.
        self._threads = ThreadPoolExecutor(at_once, "passwords")
        self._most = at_once + most_waiting
        self._waiting = 0  # those in hand as well

    async def matches(self, password: str, kept: str | None) -> bool:
        """Raises Unavailable where too many wait already."""
        if self._waiting >= self._most:
            raise Unavailable("too many people sign in at once: try again in a moment")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, matches, password, kept)
        finally:
            self._waiting -= 1


checks = Checks()
"""Of this process."""


def new_token(prefix: str) -> str:
    """256 random bits; the prefix says what it is when it turns up where it should not."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(token.encode()).hexdigest()
