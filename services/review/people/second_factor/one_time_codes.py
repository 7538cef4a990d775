"""Codes that an app makes from a secret and the time (RFC 6238), and recovery codes on paper. Pure."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
SECONDS = 30
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4)."""
DRIFT = 1  # steps that a telephone's clock may be off, either way
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LONGEST = 40  # of what is typed


def new_secret() -> bytes:
    """A random one."""
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int) -> str:
    """The code of that step of time."""
    # SHA-1 is what every app takes; in an HMAC its collisions are no weakness.
    totp = TOTP(secret, DIGITS, SHA1(), SECONDS)  # noqa: S303
    return totp.generate(step * SECONDS).decode()


def step_of(now: datetime) -> int:
    """The step of time that a moment lies in."""
    return int(now.timestamp()) // SECONDS


def accepted_step(secret: bytes, typed: str, now: datetime, last_step: int) -> int | None:
    """The step whose code was typed; None where it is wrong, too old, or not later than the last that was used."""
    code = "".join(typed[:LONGEST].split())
    steps = [step for step in range(step_of(now) - DRIFT, step_of(now) + DRIFT + 1) if step > last_step]
    return next((step for step in steps if _same(code_at(secret, step), code)), None)


def looks_like_one(typed: str) -> bool:
    """Whether it is a code of an app rather than one on paper."""
    code = "".join(typed[:LONGEST].split())
    return code.isascii() and code.isdecimal() and len(code) == DIGITS


def shown_secret(secret: bytes) -> str:
    """The secret to be typed into an app that sees no picture, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def uri(secret: bytes, email: str, installation: str) -> str:
    """What the picture says, in the form that apps know."""
    return TOTP(secret, DIGITS, SHA1(), SECONDS).get_provisioning_uri(email, installation)  # noqa: S303


def new_recovery_codes() -> list[str]:
    """Ten codes of about 50 bits; guessing is slowed, and their hashes need the key."""
    return ["-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(2)) for _ in range(RECOVERY_CODES)]


def recovery_hash(key: bytes, email: str, typed: str) -> str:
    """By which a recovery code is kept; spaces, dashes and capitals do not count."""
    plain = "".join(c for c in typed[:LONGEST].lower() if c.isalnum())
    return hmac.new(key, f"recovery code of {email}: {plain}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _same(expected: str, typed: str) -> bool:
    return hmac.compare_digest(expected.encode(), typed.encode("utf-8", "surrogatepass"))
