"""A database as the release before signed records left it, with a row in every table, and what has to be true of it after an upgrade."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

import sqlalchemy as sa
from alembic import command
from pydantic import SecretStr

from schemas import replies_decided
from schemas.dead_letters import DeadLetter
from schemas.replies_decided import ReplyDecided
from schemas.replies_dispatched import ReplyDispatched
from schemas.values import Urgency
from services.domain import taxonomy
from services.migrations.upgrade import config, upgrade
from services.review.cases.commands import CaseCommands
from services.runtime import record_signing
from services.runtime.database import Database
from services.runtime.kafka_records import Outgoing
from services.runtime.outbox import Relay
from services.runtime.settings import KafkaSettings, Settings
from tests.case_builders import drafted, received, triaged

REVISION = "0005"
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
API_KEY = "pk_of_the_former_release"
DECISION = UUID("22222222-2222-4222-8222-222222222222")


def _id(name: str) -> UUID:
    return uuid5(DECISION, name)


def _event(value: Any) -> dict[str, Any]:
    dumped: dict[str, Any] = value.model_dump(mode="json", exclude_none=True)
    return dumped


def _case(name: str, state: str, urgency: str, **values: Any) -> dict[str, Any]:
    return {
        "request_id": _id(name),
        "state": state,
        "version": 3,
        "agency": "belrive",
        "title": "Street lamp",
        "search": "street lamp",
        "urgency": urgency,
        "urgency_rank": 0 if urgency == "emergency" else 2,
        "language": "en",
        "sorted_by_person": False,
        "whole": True,
        "revision": 1,
        "request": _event(received(request_id=str(_id(name)))),
        "triage": _event(triaged(request_id=_id(name), urgency=Urgency.NORMAL)),
        "trace": {},
        "nudges": 0,
    } | values


def _decision() -> ReplyDecided:
    return ReplyDecided(
        request_id=_id("approved"),
        decision_id=DECISION,
        decision="approved",
        decided_by="anna@city.example",
        decided_at=AT,
        agency="belrive",
        subject="Your lamp",
        body="It will be mended.",
        recipient={"email": "ines@example.org"},
    )


def rows() -> list[tuple[str, dict[str, Any]]]:
    """By table, in an order that foreign keys allow."""
    decision, draft = _decision(), drafted(request_id=_id("decide"))
    dispatched = ReplyDispatched(request_id=_id("sent"), decision_id=_id("sent"), outcome="delivered", channel="smtp", attempts=1)
    letter = DeadLetter(
        letter_id=_id("letter"),
        service="triage",
        topic="parvis.requests.received.v1",
        partition=0,
        offset=4,
        key=None,
        headers=[],
        value=None,
        error_type="InvalidRecord",
        error_message="there is no value",
        attempts=1,
        first_failed_at=AT,
        last_failed_at=AT,
    )
    emergency = _event(triaged(request_id=_id("seen"), urgency=Urgency.EMERGENCY))
    return [
        ("intake_agencies", {"slug": "belrive", "name": "Belrive"}),
        ("intake_agencies", {"slug": "gone", "name": "Gone"}),
        ("intake_api_keys", {"id": _id("key"), "agency": "belrive", "prefix": API_KEY[:11], "hash": _hash(API_KEY)}),
        ("intake_api_keys", {"id": _id("old"), "agency": "gone", "prefix": "pk_gone", "hash": _hash("pk_gone"), "revoked_at": AT}),
        ("intake_idempotency", {"agency": "belrive", "key": "k", "request_id": _id("decide"), "digest": "d"}),
        (
            "intake_journal",
            {
                "request_id": _id("decide"),
                "agency": "belrive",
                "event": json.dumps(_event(received(request_id=str(_id("decide"))))),
                "content": "c",
                "trace": {},
                "publishes": 1,
            },
        ),
        ("intake_status", {"request_id": _id("decide"), "agency": "belrive", "state": "triaged"}),
        ("intake_status", {"request_id": _id("sent"), "agency": "belrive", "state": "sent", "decision_id": _id("sent")}),
        ("review_people", _person("anna@city.example")),
        ("review_sessions", {"token_hash": "s", "email": "anna@city.example", "csrf": "c", "expires_at": AT}),
        ("review_tokens", {"token_hash": "t", "email": "anna@city.example"}),
        ("review_cases", _case("decide", "awaiting_approval", "normal", draft=_event(draft))),
        ("review_cases", _case("approved", "approved", "normal", decision=_event(decision), nudge_at=AT)),
        ("review_cases", _case("sent", "sent", "normal")),
        ("review_cases", _case("raised", "awaiting_approval", "emergency", sorted_by_person=True)),
        ("review_cases", _case("unsorted", "needs_triage", "emergency", triage=None)),
        ("review_cases", _case("seen", "awaiting_approval", "emergency", triage=emergency)),
        ("review_drafts", {"draft_id": draft.draft_id, "request_id": _id("decide"), "revision": 1, "event": _event(draft)}),
        (
            "review_edits",
            {"request_id": _id("decide"), "email": "anna@city.example", "draft_id": draft.draft_id, "subject": "", "body": "x"},
        ),
        ("review_decisions", {"decision_id": DECISION, "request_id": _id("approved"), "event": _event(decision)}),
        ("review_deliveries", {"decision_id": _id("sent"), "outcome": "delivered", "request_id": _id("sent"), "event": _event(dispatched)}),
        (
            "review_dead_letters",
            {
                "letter_id": letter.letter_id,
                "topic": letter.topic,
                "services": ["triage"],
                "error_type": letter.error_type,
                "error_message": letter.error_message,
                "state": "waiting",
                "replays": 0,
                "event": _event(letter),
            },
        ),
        ("review_audit", {"actor": "anna@city.example", "action": "approve", "request_id": _id("approved"), "detail": {}}),
        (
            "review_training_rows",
            {"request_id": _id("sent"), "verdict": "accepted", "agency": "belrive", "language": "en", "channel": "web"}
            | {"text": "lamp", "said": "bins", "category": "street_lighting", "decided_by": "sam@city.example", "note": ""},
        ),
        ("review_fingerprints", {"number": 1, "request_id": _id("sent"), "fingerprint": "00" * 16}),
        ("review_fingerprint_bands", {"value": 7, "number": 1}),
        ("broker_lives", {"service": "review", "life": "1"}),
        (
            "dispatch_deliveries",
            {"decision_id": _id("sent"), "request_id": _id("sent"), "agency": "belrive", "event": "{}", "trace": {}, "state": "delivered"}
            | {"channel": "smtp", "attempts": 1, "detail": "", "message_id": "m"},
        ),
        *(("dispatch_webhooks", {"agency": agency, "url": url, "secret": "whsec_x"}) for agency, (url, _) in WEBHOOKS.items()),
        (
            "dispatch_webhook_deliveries",
            {"decision_id": _id("sent"), "request_id": _id("sent"), "agency": "belrive", "payload": "{}", "trace": {}, "state": "delivered"}
            | {"attempts": 1, "detail": ""},
        ),
        (
            "outbox",
            {"service": "review", "reference": str(_id("leaving")), "topic": replies_decided.TOPIC, "key": str(_id("decide"))}
            | {"value": json.dumps(_event(decision.model_copy(update={"decision_id": _id("leaving")}))), "headers": {"ce_id": "1"}},
        ),
    ]


WEBHOOKS = {
    "a": ("http://localhost:8080/hook", True),
    "b": ("http://127.0.0.1/hook", True),
    "c": ("https://[::1]:8443/hook", True),
    "d": ("http://hooks.localhost./", True),
    "e": ("https://localhost.city.example/hook", False),
    "f": ("https://city.example/hook?to=127.0.0.1", False),
}
"""By agency: the address, and whether it leads to this machine."""


def _person(email: str) -> dict[str, Any]:
    rest = {"role": "caseworker", "departments": [], "password_hash": "x", "active": True, "failed_sign_ins": 2, "locked_until": AT}
    return {"email": email, "name": "Anna"} | rest


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


MOMENTS = frozenset(
    {"created_at", "updated_at", "received_at", "accepted_at", "decided_at", "told_at", "proposed_at", "saved_at", "at"}
    | {"first_failed_at", "last_failed_at", "available_at"}
)


def fill(url: str) -> None:
    """Makes the tables of that release, and a row or more in each."""
    command.upgrade(config(url), REVISION)
    engine = sa.create_engine(url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        tables = sa.MetaData()
        tables.reflect(connection)
        for name, values in rows():
            table = tables.tables[name]
            moments = {column.name: AT for column in table.columns if column.name in MOMENTS and not column.nullable}
            connection.execute(_typed(table).insert().values(**moments | values))
        numbers = {table.name: connection.scalar(sa.select(sa.func.count()).select_from(table)) for table in tables.sorted_tables}
        del numbers["alembic_version"]
    engine.dispose()
    assert all(numbers.values()), numbers


def _typed(table: sa.Table) -> sa.TableClause:
    """As the models have it: SQLite forgets which numbers and texts are UUIDs and JSON."""
    if any(isinstance(column.type, sa.Uuid) for column in table.columns):
        return table
    kinds = {column.name: column.type for column in table.columns}
    for name, kind in kinds.items():
        if isinstance(kind, sa.CHAR):
            kinds[name] = sa.Uuid()
    return sa.table(table.name, *(sa.column(name, kind) for name, kind in kinds.items()))


def counts(url: str) -> dict[str, int]:
    """How many rows each table of that release has now."""
    engine = sa.create_engine(url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        counts = {name: connection.execute(sa.text(f"select count(*) from {name}")).scalar() or 0 for name, _ in rows()}  # noqa: S608
    engine.dispose()
    return counts


async def is_good_after_the_upgrade(url: str) -> None:
    """Brings the database to this release's tables: nothing is lost, and this release works with what there is."""
    fill(url)
    before = counts(url)

    upgrade(url)

    assert counts(url) == before
    command.check(config(url))
    database = Database(url)
    try:
        await _rows_are_right(database)
        await _decisions_leave_signed(database)
    finally:
        await database.close()


async def _rows_are_right(database: Database) -> None:
    async with database.reading() as session:
        connection = await session.connection()
        pressing: dict[Any, Any] = dict((await connection.execute(sa.text("select request_id, pressing from review_cases"))).all())
        loopback: dict[Any, Any] = dict((await connection.execute(sa.text("select agency, loopback from dispatch_webhooks"))).all())
        agencies: dict[Any, Any] = dict((await connection.execute(sa.text("select slug, revoked_at is null from review_agencies"))).all())
        counted = (await connection.execute(sa.text("select failed_sign_ins, agencies from review_people"))).one()
    by_id = {UUID(str(request_id)): place for request_id, place in pressing.items()}
    places = {name: by_id[_id(name)] for name in ("decide", "sent", "raised", "unsorted", "seen")}
    assert places == {"decide": 0, "sent": 0, "raised": 1001, "unsorted": 1001, "seen": 501}
    assert {agency: bool(here) for agency, here in loopback.items()} == {agency: here for agency, (_, here) in WEBHOOKS.items()}
    assert {agency: bool(good) for agency, good in agencies.items()} == {"belrive": True, "gone": False}
    assert counted[0] == 2, "a process of the former release still reads it"
    async with database.transaction() as session:
        new = {"email": f"{uuid4()}@city.example", "name": "", "role": "ops", "departments": "[]", "password_hash": "", "active": True}
        names = ", ".join([*new, "created_at"])
        values = ", ".join(f":{name}" for name in [*new, "created_at"])
        at = AT if not database.is_sqlite else AT.isoformat(" ")
        connection = await session.connection()
        await connection.execute(sa.text(f"insert into review_people ({names}) values ({values})"), new | {"created_at": at})  # noqa: S608


async def _decisions_leave_signed(database: Database) -> None:
    """The one that waited in the outbox, and the one whose record this release refuses: review tells it again by itself."""
    sent: list[Outgoing] = []

    async def send(record: Outgoing) -> None:
        sent.append(record)

    settings = Settings(database_url=SecretStr(database.url), kafka=KafkaSettings(bootstrap="127.0.0.1:1"), reconcile_seconds=1)
    commands = CaseCommands(database, taxonomy.load(), settings)
    assert await commands.nudge() == 1
    await Relay(database, "review", send).send_due()
    decisions = {ReplyDecided.model_validate_json(record.value).decision_id for record in sent if record.topic == replies_decided.TOPIC}
    assert decisions == {_id("leaving"), DECISION}
    seal = record_signing.DatabaseSeal(database)
    for record in sent:
        assert (await seal.opened(_Received(record))).vouched


class _Received:
    """A record that was sent, as it is read."""

    def __init__(self, record: Outgoing) -> None:
        self.topic, self.key, self.value, self.partition = record.topic, record.key, record.value, 0
        self.offset = self.timestamp = 0
        self.headers = tuple((name, text.encode()) for name, text in record.headers.items())
