"""References that citizens keep who write by the form: readable aloud, not to be guessed, made of the form's own random id. Pure.

The `request_id` is made of the reference, and nothing leads back: an id by itself, as in a trace or a log, gives no reference away. The
office finds the case by it all the same, since it stands in the request's metadata.
"""

import hashlib
import re
import secrets
from uuid import UUID, uuid5

FORMS = UUID("0a4c2be1-5a52-5f0e-8a2e-6f3b0d9b7c41")
"""The namespace of ids made of references."""
LETTERS = "34679CDFGHJKMNPQRTWXY"
"""None that is taken for another (0 O, 1 I L, 2 Z, 5 S, 8 B, U V), and no vowel, so that no word comes about."""
LENGTH, GROUP = 15, 5  # 21 to the 15th: 65 bits
_TOKEN = re.compile("[0-9a-f]{32}")
_BETWEEN = re.compile(r"[\s.·–—-]+")
_LONGEST = 60  # characters that are looked at


def new_token() -> str:
    """The random id of a form that is shown: sent once or ten times, it is one request."""
    return secrets.token_hex(16)


def is_token(text: str) -> bool:
    """Whether a form of ours can have had it."""
    return _TOKEN.fullmatch(text) is not None


def of(token: str, agency: str) -> str:
    """The reference of what is sent with that form."""
    number = int.from_bytes(hashlib.sha256(f"{agency}\n{token}".encode()).digest())
    letters = ""
    while len(letters) < LENGTH:
        number, place = divmod(number, len(LETTERS))
        letters += LETTERS[place]
    return _grouped(letters)


def read(text: str) -> str | None:
    """The reference as somebody typed it: in small letters, with other gaps or none. None where it can't be one."""
    letters = _BETWEEN.sub("", text[:_LONGEST]).upper()
    return _grouped(letters) if len(letters) == LENGTH and set(letters) <= set(LETTERS) else None


def request_id(reference: str, agency: str) -> UUID:
    """The request of that reference."""
    return uuid5(FORMS, f"{agency}\n{reference}")


def given(metadata_reference: str | None, number: UUID, agency: str) -> str | None:
    """The reference of that request as it was given by our form; None for any other word that somebody put in its place."""
    kept = read(metadata_reference or "")
    return kept if kept and request_id(kept, agency) == number else None


def _grouped(letters: str) -> str:
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
