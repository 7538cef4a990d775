"""Anchors: signed words of where the chain stood at a moment, which also lie outside of the database. Pure."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.review.audit.chain import EPOCH, Fault, microseconds
from services.runtime.errors import InvalidInput

FORM = "parvis-audit-anchor-1"


@dataclass(frozen=True)
class Anchor:
    """So many entries were sealed, and this was the hash of the last. Unsigned where no key is configured."""

    number: int
    sequence: int
    hash: str
    at: datetime
    public_key: str = ""
    signature: str = ""

    @property
    def line(self) -> str:
        """As it is published: one line of JSON."""
        return json.dumps({"form": FORM, **vars(self), "at": self.at.isoformat()}, separators=(",", ":"))


class AnchorKey:
    """Signs anchors with Ed25519: whoever has the public half can check them and sign none."""

    def __init__(self, secret: str) -> None:
        # A secret of any form is hashed to the 32 bytes that a key has.
        self._private = Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"parvis audit anchor\n" + secret.encode()).digest())
        self.public = self._private.public_key().public_bytes_raw().hex()

    def sign(self, number: int, sequence: int, head_hash: str, at: datetime) -> Anchor:
        """The anchor of that moment, signed."""
        signature = self._private.sign(_message(number, sequence, head_hash, at))
        return Anchor(number, sequence, head_hash, at, self.public, base64.b64encode(signature).decode())


def _message(number: int, sequence: int, head_hash: str, at: datetime) -> bytes:
    return json.dumps([FORM, number, sequence, head_hash, microseconds(at)], separators=(",", ":")).encode()


def is_signed(anchor: Anchor) -> bool:
    """Whether the signature is that of the key it names."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(anchor.public_key))
        signature = base64.b64decode(anchor.signature, validate=True)
        key.verify(signature, _message(anchor.number, anchor.sequence, anchor.hash, anchor.at))
    except (InvalidSignature, ValueError, binascii.Error):
        return False
    return True


def compare(anchors: Collection[Anchor], hashes: dict[int, str], end: int, trusted: Collection[str], place: str) -> Iterator[Fault]:
    """What of the chain is not as these anchors say. `trusted` are public keys; with none, only the hashes are compared."""
    for anchor in anchors:
        name = f"anchor {anchor.number} ({place}) at place {anchor.sequence}"
        if trusted and not (anchor.public_key in trusted and is_signed(anchor)):
            reason = "is not signed by a key that is trusted" if anchor.public_key not in trusted else "was changed after it was signed"
            yield Fault("anchor", f"{name} {reason}", anchor.sequence)
        elif anchor.sequence > end:
            yield Fault("anchor", f"{name}: the chain ends at place {end}: the end was cut off", end + 1)
        elif anchor.sequence and hashes.get(anchor.sequence) != anchor.hash:
            yield Fault("anchor", f"{name}: the chain has another hash there: an entry up to it was changed", anchor.sequence)


def numbered(anchors: Collection[Anchor], count: int, end: int) -> Iterator[Fault]:
    """What is missing of the database's own anchors, of which there must be so many."""
    expected = 1
    for number in sorted(anchor.number for anchor in anchors):
        if number > count:
            yield Fault("anchor", f"anchor {number} is more than were ever made")
        elif number != expected:
            yield Fault("anchor", f"anchors {expected} to {number - 1} are not in the database")
        expected = number + 1
    if expected <= count:
        yield Fault("anchor", f"anchors {expected} to {count} are not in the database")
    if end and not count:
        yield Fault("anchor", "no anchor was ever made, though entries are sealed")


def read(text: str) -> Anchor:
    """An anchor as it was published: a line of JSON, or PLACE:HASH. Raises InvalidInput."""
    place, _, head_hash = text.strip().partition(":")
    if place.isdecimal() and re.fullmatch("[0-9a-fA-F]{64}", head_hash):
        return Anchor(0, int(place), head_hash.lower(), EPOCH)
    try:
        fields = json.loads(text)
        anchor = Anchor(**{name: fields[name] for name in Anchor.__dataclass_fields__} | {"at": datetime.fromisoformat(fields["at"])})
    except (ValueError, KeyError, TypeError):
        shown = text.strip()[:80]
        raise InvalidInput(
            f"--anchor: {shown!r} is no anchor: give a line as it was published, PLACE:HASH, or a file of such lines", field="--anchor"
        ) from None
    return anchor
