"""What /readyz says: whether a process can do its job now, and what it waits for."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from faststream.kafka import KafkaBroker

from services.dispatch import delivery_readiness, handlers, mail_message
from services.dispatch.mail_accounts import MailAccount, MailAccounts
from services.dispatch.mail_delivery import Deliveries, Patience
from services.dispatch.mailer import Mailer
from services.dispatch.polling_worker import Worker
from services.dispatch.rules import Delivery, Result
from services.migrations.upgrade import upgrade
from services.review.web.phrases import phrase
from services.review.web.translation import Reader, write_for
from services.runtime import process
from services.runtime.broker import kafka_broker
from services.runtime.database import Database
from services.runtime.file_store import file_store
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import Relay
from services.runtime.readiness import Check, Dependency, Readiness
from services.runtime.retry import Health
from services.runtime.settings import KafkaSettings, Settings
from tests.harness.embedded_broker import embedded
from tests.harness.waiting import until_async
from tests.service.dispatch_desk import a_reply


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:1", ephemeral=True))


async def until_it_says(reason: str | None, ready: Callable[[], Awaitable[str | None]]) -> None:
    async def says_it() -> bool:
        return await ready() == reason

    await until_async(says_it, f"it says {reason}")


async def readiness(app: Any) -> tuple[int, list[str]]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        answer = await client.get("/readyz")
    return answer.status_code, answer.json()["waiting_for"]


async def test_kafka_that_goes_away_after_the_start_makes_a_consumer_not_ready(settings: Settings) -> None:
    with embedded() as kafka:
        broker = kafka_broker("desk", settings.model_copy(update={"kafka": kafka}), Health())
        ready = process.kafka_ready(broker, Health())
        assert await ready() == "Kafka"
        await broker.start()
        await until_it_says(None, ready)
    await until_it_says("Kafka", ready)
    await broker.stop()


async def test_many_looks_at_once_ask_kafka_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts: list[float] = []

    async def ping(_: KafkaBroker, timeout: float) -> bool:  # noqa: ASYNC109 - FastStream's
        timeouts.append(timeout)
        return True

    answers = process.KafkaAnswers(kafka_broker("desk", settings, Health()))
    monkeypatch.setattr(KafkaBroker, "ping", ping)
    assert await asyncio.gather(*(answers.now() for _ in range(50))) == [True] * 50
    assert len(timeouts) == 1


@pytest.fixture
async def service_of(settings: Settings) -> AsyncIterator[Callable[[str], Any]]:
    """Makes a service's application, and closes its database."""
    applications: list[Any] = []

    def make(service: str) -> Any:
        applications.append(import_module(f"services.{service}.app").create(settings))
        return applications[-1]

    yield make
    for app in applications:
        if hasattr(app.state, "database"):
            await app.state.database.close()


@pytest.mark.parametrize(("service", "status"), [("intake", 200), ("review", 200), ("triage", 503), ("drafting", 503), ("dispatch", 503)])
async def test_without_kafka_each_says_so_and_only_those_are_ready_that_can_work(
    settings: Settings, service_of: Callable[[str], Any], service: str, status: int
) -> None:
    upgrade(settings.database)

    assert await readiness(service_of(service)) == (status, ["Kafka"])


@pytest.mark.parametrize("service", ["intake", "review", "dispatch"])
async def test_without_its_tables_a_service_is_not_ready_and_says_what_to_run(
    settings: Settings, service_of: Callable[[str], Any], service: str
) -> None:
    app = service_of(service)

    status, waiting_for = await readiness(app)
    assert status == 503
    assert any("run `parvis db upgrade`" in reason for reason in waiting_for)

    upgrade(settings.database)
    assert not any("tables" in reason for reason in (await readiness(app))[1])


async def test_a_column_of_a_later_release_is_missed_and_one_more_than_needed_is_not(settings: Settings) -> None:
    upgrade(settings.database)
    database = Database(settings.database)
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("alter table dispatch_webhooks add column colour text"))
    assert await process.database_ready(database)() is None

    async with database.engine.begin() as connection:
        await connection.execute(sa.text("alter table dispatch_webhooks drop column loopback"))
    reason = await process.database_ready(database)()
    assert reason
    assert "dispatch_webhooks.loopback" in reason
    await database.close()


async def test_a_server_that_hangs_is_named_before_whoever_asked_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.runtime.readiness.ASK_SECONDS", 0.05)

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def well() -> None:
        """Nothing is wrong."""

    answer = await Readiness("dispatch", [Check("database", hangs), Check("kafka", well)]).now()

    assert answer.status == "waiting"
    assert answer.waiting_for == ["the database, which did not answer within 0.05 s"]


WAITED_FOR: dict[Dependency, tuple[str, str]] = {
    "kafka": ("Kafka", "Kafka"),
    "database": ("the database", "la base de données"),
    "model": ("the model's endpoint", "le point d’accès du modèle"),
    "mail server": ("the mail server", "le serveur de courriel"),
    "webhooks": ("an agency's webhook", "le webhook d’un organisme"),
    "mailbox": ("an agency's mailbox", "la boîte aux lettres d’un organisme"),
}
"""What each dependency is called in a sentence, in English and in French."""


@pytest.mark.parametrize("dependency", get_args(Dependency))
async def test_whatever_does_not_answer_is_named_in_words_and_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, dependency: Dependency
) -> None:
    monkeypatch.setattr("services.runtime.readiness.ASK_SECONDS", 0.01)

    async def hangs() -> None:
        await asyncio.Event().wait()

    async def breaks() -> None:
        raise KeyError(dependency)

    answer = await Readiness("dispatch", [Check(dependency, hangs), Check(dependency, breaks)]).now()

    english, french = WAITED_FOR[dependency]
    assert answer.waiting_for == [
        f"{english}, which did not answer within 0.01 s",
        f"{english}, of which nothing can be told now (KeyError)",
    ]
    write_for(Reader("fr"))
    try:
        # As operations says it of a service.
        assert [phrase(f"dispatch waits for {reason}") for reason in answer.waiting_for] == [
            f"dispatch attend {french}, qui n’a pas répondu en 0.01 s",
            f"dispatch attend {french}, dont on ne sait rien à présent (KeyError)",
        ]
    finally:
        write_for(Reader())


class MovingMailer(Mailer):
    """A mail server that changes its mind."""

    channel = "smtp"
    result = Result("later", "451 try again, ana@example.org")

    async def send(self, decision_id: UUID, mail: Any, about_to_transmit: Any) -> Result:  # noqa: ARG002
        return self.result


async def test_a_mail_server_that_refuses_is_told_without_its_words_until_it_takes_one(settings: Settings) -> None:
    upgrade(settings.database)
    database = Database(settings.database)

    async def nowhere(_: Outgoing) -> None:
        pass

    mailer = MovingMailer()
    patience = Patience(5, timedelta(0))
    sender = mail_message.Sender("City Hall", "no-reply@city.example")
    deliveries = Deliveries(
        database,
        Relay(database, "dispatch", nowhere),
        MailAccounts(MailAccount(sender, mailer), {}),
        patience,
        Health(),
        lambda: file_store("", Path(tempfile.gettempdir())),
    )
    mail_ready = delivery_readiness.ready(database, "reply")
    worker: Worker[Delivery] = Worker(deliveries.claim, deliveries.deliver, at_once=1)
    await handlers.on_reply_decided(a_reply(), database, worker.wake)
    [delivery] = await deliveries.claim(1)

    await deliveries.deliver(delivery)
    reason = await mail_ready()
    assert reason
    assert reason.startswith("the mail server")
    assert "@" not in reason

    mailer.result = Result("failed", "550 no")
    [delivery] = await deliveries.claim(1)
    await deliveries.deliver(delivery)
    assert await mail_ready() is None
    await database.close()
