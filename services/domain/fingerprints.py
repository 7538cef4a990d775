"""Reads, writes and compares fingerprints of texts: triage makes them, review finds near-duplicates by them.

A fingerprint is a MinHash of 64 slots (Broder 1997): the share of slots in which two agree is about the share of word pairs that the
texts have in common. Of each slot 16 bits are kept, so that it fits an event and a row.
"""

import base64
import binascii
import struct
from collections.abc import Sequence
from hashlib import blake2b

SLOTS = 64
VERSION = "m1"
"""Another way of making them has another name: fingerprints of two ways say nothing of each other."""

BAND_SLOTS = 3
BANDS = 10
"""With 10 bands of 3, texts that share 0.7 of their word pairs meet in a band 98 times in 100, those that share 0.1 once in 100."""

_FORM = struct.Struct(f"<{SLOTS}H")
_NUMBER_BYTES = 8

Slots = tuple[int, ...]


def write(slots: Sequence[int]) -> str:
    """The fingerprint as an event carries it: 174 characters."""
    return f"{VERSION}.{base64.urlsafe_b64encode(_FORM.pack(*slots)).decode().rstrip('=')}"


def read(fingerprint: str) -> Slots | None:
    """The 64 slots of a fingerprint; None for the fingerprint of no words, and for one made in another way."""
    version, _, packed = fingerprint.partition(".")
    if version != VERSION:
        return None
    try:
        return _FORM.unpack(base64.b64decode(packed + "=" * (-len(packed) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, struct.error, ValueError):
        return None


def resemblance(first: Slots, second: Slots) -> float:
    """The estimated share of word pairs that two texts have in common, 0 to 1: most often within 0.06 of it."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / SLOTS


def bands(slots: Slots) -> list[int]:
    """A number for each band, signed and of 64 bits as databases like them: near-duplicates have at least one in common."""
    return [
        int.from_bytes(blake2b(bytes([band]) + _band(slots, band), digest_size=_NUMBER_BYTES).digest(), signed=True)
        for band in range(BANDS)
    ]


def _band(slots: Slots, band: int) -> bytes:
    return struct.pack(f"<{BAND_SLOTS}H", *slots[band * BAND_SLOTS : (band + 1) * BAND_SLOTS])
