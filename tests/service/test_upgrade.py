"""From the former release to this one: nothing is lost, and what it left is worked on."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr
from sqlmodel import select

from schemas.requests_received import TOPIC
from services.domain import agency_signing_key
from services.domain.agency_keys import Key
from services.intake import api_keys, app
from services.migrations.upgrade import upgrade
from services.review.agencies import rules
from services.review.agencies import store as agencies
from services.runtime import clock, record_signing
from services.runtime.database import Database, Session
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import OutboxRow, Relay
from services.runtime.settings import KafkaSettings, Settings
from tests.builders import a_request
from tests.former_release import API_KEY, fill, is_good_after_the_upgrade


async def test_a_database_of_the_former_release_with_rows_in_every_table_works_after_the_upgrade(tmp_path: Path) -> None:
    await is_good_after_the_upgrade(f"sqlite+aiosqlite:///{tmp_path / 'former.db'}")


async def test_what_waits_in_the_outbox_without_a_signature_leaves_with_one_and_others_leave_as_they_are(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    upgrade(url)
    database = Database(url)
    sent: list[Outgoing] = []

    async def send(record: Outgoing) -> None:
        sent.append(record)

    async with database.transaction() as session:
        for headers in ({"ce_id": "1"}, {"ce_id": "2", record_signing.HEADER: "v1,its own"}):
            row = {"service": "intake", "topic": TOPIC, "key": "k", "value": "{}", "headers": headers, "available_at": clock.now()}
            session.add(OutboxRow.model_validate(row))
    assert await Relay(database, "intake", send).send_due() == 2

    async with database.reading() as session:
        assert (await session.exec(select(OutboxRow))).all() == []
        [signed] = (await record_signing.headers_for(session, Outgoing(TOPIC, b"k", b"{}"))).values()
    assert [record.headers for record in sent] == [
        {"ce_id": "1", record_signing.HEADER: signed},
        {"ce_id": "2", record_signing.HEADER: "v1,its own"},
    ]
    await database.close()


async def test_a_key_of_the_former_release_signs_records_on_kafka_once_it_was_used_over_http(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'former.db'}"
    fill(url)
    upgrade(url)
    intake = app.create(Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    database: Database = intake.state.database
    value = json.dumps(a_request(agency="belrive")).encode()
    signature = agency_signing_key.sign(agency_signing_key.signing_key(API_KEY), value)

    async def admits() -> None:
        async with database.reading() as session:
            rules.admit(await agencies.standing(session, "belrive", clock.now()), value, signature, all_sign=True)

    with pytest.raises(rules.WrongSignature):
        await admits()
    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://127.0.0.1", headers=headers) as agency:
        for _ in range(2):
            assert (await agency.get(f"/v1/requests/{uuid4()}")).status_code == 404
        await admits()
        async with database.transaction() as session:
            await agencies.revoke(session, "belrive", clock.now(), prefix=API_KEY[:11], agency_too=False)
        await agency.get(f"/v1/requests/{UUID(int=1)}")
    with pytest.raises(rules.WrongSignature):
        await admits()
    await database.close()


async def test_a_key_that_is_revoked_while_it_is_first_used_signs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'former.db'}"
    fill(url)
    upgrade(url)
    intake = app.create(Settings(data_dir=tmp_path, database_url=SecretStr(url), kafka=KafkaSettings(bootstrap="127.0.0.1:1")))
    database: Database = intake.state.database
    value = json.dumps(a_request(agency="belrive")).encode()
    signature = agency_signing_key.sign(agency_signing_key.signing_key(API_KEY), value)
    key_of, revoked = api_keys.key_of, False

    async def is_good_for_the_last_time(session: Session, token: str, now: datetime, **options: bool) -> Key | None:
        nonlocal revoked
        key = await key_of(session, token, now, **options)
        if not revoked:
            async with database.transaction() as other:
                await api_keys.revoke(other, "belrive", clock.now(), prefix=API_KEY)
                await agencies.revoke(other, "belrive", clock.now(), prefix=API_KEY[:11], agency_too=False)
            revoked = True
        return key

    monkeypatch.setattr(api_keys, "key_of", is_good_for_the_last_time)
    headers = {"Authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(intake), base_url="http://127.0.0.1", headers=headers) as agency:
        assert [(await agency.get(f"/v1/requests/{uuid4()}")).status_code for _ in range(2)] == [404, 401]
    async with database.reading() as session:
        with pytest.raises(rules.WrongSignature):
            rules.admit(await agencies.standing(session, "belrive", clock.now()), value, signature, all_sign=True)
    await database.close()
