"""Dead letters are replayed and discarded by somebody, and no file speaks for a person."""

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner, Result

from schemas.dead_letters import DeadLetter
from services.cli import context
from services.cli.main import app
from services.review.audit import store as audit
from services.review.ops import store
from services.runtime import clock, kafka_admin
from services.runtime.database import Session
from services.runtime.errors import ParvisError
from services.runtime.settings import KafkaSettings, Settings

Parvis = Callable[..., Result]
Sent = list[tuple[str, bytes | None]]

RECEIVED = "parvis.requests.received.v1"


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("PARVIS_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    return Settings()


@pytest.fixture
def parvis(known: Settings) -> Parvis:  # noqa: ARG001 - asked for so that the commands find the city
    return lambda *words: CliRunner().invoke(app, list(map(str, words)), env={"COLUMNS": "300", "LOGNAME": "otto"})


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """What a broker would have been given."""
    given: Sent = []

    class Broker:
        def __init__(self, _: KafkaSettings) -> None: ...
        def close(self) -> None: ...

        def send_raw(self, topic: str, _key: bytes | None, value: bytes | None, _headers: list[tuple[str, bytes | None]]) -> None:
            given.append((topic, value))

    monkeypatch.setattr(kafka_admin, "Sender", Broker)
    return given


def does(known: Settings, work: Callable[[Session], Awaitable[Any]]) -> Any:
    return context.in_transaction(known, work)


def a_letter(known: Settings, topic: str = RECEIVED) -> UUID:
    now = clock.now()
    letter = DeadLetter(
        letter_id=uuid4(),
        service="triage",
        topic=topic,
        partition=0,
        offset=41,
        key=None,
        headers=[],
        value=base64.b64encode(b"as it came").decode(),
        error_type="ValidationError",
        error_message="body: Field required",
        attempts=1,
        first_failed_at=now,
        last_failed_at=now,
    )
    does(known, lambda s: store.keep(s, letter))
    return letter.letter_id


def state_of(known: Settings, letter_id: UUID) -> tuple[str, str | None]:
    found: store.Letter = does(known, lambda s: store.letter(s, letter_id))
    return found.state, found.settled_by


def logged(known: Settings) -> list[audit.Entry]:
    return [entry for _, entry in does(known, lambda s: audit.page(s, actor=None, before=None, limit=10))]


def told(result: Result) -> str:
    """What a person reads who was refused."""
    assert isinstance(result.exception, ParvisError), result.output
    return result.exception.detail


def a_file(folder: Path) -> Path:
    path = folder / "record.json"
    path.write_bytes(b"put right")
    return path


@pytest.mark.parametrize("topic", ["parvis.replies.decided.v1", "parvis.replies.dispatched.v1"])
def test_no_file_is_sent_as_what_a_person_decided_or_what_became_of_it(
    known: Settings, parvis: Parvis, sent: Sent, tmp_path: Path, topic: str
) -> None:
    letter = a_letter(known, topic)

    said = told(parvis("dead-letters", "replay", letter, "--value", a_file(tmp_path)))

    assert topic in said
    assert "decide on the case again" in said
    assert (sent, state_of(known, letter), logged(known)) == ([], ("waiting", None), [])
    assert parvis("dead-letters", "replay", letter).exit_code == 0
    assert sent == [(topic, b"as it came")]


def test_a_file_puts_one_record_right_and_never_all_of_them(known: Settings, parvis: Parvis, sent: Sent, tmp_path: Path) -> None:
    letter, other = a_letter(known), a_letter(known, "parvis.replies.decided.v1")
    file = a_file(tmp_path)

    assert "exactly one id" in told(parvis("dead-letters", "replay", letter, "--all", "--value", file))
    assert "exactly one id" in told(parvis("dead-letters", "replay", letter, other, "--value", file))
    assert sent == []

    assert parvis("dead-letters", "replay", letter, "--value", file).exit_code == 0
    assert sent == [(RECEIVED, b"put right")]
    assert logged(known)[0].detail == {"letter_id": str(letter), "put_right": True}


def test_all_that_wait_are_replayed_or_those_of_a_topic_and_an_error(known: Settings, parvis: Parvis, sent: Sent) -> None:
    for topic in (RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"):
        a_letter(known, topic)

    assert "0 replayed" in parvis("dead-letters", "replay", "--all", "--error", "of another kind").stdout
    assert "0 replayed" in parvis("dead-letters", "replay", "--all", "--error", "Validation").stdout
    assert "3 replayed" in parvis("dead-letters", "replay", "--all", "--error", "ValidationError").stdout
    for topic in (RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"):
        a_letter(known, topic)
    sent.clear()
    assert "2 replayed" in parvis("dead-letters", "replay", "--all", "--topic", RECEIVED, "--error", "Field required").stdout
    assert "1 replayed" in parvis("dead-letters", "replay", "--all").stdout
    assert [topic for topic, _ in sent] == [RECEIVED, RECEIVED, "parvis.drafts.proposed.v1"]


@pytest.mark.parametrize("what", ["replay", "discard"])
def test_without_a_name_the_log_has_the_machines_user(known: Settings, parvis: Parvis, what: str) -> None:
    letter = a_letter(known)

    assert parvis("dead-letters", what, letter).exit_code == 0

    assert state_of(known, letter)[1] == "command line (otto)"
    assert [entry.actor for entry in logged(known)] == ["command line (otto)"]


@pytest.mark.parametrize("what", ["replay", "discard"])
def test_a_name_is_that_of_somebody_who_runs_things_here(known: Settings, parvis: Parvis, sent: Sent, what: str) -> None:
    letter = a_letter(known)
    for email, role in (("ole@city.example", "ops"), ("anna@city.example", "caseworker"), ("eve@city.example", "admin")):
        parvis("people", "add", email, "--role", role)
    parvis("people", "remove", "eve@city.example")
    before = logged(known)

    assert "for ops, supervisors and admins" in told(parvis("dead-letters", what, letter, "--by", "anna@city.example"))
    assert "no eve@city.example" in told(parvis("dead-letters", what, letter, "--by", "eve@city.example"))
    assert "no nobody@city.example" in told(parvis("dead-letters", what, letter, "--by", "nobody@city.example"))
    assert "not an e-mail address" in told(parvis("dead-letters", what, letter, "--by", ""))
    assert (sent, state_of(known, letter), logged(known)) == ([], ("waiting", None), before)

    assert parvis("dead-letters", what, letter, "--by", "Ole@city.example").exit_code == 0

    assert state_of(known, letter)[1] == "ole@city.example"
    assert logged(known)[0].actor == "ole@city.example"


def test_a_user_without_a_name_is_told_by_number(known: Settings, parvis: Parvis, monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 10001)
    letter = a_letter(known)

    assert parvis("dead-letters", "discard", letter).exit_code == 0

    assert state_of(known, letter)[1] == "command line (10001)"
