"""Requests that come by Kafka itself: from whom they say, and each id for one content."""

import base64
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from faststream.kafka import KafkaBroker, TestKafkaBroker
from pydantic import SecretStr
from sqlmodel import SQLModel

from schemas import drafts_proposed, replies_dispatched, requests_received, requests_triaged
from services.domain import agency_signing_key, redacted_content_hash, taxonomy
from services.local import agency_provisioning
from services.review import handlers
from services.review.cases import store
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.ops import store as ops
from services.runtime import clock, record_signing
from services.runtime.broker import kafka_broker
from services.runtime.database import Database
from services.runtime.errors import NotFound
from services.runtime.kafka_records import Outgoing
from services.runtime.record_signing import DatabaseSeal
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests import case_builders
from tests.builders import a_request

TOPIC = requests_received.TOPIC


class Review:
    """Review with Kafka in memory, and what it makes of records."""

    def __init__(self, broker: KafkaBroker, commands: CaseCommands) -> None:
        self.broker = broker
        self.database = commands.database
        self.commands = commands

    async def adds(self, agency: str, *, signs: bool | None = None) -> str:
        async with self.database.transaction() as session:
            return await agency_provisioning.add(session, agency, agency, clock.now(), signs=signs)

    async def revokes(self, agency: str, key: str | None = None) -> None:
        async with self.database.transaction() as session:
            await agency_provisioning.revoke(session, agency, clock.now(), prefix=key)

    async def gets(self, request: dict[str, Any], **headers: str) -> None:
        await self.broker.publish(json.dumps(request).encode(), topic=TOPIC, key=request["request_id"].encode(), headers=headers)

    async def case(self, request: dict[str, Any]) -> Case | None:
        async with self.database.reading() as session:
            try:
                return await store.look(session, UUID(request["request_id"]))
            except NotFound:
                return None

    async def letters(self) -> list[tuple[str, str]]:
        """The refused bodies, and why."""
        async with self.database.reading() as session:
            letters = [record.letter for record in await ops.letters(session)]
        return [(json.loads(base64.b64decode(letter.value or "")).get("body", ""), letter.error_type) for letter in letters]


@pytest.fixture
async def review(tmp_path: Path) -> AsyncIterator[Review]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'parvis.db'}")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    settings = Settings(data_dir=tmp_path, database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    seal, health = DatabaseSeal(database, handlers.GUARDED), Health()
    broker = kafka_broker("review", settings, health, seal)
    broker.include_router(handlers.route)
    commands = CaseCommands(database, taxonomy.load(), settings)
    broker.context.set_global("transactions", handlers.transactions(commands, health, broker, seal))
    async with TestKafkaBroker(broker):
        yield Review(broker, commands)
    await database.close()


async def test_the_same_id_with_the_same_content_is_one_request(review: Review) -> None:
    await review.adds("belrive")
    request = a_request()
    await review.gets(request)
    await review.gets(request | {"received_at": "2026-03-02T09:00:00+01:00"})
    assert await review.case(request)
    assert await review.letters() == []


async def test_the_same_id_with_other_content_is_a_conflict_that_waits_for_somebody(review: Review) -> None:
    await review.adds("belrive")
    request = a_request(body="The lamp is out")
    await review.gets(request)
    await review.gets(request | {"body": "The bin is full"})
    case = await review.case(request)
    assert case
    assert case.request
    assert case.request.body == "The lamp is out"
    assert await review.letters() == [("The bin is full", "ContentDiffers")]


@pytest.mark.parametrize(
    "change", [{"citizen": {"email": "other@example.org"}}, {"channel": "phone"}, {"subject": "Bins"}, {"metadata": {"a": "b"}}]
)
async def test_whatever_differs_is_a_conflict(review: Review, change: dict[str, Any]) -> None:
    await review.adds("belrive")
    request = a_request()
    await review.gets(request)
    await review.gets(request | change)
    assert [kind for _, kind in await review.letters()] == ["ContentDiffers"]


async def test_another_agencys_request_of_the_same_id_is_a_conflict_and_neither_vanishes(review: Review) -> None:
    await review.adds("alpha")
    await review.adds("beta")
    request = a_request(agency="beta", body="The lamp is out")
    await review.gets(request)
    await review.gets(request | {"agency": "alpha", "body": "The bin is full"})
    case = await review.case(request)
    assert case
    assert case.agency == "beta"
    assert await review.letters() == [("The bin is full", "IdTaken")]


async def test_what_was_sorted_for_the_refused_request_is_never_shown_beside_the_first(review: Review) -> None:
    await review.adds("alpha")
    await review.adds("beta")
    request = a_request(agency="alpha", subject=None, body="The lamp is out. Ines Marlow")
    theirs = case_builders.triaged(request_id=UUID(request["request_id"]), agency="beta", redacted={"body": "The bin of [NAME_1] is full"})
    draft = case_builders.drafted(
        request_id=UUID(request["request_id"]),
        draft_id=uuid4(),
        body="The bin will be emptied.",
        basis=redacted_content_hash.basis_of(theirs),
    )
    ours = case_builders.triaged(request_id=UUID(request["request_id"]), agency="alpha")

    await review.broker.publish(theirs, topic=requests_triaged.TOPIC)
    await review.broker.publish(draft, topic=drafts_proposed.TOPIC)
    await review.gets(request)
    early = await review.case(request)
    await review.broker.publish(theirs, topic=requests_triaged.TOPIC)
    await review.broker.publish(ours, topic=requests_triaged.TOPIC)
    await review.broker.publish(draft, topic=drafts_proposed.TOPIC)

    assert early
    assert (early.triage, early.draft, early.category) == (None, None, None)
    case = await review.case(request)
    assert case
    assert (case.triage, case.draft) == (ours, None)
    async with review.database.reading() as session:
        assert await store.drafts_of(session, case.request_id) == []


async def test_an_unknown_agency_is_refused_with_the_reason_and_its_record_is_kept(review: Review) -> None:
    request = a_request(agency="nobody-knows", body="The lamp is out")
    await review.gets(request)
    assert await review.case(request) is None
    assert await review.letters() == [("The lamp is out", "AgencyUnknown")]


async def test_a_revoked_agency_is_refused_until_it_gets_a_key_again(review: Review) -> None:
    await review.adds("belrive")
    await review.revokes("belrive")
    await review.gets(a_request(body="too late"))
    await review.adds("belrive")
    again = a_request()
    await review.gets(again)
    assert await review.letters() == [("too late", "AgencyRevoked")]
    assert await review.case(again)


async def test_one_key_of_two_revoked_leaves_the_agency_in(review: Review) -> None:
    first, second = await review.adds("belrive"), await review.adds("belrive")
    await review.revokes("belrive", first)
    request, signed_by_first = a_request(), a_request(body="by the first")
    await review.gets(request, **signature(request, second))
    await review.gets(signed_by_first, **signature(signed_by_first, first))
    assert await review.case(request)
    assert await review.letters() == [("by the first", "WrongSignature")]


def signature(request: dict[str, Any], key: str) -> dict[str, str]:
    """As docs/agencies.md tells any client to do it."""
    return {agency_signing_key.HEADER: agency_signing_key.sign(agency_signing_key.signing_key(key), json.dumps(request).encode())}


async def test_an_agency_that_signs_is_refused_without_its_signature_and_with_another_agencys(review: Review) -> None:
    key, others = await review.adds("belrive", signs=True), await review.adds("beta")
    unsigned, forged, changed, good = (a_request(body=body) for body in ("unsigned", "forged", "changed", "good"))
    await review.gets(unsigned)
    await review.gets(forged, **signature(forged, others))
    await review.gets(changed | {"body": "other words"}, **signature(changed, key))
    await review.gets(good, **signature(good, key))
    assert sorted(await review.letters()) == [("forged", "WrongSignature"), ("other words", "WrongSignature"), ("unsigned", "NotSigned")]
    assert await review.case(good)


async def test_where_the_broker_knows_its_users_every_agency_signs() -> None:
    assert KafkaSettings(security_protocol="SASL_SSL").all_sign
    assert not KafkaSettings(security_protocol="SASL_SSL", signed_requests=False).all_sign
    assert not KafkaSettings().all_sign


async def test_what_intake_took_by_http_is_worked_on_though_the_key_was_revoked_since(review: Review) -> None:
    await review.adds("belrive")
    await review.revokes("belrive")
    request = a_request()
    record = Outgoing(TOPIC, request["request_id"].encode(), json.dumps(request).encode())
    async with review.database.transaction() as session:
        vouched = await record_signing.headers_for(session, record)
    await review.gets(request, **vouched)
    assert await review.case(request)


async def test_a_service_signature_of_another_record_vouches_for_nothing(review: Review) -> None:
    request, other = a_request(agency="nobody-knows"), a_request(agency="nobody-knows")
    async with review.database.transaction() as session:
        vouched = await record_signing.headers_for(session, Outgoing(TOPIC, other["request_id"].encode(), json.dumps(other).encode()))
    await review.gets(request, **vouched)
    assert await review.case(request) is None


async def test_a_delivery_that_dispatch_never_spoke_of_changes_no_case(review: Review) -> None:
    await review.adds("belrive")
    request = a_request()
    await review.gets(request)
    forged = {"request_id": request["request_id"], "decision_id": str(uuid4()), "outcome": "delivered", "channel": "smtp", "attempts": 1}
    before = await review.case(request)
    await review.broker.publish(json.dumps(forged).encode(), topic=replies_dispatched.TOPIC, key=request["request_id"].encode())
    assert await review.case(request) == before
    async with review.database.reading() as session:
        [letter] = await ops.letters(session)
        assert await store.deliveries_of(session, UUID(request["request_id"])) == []
    assert letter.letter.error_type == "NotVouchedFor"
