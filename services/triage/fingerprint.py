"""A short fingerprint of a text: near-duplicates have fingerprints that differ in few bits (SimHash, Charikar 2002)."""

import hashlib
import re

BITS = 64
_WORDS = re.compile(r"\w+")


def fingerprint(subject: str | None, body: str) -> str:
    """16 hexadecimal digits over the text's word pairs; empty text gives zeros."""
    words = _WORDS.findall(f"{subject or ''} {body}".casefold())[:2000]
    pairs = {" ".join(words[i : i + 2]) for i in range(max(len(words) - 1, 1))} if words else set()
    votes = [0] * BITS
    for pair in pairs:
        digest = int.from_bytes(hashlib.blake2b(pair.encode(), digest_size=8).digest())
        for bit in range(BITS):
            votes[bit] += 1 if digest >> bit & 1 else -1
    return f"{sum(1 << bit for bit in range(BITS) if votes[bit] > 0):016x}"


def distance(one: str, other: str) -> int:
    """In how many of the 64 bits they differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
