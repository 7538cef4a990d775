"""Makes the AsyncAPI 3.0 document of all topics from their catalogue, the events' models and the settings' defaults."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any, get_args

from pydantic.json_schema import models_json_schema

from schemas import dead_letters, drafting_switched, requests_received
from schemas.topics import CONSUMERS, TOPICS, RetentionClass, Topic
from services.domain import agency_signing_key
from services.local import topic_provisioning
from services.runtime import record_signing
from services.runtime.settings import KafkaSettings

Document = dict[str, Any]

FILE = "asyncapi.json"
AGENCY = "agency"
SIGNED_BY = ("intake", "review", "dispatch")
"""Services with a database: they have the key that signs."""

KEYS = {
    dead_letters.TOPIC: "the `letter_id`",
    drafting_switched.TOPIC: "the revision's id: the topic is compacted, and the newest record holds all rules",
}
TEXT = {"type": "string"}
TRACE = {
    "traceparent": TEXT | {"pattern": "^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", "description": "W3C trace context"},
    "tracestate": TEXT | {"description": "W3C trace context"},
}


def document() -> Document:
    """The whole contract on Kafka, in the order of the catalogue."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Parvis",
            "version": version("parvis"),
            "description": (
                "Every topic, who writes and reads it, and what stands in it. Operations are named by who does them: each service, and an "
                "agency's own client. Delivery is at least once; records of one request keep their order within a topic. Readers pass "
                "over fields that they do not know."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {_name(topic): _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {_message_name(topic): _message(topic) for topic in TOPICS},
            "schemas": _schemas(),
            "securitySchemes": {_scheme(mechanism): _security_scheme(mechanism) for mechanism in _mechanisms()},
        },
    }


def _name(topic: Topic) -> str:
    return topic.name.removeprefix("parvis.").removesuffix(".v1")


def _message_name(topic: Topic) -> str:
    return topic.model.__name__


def _ref(*path: str) -> Document:
    return {"$ref": "#/" + "/".join(path)}


def _mechanisms() -> Sequence[str]:
    return get_args(KafkaSettings.model_fields["security_mechanism"].annotation)


def _scheme(mechanism: str) -> str:
    return mechanism.replace("SCRAM-SHA-", "scramSha").lower().replace("scramsha", "scramSha")


def _security_scheme(mechanism: str) -> Document:
    return {"type": _scheme(mechanism), "description": f"SASL {mechanism}; each service and each agency has a user of its own"}


def _servers() -> Document:
    address = {"bootstrap": {"default": "127.0.0.1:9092", "description": "`host:port` of a broker (PARVIS_KAFKA_BOOTSTRAP)"}}
    return {
        "kafka": {
            "host": "{bootstrap}",
            "protocol": "kafka",
            "description": "A broker without users, as `parvis up` starts one: whatever it says, a record is believed for its signature",
            "variables": address,
        },
        "kafka-secure": {
            "host": "{bootstrap}",
            "protocol": "kafka-secure",
            "description": "SASL over TLS: what each user may do, `parvis topics apply --acls` allows",
            "variables": address,
            "security": [_ref("components", "securitySchemes", _scheme(mechanism)) for mechanism in _mechanisms()],
        },
    }


def _defaults() -> KafkaSettings:
    """The settings where nothing is set, whatever is set on this machine."""
    return KafkaSettings.model_construct()


def _channel(topic: Topic) -> Document:
    kafka = _defaults()
    configs = topic.configs(topic_provisioning.retention_days(kafka), kafka.replication)
    identities = "Holds identities." if topic.personal else "Holds no identity."
    return {
        "address": topic.name,
        "title": _name(topic),
        "description": f"{identities} Kept {_kept(topic, topic_provisioning.retention_days(kafka))}. {_written_by(topic)}",
        "messages": {_message_name(topic): _ref("components", "messages", _message_name(topic))},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": kafka.partitions,
                "topicConfiguration": {
                    "cleanup.policy": [configs["cleanup.policy"]],
                    "retention.ms": int(configs["retention.ms"]),
                    "max.message.bytes": int(configs["max.message.bytes"]),
                },
                "bindingVersion": "0.5.0",
            }
        },
    }


def _kept(topic: Topic, days: dict[RetentionClass, float]) -> str:
    if topic.retention is RetentionClass.STATE:
        return "as the last record of each key (compacted)"
    return f"for {days[topic.retention]:g} days, and a day more at most"


def _written_by(topic: Topic) -> str:
    unsigned = sorted({*topic.writers} - {*SIGNED_BY})
    if not unsigned:
        return f"What a service writes has its signature in `{record_signing.HEADER}`."
    return f"Unsigned where {' or '.join(unsigned)} writes it."


def _operations() -> Iterator[tuple[str, Document]]:
    for topic in TOPICS:
        if topic.agencies:
            yield _operation(topic, AGENCY, "send" if topic.agencies == "write" else "receive")
        for service in CONSUMERS:
            if service in topic.writers:
                yield _operation(topic, service, "send")
            if service in topic.readers:
                yield _operation(topic, service, "receive", group=True)
            if service in topic.followers:
                yield _operation(topic, service, "follow")


def _operation(topic: Topic, who: str, does: str, *, group: bool = False) -> tuple[str, Document]:
    summary = {
        "send": f"{who} writes it",
        "receive": f"{who} reads it",
        "follow": f"each process of {who} reads all of it, from the beginning and without a consumer group",
    }[does]
    operation: Document = {
        "action": "send" if does == "send" else "receive",
        "channel": _ref("channels", _name(topic)),
        "title": summary,
        "tags": [{"name": who}],
        "messages": [_ref("channels", _name(topic), "messages", _message_name(topic))],
    }
    if group:
        operation["bindings"] = {"kafka": {"groupId": {"type": "string", "const": f"parvis.{who}"}, "bindingVersion": "0.5.0"}}
    return f"{who}.{does}.{_name(topic)}", operation


def _message(topic: Topic) -> Document:
    key = KEYS.get(topic.name, "the `request_id`")
    return {
        "name": _message_name(topic),
        "title": _message_name(topic),
        "summary": (topic.model.__doc__ or "").strip().partition("\n")[0],
        "contentType": "application/json",
        "headers": _headers(topic),
        "payload": _ref("components", "schemas", _message_name(topic)),
        "bindings": {
            "kafka": {"key": {"type": "string", "format": "uuid", "description": key}, "bindingVersion": "0.5.0"},
        },
    }


def _headers(topic: Topic) -> Document:
    """CloudEvents 1.0, the Kafka binding in binary mode. An agency's records may go without."""
    events = {
        "content-type": {"const": "application/json"},
        "ce_specversion": {"const": "1.0"},
        "ce_id": TEXT | {"format": "uuid", "description": "the same for the same value of the same topic"},
        "ce_source": TEXT | {"description": "`parvis/` and the service"},
        "ce_type": {"const": topic.name},
        "ce_time": TEXT | {"format": "date-time", "description": "when it was written"},
        "ce_subject": TEXT | {"format": "uuid", "description": "the key"},
    }
    if topic.agencies == "write":
        # Whatever a client of theirs puts there: nothing of it is read.
        events = {name: TEXT | {key: text for key, text in shape.items() if key == "description"} for name, shape in events.items()}
    signatures = {}
    if {*topic.writers} & {*SIGNED_BY}:
        signatures[record_signing.HEADER] = TEXT | {"description": "`v1,` and base64 of a service's HMAC-SHA256 over topic, key and value"}
    if topic.name == requests_received.TOPIC:
        signatures[agency_signing_key.HEADER] = TEXT | {
            "description": "`v1,` and base64 of the agency's HMAC-SHA256 over the value; the key is HMAC-SHA256 of the topic's name by the "
            "API key. Required where the broker has users, and of agencies that were added with `--signed`"
        }
    return {
        "type": "object",
        "properties": events | TRACE | signatures,
        "required": [] if topic.agencies == "write" else sorted(events),
    }


def _schemas() -> dict[str, Any]:
    _, definitions = models_json_schema([(topic.model, "validation") for topic in TOPICS], ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = definitions["$defs"]
    return dict(sorted(schemas.items()))
