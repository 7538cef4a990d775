"""A citizen's message is taken whatever its optional fields hold: what is empty is absent, what nobody can use is left out and noted."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.requests_received import RequestReceived
from services.runtime import kafka_records
from services.runtime.errors import InvalidRecord
from tests.builders import a_request

EMPTY: tuple[Any, ...] = (None, "", " \t\n", "\u200b", "\u00a0", [], {}, [None], {"name": ""}, [[]])
OPTIONAL = (
    "subject",
    "language",
    "citizen",
    "location",
    "attachments",
    "files",
    "in_reply_to",
    "message_id",
    "references",
    "automatic",
    "automation",
    "unsolved_by",
    "metadata",
    "dropped",
)


def read(**changes: Any) -> RequestReceived:
    return kafka_records.read_event(json.dumps(a_request(**changes)).encode(), RequestReceived)


def fields_left_out(request: RequestReceived) -> list[str]:
    return [dropped.field for dropped in request.dropped]


@pytest.mark.parametrize("empty", EMPTY, ids=repr)
@pytest.mark.parametrize("field", OPTIONAL)
def test_an_optional_field_that_is_empty_is_absent(field: str, empty: Any) -> None:
    request = read(**{field: empty})
    assert getattr(request, field) == RequestReceived.model_fields[field].get_default()
    assert request.dropped == []


def test_every_optional_field_is_one_of_those() -> None:
    assert {name for name, field in RequestReceived.model_fields.items() if not field.is_required()} == set(OPTIONAL)


@pytest.mark.parametrize("empty", ["", None, "  "])
def test_an_empty_part_of_a_person_or_a_place_is_absent_too(empty: Any) -> None:
    request = read(
        citizen={"name": "Ines Marlow", "email": empty, "phone": empty, "address": empty}, location={"latitude": empty, "longitude": empty}
    )
    assert request.citizen is not None
    assert (request.citizen.email, request.citizen.phone, request.location, request.dropped) == (None, None, None, [])


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("fr_FR", "fr-FR"), ("fr-FR", "fr-FR"), ("FR", "fr"), ("de_DE.UTF-8", "de-DE"), ("de_DE@euro", "de-DE"), (" en ", "en"),
        ("zh_hant_tw", "zh-Hant-TW"), ("es_419", "es-419"),
    ],
)  # fmt: skip
def test_a_language_as_programs_write_it_is_the_one_that_is_meant(sent: str, meant: str) -> None:
    request = read(language=sent)
    assert (request.language, request.dropped) == (meant, [])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"language": "français"}, "language"),
        ({"language": 7}, "language"),
        ({"language": ["fr", "de"]}, "language"),
        ({"subject": {"text": "Lamp"}}, "subject"),
        ({"citizen": "Ines Marlow"}, "citizen"),
        ({"citizen": {"name": "Ines", "email": "nobody"}}, "citizen.email"),
        ({"citizen": {"name": "Ines", "phone": "0" * 51}}, "citizen.phone"),
        ({"location": {"address": "Elm Street", "latitude": "north"}}, "location.latitude"),
        ({"location": {"address": "Elm Street", "longitude": 181}}, "location.longitude"),
        ({"location": {"address": "Elm Street", "latitude": 10**400}}, "location.latitude"),
        ({"location": {"address": "Elm Street", "latitude": "Infinity"}}, "location.latitude"),
        ({"location": [48.2, 16.3]}, "location"),
        ({"attachments": "photo.jpg"}, "attachments"),
        ({"in_reply_to": "42"}, "in_reply_to"),
        ({"metadata": {"form": "7", "answers": {"a": "1"}}}, "metadata.answers"),
        ({"metadata": {"form": "7", "k" * 101: "1"}}, f"metadata.{'k' * 101}"),
        ({"metadata": "form=7"}, "metadata"),
    ],
)
def test_a_hint_that_is_not_understood_is_left_out_and_noted(change: dict[str, Any], field: str) -> None:
    request = read(**change)
    assert fields_left_out(request) == [field]
    assert all(dropped.message for dropped in request.dropped)
    assert request.body == a_request()["body"]


def test_what_the_citizen_typed_as_their_address_can_still_be_read_by_a_person() -> None:
    [note] = read(citizen={"name": "Ines", "email": "ines(at)example.org"}).dropped
    assert (note.field, note.value) == ("citizen.email", "ines(at)example.org")


def test_one_bad_attachment_does_not_cost_the_others() -> None:
    good = {"name": "a.pdf", "media_type": "application/pdf", "url": "https://city.example/a.pdf"}
    request = read(attachments=[good, {**good, "url": "file:///etc/passwd"}, "b.pdf", {"name": "no address"}, good])
    assert [attachment.url for attachment in request.attachments] == [good["url"]] * 2
    assert fields_left_out(request) == ["attachments.1.url", "attachments.2", "attachments.3.media_type", "attachments.3.url"]


def test_an_attachment_is_its_address_whatever_else_is_missing() -> None:
    request = read(attachments=[{"name": "", "media_type": None, "url": "https://city.example/files/the%20lamp.jpg?size=2"}])
    [attachment] = request.attachments
    assert (attachment.name, attachment.media_type, request.dropped) == ("the lamp.jpg", "application/octet-stream", [])


def test_what_is_too_long_is_cut_where_a_person_reads_it() -> None:
    request = read(subject="x" * 301, citizen={"name": "n" * 250}, attachments=[{"url": "https://city.example/a"}] * 25)
    assert (request.subject, len(request.attachments)) == ("x" * 300, 20)
    assert request.citizen is not None
    assert request.citizen.name == "n" * 200
    assert fields_left_out(request) == ["subject", "citizen.name", "attachments"]


def test_numbers_stand_where_text_is_meant() -> None:
    request = read(metadata={"form": 7, "urgent": True, "version": 1.5}, citizen={"phone": 4930901820})
    assert request.metadata == {"form": "7", "urgent": "true", "version": "1.5"}
    assert request.citizen is not None
    assert (request.citizen.phone, request.dropped) == ("4930901820", [])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"body": ""}, "body"), ({"body": None}, "body"), ({"channel": ""}, "channel"), ({"received_at": ""}, "received_at")],
)
def test_only_what_makes_the_message_unusable_refuses_it_and_only_that_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRecord) as refused:
        read(language="français", **change)
    assert field in refused.value.detail
    assert "language" not in refused.value.detail


def test_what_was_noted_on_the_way_is_still_noted_and_read_the_same_each_time() -> None:
    first = read(language="français", citizen={"email": "nobody"})
    again = kafka_records.read_event(first.model_dump_json().encode(), RequestReceived)
    assert again == first
    assert fields_left_out(again) == ["language", "citizen.email"]


def test_the_notes_are_bounded_however_much_is_wrong() -> None:
    request = read(metadata={"k" * 5_000 + str(n): {} for n in range(40)} | {str(n): ["x"] for n in range(200)}, dropped=["x"] * 1000)
    assert len(request.dropped) <= 50
    assert all(len(dropped.field) <= 200 for dropped in request.dropped)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["name", "email", "url", "latitude", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, database=None, derandomize=True)
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(OPTIONAL, _JSON)))
def test_whatever_stands_in_the_optional_fields_the_message_is_taken(sent: dict[str, Any]) -> None:
    request = read(**sent)
    assert request.body == a_request()["body"]
    assert kafka_records.read_event(request.model_dump_json().encode(), RequestReceived) == request


def test_an_object_that_is_none_is_refused_as_before() -> None:
    with pytest.raises(ValidationError):
        RequestReceived.model_validate(["a"])
