"""Reads from a dead letter which agency's record was not accepted, and why, without a word of the citizen's."""

import base64
from collections.abc import Mapping
from uuid import UUID

from pydantic import ValidationError

from schemas import requests_received
from schemas.dead_letters import DeadLetter
from schemas.requests_received import RequestReceived
from schemas.requests_status import RefusalKind
from schemas.values import is_agency_slug
from services.domain import agency_signing_key
from services.domain.request_content_hash import content_of
from services.intake import store
from services.intake.rules import Refusal
from services.runtime import clock, kafka_records, publisher_keys, telemetry
from services.runtime.database import Session
from services.runtime.errors import InvalidRecord

_KINDS: Mapping[str, RefusalKind] = {
    "IdTaken": "conflict",
    "ContentDiffers": "conflict",
    "AgencyUnknown": "agency",
    "AgencyRevoked": "agency",
    "NotSigned": "signature",
    "WrongSignature": "signature",
    "InvalidRecord": "unreadable",
    "RepeatedName": "unreadable",
}
"""What an error of review's says to the agency; a fault of ours is none of these."""

NIL = UUID(int=0)


async def refusal_of(session: Session, letter: DeadLetter) -> Refusal | None:
    """The refusal that a dead letter means for an agency; None where it is no refused request, or nobody can know whose."""
    kind = _KINDS.get(letter.error_type)
    if letter.topic != requests_received.TOPIC or kind is None:
        return None
    value = base64.b64decode(letter.value or "")
    try:
        record = kafka_records.read_json(value)
    except InvalidRecord as error:
        record, errors = None, [{"field": error.field or "", "message": error.detail}]
    else:
        errors = _faults(record)
    agency = await _agency_of(session, letter, value, record, kind)
    if agency is None:
        return None
    request = RequestReceived.model_validate(record) if kind != "unreadable" and not errors else None
    request_id, key = kafka_records.request_id_in(record), base64.b64decode(letter.key or "")
    return Refusal(
        letter.letter_id,
        request_id if request_id != NIL else None,
        agency,
        kind,
        letter.error_message,
        letter.last_failed_at,
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        # Any other than the request's own may be somebody's name or telephone number.
        key=str(request_id) if request_id and key == str(request_id).encode() else None,
        errors=errors,
        content=content_of(request) if request and request.agency == agency else "",
        trace_id=telemetry.current_trace_id(),
        taken=letter.error_type == "IdTaken",
    )


def _faults(record: object) -> list[dict[str, str]]:
    try:
        RequestReceived.model_validate(record)
    except ValidationError as error:
        return [{"field": field, "message": message} for field, message in kafka_records.field_faults(error)]
    return []


async def _agency_of(session: Session, letter: DeadLetter, value: bytes, record: object, kind: RefusalKind) -> str | None:
    """Whose signature is on it, or else whom it names. One that nobody could read is shown to no agency that nobody added."""
    signature = next((header.value for header in letter.headers if header.key == agency_signing_key.HEADER), None)
    if signature:
        signed = base64.b64decode(signature).decode("utf-8", "replace")
        for agency, signing_key in await publisher_keys.all_good(session, clock.now()):
            if agency_signing_key.verify(signing_key, value, signed):
                return agency
        if kind == "unreadable":
            return None
    named = record.get("agency") if isinstance(record, dict) else None
    if not is_agency_slug(named):
        return None
    return named if kind != "unreadable" or await store.has_agency(session, named) else None
