"""`parvis erase` takes a citizen's identity and words out of everything, and says so; `parvis export` hands them out."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from schemas.requests_received import RequestReceived
from schemas.topics import TOPICS
from services.cli.main import app
from services.dispatch import store as deliveries
from services.dispatch.rules import WebhookDelivery
from services.intake import store as intake
from services.intake.rules import Refusal
from services.local.topic_provisioning import wanted
from services.review import handlers
from services.review.cases.case_state import State
from services.review.erasure import elsewhere, erased_values, sweep
from services.review.erasure import store as erasure
from services.review.erasure.remains import kafka_until
from services.review.erasure.store import Tables
from services.review.erasure.sweep import Sweep, overdue
from services.review.ops import store as dead_letters
from services.runtime import clock
from services.runtime.settings import KafkaSettings, Settings
from tests.pages.city import ANNA, OLE, City, without_kafka

ADDRESS = "ines.marlow@example.org"


async def run(*arguments: str, code: int = 0) -> str:
    done = await asyncio.to_thread(CliRunner().invoke, app, [*arguments])
    assert done.exit_code == code, f"{done.output} {done.exception!r}"
    return done.stdout if code == 0 else f"{done.stdout}{done.exception}"


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    made = City(without_kafka(tmp_path))
    await made.hires(ANNA, OLE)
    yield made
    await made.app.state.database.close()


def files_with(word: str, folder: Path) -> list[str]:
    """Files in whose bytes it stands, in whichever case."""
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes().lower()]


async def answered(city: City) -> UUID:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await leaves(city, request_id)
    await city.dispatches(request_id)
    return request_id


async def leaves(city: City, request_id: UUID) -> None:
    """Kafka has taken what waited."""
    async with city.commands.database.transaction() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("delete from outbox where key = ?", (str(request_id),))


async def test_what_is_erased_is_gone_from_every_file_and_the_decision_stays(city: City, tmp_path: Path) -> None:
    request_id = await answered(city)

    report = json.loads(await run("erase", "--request", str(request_id), "--json", "--by", OLE.email))

    assert report["complete"]
    assert report["rows"]["review_cases"]
    await city.commands.database.close()
    for word in ("ines marlow", ADDRESS, "walks home from training"):
        assert not files_with(word, tmp_path)
    case = await city.case(request_id)
    assert case.state is State.SENT
    assert case.decision
    assert case.decision.decided_by == ANNA.email
    assert case.erased_at
    assert "nothing was changed" in await run("audit", "verify")


async def test_a_case_that_nobody_has_answered_is_refused_and_stays_as_it_is_unless_it_is_to_be_closed(city: City) -> None:
    request_id = await city.waiting_case()
    await leaves(city, request_id)

    assert "--close" in await run("erase", "--request", str(request_id), code=1)
    assert (await city.case(request_id)).erased_at is None
    report = json.loads(await run("erase", "--request", str(request_id), "--close", "--json"))

    assert report["closed"] == [str(request_id)]
    case = await city.case(request_id)
    assert (case.state, case.decision and case.decision.decision) == (State.CLOSED, "closed")
    async with city.commands.database.reading() as session:
        connection = await session.connection()
        [leaving] = (await connection.exec_driver_sql("select value from outbox where key = ?", (str(request_id),))).scalars().all()
    assert json.loads(leaving)["decision"] == "closed"
    assert "ines" not in leaving.lower()


async def test_a_reply_that_may_be_on_its_way_is_not_lost_even_where_all_is_to_be_closed(city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)
    await leaves(city, request_id)

    assert "on its way" in await run("erase", "--request", str(request_id), "--close", code=1)
    assert (await city.case(request_id)).state is State.APPROVED


async def test_an_approval_that_has_not_left_is_taken_back_and_never_sent(city: City) -> None:
    request_id = await city.waiting_case()
    await city.approves(ANNA, request_id)

    await run("erase", "--request", str(request_id), "--close")

    async with city.commands.database.reading() as session:
        connection = await session.connection()
        waiting = (await connection.exec_driver_sql("select value from outbox where key = ?", (str(request_id),))).scalars().all()
    assert [json.loads(event)["decision"] for event in waiting if "decision" in json.loads(event)] == ["closed"]


async def test_all_requests_of_an_address_are_erased_in_whichever_case_it_was_written_and_nobody_elses(city: City) -> None:
    theirs = [
        await city.receives(request={"citizen": {"name": "Ines Marlow", "email": email}})
        for email in ("Ines.Marlow@example.org", "INES.MARLOW@EXAMPLE.ORG")
    ]
    of_another = await city.receives(request={"citizen": {"email": "other.ines.marlow@example.org"}, "body": f"Ask {ADDRESS} about it."})
    for request_id in (*theirs, of_another):
        await leaves(city, request_id)

    report = json.loads(await run("erase", "--email", "ines.marlow@EXAMPLE.org", "--close", "--json"))

    assert sorted(report["requests"]) == sorted(map(str, theirs))
    assert report["complete"]
    assert {name for leftover in report["left"] for name in leftover["requests"]} == {str(of_another)}
    assert (await city.case(of_another)).erased_at is None


async def test_a_second_erasure_changes_nothing_and_what_kafka_still_has_is_not_taken_in_again(city: City, tmp_path: Path) -> None:
    request_id = await answered(city)
    before = await city.case(request_id)
    assert before.request
    await run("erase", "--request", str(request_id))

    assert json.loads(await run("erase", "--request", str(request_id), "--json"))["rows"] == {}
    await city.commands.take_in(handlers.received(before.request))
    await city.sets_aside(before.request.model_dump(mode="json") | {"body": "Another letter of Ines Marlow"}, "conflict")

    await city.commands.database.close()
    for word in ("ines marlow", "walks home from training"):
        assert not files_with(word, tmp_path)


async def test_what_is_kept_too_long_for_its_state_is_erased_once_a_day_and_nothing_else(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = city.commands.settings.model_copy(update={"erase_after_days": (("sent", 30.0),)})
    sent, waiting = await answered(city), await city.waiting_case()
    sweep, now = Sweep(city.commands.database, settings), clock.now()

    assert await sweep.run_if_due(now + timedelta(days=29)) == 0
    assert [case.request_id for case in await overdue(city.commands.database, settings, now + timedelta(days=31))] == [sent]
    later = Sweep(city.commands.database, settings)
    assert await later.run_if_due(now + timedelta(days=31)) == 1
    assert await later.run_if_due(now + timedelta(days=31)) == 0

    assert (await city.case(sent)).erased_at
    assert (await city.case(waiting)).erased_at is None
    history = await run("audit", "export", "--case", str(sent))
    assert [entry["actor"] for entry in map(json.loads, history.splitlines()) if entry.get("action") == "erase"] == ["parvis"]
    assert await Sweep(city.commands.database, city.commands.settings).run_if_due(now + timedelta(days=999)) == 0, "by default all is kept"
    monkeypatch.setenv("PARVIS_ERASE_AFTER_DAYS", "sent=0.5,closed=1")
    assert Settings().erase_after_days == (("sent", 0.5), ("closed", 1.0))


async def test_the_trace_of_a_record_that_was_refused_is_one_of_those_to_erase(city: City) -> None:
    request_id, trace_id = uuid4(), "4bf92f3577b34da6a3ce929d0e0e4736"
    async with city.commands.database.transaction() as session:
        await intake.add_refusal(session, Refusal(uuid4(), request_id, "city", "unreadable", "no body", clock.now(), trace_id=trace_id))

        assert await erasure.traces_of(session, await Tables.of(session), [request_id, uuid4()]) == {trace_id}
        assert await erasure.traces_of(session, await Tables.of(session), [uuid4()]) == set()


async def test_retention_passes_over_what_never_ends_and_writes_the_file_anew_once(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = city.commands.settings.model_copy(update={"erase_after_days": (("sent", 30.0),)})
    stuck, finished = [await answered(city) for _ in range(3)], [await answered(city) for _ in range(3)]
    async with city.commands.database.transaction() as session:
        for request_id in stuck:
            webhook = WebhookDelivery(uuid4(), request_id, "city", "{}", {}, 0)
            await deliveries.add_webhook_delivery(session, webhook, due=clock.now(), now=clock.now())
    purges: list[Path] = []

    def purge(path: Path) -> bool:
        purges.append(path)
        return True

    monkeypatch.setattr(sweep, "AT_ONCE", 1)
    monkeypatch.setattr(elsewhere, "purge", purge)
    later = clock.now() + timedelta(days=31)

    assert [case.request_id for case in await overdue(city.commands.database, settings, later, limit=2)] == finished[:2]
    assert await Sweep(city.commands.database, settings).run_if_due(later) == 3

    assert len(purges) == 1
    assert [(await city.case(request_id)).erased_at is None for request_id in (*stuck, *finished)] == [True] * 3 + [False] * 3


async def test_cases_that_a_record_nobody_can_read_holds_up_keep_no_other_from_being_erased(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = city.commands.settings.model_copy(update={"erase_after_days": (("sent", 30.0),)})
    held_up, finished = [await answered(city) for _ in range(3)], [await answered(city) for _ in range(3)]
    for request_id in held_up:
        await city.sets_aside({"about": f"the letter {request_id}"}, "request_id: Field required")
    monkeypatch.setattr(sweep, "MOST", 2)
    retention, later = Sweep(city.commands.database, settings), clock.now() + timedelta(days=31)

    rounds = [await retention.run_if_due(later) for _ in range(6)]

    assert sum(rounds) == 3
    assert [(await city.case(request_id)).erased_at is None for request_id in (*held_up, *finished)] == [True] * 3 + [False] * 3
    async with city.commands.database.reading() as session:
        letters = await dead_letters.ids(session)
    await run("dead-letters", "discard", *map(str, letters))
    assert [await retention.run_if_due(later + timedelta(days=1)) for _ in range(3)] == [2, 1, 0]


async def test_a_citizen_is_handed_out_all_that_is_kept_of_them_once(city: City, tmp_path: Path) -> None:
    request_id = await answered(city)
    archive = tmp_path / "theirs.zip"

    await run("export", "--email", ADDRESS.upper(), "--to", str(archive), "--by", OLE.email)

    with zipfile.ZipFile(archive) as handed_out:
        data = json.loads(handed_out.read("data.json"))
    assert data["requests"] == [str(request_id)]
    [case] = data["tables"]["review_cases"]
    assert case["request"]["citizen"]["email"] == ADDRESS
    assert data["tables"]["review_decisions"][0]["event"]["decided_by"] == ANNA.email
    assert "approve" in [entry["action"] for entry in data["log"]]
    assert archive.stat().st_mode & 0o077 == 0
    assert "there already" in await run("export", "--email", ADDRESS, "--to", str(archive), code=1)
    assert "nothing is kept" in await run("export", "--email", "nobody@example.org", "--to", str(tmp_path / "none.zip"), code=1)


def test_no_skeleton_of_a_message_has_a_word_that_nobody_listed() -> None:
    whole = dict.fromkeys(RequestReceived.model_fields, "canary") | {"channel": "web"}
    left = erased_values.request(whole)
    assert {name for name, value in left.items() if value == "canary"} <= set(erased_values.MESSAGE_KEEPS)


def test_the_report_says_of_kafka_no_earlier_moment_than_topics_apply_makes_true() -> None:
    settings, now = Settings(kafka=KafkaSettings(bootstrap="kafka:9092")), clock.now()
    until = max(kafka_until(settings, now))
    personal = kafka_until(settings, now)[0]
    for topic, state in zip(TOPICS, wanted(settings.kafka, 12, 3), strict=True):
        gone = now + timedelta(milliseconds=int(state.configs["retention.ms"]) + int(state.configs["segment.ms"]))
        if topic.personal:
            assert state.configs["cleanup.policy"] == "delete"
            assert gone <= personal
        assert state.configs["cleanup.policy"] == "compact" or gone <= until
