"""Keys of agencies: what each is for, until when, and how one takes another's place without a gap."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlmodel import select
from typer.testing import CliRunner, Result

from services.cli import context
from services.cli.main import app as command
from services.dispatch import store as dispatch
from services.domain import agency_signing_key
from services.domain.agency_keys import SHOWN, Key, KeyTerms
from services.intake import api_keys, app
from services.intake.tables import JournalRow
from services.local import agency_provisioning
from services.migrations.upgrade import upgrade
from services.review.agencies import rules
from services.review.agencies import store as agencies
from services.review.audit import store as audit
from services.runtime import clock
from services.runtime.database import Database
from services.runtime.errors import ParvisError, Refused
from services.runtime.settings import KafkaSettings, Settings
from tests.builders import a_request

REQUEST = {"channel": "web", "body": "The lamp in front of number 12 is out."}
REPORT = {"service_code": "street_lighting", "address_string": "12 Elm Street", "description": "The lamp is out."}


class City:
    """An installation with one agency, whose clock can be moved."""

    def __init__(self, intake: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
        self.intake = intake
        self.database: Database = intake.state.database
        self._moved = timedelta()
        real = clock.now
        monkeypatch.setattr(clock, "now", lambda: real() + self._moved)

    def waits(self, days: float) -> None:
        self._moved += timedelta(days=days)

    async def issues(self, *scopes: str, days: int | None = None, agency: str = "belrive") -> str:
        async with self.database.transaction() as session:
            now = clock.now()
            return await agency_provisioning.add(session, agency, agency, now, terms=rules.key_terms("", scopes, days, now))

    async def sends(self, key: str, method: str, path: str, **sent: object) -> httpx.Response:
        transport = httpx.ASGITransport(self.intake)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://localhost", headers={"Authorization": f"Bearer {key}"}
        ) as client:
            return await client.request(method, path, **sent)  # type: ignore[arg-type]

    async def does(self, key: str) -> tuple[int, int]:
        """What a program with the key is answered that hands over a request, and that lists them."""
        posted = await self.sends(key, "POST", "/v1/requests", json=REQUEST)
        return posted.status_code, (await self.sends(key, "GET", "/v1/requests")).status_code

    async def admits(self, key: str) -> bool:
        """Whether a record that was signed with the key is taken from Kafka."""
        value = json.dumps(a_request(agency="belrive")).encode()
        signature = agency_signing_key.sign(agency_signing_key.signing_key(key), value)
        async with self.database.reading() as session:
            standing = await agencies.standing(session, "belrive", clock.now())
        try:
            rules.admit(standing, value, signature, all_sign=True)
        except rules.WrongSignature:
            return False
        return True

    async def takes_unsigned(self) -> bool:
        """Whether a record in its name without a signature is taken from Kafka, where agencies need not sign."""
        async with self.database.reading() as session:
            standing = await agencies.standing(session, "belrive", clock.now())
        try:
            rules.admit(standing, b"{}", None, all_sign=False)
        except Refused:
            return False
        return True

    async def requests(self) -> int:
        async with self.database.reading() as session:
            return len((await session.exec(select(JournalRow))).all())

    async def keys(self) -> list[Key]:
        async with self.database.reading() as session:
            return list(await api_keys.good(session, clock.now()))


@pytest.fixture
async def city(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    settings = Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:1"))
    upgrade(settings.database)
    intake = app.create(settings.model_copy(update={"database_url": SecretStr(settings.database)}))
    yield City(intake, monkeypatch)
    await intake.state.database.close()


async def test_a_key_for_one_thing_is_refused_the_other_and_says_so(city: City) -> None:
    sender, reader, both = await city.issues("send"), await city.issues("read"), await city.issues("send", "read")

    assert [await city.does(key) for key in (sender, reader, both)] == [(202, 403), (403, 200), (202, 200)]
    assert await city.requests() == 2
    refused = (await city.sends(reader, "POST", "/v1/requests", json=REQUEST)).json()
    assert refused["title"] == "The key is not for this"
    assert "for read alone, and this needs send" in refused["detail"]
    batch = await city.sends(reader, "POST", "/v1/requests/batch", content=json.dumps(REQUEST))
    [status] = [(await city.sends(sender, "GET", f"/v1/requests/{key}")).status_code for key in ("00000000-0000-4000-8000-000000000001",)]
    assert (batch.status_code, status, await city.requests()) == (403, 403, 2)


async def test_open311_asks_for_the_same(city: City) -> None:
    sender, reader = await city.issues("send"), await city.issues("read")

    posted = [(await city.sends(key, "POST", "/open311/v2/requests.json", data=REPORT)).status_code for key in (sender, reader)]
    listed = [(await city.sends(key, "GET", "/open311/v2/requests.json")).status_code for key in (sender, reader)]
    in_the_form = await city.sends("", "POST", "/open311/v2/requests.json", data=REPORT | {"api_key": reader})

    assert (posted, listed, in_the_form.status_code) == ([200, 403], [403, 200], 403)
    assert await city.requests() == 1


async def test_a_key_that_may_not_send_signs_nothing_on_kafka(city: City) -> None:
    sender, reader = await city.issues("send"), await city.issues("read")
    await city.does(reader)

    assert [await city.admits(key) for key in (sender, reader)] == [True, False]


async def test_an_agency_that_may_only_read_is_refused_on_kafka_signed_or_not(city: City) -> None:
    await city.issues("read")
    assert not await city.takes_unsigned()

    sender = await city.issues("send")
    assert await city.takes_unsigned()
    async with city.database.transaction() as session:
        await agency_provisioning.revoke(session, "belrive", clock.now(), prefix=sender)

    assert not await city.takes_unsigned()
    assert len(await city.keys()) == 1


async def test_a_key_ends_on_its_day_by_http_and_on_kafka(city: City) -> None:
    lasting, short = await city.issues(), await city.issues(days=30)
    city.waits(days=29)
    assert (await city.does(short), await city.admits(short)) == ((202, 200), True)

    city.waits(days=2)

    assert (await city.does(short), await city.admits(short)) == ((401, 401), False)
    assert (await city.does(lasting), await city.admits(lasting)) == ((202, 200), True)
    assert [key.prefix for key in await city.keys()] == [lasting[:SHOWN]]


async def test_the_last_day_of_use_tells_whether_a_key_is_still_needed(city: City) -> None:
    used = await city.issues()
    await city.issues()
    await city.does(used)
    city.waits(days=3)
    await city.does(used)
    await city.does(used)

    assert {key.prefix: key.used_on for key in await city.keys()} == {
        used[:SHOWN]: clock.now().date(),
        next(key.prefix for key in await city.keys() if key.prefix != used[:SHOWN]): None,
    }


async def test_the_last_key_takes_the_webhook_with_it(city: City) -> None:
    keys = [await city.issues(), await city.issues()]
    await city.issues(agency="springfield")
    async with city.database.transaction() as session:
        for agency in ("belrive", "springfield"):
            await dispatch.set_webhook(session, agency, "https://belrive.example/replies", clock.now())

    webhooks = []
    for key in keys:
        async with city.database.transaction() as session:
            await agency_provisioning.revoke(session, "belrive", clock.now(), prefix=key)
            webhooks.append([await dispatch.webhook_of(session, agency) is not None for agency in ("belrive", "springfield")])

    assert webhooks == [[True, True], [False, True]]


class Commands:
    """`parvis`, on the city of a data directory."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(command, words, env={"LOGNAME": "otto"})

    def secret(self, *words: str) -> str:
        result = self(*words)
        assert result.exit_code == 0, result.output
        return result.stdout.strip()

    def error(self, *words: str) -> str:
        result = self(*words)
        assert isinstance(result.exception, ParvisError), result.output
        return result.exception.detail

    def keys(self) -> dict[str, KeyTerms]:
        keys = context.in_transaction(self.settings, lambda session: api_keys.good(session, clock.now()))
        return {key.prefix: key.terms for key in keys}

    def logged(self) -> audit.Entry:
        [(_, entry)] = context.in_transaction(self.settings, lambda session: audit.page(session, actor=None, before=None, limit=1))
        return entry


@pytest.fixture
def parvis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commands:
    monkeypatch.setenv("PARVIS_DATA_DIR", str(tmp_path))
    return Commands(Settings())


def test_a_key_takes_another_s_place_while_both_are_good(parvis: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    former = parvis.secret("agencies", "add", "belrive", "--scope", "send", "--label", "web form")

    new = parvis.secret("agencies", "rotate", "belrive", "--days", "3")

    both = parvis.keys()
    assert list(both) == [former[:11], new[:11]]
    assert {(limits.label, limits.scopes) for limits in both.values()} == {("web form", ("send",))}
    assert both[new[:11]].expires_at is None
    entry = parvis.logged()
    assert (entry.action, entry.detail["key"], entry.detail["former"]) == ("agency key replaced", new[:11], former[:11])
    listed = parvis("agencies", "list").stdout
    assert [line.split()[2][:11] for line in listed.splitlines() if "belrive" in line] == sorted([former[:11], new[:11]])
    assert listed.count("web form") == 2
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=4))
    assert list(parvis.keys()) == [new[:11]]


def test_what_can_t_be_replaced_is_named(parvis: Commands) -> None:
    first, second = (parvis.secret("agencies", "add", "belrive") for _ in range(2))

    assert f"say which, {first[:11]}, {second[:11]}" in parvis.error("agencies", "rotate", "belrive")
    parvis.secret("agencies", "rotate", "belrive", "--key", second[:11])
    assert "ends anyway" in parvis.error("agencies", "rotate", "belrive", "--key", second[:11])
    assert "no agency atlantis" in parvis.error("agencies", "rotate", "atlantis")
    parvis.secret("agencies", "add", "springfield")
    assert "no key of springfield" in parvis.error("agencies", "rotate", "springfield", "--key", first[:11])


@pytest.mark.parametrize(("words", "named"), [(("--days", "0"), "--days"), (("--scope", "write"), "--scope")])
def test_terms_that_are_none_are_named(parvis: Commands, words: tuple[str, str], named: str) -> None:
    refused = parvis("agencies", "add", "belrive", *words)
    assert refused.exit_code == 2
    assert named in refused.output
    assert parvis.keys() == {}
