"""What the OpenAPI document says beside what FastAPI reads from signatures: faults, and bodies that routes read by themselves."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from schemas.attached_files import MOST_FILES
from schemas.requests_received import RequestReceived

Schema = dict[str, Any]
Responses = dict[int | str, dict[str, Any]]

PROBLEM: Schema = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong, and what would do"},
        "field": {"type": "string", "description": "the first field at fault"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
FAULTS = {
    400: "The body can't be read",
    401: "The key is missing, unknown or revoked",
    403: "The key is missing, unknown or revoked",
    404: "Not here, or not this agency's",
    409: "The id was used for another request",
    413: "Too large",
    415: "The body is compressed",
    421: "This service is reached under another host",
    422: "A field can't be used",
    429: "The key has used its quota: `Retry-After` says when to come again",
    500: "A fault of ours, which was logged",
    503: "A server that this needs is away: try again in a moment",
}
EVERYWHERE = (421, 500, 503)


def problems(*statuses: int) -> Responses:
    """The faults that a route may answer with, as problem details."""
    return {
        status: {"description": FAULTS[status], "content": {"application/problem+json": {"schema": PROBLEM}}}
        for status in sorted({*statuses, *EVERYWHERE})
    }


def schema_of(model: type[BaseModel]) -> Schema:
    """The model's JSON Schema in one piece, with nothing to be looked up elsewhere."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def whole(part: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(part, list):
            return [whole(item) for item in part]
        if not isinstance(part, dict):
            return part
        if name := str(part.get("$ref", "")).removeprefix("#/$defs/"):
            return whole(definitions[name]) | {key: value for key, value in part.items() if key != "$ref"}
        return {key: whole(value) for key, value in part.items()}

    inlined: Schema = whole(schema)
    return inlined


def _sent_request() -> Schema:
    """The request as an agency sends it: what the key or intake fills in may be left out."""
    schema = schema_of(RequestReceived)
    properties = {name: part for name, part in schema["properties"].items() if name not in ("agency", "dropped")}
    properties["request_id"] |= {"not": {"const": "00000000-0000-0000-0000-000000000000"}}
    properties["body"] |= {"pattern": r"[0-9A-Za-z\u00c0-\uffff]"}
    return {
        **schema,
        "title": "Request",
        "description": "What can't be used of an optional field is left out, and named in `dropped` of the answer.",
        "properties": properties,
        "required": ["channel", "body"],
    }


def _with_files(sent_request: Schema) -> Schema:
    properties = {name: part for name, part in sent_request["properties"].items() if name != "files"}
    return {
        "type": "object",
        "required": ["request"],
        "description": "The request, and each of its files as a part of its own with a file name: the names of these parts are free.",
        "properties": {
            "request": {**sent_request, "properties": properties},
            "file": {"type": "array", "maxItems": MOST_FILES, "items": {"type": "string", "format": "binary", "minLength": 1}},
        },
    }


_SENT_REQUEST = _sent_request()
REQUEST_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": _SENT_REQUEST},
            "multipart/form-data": {"schema": _with_files(_SENT_REQUEST), "encoding": {"request": {"contentType": "application/json"}}},
        },
    }
}
BATCH_BODY = {
    "requestBody": {
        "required": False,
        "content": {
            "application/x-ndjson": {"schema": {"type": "string", "description": "a request a line, as `POST /v1/requests` takes it"}}
        },
    }
}
BATCH_ANSWER: Responses = {
    200: {
        "description": "A result a line, in the order of the lines: a receipt with `status` 202, or a problem",
        "content": {"application/x-ndjson": {"schema": {"type": "string"}}},
    }
}
_WORD = {"type": "string", "minLength": 1, "pattern": r"\S"}
_DEGREES = "degrees, WGS 84"
FORM: Schema = {
    "type": "object",
    "properties": {
        "api_key": {"type": "string", "description": "the agency's key, where no header has it"},
        "jurisdiction_id": {"type": "string"},
        "service_code": {**_WORD, "description": "of `services`; triage decides alone where it is left out"},
        "description": {**_WORD, "maxLength": 4000},
        "lat": {"type": "number", "minimum": -90, "maximum": 90, "description": _DEGREES},
        "long": {"type": "number", "minimum": -180, "maximum": 180, "description": _DEGREES},
        "address_string": _WORD,
        "address_id": _WORD,
        "email": {"type": "string"},
        "first_name": {"type": "string"},
        "last_name": {"type": "string"},
        "phone": {"type": "string"},
        "device_id": {"type": "string"},
        "account_id": {"type": "string"},
        "media_url": {"type": "string"},
    },
    "allOf": [
        {"anyOf": [{"required": ["lat", "long"]}, {"required": ["address_string"]}, {"required": ["address_id"]}]},
        {"anyOf": [{"required": ["service_code"]}, {"required": ["description"]}]},
    ],
}
_FILES: Schema = FORM | {
    "properties": FORM["properties"]
    | {"media": {"type": "array", "items": {"type": "string", "contentMediaType": "application/octet-stream"}}}
}
FORM_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": FORM}, "multipart/form-data": {"schema": _FILES}},
    }
}


def _in_both(schema: Schema) -> dict[str, Any]:
    return {"application/json": {"schema": schema}, "text/xml": {"schema": {"type": "string"}}}


def documents(schema: Schema, *statuses: int) -> Responses:
    """What an Open311 route answers, in JSON and XML, and the faults that it may answer with in the same formats."""
    fault = {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["code", "description"],
            "properties": {"code": {"type": "integer"}, "description": {"type": "string"}},
        },
    }
    ours: Responses = {status: {"description": FAULTS[status], "content": _in_both(fault)} for status in statuses}
    return problems() | ours | {200: {"description": "The document", "content": _in_both(schema)}}


def list_of(model: type[BaseModel]) -> Schema:
    """A list of these."""
    return {"type": "array", "items": schema_of(model)}


SECURED: dict[str, Any] = {"security": [{"HTTPBearer": []}]}


def finish(app: FastAPI, prefix: str) -> None:
    """Takes out of the document what FastAPI says of itself and the routes under `prefix` never answer. It is made when it is asked for."""
    whole = app.openapi

    def pruned() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = whole()
            for path, operations in document["paths"].items():
                for operation in operations.values() if path.startswith(prefix) else ():
                    operation["responses"].pop("422", None)
            for unused in ("HTTPValidationError", "ValidationError"):
                document["components"]["schemas"].pop(unused, None)
        return app.openapi_schema or {}

    app.openapi = pruned  # type: ignore[method-assign]  # as FastAPI says to extend it
