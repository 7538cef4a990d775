"""Who may do what on the wire: the whole path with a user for each service, and what is refused to each."""

import asyncio
import contextlib
import json
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import GroupAuthorizationFailedError, KafkaConnectionError, KafkaError, TopicAuthorizationFailedError
from kafka.admin import ScramMechanism, UserScramCredentialUpsertion

from schemas.topics import CONSUMERS, TOPICS, permissions
from services.domain import agency_signing_key
from services.runtime.kafka_admin import Grant, grant
from services.runtime.kafka_connection import tls_context
from tests.builders import a_citizen, a_request
from tests.harness.certificates import authority
from tests.harness.fleet import Fleet
from tests.harness.kafka_cluster import KafkaCluster
from tests.harness.mail_server import MailServer
from tests.harness.postgres import Postgres
from tests.harness.running_stack import PARVIS, Agency, add_agency, add_caseworker
from tests.harness.waiting import until
from tests.real.conftest import settings_of

ROLES = Path(__file__).parents[2] / "deploy" / "roles.sql"
RECEIVED = "parvis.requests.received.v1"
IDENTITIES = sorted(topic.name for topic in TOPICS if topic.personal)

Users = dict[str, dict[str, str]]
Headers = Sequence[tuple[str, bytes]]


@pytest.fixture(scope="module")
def users(secured_kafka: KafkaCluster) -> Users:
    """The settings of each service's own user."""
    passwords = {service: secrets.token_urlsafe(12) for service in CONSUMERS}
    with contextlib.closing(secured_kafka.admin()) as admin:
        upserts = [UserScramCredentialUpsertion(f"parvis-{s}", ScramMechanism.SCRAM_SHA_512, password=p) for s, p in passwords.items()]
        assert set(admin.alter_user_scram_credentials(upserts).values()) == {None}
    return {service: secured_kafka.login(f"parvis-{service}", password) for service, password in passwords.items()}


@pytest.fixture(scope="module")
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


class Database:
    """A database with its two roles."""

    def __init__(self, server: Postgres, name: str) -> None:
        self._server, self._name = server, name
        self.passwords = {"owner": "owner's own", "services": "the services'"}
        self.owner = server.url(name, "parvis_owner", self.passwords["owner"])
        self.services = server.url(name, "parvis_services", self.passwords["services"])

    def apply_roles(self) -> None:
        """deploy/roles.sql, as its first lines say."""
        variables = [f"--set={role}_password={password}" for role, password in self.passwords.items()]
        command = ["psql", "-q", *variables, "-f", str(ROLES), self._server.url(self._name)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> Iterator[Database]:
    with postgres.database() as name:
        yield Database(postgres, name)


@pytest.fixture(scope="module")
def fleet(
    secured_kafka: KafkaCluster, users: Users, database: Database, mail_server: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Fleet]:
    """Topics and permissions by the administrator, tables by their owner, and each service with no more than it needs."""
    database.apply_roles()
    settings = secured_kafka.environment | {
        "PARVIS_DATABASE_URL": database.owner,
        "PARVIS_SMTP_URL": mail_server.url,
        "PARVIS_UNDO_SECONDS": "0",
        "PARVIS_KAFKA_PARTITIONS": "2",
        "OMP_NUM_THREADS": "1",
    }
    own = {service: {**user, "PARVIS_DATABASE_URL": database.services} for service, user in users.items()}
    fleet = Fleet(tmp_path_factory.mktemp("fleet") / "data", settings, own)
    try:
        shown = fleet.prints("topics", "apply", "--acls", "--dry-run")
        assert f"allow User:parvis-triage to read topic {RECEIVED}" in shown
        assert fleet.prints("topics", "apply", "--acls").endswith(f"{len(TOPICS)} changes made, {len(list(permissions()))} permissions")
        assert fleet.prints("topics", "apply", "--acls").endswith("0 changes made, 0 permissions")
        fleet.prints("db", "upgrade")
        database.apply_roles()
        fleet.start()
        yield fleet
    finally:
        fleet.end()


def test_a_letter_goes_all_the_way_with_a_user_for_each_service(fleet: Fleet, mail_server: MailServer) -> None:
    city, anna = add_agency(fleet), add_caseworker(fleet)
    citizen = a_citizen("Noor Haddad")
    taken = city.sends(a_request(citizen=citizen))
    assert taken.status_code == 202, taken.text + fleet.all_logs()[-3000:]
    request_id = taken.json()["request_id"]

    assert anna.approves(anna.brings_to_approval(request_id)).status_code == 200

    until(lambda: mail_server.to(citizen["email"]), "the reply is a mail")
    anna.sees(request_id, "sent")
    city.sees(request_id, "sent")
    assert len(mail_server.to(citizen["email"])) == 1
    assert "AuthorizationFailed" not in fleet.all_logs()


def consume(environment: dict[str, str], topic: str, group: str | None) -> type[Exception] | None:
    """What comes of reading a topic as that user: nothing, or a refusal."""

    async def run() -> type[Exception] | None:
        consumer = AIOKafkaConsumer(
            topic, group_id=group, auto_offset_reset="earliest", enable_auto_commit=False, **connection(environment)
        )
        try:
            await consumer.start()
            await asyncio.wait_for(consumer.getmany(timeout_ms=1000), 15)
        except KafkaError as error:
            return type(error)
        finally:
            await consumer.stop()
        return None

    return asyncio.run(run())


def produce(environment: dict[str, str], topic: str, value: bytes = b"{}", headers: Headers = ()) -> type[Exception] | None:
    """What comes of writing to a topic as that user; where none is given the value can't be read, and is nobody's letter."""

    async def run() -> type[Exception] | None:
        producer = AIOKafkaProducer(acks="all", enable_idempotence=True, request_timeout_ms=10_000, **connection(environment))
        try:
            await producer.start()
            await producer.send_and_wait(topic, value, headers=headers)
        except KafkaError as error:
            return type(error)
        finally:
            await producer.stop()
        return None

    return asyncio.run(run())


def connection(environment: dict[str, str]) -> dict[str, object]:
    """A user, in aiokafka's words."""
    kafka = settings_of(environment)
    return {
        "bootstrap_servers": kafka.bootstrap,
        "security_protocol": kafka.security_protocol,
        "sasl_mechanism": kafka.security_mechanism,
        "sasl_plain_username": kafka.security_username,
        "sasl_plain_password": kafka.security_password.get_secret_value(),
        "ssl_context": tls_context(kafka),
    }


@pytest.mark.parametrize("topic", IDENTITIES)
def test_drafting_is_refused_every_topic_that_holds_identities(fleet: Fleet, users: Users, topic: str) -> None:
    drafting = fleet.environment | users["drafting"]
    assert consume(drafting, topic, "parvis.drafting") is TopicAuthorizationFailedError
    assert consume(drafting, topic, None) is TopicAuthorizationFailedError


def test_drafting_may_read_what_triage_has_made_safe(fleet: Fleet, users: Users) -> None:
    assert consume(fleet.environment | users["drafting"], "parvis.requests.triaged.v1", None) is None


def test_nobody_but_review_can_decide_and_nobody_but_intake_and_review_can_take_in(fleet: Fleet, users: Users) -> None:
    for service in ("intake", "triage", "drafting", "dispatch"):
        assert produce(fleet.environment | users[service], "parvis.replies.decided.v1") is TopicAuthorizationFailedError
    for service in ("triage", "drafting", "dispatch"):
        assert produce(fleet.environment | users[service], RECEIVED) is TopicAuthorizationFailedError


def test_review_can_speak_for_no_other_service(fleet: Fleet, users: Users) -> None:
    for topic in ("parvis.requests.triaged.v1", "parvis.drafts.proposed.v1"):
        assert produce(fleet.environment | users["review"], topic) is TopicAuthorizationFailedError


def test_no_service_can_join_another_ones_group(fleet: Fleet, users: Users) -> None:
    assert consume(fleet.environment | users["drafting"], "parvis.requests.triaged.v1", "parvis.review") is GroupAuthorizationFailedError


def test_an_agency_with_a_user_of_its_own_writes_for_itself_and_for_no_other(fleet: Fleet, secured_kafka: KafkaCluster) -> None:
    password, anna = secrets.token_urlsafe(12), add_caseworker(fleet, "publisher@belrive.example")
    with contextlib.closing(secured_kafka.admin()) as admin:
        upsert = UserScramCredentialUpsertion("a-publisher", ScramMechanism.SCRAM_SHA_512, password=password)
        assert set(admin.alter_user_scram_credentials([upsert]).values()) == {None}
    grant(settings_of(secured_kafka.environment), [Grant("User:a-publisher", "topic", RECEIVED, "write")])
    publisher = fleet.environment | secured_kafka.login("a-publisher", password)
    own, other = add_agency(fleet, "a-publisher"), add_agency(fleet, "another-city")

    def publishes(request: dict[str, object], *, signs: bool = True) -> str:
        value = json.dumps(request).encode()
        signature = agency_signing_key.sign(agency_signing_key.signing_key(own.key), value).encode()
        assert produce(publisher, RECEIVED, value, [(agency_signing_key.HEADER, signature)] if signs else []) is None
        return str(request["request_id"])

    accepted = publishes(a_request(agency="a-publisher"))
    unsigned, forged = publishes(a_request(agency="another-city"), signs=False), publishes(a_request(agency="another-city"))

    anna.sees(accepted, "needs_triage", "drafting", "awaiting_approval")
    assert until(lambda: refusals(own), "the signer is told") == {forged: "signature"}
    assert until(lambda: refusals(other), "the one that was named is told") == {unsigned: "signature"}
    for refused in (unsigned, forged):
        case = anna.case(refused)
        assert case is None or case["request"] is None
    for topic in ("parvis.replies.decided.v1", "parvis.requests.status.v1"):
        assert produce(publisher, topic) is TopicAuthorizationFailedError
        assert consume(publisher, topic, None) is TopicAuthorizationFailedError


def refusals(agency: Agency) -> dict[str, str]:
    """The requests in its name that were not accepted, and the kind of reason."""
    answer = agency.at.http.get(f"{agency.at.intake_url}/v1/refusals", headers={"Authorization": f"Bearer {agency.key}"})
    assert answer.status_code == 200, answer.text
    return {refusal["request_id"]: refusal["kind"] for refusal in answer.json()["items"]}


def test_a_wrong_password_and_a_stranger_are_turned_away(fleet: Fleet, users: Users) -> None:
    wrong = fleet.environment | users["drafting"] | {"PARVIS_KAFKA_SECURITY_PASSWORD": "guess"}
    assert produce(wrong, RECEIVED) is not None
    assert produce(fleet.environment | users["drafting"] | {"PARVIS_KAFKA_SECURITY_USERNAME": "nobody"}, RECEIVED) is not None


def test_a_broker_whose_authority_is_not_ours_is_not_spoken_to(fleet: Fleet, users: Users, tmp_path: Path) -> None:
    stranger = authority(tmp_path)
    assert (
        produce(fleet.environment | users["intake"] | {"PARVIS_KAFKA_SECURITY_CAFILE": str(stranger.file)}, RECEIVED)
        is KafkaConnectionError
    )
    assert (
        produce(fleet.environment | users["intake"] | {"PARVIS_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}, RECEIVED)
        is KafkaConnectionError
    )


def test_people_and_agencies_are_made_with_the_role_of_the_services(fleet: Fleet, database: Database) -> None:
    environment = fleet.environment | {"PARVIS_DATABASE_URL": database.services}
    done = subprocess.run([PARVIS, "agencies", "add", "elsewhere-too"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_services_cannot_change_what_was_done(fleet: Fleet, database: Database) -> None:
    add_agency(fleet, "elsewhere")
    with psycopg.connect(database.services, autocommit=True) as services:
        services.execute("insert into review_audit (at, actor, action, detail) values (now(), 'a test', 'looked', '{}')")
        for change in ("update review_audit set actor = 'somebody else'", "delete from review_audit", "truncate review_audit"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                services.execute(change)
        for escape in ("alter table review_audit disable trigger all", "drop table review_audit", "create table mine (id int)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                services.execute(escape)


def test_the_owner_is_told_that_the_audit_log_is_append_only(fleet: Fleet, database: Database) -> None:
    assert fleet.members
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("insert into review_audit (at, actor, action, detail) values (now(), 'a test', 'looked', '{}')")
        for change in ("update review_audit set actor = 'somebody else'", "delete from review_audit", "truncate review_audit"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                owner.execute(change)


def test_every_service_ends_in_order_when_it_is_told_to(fleet: Fleet) -> None:
    fleet.stop()
    for member in fleet.members:
        assert not member.alive
        assert "Application shutdown complete" in member.log.read_text()
