"""Reads which agency and which request a dead letter is of: whose it is to look at. Pure."""

import base64
import binascii
import json
from dataclasses import dataclass
from uuid import UUID

from schemas.dead_letters import DeadLetter

LONGEST_AGENCY = 64


@dataclass(frozen=True)
class Subject:
    """The request and its agency, as far as the record says."""

    agency: str | None = None
    request_id: UUID | None = None


def subject_of(letter: DeadLetter) -> Subject:
    """What the record's own bytes say; nothing where they can't be read."""
    try:
        record = json.loads(base64.b64decode(letter.value or "", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return Subject()
    if not isinstance(record, dict):
        return Subject()
    agency = record.get("agency")
    named = agency if isinstance(agency, str) and 0 < len(agency) <= LONGEST_AGENCY and agency.isprintable() else None
    try:
        request_id = UUID(str(record.get("request_id")))
    except ValueError:
        request_id = None
    return Subject(named, request_id)
