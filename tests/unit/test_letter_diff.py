"""A dead letter is compared with the schema of its topic: every fault that the schema knows of is named, and nothing of the record is."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import pytest

from schemas import requests_received
from schemas.dead_letters import DeadLetter, Header
from schemas.topics import TOPICS
from services.cli.schemas import FOLDER
from services.review.ops import schema_comparison
from services.review.ops.letter_diff import MOST_FAULTS, Fault, LetterDiff, diff_of
from services.review.ops.schema_words import FORMATS, PATTERNS
from services.runtime import clock
from tests.harness.processor_time import limited

SCHEMAS: dict[str, dict[str, Any]] = {topic.name: json.loads((FOLDER / f"{topic.name}.json").read_text()) for topic in TOPICS}
EXAMPLES = {"uuid": "6f9619ff-8b86-4011-b42d-00c04fc964ff", "date-time": "2026-03-02T08:00:00+01:00", "date": "2026-03-02"}
OF_PATTERNS = dict(zip(PATTERNS, ("belrive", "fr-FR", "https://city.example/a", "0" * 64), strict=True))
SECRET = "Ines Marlow, Heron Street"
"""What a citizen may have written anywhere."""


def letter(value: bytes, topic: str = requests_received.TOPIC, **headers: str) -> DeadLetter:
    now = clock.now()
    return DeadLetter(
        letter_id=UUID(int=7), service="triage", topic=topic, partition=0, offset=1, key=None,
        headers=[Header(key=name, value=base64.b64encode(text.encode()).decode()) for name, text in headers.items()],
        value=base64.b64encode(value).decode(), error_type="InvalidRecord", error_message="", attempts=1,
        first_failed_at=now, last_failed_at=now,
    )  # fmt: skip


def diff(record: object, topic: str = requests_received.TOPIC, **headers: str) -> LetterDiff:
    return diff_of(letter(json.dumps(record).encode(), topic, **headers))


def plain(schema: Mapping[str, Any], topic: str) -> Mapping[str, Any]:
    """Without references and without null."""
    while "$ref" in schema or "anyOf" in schema:
        schema = SCHEMAS[topic]["$defs"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema["anyOf"][0]
    return schema


def example(schema: Mapping[str, Any], topic: str) -> Any:  # noqa: PLR0911 - one return a type
    """A value that fits, with required fields alone."""
    schema = plain(schema, topic)
    match schema:
        case {"const": value} | {"enum": [value, *_]}:
            return value
        case {"type": "object"}:
            return {name: example(schema["properties"][name], topic) for name in schema.get("required", ())}
        case {"type": "array"}:
            return []
        case {"type": "boolean"}:
            return True
        case {"type": "integer" | "number"}:
            return schema.get("minimum", 1)
        case {"pattern": pattern}:
            return OF_PATTERNS[pattern]
        case {"format": form}:
            return EXAMPLES[form]
        case _:
            return "lamp"


def fields(topic: str, *, required: bool) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
    """Each field of a record, those of its parts too, by its path."""

    def below(schema: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapping[str, Any]]]:
        for name, part in schema.get("properties", {}).items():
            is_required = name in schema.get("required", ())
            if is_required or not required:
                yield (*path, name), part
            if is_required:
                yield from below(plain(part, topic), (*path, name))

    yield from below(SCHEMAS[topic], ())


def changed(topic: str, path: tuple[str, ...], change: Any) -> dict[str, Any]:
    """The example of the topic with one field as `change` has it; without it, where that is None."""
    record: dict[str, Any] = example(SCHEMAS[topic], topic)
    place = record
    for step in path[:-1]:
        place = place[step]
    if change is None:
        del place[path[-1]]
    else:
        place[path[-1]] = change
    return record


def at(of: LetterDiff, path: tuple[str, ...]) -> Fault:
    faults = [fault for fault in of.faults if fault.field == ".".join(path)]
    assert faults, (path, of)
    return faults[0]


WRONG = {"string": 5.5, "integer": {}, "number": [], "boolean": {}, "array": 5.5, "object": 5.5}
ALL = [pytest.param(topic, id=topic.removeprefix("parvis.")) for topic in SCHEMAS]


@pytest.mark.parametrize("topic", ALL)
def test_what_fits_has_no_fault_and_the_cause_is_elsewhere(topic: str) -> None:
    of = diff(example(SCHEMAS[topic], topic), topic)

    assert (of.problem, of.faults, of.more) == ("", [], False)
    assert of.todo == ["It fits the schema: mend the cause that the error names, then replay it."]


@pytest.mark.parametrize("topic", ALL)
def test_each_required_field_is_missed(topic: str) -> None:
    for path, _ in fields(topic, required=True):
        of = diff(changed(topic, path, None), topic)
        fault = at(of, path)
        assert (fault.kind, fault.stops, len(of.faults)) == ("missing", True, 1), path
        assert fault.expected
        assert of.todo[0].startswith(("Have the publisher mend", "A service of Parvis writes"))


@pytest.mark.parametrize("topic", ALL)
def test_a_wrong_type_of_each_field_is_named(topic: str) -> None:
    for path, schema in fields(topic, required=False):
        name = plain(schema, topic).get("type")
        fault = at(diff(changed(topic, path, WRONG[name or "string"]), topic), path)
        assert fault.kind in ("type", "form"), (path, fault)  # of a list of values any other is of a wrong form
        assert fault.expected, path
        assert fault.actual in ("a number", "an object", "a list of 0"), (path, fault)


@pytest.mark.parametrize("topic", ALL)
def test_each_bound_form_and_choice_is_named_with_what_is_expected(topic: str) -> None:
    for path, schema in fields(topic, required=False):
        of_field = plain(schema, topic)
        for change, kind in breaks(of_field):
            fault = at(diff(changed(topic, path, change), topic), path)
            assert fault.kind == kind, (path, of_field, fault)
            assert fault.expected, path


def breaks(schema: Mapping[str, Any]) -> Iterator[tuple[Any, str]]:
    """Values of the right type that the schema does not allow."""
    if "const" in schema or "enum" in schema:
        yield SECRET, "form"
    elif "pattern" in schema or "format" in schema:
        yield "no form", "form"
    elif schema.get("type") == "string" and "maxLength" in schema:
        yield "a" * (schema["maxLength"] + 1), "bounds"
    if "maximum" in schema:
        yield schema["maximum"] + 1, "bounds"
    if "minimum" in schema:
        yield schema["minimum"] - 1, "bounds"
    if "maxItems" in schema:
        yield [example({"type": "string"}, "")] * (schema["maxItems"] + 1), "bounds"


@pytest.mark.parametrize("topic", ALL)
def test_an_unknown_field_anywhere_is_named_by_what_it_may_be_meant_for_and_stops_nothing(topic: str) -> None:
    for path, _ in fields(topic, required=True):
        of = diff(changed(topic, (*path[:-1], f"{path[-1]}s"), SECRET), topic)
        unknown = [fault for fault in of.faults if fault.kind == "unknown"]
        if f"{path[-1]}s" in plain_parent(topic, path):
            continue
        assert len(unknown) == 1, path
        assert (unknown[0].stops, unknown[0].actual) == (False, "")
        assert unknown[0].near


def plain_parent(topic: str, path: tuple[str, ...]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = SCHEMAS[topic]
    for step in path[:-1]:
        schema = plain(schema["properties"][step], topic)
    fields_of_it: Mapping[str, Any] = schema["properties"]
    return fields_of_it


@pytest.mark.parametrize("topic", ALL)
def test_every_form_of_the_published_schemas_has_words(topic: str) -> None:
    def look(node: object) -> None:
        if isinstance(node, Mapping):
            assert node.get("pattern", next(iter(PATTERNS))) in PATTERNS
            assert not isinstance(node.get("format"), str) or node["format"] in FORMATS
            for part in node.values():
                look(part)
        elif isinstance(node, list):
            for part in node:
                look(part)

    look({name: node for name, node in SCHEMAS[topic].items() if name in ("properties", "$defs")})


def a_request(**changes: Any) -> dict[str, Any]:
    record = {**example(SCHEMAS[requests_received.TOPIC], requests_received.TOPIC), "channel": "email", **changes}
    return {name: value for name, value in record.items() if value is not ...}


def test_nothing_of_the_record_is_in_the_diff_unless_it_is_asked_for() -> None:
    record = a_request(
        received_at="yesterday", body=..., channel=SECRET, citizen={SECRET: 1, "email": [SECRET]}, metadata={SECRET: {SECRET: SECRET}}
    )
    record[SECRET] = SECRET

    shown = diff(record).model_dump_json()
    asked = diff_of(letter(json.dumps(record).encode()), with_values=True)

    assert not any(word in shown for word in (*SECRET.split(), "yesterday"))
    assert at(asked, ("received_at",)).actual == '"yesterday"'
    assert at(asked, (SECRET,)).kind == "unknown"


def test_the_fault_says_what_is_expected_and_what_stands_there() -> None:
    fault = at(diff(a_request(received_at="yesterday")), ("received_at",))

    assert fault.expected == "a date and time with its offset, as 2026-03-02T08:00:00+01:00"
    assert (fault.kind, fault.actual, fault.stops) == ("form", "text of 9 characters", True)


def test_what_is_only_left_out_is_not_called_the_cause() -> None:
    of = diff(a_request(body=..., language="Deutsch!", receivedat=1))

    assert [(fault.field, fault.stops) for fault in of.faults] == [("body", True), ("language", False), ("*", False)]
    assert of.todo[-1] == "Where its publisher is of a newer release than this one: upgrade, then replay it."


def test_what_only_the_reader_knows_is_named_as_well() -> None:
    of = diff(a_request(request_id="00000000-0000-0000-0000-000000000000", received_at="2400-01-01T00:00:00Z"))

    assert at(of, ("request_id",)).expected == "the nil UUID names no request: choose a random one"
    assert at(of, ("received_at",)).expected == "give a moment between 1970 and 2200"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (b"\xff\xfe\x00 not text", "not JSON in UTF-8"),
        (json.dumps({"body": SECRET}).encode()[:-1], "not JSON in UTF-8"),
        (b"", "there is no value"),
        (b"[" * 100_000, "not JSON in UTF-8"),
        (b'{"a":' * 150 + b"1" + b"}" * 150, ""),
        (b'"just text"', ""),
    ],
    ids=["no text", "cut off", "empty", "too deep", "deep", "no object"],
)
def test_whatever_the_bytes_are_it_is_said_and_what_to_do(value: bytes, words: str) -> None:
    of = diff_of(letter(value))

    assert words in of.problem
    assert bool(of.problem) == bool(words)
    assert of.todo
    assert words or any(fault.stops for fault in of.faults)
    assert SECRET not in of.model_dump_json()


def test_a_huge_record_is_compared_as_far_as_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    many = {f"field {number}": number for number in range(50_000)}
    with limited("50,000 unknown fields"):
        of = diff(a_request(**many))
    assert (len(of.faults), of.more) == (MOST_FAULTS, True)

    monkeypatch.setattr(schema_comparison, "MOST_STEPS", 5)
    assert diff(a_request(metadata={str(number): "x" for number in range(9)})).more


def test_what_a_newer_release_wrote_is_said_to_need_an_upgrade() -> None:
    newer = diff(a_request(channel="pigeon", wing="left"), ce_type="parvis.requests.received.v2")
    other = diff(a_request(), ce_type="Ines.v2")
    unknown = diff_of(letter(b"{}", "parvis.pigeons.released.v1"))

    newest, ours = "parvis.requests.received.v2", "parvis.requests.received.v1"
    assert newer.todo[0] == f"The record says that it is {newest}, and this release reads {ours}: upgrade, then replay it."
    assert "Ines" not in other.model_dump_json()
    assert unknown.todo == ["This release does not know the topic: upgrade, then replay it."]


def test_a_letter_without_its_bytes_is_not_called_bad_json() -> None:
    of = diff_of(letter(b"").model_copy(update={"value": None}))
    assert "nothing of the record is kept" in of.problem
    assert "JSON" not in " ".join(of.todo)


@pytest.mark.parametrize("kept", ["\u00e9===", "no base64!", "\ud7ff"])
def test_what_is_no_base64_is_said_and_breaks_nothing(kept: str) -> None:
    broken = letter(b"{}").model_copy(update={"value": kept})
    assert "no base64" in diff_of(broken).problem
    header = letter(b"{}").model_copy(update={"headers": [Header(key="ce_type", value=kept)]})
    assert diff_of(header).faults
