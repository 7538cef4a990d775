"""The AsyncAPI document says what the code does, and what stands in Kafka fits it."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema_rs
import pytest

from schemas.requests_received import RequestReceived
from schemas.topics import CONSUMERS, TOPICS, permissions
from schemas.values import Event
from services.cli import asyncapi, schemas
from services.runtime import kafka_records, telemetry
from services.runtime.errors import InvalidInput
from tests import case_builders
from tests.builders import a_request
from tests.harness.asyncapi_schema import official_schema

DOCUMENT = asyncapi.document()
REQUEST = UUID("0b0e7a3e-5a0c-4a53-9b0a-6f6f3c7d0a11")


def whole(part: dict[str, Any]) -> jsonschema_rs.Validator:
    """A validator of one part, which may point to any other."""
    schema = {"$schema": "http://json-schema.org/draft-07/schema#", **part, "components": DOCUMENT["components"]}
    return jsonschema_rs.validator_for(schema, validate_formats=True)


def message_of(topic: str) -> dict[str, Any]:
    [channel] = [channel for channel in DOCUMENT["channels"].values() if channel["address"] == topic]
    [name] = channel["messages"]
    message: dict[str, Any] = DOCUMENT["components"]["messages"][name]
    return message


def test_a_copy_that_is_older_than_the_code_is_refused(tmp_path: Path) -> None:
    schemas.export_cli(tmp_path)
    schemas.check_cli(tmp_path)
    file = tmp_path / asyncapi.FILE
    file.write_text(file.read_text(encoding="utf-8").replace("parvis.drafting", "parvis.draughting"), encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"asyncapi\.json: not what the code says; run `parvis schemas export`"):
        schemas.check_cli(tmp_path)


def test_the_settings_of_this_machine_change_nothing_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_KAFKA_PARTITIONS", "3")
    monkeypatch.setenv("PARVIS_KAFKA_RETENTION_DAYS", "1")
    assert asyncapi.document() == DOCUMENT


def test_who_writes_and_reads_is_who_the_broker_lets() -> None:
    operations = {
        (operation["tags"][0]["name"], {"send": "write", "receive": "read"}[operation["action"]], operation["channel"]["$ref"])
        for operation in DOCUMENT["operations"].values()
    }
    may = {
        (right.service, right.operation, "#/channels/" + right.name.removeprefix("parvis.").removesuffix(".v1"))
        for right in permissions()
        if right.kind == "topic" and right.operation != "describe"
    }
    assert {operation for operation in operations if operation[0] in CONSUMERS} == may
    assert ("agency", "write", "#/channels/requests.received") in operations


def test_the_consumer_group_of_a_service_stands_where_it_reads() -> None:
    operation = DOCUMENT["operations"]["triage.receive.requests.received"]
    assert operation["bindings"]["kafka"]["groupId"]["const"] == "parvis.triage"


def test_how_long_a_topic_is_kept_stands_at_its_channel() -> None:
    received, switched = (DOCUMENT["channels"][name]["bindings"]["kafka"] for name in ("requests.received", "drafting.switched"))
    assert (received["partitions"], received["topicConfiguration"]["retention.ms"]) == (12, 7 * 24 * 60 * 60 * 1000)
    assert switched["topicConfiguration"]["cleanup.policy"] == ["compact"]


EVENTS: list[tuple[str, Event]] = [
    ("intake", RequestReceived.model_validate(a_request())),
    ("triage", case_builders.triaged(request_id=REQUEST)),
    ("drafting", case_builders.drafted(request_id=REQUEST)),
]


@pytest.mark.parametrize(("service", "event"), EVENTS, ids=[event.topic for _, event in EVENTS])
def test_what_a_service_writes_fits_the_document(service: str, event: Event) -> None:
    with telemetry.request_span("process", event.request_id):
        record = kafka_records.outgoing(event, service)
    message = message_of(event.topic)
    whole(message["headers"]).validate(dict(record.headers))
    assert set(record.headers) <= set(message["headers"]["properties"])
    whole(message["payload"]).validate(json.loads(record.value))
    assert UUID(record.key.decode()) == event.request_id


def test_what_would_not_be_read_does_not_fit_it_either() -> None:
    payload = whole(message_of("parvis.requests.received.v1")["payload"])
    assert payload.is_valid(a_request())
    for fault in ({"agency": "Not A Slug"}, {"channel": "pigeon"}, {"request_id": 7}, {"body": ""}):
        assert not payload.is_valid(a_request() | fault), fault


def test_every_model_is_in_it_and_every_reference_leads_somewhere() -> None:
    def references(part: object) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*map(references, part.values()))
        return set().union(*map(references, part)) if isinstance(part, list) else set()

    for reference in references(DOCUMENT):
        part: Any = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    assert {topic.model.__name__ for topic in TOPICS} <= set(DOCUMENT["components"]["schemas"])


@pytest.mark.npm
def test_it_is_valid_by_the_official_schema_of_asyncapi() -> None:
    official = jsonschema_rs.validator_for(official_schema())
    assert [f"{error.instance_path}: {error.message[:300]}" for error in official.iter_errors(DOCUMENT)] == []
    assert not official.is_valid(DOCUMENT | {"channels": {"requests.received": {"addresses": "a typing error"}}})
