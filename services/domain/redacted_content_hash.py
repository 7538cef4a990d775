"""Hashes a redacted request, so that a draft made for one content is never shown for another under the same id."""

import hashlib

from schemas.requests_triaged import RequestTriaged


def basis_of(triaged: RequestTriaged) -> str:
    """32 hexadecimal digits: the same for the same redacted text of the same agency, however it was sorted since."""
    parts = (triaged.agency, triaged.redacted.subject or "", triaged.redacted.body)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
