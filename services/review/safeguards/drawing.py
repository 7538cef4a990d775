"""Draws a share of decisions by a secret: nobody can know or steer which, and drawing again gives the same. Pure."""

import hashlib
from uuid import UUID


def number(secret: str, purpose: str, subject: UUID) -> int:
    """A number that the secret gives to a decision or a case, for that purpose: as good as random to whoever lacks the secret."""
    digest = hashlib.blake2b(f"{purpose}/{subject}".encode(), key=secret.encode()[:64], digest_size=8).digest()
    return int.from_bytes(digest, "big")


def is_drawn(secret: str, purpose: str, subject: UUID, share: int) -> bool:
    """Whether it is among so many of a hundred. Nothing is drawn without a secret."""
    return bool(secret) and number(secret, purpose, subject) % 10_000 < share * 100
