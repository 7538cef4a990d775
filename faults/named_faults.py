"""The ten dependencies that break, how each is broken and mended for real, and the words that name it."""

import contextlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from faults.named_sites import Site, a_letter, copies_on, elect_uncleanly, restart_all
from faults.named_views import View
from tests.harness.running_stack import RECEIVED, SERVICES, Agency
from tests.harness.waiting import until

FROZEN = "triage"
PARTITION = 0
REFUSED = 5
MOODY = 400
"""More answers of a mail server than are asked for meanwhile."""


@dataclass(frozen=True)
class NamedFault:
    """`words` are regular expressions: a line of a view names the cause where it has them. `breaks` breaks it, and mends it at its end."""

    name: str
    site: Literal["embedded", "servers"]
    words: Mapping[View, str]
    breaks: Callable[[Site], contextlib.AbstractContextManager[None]]


@contextlib.contextmanager
def _broker_dead(site: Site) -> Iterator[None]:
    assert site.kafka
    site.breaks_now()
    try:
        for broker in site.kafka.ids:
            site.kafka.kill(broker)
        yield
    finally:
        restart_all(site.kafka)


@contextlib.contextmanager
def _leader_lost(site: Site) -> Iterator[None]:
    """One partition has its only copy on the broker that dies; all others have copies elsewhere."""
    assert site.kafka
    dies = site.kafka.ids[-1]
    copies_on(site.kafka, PARTITION, [dies])
    site.breaks_now()
    site.kafka.kill(dies)
    try:
        yield
    finally:
        site.kafka.start_broker(dies)
        elect_uncleanly(site.kafka, PARTITION)
        copies_on(site.kafka, PARTITION, site.kafka.ids)


@contextlib.contextmanager
def _database_stopped(site: Site) -> Iterator[None]:
    assert site.postgres
    site.breaks_now()
    site.postgres.stop_at_once()
    try:
        yield
    finally:
        site.postgres.start()


@contextlib.contextmanager
def _disk_full(site: Site) -> Iterator[None]:
    """Filled to the last byte while messages come: what is refused is told so, and what was accepted is a case once there is room."""
    assert site.disk
    processes = {service: site.at.pid_of(service) for service in SERVICES}
    accepted: list[str] = []
    refused = 0
    site.breaks_now()
    try:
        site.disk.fill()
        while refused < REFUSED and len(accepted) < MOODY:
            letter = a_letter()
            answer = site.town.sends(letter)
            if answer.status_code == 202:
                accepted.append(letter["request_id"])
            else:
                assert answer.status_code == 503, answer.text
                assert "disk" in answer.json()["detail"], answer.text
                refused += 1
            site.disk.fill()
        yield
    finally:
        site.disk.free()
    for request_id in accepted:
        site.mona.sees(request_id, "awaiting_approval", "needs_triage")
    later = a_letter()
    until(lambda: site.town.sends(later).status_code == 202, "messages are taken again", seconds=60)
    site.mona.sees(later["request_id"], "awaiting_approval", "needs_triage")
    assert {service: site.at.pid_of(service) for service in SERVICES} == processes, "a service ended"
    site.notes.append(f"{len(accepted)} messages were accepted on the full disk and all are cases; {refused} were refused with 503")


@contextlib.contextmanager
def _model(site: Site, mood: Literal["refuses", "hangs"]) -> Iterator[None]:
    assert site.model
    site.breaks_now()
    site.model.mood = mood
    try:
        site.town.sends(a_letter())
        yield
    finally:
        site.model.let_go()
        site.model.mood = "answers"
    site.town.sends(a_letter())


@contextlib.contextmanager
def _mail(site: Site, step: str, answer: str) -> Iterator[None]:
    assert site.mail
    request_id = _ready(site, site.town)
    site.breaks_now()
    site.mail.says(step, *[answer] * MOODY)
    try:
        _decides(site, request_id)
        yield
    finally:
        site.mail.answers.clear()
    site.mona.sees(request_id, "sent")


@contextlib.contextmanager
def _webhook_down(site: Site) -> Iterator[None]:
    assert site.hook
    assert site.hooked
    request_id = _ready(site, site.hooked)
    site.breaks_now()
    site.hook.down()
    try:
        _decides(site, request_id)
        yield
    finally:
        site.hook.up()


@contextlib.contextmanager
def _frozen(site: Site) -> Iterator[None]:
    pid = until(lambda: site.at.pid_of(FROZEN), f"{FROZEN} runs")
    site.breaks_now()
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _ready(site: Site, agency: Agency) -> str:
    """A request with a draft to decide on; whose it is, the agency's key says."""
    request = a_letter()
    assert agency.sends(request).status_code == 202
    site.mona.brings_to_approval(request["request_id"])
    return str(request["request_id"])


def _decides(site: Site, request_id: str) -> None:
    assert site.mona.approves(site.mona.sees(request_id, "awaiting_approval")).status_code == 200


LOST = re.escape(f"{RECEIVED}/{PARTITION}")
NO_MODEL = "drafting waits for the model's endpoint"

FAULTS = (
    NamedFault(
        "broker_dead",
        "servers",
        {
            "/ops": "Kafka: .*does not answer",
            "status": "Kafka: .*does not answer",
            "doctor": "^kafka: Kafka at .*does not answer",
            "alert": "^ParvisKafkaAway .*does not reach Kafka",
        },
        _broker_dead,
    ),
    NamedFault(
        "leader_lost",
        "servers",
        {
            "/ops": f"no leader: .*{LOST}",
            "status": f"no leader: .*{LOST}",
            "doctor": f"^kafka: .*no leader, as {LOST}",
            "alert": f"^ParvisPartitionLeaderless .*{LOST} has no leader",
        },
        _leader_lost,
    ),
    NamedFault(
        "database_stopped",
        "servers",
        {
            "/ops": "the database does not answer",
            "status": "the database does not answer",
            "doctor": "^database: the database does not answer",
            "alert": "^ParvisDatabaseAway .*does not reach the database",
        },
        _database_stopped,
    ),
    NamedFault(
        "disk_full",
        "embedded",
        {
            "/ops": "the disk .*(is full|has 0 MB left)",
            "status": "the disk .*has 0 MB left",
            "doctor": "^disk: (nothing can be written|.*has 0 MB left)",
            "alert": "^ParvisDiskFull .*disk is free",
        },
        _disk_full,
    ),
    NamedFault(
        "model_refusing",
        "embedded",
        {
            "/ops": rf"{NO_MODEL} \(the endpoint answered 503",
            "status": rf"{NO_MODEL} \(the endpoint answered 503",
            "doctor": "^model: the model's endpoint .*the endpoint answered 503",
            "alert": "^ParvisModelSilent .*the model does not answer drafting",
        },
        lambda site: _model(site, "refuses"),
    ),
    NamedFault(
        "model_hanging",
        "embedded",
        {
            "/ops": rf"{NO_MODEL} \(.*(has not answered|timeout)",
            "status": rf"{NO_MODEL} \(.*(has not answered|timeout)",
            "doctor": "^model: the model's endpoint .*does not answer in time",
            "alert": "^ParvisModelSilent .*the model does not answer drafting",
        },
        lambda site: _model(site, "hangs"),
    ),
    NamedFault(
        "mail_refusing",
        "embedded",
        {
            "/ops": "(replies wait|a reply waits): the server asks to try again later",
            "status": "(replies wait|a reply waits): the server asks to try again later",
            "doctor": "^mail: the mail server: the server asks to try again later",
            "alert": "^ParvisMailPutOff .*busy",
        },
        lambda site: _mail(site, "MAIL", "451 4.3.2 not now"),
    ),
    NamedFault(
        "mail_dropping",
        "embedded",
        {
            "/ops": "(replies wait|a reply waits): the connection to the server broke off",
            "status": "(replies wait|a reply waits): the connection to the server broke off",
            "doctor": "^mail: .*(replies wait|a reply waits): the connection to the server broke off",
            "alert": "^ParvisMailAway .*dropped",
        },
        lambda site: _mail(site, "RCPT", "drop"),
    ),
    NamedFault(
        "webhook_down",
        "embedded",
        {
            "/ops": "(messages to webhooks wait|a message to a webhook waits): the server can't be reached",
            "status": "(messages to webhooks wait|a message to a webhook waits): the server can't be reached",
            "doctor": "^webhooks: .*waits?: the server can't be reached",
            "alert": "^ParvisWebhooksAway .*webhook",
        },
        _webhook_down,
    ),
    NamedFault(
        "service_frozen",
        "embedded",
        {
            "/ops": f"{FROZEN} does not answer",
            "status": f"{FROZEN} does not answer",
            "doctor": f"^services: .*{FROZEN} does not answer",
            "alert": f"^Parvis{FROZEN.title()}Silent .*{FROZEN} tells nothing",
        },
        _frozen,
    ),
)
