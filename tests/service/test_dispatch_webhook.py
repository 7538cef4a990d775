"""An agency's own system is told of decisions, by a server that checks the signature as any receiver would."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlmodel import SQLModel, update

from schemas.replies_decided import ReplyDecided
from schemas.values import Person
from services.dispatch import lease, store, webhook_client
from services.dispatch.tables import WebhookDeliveryRow, WebhookRow
from services.dispatch.webhook_addresses import PUBLIC, Reach
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import Conflict, InvalidInput, NotFound
from tests.service.webhook_desk import AgencySystem, Desk

HERE = Reach(loopback=True)


@pytest.fixture
async def agency() -> AsyncIterator[AgencySystem]:
    agency = AgencySystem()
    server = await asyncio.start_server(agency.serve, "127.0.0.1", 0)
    agency.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    yield agency
    server.close()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with webhook_client.client() as client:
        yield Desk(database, client, tmp_path / "mail")
    await database.close()


@pytest.fixture
async def secret(desk: Desk, agency: AgencySystem) -> str:
    async with desk.database.transaction() as session:
        return await store.set_webhook(session, "springfield", agency.url, clock.now(), HERE)


def a_reply(**change: Any) -> ReplyDecided:
    said = {
        "decision_id": uuid4(),
        "request_id": uuid4(),
        "agency": "springfield",
        "decision": "approved",
        "decided_by": "anna@city.example",
        "decided_at": datetime(2026, 11, 24, 12, tzinfo=UTC),
        "subject": "Éclairage",
        "body": "We mend it on Monday.",
        "recipient": Person(email="ana@example.org"),
    }
    return ReplyDecided.model_validate({**said, **change})


async def test_the_agency_can_prove_who_told_it_and_the_mail_goes_as_well(desk: Desk, agency: AgencySystem, secret: str) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.gets(reply)
    await desk.works()

    [(headers, body)] = agency.got
    assert agency.is_genuine(secret)
    assert headers["webhook-id"] == str(reply.decision_id)
    assert json.loads(body) == {
        "request_id": str(reply.request_id),
        "decision_id": str(reply.decision_id),
        "decision": "approved",
        "subject": "Éclairage",
        "body": "We mend it on Monday.",
        "decided_at": "2026-11-24T12:00:00Z",
    }
    assert [(told.outcome, told.channel) for told in await desk.said()] == [("delivered", "file")]


@pytest.mark.usefixtures("secret")
async def test_of_a_matter_that_is_open_again_the_agency_learns_which_message_of_its_own_began_it(desk: Desk, agency: AgencySystem) -> None:
    await desk.gets(a_reply(recipient=None, in_reply_to=(earlier := uuid4())))
    await desk.works()
    assert json.loads(agency.got[0][1])["in_reply_to"] == str(earlier)


@pytest.mark.parametrize("decision", ["rejected", "closed"])
async def test_a_decision_against_a_reply_is_told_and_nothing_mailed(desk: Desk, agency: AgencySystem, secret: str, decision: str) -> None:
    await desk.gets(a_reply(decision=decision, body="never to be seen"))
    await desk.works()
    assert agency.is_genuine(secret)
    assert (json.loads(agency.got[0][1])["body"], await desk.said(), desk.mails.exists()) == (None, [], False)


@pytest.mark.usefixtures("secret")
async def test_without_an_address_the_agencys_system_is_the_delivery(desk: Desk, agency: AgencySystem) -> None:
    reply = a_reply(recipient=None)
    agency.answers = ["500 Oops"]
    await desk.gets(reply)
    await desk.works()
    assert await desk.said() == []
    await desk.works()
    await desk.gets(reply)
    first, again = await desk.said()
    assert first == again
    assert (first.outcome, first.channel, first.attempts, len(agency.got)) == ("delivered", "webhook", 2, 2)
    assert agency.got[0][1] == agency.got[1][1]


@pytest.mark.usefixtures("secret")
async def test_without_an_address_and_a_webhook_that_fails_a_person_passes_it_on(desk: Desk, agency: AgencySystem) -> None:
    agency.answers = ["500 Oops"] * 3
    await desk.gets(a_reply(recipient=None))
    await desk.works(4)
    [told] = await desk.said()
    assert (told.outcome, told.channel, len(agency.got)) == ("manual", "none", 3)
    assert "the webhook answered 500" in told.detail


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize(("answer", "tries"), [("302 Found", 3), ("410 Gone", 1), ("drop", 3), ("404 Not Found", 3)])
async def test_a_webhook_that_fails_never_holds_up_the_mail_and_is_not_followed(
    desk: Desk, agency: AgencySystem, answer: str, tries: int
) -> None:
    reply = a_reply()
    agency.answers = [answer] * 5
    await desk.gets(reply)
    await desk.works(5)
    assert [told.outcome for told in await desk.said()] == ["delivered"]
    assert ((await desk.telling_of(reply)).state, len(agency.got)) == ("failed", tries)


@pytest.mark.usefixtures("secret")
async def test_killed_while_telling_it_is_told_again_under_the_same_id(desk: Desk, agency: AgencySystem) -> None:
    reply = a_reply(decision="closed")
    await desk.gets(reply)
    async with desk.database.transaction() as session:
        await session.exec(update(WebhookDeliveryRow).values(state="sending", attempts=1, leased_until=clock.now() - timedelta(seconds=1)))
    await desk.works()
    assert agency.got[0][0]["webhook-id"] == str(reply.decision_id)
    assert ((await desk.telling_of(reply)).state, (await desk.telling_of(reply)).attempts) == ("delivered", 2)


@pytest.mark.usefixtures("agency", "secret")
async def test_what_failed_is_sent_again_by_hand_under_the_same_id_and_signed_anew(desk: Desk, agency: AgencySystem, secret: str) -> None:
    reply = a_reply()
    agency.answers = ["410 Gone"]
    await desk.gets(reply)
    await desk.works()
    assert (await desk.telling_of(reply)).state == "failed"
    first = agency.got[-1]

    async with desk.database.transaction() as session:
        await store.send_webhook_again(session, "springfield", reply.decision_id, clock.now())
    await desk.works()

    assert (await desk.telling_of(reply)).state == "delivered"
    assert agency.got[-1][1] == first[1]
    assert agency.got[-1][0]["webhook-id"] == first[0]["webhook-id"] == str(reply.decision_id)
    assert agency.is_genuine(secret)
    async with desk.database.reading() as session:
        all_of_it = await store.webhook_records(session, "springfield", limit=10)
        waiting = await store.webhook_records(session, "springfield", limit=10, undelivered=True)
        others = await store.webhook_records(session, "shelbyville", limit=10)
    assert [(record.decision_id, record.state, record.attempts) for record in all_of_it] == [(reply.decision_id, "delivered", 2)]
    assert waiting == others == []


@pytest.mark.usefixtures("secret")
async def test_what_is_sent_again_has_as_many_tries_as_the_first_time(desk: Desk, agency: AgencySystem) -> None:
    reply = a_reply()
    agency.answers = ["500 Oops"] * 5
    await desk.gets(reply)
    await desk.works(3)
    assert (await desk.telling_of(reply)).state == "failed"

    async with desk.database.transaction() as session:
        await store.send_webhook_again(session, "springfield", reply.decision_id, clock.now())
    await desk.works(3)

    row = await desk.telling_of(reply)
    assert (row.state, row.attempts, len(agency.got)) == ("delivered", 6, 6)


@pytest.mark.usefixtures("secret")
async def test_that_it_arrived_once_is_still_said_after_sending_it_again_in_vain(desk: Desk, agency: AgencySystem) -> None:
    reply = a_reply()
    agency.answers = ["204 No Content", "410 Gone"]
    await desk.gets(reply)
    await desk.works()
    async with desk.database.transaction() as session:
        await store.send_webhook_again(session, "springfield", reply.decision_id, clock.now())
    await desk.works()

    async with desk.database.reading() as session:
        [record] = await store.webhook_records(session, "springfield", limit=10)
        assert await store.webhook_records(session, "springfield", limit=10, undelivered=True) == []
    assert record.state == "failed"
    assert record.arrived_at
    assert len(agency.got) == 2


@pytest.mark.usefixtures("secret")
async def test_nothing_is_sent_again_of_another_agency_or_without_a_webhook(desk: Desk, agency: AgencySystem) -> None:
    reply = a_reply()
    await desk.gets(reply)
    await desk.works()

    async with desk.database.transaction() as session:
        with pytest.raises(NotFound, match="shelbyville was told of no decision"):
            await store.send_webhook_again(session, "shelbyville", reply.decision_id, clock.now())
        with pytest.raises(NotFound):
            await store.send_webhook_again(session, "springfield", uuid4(), clock.now())
        await store.remove_webhook(session, "springfield")
        with pytest.raises(Conflict, match="has no webhook"):
            await store.send_webhook_again(session, "springfield", reply.decision_id, clock.now())
    await desk.works()

    assert len(agency.got) == 1


async def test_another_agencys_decision_is_not_told(desk: Desk, agency: AgencySystem) -> None:
    await desk.gets(a_reply(agency="shelbyville"))
    await desk.works()
    assert agency.got == []


@pytest.mark.parametrize(
    ("url", "fix"),
    [
        ("", "begin it with"),
        ("agency.example", "begin it with"),
        ("ftp://agency.example", "begin it with"),
        ("https://user:pass@agency.example", "password out"),
        ("https://:pass@agency.example", "password out"),
        ("https://", "name of a host"),
        ("https:///parvis", "name of a host"),
        ("https://:8080/parvis", "name of a host"),
        ("https://agency.example:99999/", "65535"),
        ("https://agency.example:0/", "65535"),
        ("https://agency.example:eighty/", "eighty"),
        ("https://[::1/parvis", "Invalid IPv6"),
        ("https://agency.example/par vis", "spaces"),
        (" https://agency.example/", "spaces"),
        ("https://agency.example/\n", "spaces"),
        ("https://agency.example/\x00", "spaces"),
        ("https://agency\u200b.example/", "spaces"),
        ("https://agency..example/", "correct this"),
        (f"https://{'a' * 64}.example/", "correct this"),
        ("https://agency_\u2603.example/", "correct this"),
    ],
)
async def test_an_address_that_makes_no_sense_is_refused_with_the_fix(desk: Desk, url: str, fix: str) -> None:
    async with desk.database.reading() as session:
        with pytest.raises(InvalidInput, match=rf"^url: .*{fix}") as refused:
            await store.set_webhook(session, "springfield", url, clock.now())
    assert refused.value.field == "url"


@pytest.mark.parametrize("url", ["https://agency.example", "http://[::1]:8080/a?b=c", "https://stadt-köln.example/", "http://localhost:1/"])
async def test_an_address_that_makes_sense_is_taken(desk: Desk, url: str) -> None:
    async with desk.database.transaction() as session:
        assert (await store.set_webhook(session, "springfield", url, clock.now(), HERE)).startswith("whsec_")


@pytest.mark.usefixtures("secret")
@pytest.mark.parametrize("url", ["http://[::1/", "http://agency.example:eighty/", "http://127.0.0.1:99999/", f"http://{'a' * 64}.example/"])
async def test_an_address_that_nothing_can_be_sent_to_has_failed_at_once(desk: Desk, url: str) -> None:
    async with desk.database.transaction() as session:  # as an earlier release took it
        await session.exec(update(WebhookRow).values(url=url))
    reply = a_reply()
    await desk.gets(reply)
    await desk.works(3)
    told = await desk.telling_of(reply)
    assert (told.state, told.attempts) == ("failed", 1)
    assert "set another one" in told.detail
    assert [told.outcome for told in await desk.said()] == ["delivered"]


async def test_an_address_that_only_the_client_refuses_has_failed_at_once_too(desk: Desk, tmp_path: Path) -> None:
    def refuses(_: httpx.Request) -> httpx.Response:
        raise httpx.InvalidURL("no such thing")

    async with httpx.AsyncClient(transport=httpx.MockTransport(refuses)) as client:
        strict = Desk(desk.database, client, tmp_path / "mail")
        async with desk.database.transaction() as session:
            await store.set_webhook(session, "springfield", "https://agency.example", clock.now())
        reply = a_reply()
        await strict.gets(reply)
        await strict.works(3)
    told = await desk.telling_of(reply)
    assert (told.state, told.attempts) == ("failed", 1)
    assert "no such thing" in told.detail


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names lead to, of each look-up the first that is left."""
    leads: dict[str, list[str]] = {}

    async def getaddrinfo(_: Any, host: str, port: int, **__: Any) -> list[Any]:
        addresses = leads[host].pop(0) if len(leads[host]) > 1 else leads[host][0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses.split()]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return leads


@pytest.mark.parametrize("leads_to", ["127.0.0.1", "93.184.215.14 127.0.0.1", "::ffff:127.0.0.1"])
async def test_a_name_that_leads_inside_by_the_time_of_sending_is_told_nothing(
    desk: Desk, agency: AgencySystem, names: dict[str, list[str]], leads_to: str
) -> None:
    port = agency.url.rpartition(":")[2]
    names["agency.example"] = ["93.184.215.14", leads_to]
    url = f"https://agency.example:{port}/"
    await webhook_client.must_be_open(url, PUBLIC)
    async with desk.database.transaction() as session:
        await store.set_webhook(session, "springfield", url, clock.now())
    reply = a_reply(recipient=None)
    await desk.gets(reply)
    await desk.works(4)

    assert agency.connections == 0
    delivery = await desk.telling_of(reply)
    assert (delivery.state, delivery.attempts) == ("failed", 3)
    assert "leads: " in delivery.detail
    assert [dispatched.outcome for dispatched in await desk.said()] == ["manual"]


async def test_a_name_that_leads_inside_is_refused_as_it_is_added(names: dict[str, list[str]]) -> None:
    names["agency.example"] = ["93.184.215.14 10.0.0.7"]
    with pytest.raises(
        InvalidInput, match=r"agency\.example leads elsewhere.*10\.0\.0\.7 is not a public address.*PARVIS_WEBHOOK_PRIVATE_NETS"
    ):
        await webhook_client.must_be_open("https://agency.example/", PUBLIC)
    await webhook_client.must_be_open("https://agency.example/", Reach(private_nets=(ip_network("10.0.0.0/24"),)))


async def test_the_checked_address_is_spoken_to_under_the_name(names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    names["agency.example"] = ["93.184.215.14"]
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    asked: list[httpx.Request] = []

    def answers(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(302, headers={"location": "https://elsewhere.example/"})

    transport = webhook_client.CheckedTransport(httpx.MockTransport(answers))
    async with httpx.AsyncClient(transport=transport) as client:
        assert (await client.post("https://agency.example:8443/a?b=c", content=b"{}")).status_code == 302

    [request] = asked
    assert (str(request.url), request.headers["host"]) == ("https://93.184.215.14:8443/a?b=c", "agency.example:8443")
    assert request.extensions["sni_hostname"] == "agency.example"


@pytest.mark.parametrize("url", ["http://agency.example/", "https://10.0.0.1/", "http://127.0.0.1:9/"])
async def test_a_webhook_that_an_earlier_release_took_is_told_nothing_where_it_is_closed_now(desk: Desk, url: str) -> None:
    async with desk.database.transaction() as session:
        session.add(WebhookRow(agency="springfield", url=url, secret="whsec_AAAA", created_at=clock.now()))
    reply = a_reply()
    await desk.gets(reply)
    await desk.works(2)
    delivery = await desk.telling_of(reply)
    assert (delivery.state, delivery.attempts) == ("failed", 1)
    assert "set another one" in delivery.detail


async def test_a_webhook_whose_process_was_killed_is_told_after_twenty_seconds_and_a_living_attempt_keeps_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = timedelta(0)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + moved)
    async with desk.database.transaction() as session:
        await store.set_webhook(session, "springfield", "https://agency.example/", clock.now())
    await desk.gets(a_reply())
    webhooks = desk.webhooks
    [held] = await webhooks.claim(1)
    moved = timedelta(seconds=10)
    async with desk.database.transaction() as session:
        assert await store.renew_webhook_delivery(session, held, clock.now() + lease.LEASE)
    moved = timedelta(seconds=20)
    assert await webhooks.claim(1) == []

    moved = timedelta(seconds=40)
    [again] = await webhooks.claim(1)
    assert (again.decision_id, again.attempts) == (held.decision_id, 2)
    async with desk.database.transaction() as session:
        assert not await store.renew_webhook_delivery(session, held, clock.now() + lease.LEASE)
