"""Reads a service request that was posted as a form, and says what the journal takes of it. Pure."""

import base64
import math
from typing import Any

from pydantic import ValidationError

from services.domain.taxonomy import Taxonomy
from services.intake.open311 import catalogue
from services.intake.posted_form import Form
from services.runtime.errors import InvalidInput, NotFound

CODE, ADDRESS_ID, ACCOUNT, DEVICE = "open311_service_code", "open311_address_id", "open311_account_id", "open311_device_id"
"""Where the request's metadata has them."""
MOST_ATTRIBUTES = 20
MOST_DEGREES = {"lat": 90, "long": 180}
OURS = {"body": "description", "citizen.email": "email", "citizen.phone": "phone", "location.latitude": "lat", "location.longitude": "long"}
"""What the form calls a field of ours."""


def category(form: Form, taxonomy: Taxonomy) -> str | None:
    """The category that was chosen; None where no code was sent: triage decides. Raises NotFound for a code that no service has."""
    code = form.get("service_code")
    if code is None:
        return None
    chosen = catalogue.category_of(taxonomy, code)
    if chosen is None:
        raise NotFound("service_code: no service has this code; services.json and services.xml list them", field="service_code")
    return chosen


def request_of(form: Form, chosen: str | None, taxonomy: Taxonomy, language: str) -> dict[str, Any]:
    """The request as `POST /v1/requests` would take it. Raises InvalidInput where it says nothing, or not where."""
    place = _place(form)
    description = form.get("description") or (taxonomy.label(chosen, language) if chosen else None)
    if description is None:
        raise InvalidInput("description: say what the matter is, or choose a service_code", field="description")
    names = [name for field in ("first_name", "last_name") if (name := form.get(field))]
    metadata = {CODE: "service_code", ADDRESS_ID: "address_id", ACCOUNT: "account_id", DEVICE: "device_id"}
    media_url = form.get("media_url")
    return {
        "channel": "open311",
        "body": description,
        "citizen": {"name": " ".join(names), "email": form.get("email"), "phone": form.get("phone")},
        "location": place,
        "attachments": [{"url": media_url}] if media_url else [],
        "files": [
            {"name": file.name or "media", "media_type": file.media_type, "content": base64.b64encode(file.content).decode()}
            for file in form.uploads
            if file.content
        ],
        "metadata": {key: form.get(field) for key, field in metadata.items()} | _attributes(form),
    }


def _place(form: Form) -> dict[str, str | None]:
    """Coordinates that nobody can use cost no report that has an address as well: the journal leaves them out and says so."""
    sent, address = {field: form.get(field) for field in MOST_DEGREES}, form.get("address_string")
    missing = [field for field, degrees in sent.items() if degrees is None]
    unusable = [field for field, degrees in sent.items() if degrees is not None and not _is_within(degrees, MOST_DEGREES[field])]
    if address is None and form.get("address_id") is None:
        if missing:
            raise InvalidInput(f"{missing[0]}: say where it is: lat and long, or address_string, or address_id", field=missing[0])
        if unusable:
            most = MOST_DEGREES[unusable[0]]
            raise InvalidInput(f"{unusable[0]}: give degrees as a number from -{most} to {most}", field=unusable[0])
    if missing or unusable:  # half a position is none
        sent = {field: degrees if field in unusable else None for field, degrees in sent.items()}
    return {"latitude": sent["lat"], "longitude": sent["long"], "address": address}


def _is_within(degrees: str, most: float) -> bool:
    try:
        return math.fabs(float(degrees)) <= most
    except ValueError:
        return False


def _attributes(form: Form) -> dict[str, str]:
    """Answers to questions that no service here asks: kept as they came, for whoever looks."""
    names = [name for name in form.fields if name.startswith("attribute[")]
    return {name.removesuffix("[]")[:100]: ", ".join(form.fields[name])[:1000] for name in names[:MOST_ATTRIBUTES]}


def refused(error: ValidationError) -> InvalidInput:
    """What the journal does not take, in the form's words."""
    faults = {(".".join(map(str, fault["loc"]))): fault["msg"] for fault in error.errors(include_url=False)}
    named = {OURS.get(field, field): message for field, message in faults.items()}
    return InvalidInput("; ".join(f"{field}: {message}" for field, message in named.items()), field=next(iter(named)))
