"""Dead letters are replayed and discarded by somebody, and no file speaks for a person."""

import base64
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from schemas.dead_letters import DeadLetter, Header
from services.cli import context
from services.cli.main import app
from services.review.audit import store as audit
from services.review.ops import store
from services.review.ops.dead_letter_replay import with_new_id
from services.runtime import clock, kafka_admin, record_signing
from services.runtime.database import Session
from services.runtime.errors import ParvisError
from services.runtime.kafka_records import Outgoing
from services.runtime.settings import KafkaSettings, Settings
from tests.builders import a_request

Parvis = Callable[..., Result]
Sent = list[tuple[str, bytes | None]]
RECORDS: list[tuple[bytes | None, dict[str, bytes | None]]] = []
"""Key and headers of the same."""

RECEIVED = "parvis.requests.received.v1"


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PARVIS_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    return Settings()


@pytest.fixture
def parvis(settings: Settings) -> Parvis:  # noqa: ARG001 - asked for so that the commands find the city
    return lambda *words: CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "300", "LOGNAME": "otto"})


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What a broker would have been given."""
    sent_records: Sent = []
    RECORDS.clear()

    class Broker:
        def __init__(self, _: KafkaSettings) -> None: ...
        def close(self) -> None: ...

        def send_raw(self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes | None]]) -> None:
            sent_records.append((topic, value))
            RECORDS.append((key, dict(headers)))

    monkeypatch.setattr(kafka_admin, "Sender", Broker)
    return sent_records


def does(settings: Settings, work: Callable[[Session], Awaitable[Any]]) -> Any:
    return context.in_transaction(settings, work)


def a_letter(
    settings: Settings, topic: str = RECEIVED, value: bytes = b"as it came", error_type: str = "ValidationError", **headers: bytes
) -> UUID:
    now = clock.now()
    letter = DeadLetter(
        letter_id=uuid4(),
        service="triage",
        topic=topic,
        partition=0,
        offset=41,
        key=None,
        headers=[Header(key=name, value=base64.b64encode(content).decode()) for name, content in headers.items()],
        value=base64.b64encode(value).decode(),
        error_type=error_type,
        error_message="body: Field required",
        attempts=1,
        first_failed_at=now,
        last_failed_at=now,
    )
    does(settings, lambda s: store.keep(s, letter))
    return letter.letter_id


def state_of(settings: Settings, letter_id: UUID) -> tuple[str, str | None]:
    record: store.Letter = does(settings, lambda s: store.letter(s, letter_id))
    return record.state, record.settled_by


def logged(settings: Settings) -> list[audit.Entry]:
    return [entry for _, entry in does(settings, lambda s: audit.page(s, actor=None, before=None, limit=10))]


def error_of(result: Result) -> str:
    """What a person reads who was refused."""
    assert isinstance(result.exception, ParvisError), result.output
    return result.exception.detail


def a_file(folder: Path) -> Path:
    path = folder / "record.json"
    path.write_bytes(b"put right")
    return path


@pytest.mark.parametrize("topic", ["parvis.replies.decided.v1", "parvis.replies.dispatched.v1"])
def test_no_file_is_sent_as_what_a_person_decided_or_what_became_of_it(
    settings: Settings, parvis: Parvis, sent: Sent, tmp_path: Path, topic: str
) -> None:
    letter = a_letter(settings, topic)

    error = error_of(parvis("dead-letters", "replay", letter, "--value", a_file(tmp_path)))

    assert topic in error
    assert "decide on the case again" in error
    assert (sent, state_of(settings, letter), logged(settings)) == ([], ("waiting", None), [])
    assert parvis("dead-letters", "replay", letter).exit_code == 0
    assert sent == [(topic, b"as it came")]


def test_a_file_puts_one_record_right_and_never_all_of_them(settings: Settings, parvis: Parvis, sent: Sent, tmp_path: Path) -> None:
    letter, other = a_letter(settings), a_letter(settings, "parvis.replies.decided.v1")
    file = a_file(tmp_path)

    assert "exactly one id" in error_of(parvis("dead-letters", "replay", letter, "--all", "--value", file))
    assert "exactly one id" in error_of(parvis("dead-letters", "replay", letter, other, "--value", file))
    assert sent == []

    assert parvis("dead-letters", "replay", letter, "--value", file).exit_code == 0
    assert sent == [(RECEIVED, b"put right")]
    assert logged(settings)[0].detail == {"letter_id": str(letter), "put_right": True}


def test_what_was_put_right_goes_on_in_the_trace_that_its_publisher_began_and_has_no_other_header(
    settings: Settings, parvis: Parvis, tmp_path: Path
) -> None:
    trace = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    letter = a_letter(settings, traceparent=trace, ce_id=b"of other bytes")

    assert parvis("dead-letters", "replay", letter, "--value", a_file(tmp_path)).exit_code == 0

    [(_, headers)] = RECORDS
    assert headers.pop("traceparent") == trace
    assert "ce_id" not in headers


def test_all_that_wait_are_replayed_or_those_of_a_topic_and_an_error(settings: Settings, parvis: Parvis, sent: Sent) -> None:
    for topic in (RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"):
        a_letter(settings, topic)

    assert "0 replayed" in parvis("dead-letters", "replay", "--all", "--error", "of another kind").stdout
    assert "0 replayed" in parvis("dead-letters", "replay", "--all", "--error", "Validation").stdout
    assert "3 replayed" in parvis("dead-letters", "replay", "--all", "--error", "ValidationError").stdout
    for topic in (RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"):
        a_letter(settings, topic)
    sent.clear()
    assert "2 replayed" in parvis("dead-letters", "replay", "--all", "--topic", RECEIVED, "--error", "Field required").stdout
    assert "1 replayed" in parvis("dead-letters", "replay", "--all").stdout
    assert [topic for topic, _ in sent] == [RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"]


@pytest.mark.parametrize("what", ["replay", "discard"])
def test_without_a_name_the_log_has_the_machines_user(settings: Settings, parvis: Parvis, what: str) -> None:
    letter = a_letter(settings)

    assert parvis("dead-letters", what, letter).exit_code == 0

    assert state_of(settings, letter)[1] == "command line (otto)"
    assert [entry.actor for entry in logged(settings)] == ["command line (otto)"]


@pytest.mark.parametrize("what", ["replay", "discard"])
def test_a_name_is_that_of_somebody_who_runs_things_here(settings: Settings, parvis: Parvis, sent: Sent, what: str) -> None:
    letter = a_letter(settings)
    for email, role in (("ole@city.example", "ops"), ("anna@city.example", "caseworker"), ("eve@city.example", "admin")):
        parvis("people", "add", email, "--role", role)
    parvis("people", "remove", "eve@city.example")
    before = logged(settings)

    assert "for ops, supervisors and admins" in error_of(parvis("dead-letters", what, letter, "--by", "anna@city.example"))
    assert "no eve@city.example" in error_of(parvis("dead-letters", what, letter, "--by", "eve@city.example"))
    assert "no nobody@city.example" in error_of(parvis("dead-letters", what, letter, "--by", "nobody@city.example"))
    assert "not an e-mail address" in error_of(parvis("dead-letters", what, letter, "--by", ""))
    assert (sent, state_of(settings, letter), logged(settings)) == ([], ("waiting", None), before)

    assert parvis("dead-letters", what, letter, "--by", "Ole@city.example").exit_code == 0

    assert state_of(settings, letter)[1] == "ole@city.example"
    assert logged(settings)[0].actor == "ole@city.example"


def test_a_user_without_a_name_is_told_by_number(settings: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 10001)
    letter = a_letter(settings)

    assert parvis("dead-letters", "discard", letter).exit_code == 0

    assert state_of(settings, letter)[1] == "command line (10001)"


def test_a_request_whose_id_was_taken_goes_out_with_an_id_of_its_own_the_same_at_each_replay_and_vouched_for(
    settings: Settings, parvis: Parvis, sent: Sent
) -> None:
    request = a_request(body="The bin is full")
    letter = a_letter(settings, value=json.dumps(request).encode(), error_type="IdTaken")

    printed = parvis("dead-letters", "replay", letter, "--new-id").stdout

    [(topic, value)], [(key, headers)] = sent, RECORDS
    again = json.loads(value or b"")
    assert again == request | {"request_id": again["request_id"]}
    assert UUID(again["request_id"]) not in (UUID(request["request_id"]), letter)
    assert (topic, key) == (RECEIVED, again["request_id"].encode())
    assert f"{letter} is request {again['request_id']} now" in printed
    assert logged(settings)[0].detail == {"letter_id": str(letter), "put_right": False, "new_id": again["request_id"]}
    signed = does(settings, lambda s: record_signing.headers_for(s, Outgoing(RECEIVED, key or b"", value or b"")))
    assert headers == {name: text.encode() for name, text in signed.items()}
    assert with_new_id(does(settings, lambda s: store.letter(s, letter)).letter).key == key


def test_a_new_id_vouches_for_nothing_that_was_refused_for_who_sent_it(settings: Settings, parvis: Parvis) -> None:
    letter = a_letter(settings, value=json.dumps(a_request()).encode(), error_type="NotSigned")
    assert parvis("dead-letters", "replay", letter, "--new-id").exit_code == 0
    assert RECORDS[0][1] == {}


@pytest.mark.parametrize(
    ("topic", "value", "reason"),
    [
        ("parvis.replies.decided.v1", b"{}", "--new-id is for requests"),
        (RECEIVED, b"[]", "holds no request"),
        (RECEIVED, b"{not json", "not JSON"),
    ],
)
def test_a_new_id_is_refused_with_the_reason_where_there_is_no_request(
    settings: Settings, parvis: Parvis, sent: Sent, topic: str, value: bytes, reason: str
) -> None:
    letter = a_letter(settings, topic, value)
    assert reason in error_of(parvis("dead-letters", "replay", letter, "--new-id"))
    assert "new request_id into the file" in error_of(parvis("dead-letters", "replay", letter, "--new-id", "--value", __file__))
    assert (sent, state_of(settings, letter)) == ([], ("waiting", None))


def test_show_names_the_field_at_fault_with_what_stands_there_and_what_to_do(settings: Settings, parvis: Parvis) -> None:
    record = a_request() | {"received_at": "yesterday"}
    letter = a_letter(settings, value=json.dumps(record).encode())

    shown = json.loads(parvis("dead-letters", "show", letter).stdout)["schema"]

    [fault] = shown["faults"]
    assert (fault["field"], fault["kind"], fault["actual"], fault["stops"]) == ("received_at", "form", '"yesterday"', True)
    assert "2026-03-02T08:00:00+01:00" in fault["expected"]
    assert "publisher" in shown["todo"][0]


def test_show_says_of_bytes_that_are_no_json_what_is_wrong(settings: Settings, parvis: Parvis) -> None:
    shown = json.loads(parvis("dead-letters", "show", a_letter(settings, value=b"\xff\x00")).stdout)

    assert "not JSON in UTF-8" in shown["schema"]["problem"]
