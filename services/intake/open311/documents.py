"""The documents of GeoReport v2, each as JSON and as XML."""

import json
import re
import xml.etree.ElementTree as ET  # writes only: nothing that somebody sent is ever read as XML
from typing import Any, Literal

from fastapi import Response
from pydantic import BaseModel, TypeAdapter

Encoding = Literal["json", "xml"]
MEDIA_TYPES: dict[Encoding, str] = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}

ITEMS = {
    "services": "service",
    "service_requests": "request",
    "errors": "error",
    "attributes": "attribute",
    "endpoints": "endpoint",
    "formats": "format",
}
"""What an item of each list is called in XML; in JSON it has no name."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 has no way to write, not even escaped."""

_JSON = TypeAdapter[Any](Any)


def document(
    encoding: Encoding,
    root: str,
    value: BaseModel | list[Any],
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """The answer with this value; `root` names the whole of it in XML."""
    plain = _JSON.dump_python(value, mode="json")
    body = json.dumps(plain, ensure_ascii=False).encode() if encoding == "json" else _xml(root, plain)
    return Response(body, status, headers, media_type=MEDIA_TYPES[encoding])


def _xml(root: str, value: object) -> bytes:
    written: bytes = ET.tostring(_element(root, value), encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written


def _element(name: str, value: object) -> ET.Element:
    element = ET.Element(name)
    match value:
        case dict():
            element.extend(_element(child, part) for child, part in value.items())
        case list():
            element.extend(_element(ITEMS[name], part) for part in value)
        case bool():
            element.text = str(value).lower()
        case None:
            pass
        case _:
            element.text = _NOT_XML.sub("\ufffd", str(value))
    return element


class Endpoint(BaseModel):
    """One version of the API at one address."""

    specification: str = "http://wiki.open311.org/GeoReport_v2"
    url: str
    changeset: str
    type: Literal["production"] = "production"
    formats: list[str] = ["text/xml", "application/json"]


class Discovery(BaseModel):
    """Where the API is and whom to ask for a key."""

    changeset: str
    contact: str
    key_service: str
    endpoints: list[Endpoint]


class Service(BaseModel):
    """Something that can be reported: a category of the agency's taxonomy."""

    service_code: str
    service_name: str
    description: str
    metadata: Literal[False] = False
    type: Literal["realtime"] = "realtime"
    keywords: str
    group: str


class ServiceDefinition(BaseModel):
    """What else is asked about a service: nothing."""

    service_code: str
    attributes: list[str] = []


class ServiceRequest(BaseModel):
    """A request as its agency sees it, without whoever sent it."""

    service_request_id: str
    status: Literal["open", "closed"]
    status_notes: str
    service_name: str | None
    service_code: str | None
    description: str | None
    agency_responsible: str | None
    service_notice: str | None = None
    requested_datetime: str
    updated_datetime: str
    expected_datetime: str | None
    address: str | None
    address_id: str | None
    zipcode: str | None = None
    lat: float | None
    long: float | None
    media_url: str | None


class Receipt(BaseModel):
    """The request is kept under this id."""

    service_request_id: str
    service_notice: str | None
    account_id: str | None


class TokenOfRequest(BaseModel):
    """The id behind a token. Ids are given at once here, so that each is its own token."""

    service_request_id: str
    token: str


class Fault(BaseModel):
    """Why something was not done."""

    code: int
    description: str
