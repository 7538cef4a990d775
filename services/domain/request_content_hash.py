"""Hashes a request's content: records of one hash are the same request, for intake and for review."""

import hashlib
import json

from schemas.requests_received import RequestReceived


def digest_of(value: object) -> str:
    """SHA-256 in hexadecimal: the same for the same JSON, however it is spaced and ordered."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def content_of(request: RequestReceived) -> str:
    """The digest of a request without its id and `received_at`: who stamps each try anew still means the same request.

    A file counts by its own digest, so that the request is the same where its files are kept elsewhere,
    and whatever a scanner says of them.
    """
    left_out = {
        "request_id": True,
        "received_at": True,
        "dropped": True,
        "files": {"__all__": {"content", "stored", "scan", "threat"}} if request.files else True,
    }
    return digest_of(request.model_dump(mode="json", exclude=left_out, exclude_none=True))
