"""Decides what of an installation needs somebody: what is wrong, since when, who is affected, what to do. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from services.domain.phrases import Phrase, numbered
from services.domain.waiting_deliveries import Reason, WaitingSummary
from services.review.cases.case_state import State
from services.review.ops.dead_letter_groups import LetterGroup
from services.runtime.kafka_state import KafkaState
from services.runtime.service_probe import ServiceState

LEAST_DISK = 500 * 1024 * 1024
"""Bytes: less, and databases and brokers begin to refuse."""

Severity = Literal["critical", "warning"]


class Finding(BaseModel):
    """One thing that somebody has to see to. `critical`: work stands still."""

    severity: Severity
    what: str
    since: datetime | None = None
    affected: str = ""
    todo: str = ""


class StandingCases(BaseModel):
    """Cases that wait for a service and do not move."""

    state: State
    count: int
    since: datetime


class DatabaseFacts(BaseModel):
    """What the database says. `error`: why it says nothing; all else is empty then."""

    error: str = ""
    counts: dict[State, int] = {}
    oldest: dict[State, datetime] = {}
    standing: list[StandingCases] = []
    waiting: list[WaitingSummary] = []
    letters: list[LetterGroup] = []
    late_emergencies: int = 0
    first_late_emergency: datetime | None = None


class Overview(BaseModel):
    """How an installation fares at one moment, the gravest finding first."""

    at: datetime
    findings: list[Finding]
    services: list[ServiceState]
    kafka: KafkaState
    database: DatabaseFacts
    free_disk_bytes: int | None = None

    @property
    def stands_still(self) -> bool:
        """Whether any work does."""
        return any(finding.severity == "critical" for finding in self.findings)


STOPS = {
    "intake": Phrase("requests can't be handed over by HTTP, forms or Open311"),
    "triage": Phrase("no new request is sorted"),
    "drafting": Phrase("no draft is written"),
    "review": Phrase("nobody can decide on a draft"),
    "dispatch": Phrase("no approved reply leaves"),
    "mail-in": Phrase("no mail is taken from mailboxes"),
}

REMEDIES: dict[Reason, Phrase] = {
    "no_answer": Phrase("Look whether the server is overloaded or a firewall drops the connection."),
    "unreachable": Phrase("Look whether the server runs, and at the host and port in its address."),
    "dropped": Phrase("Look into the server's own log: it ends connections."),
    "tls": Phrase("Look at the server's certificate: its name, its authority, its last day."),
    "credentials": Phrase("Put the user name and password right, as in PARVIS_SMTP_URL."),
    "busy": Phrase("It is tried again by itself; if it stays like this, ask whoever runs the server."),
    "refused": Phrase("Look into the server's own log for why it refuses."),
    "file_missing": Phrase("Look whether the store of files (PARVIS_FILES_URL) can be read."),
    "not_written": Phrase("Make room on the disk, and let the folder be written to."),
    "closed_address": Phrase("Set another address of the webhook, or PARVIS_WEBHOOK_PRIVATE_NETS."),
    "other": Phrase("Look into the log of dispatch."),
}


def findings(services: Sequence[ServiceState], kafka: KafkaState, database: DatabaseFacts, free_disk: int | None) -> list[Finding]:
    """The gravest first, and of these the oldest."""
    everything = [
        *_of_services(services, kafka, database),
        *_of_kafka(kafka),
        *_of_database(database),
        *([_full_disk(free_disk)] if free_disk is not None and free_disk < LEAST_DISK else []),
    ]
    return sorted(everything, key=_gravest_first)


def _of_services(services: Sequence[ServiceState], kafka: KafkaState, database: DatabaseFacts) -> list[Finding]:
    told_elsewhere = {"kafka"} if kafka.error else set()
    told_elsewhere |= {"database"} if database.error else {"mail server", "webhooks"}
    made = []
    for state in services:
        if state.starting:
            made.append(Finding(severity="warning", what=Phrase(f"{state.service} is starting"), affected=STOPS.get(state.service, "")))
            continue
        if state.state == "silent":
            made.append(
                Finding(
                    severity="critical",
                    what=Phrase(f"{state.service} does not answer ({state.detail})"),
                    since=state.since,
                    affected=STOPS.get(state.service, ""),
                    todo=Phrase("Look whether the process runs; its log ends with the reason. Start it again."),
                )
            )
        made += [
            Finding(
                severity="critical" if trouble.blocks else "warning",
                what=Phrase(f"{state.service} waits for {trouble.detail}"),
                since=trouble.since,
                affected=STOPS.get(state.service, "") if trouble.blocks else "",
                todo=Phrase("`parvis doctor` tries every dependency and says what is wrong with it."),
            )
            for trouble in state.troubles
            if trouble.dependency not in told_elsewhere
        ]
    return made


def _of_kafka(kafka: KafkaState) -> list[Finding]:
    if kafka.error:
        return [
            Finding(
                severity="critical",
                what=Phrase(f"Kafka: {kafka.error}"),
                affected=Phrase("requests and decisions are kept and wait; nothing is lost"),
                todo=Phrase("Start the broker, or put PARVIS_KAFKA_BOOTSTRAP right."),
            )
        ]
    made = []
    if kafka.leaderless:
        made.append(
            Finding(
                severity="critical",
                what=numbered(
                    len(kafka.leaderless),
                    Phrase(f"a partition has no leader: {kafka.leaderless[0]}"),
                    Phrase(f"{len(kafka.leaderless)} partitions have no leader: {', '.join(kafka.leaderless[:3])}"),
                ),
                affected=Phrase("what belongs into these partitions waits"),
                todo=Phrase("Start the brokers that hold their copies."),
            )
        )
    if kafka.missing:
        made.append(
            Finding(
                severity="critical",
                what=numbered(
                    len(kafka.missing),
                    Phrase(f"a topic is not there: {kafka.missing[0]}"),
                    Phrase(f"{len(kafka.missing)} topics are not there: {', '.join(kafka.missing[:3])}"),
                ),
                todo=Phrase("Run `parvis topics apply`."),
            )
        )
    return made


def _of_database(database: DatabaseFacts) -> list[Finding]:
    if database.error:
        return [
            Finding(
                severity="critical",
                what=Phrase("the database answers too slowly") if database.error == "TimeoutError" else _silent(database.error),
                affected=Phrase("nobody can hand over requests or decide; nothing is lost"),
                todo=Phrase("Start it, or put PARVIS_DATABASE_URL right."),
            )
        ]
    made = [
        Finding(
            severity="warning" if summary.work == "acknowledgement" or summary.reason in ("busy", "closed_address") else "critical",
            what=numbered(
                summary.count,
                Phrase(f"{_THING[summary.work]} waits: {summary.why}"),
                Phrase(f"{summary.count} {_THINGS[summary.work]} wait: {summary.why}"),
            ),
            since=summary.since,
            affected=_WAITS_FOR[summary.work],
            todo=REMEDIES.get(summary.reason, REMEDIES["other"]),
        )
        for summary in database.waiting
    ]
    made += [
        Finding(
            severity="warning",
            what=numbered(cases.count, Phrase("a case stands still"), Phrase(f"{cases.count} cases stand still")),
            since=cases.since,
            affected=_STILL.get(cases.state, ""),
            todo=Phrase("Their last step is published again by itself; if it stays like this, a service is down or its records fail."),
        )
        for cases in database.standing
    ]
    made += [
        Finding(
            severity="warning",
            what=numbered(
                count,
                Phrase(f"a record of {topic} failed in {service}: {error_type}"),
                Phrase(f"{count} records of {topic} failed in {service}: {error_type}"),
            ),
            since=since,
            todo=Phrase("Look at one, mend the cause, and replay them: /ops/dead-letters"),
        )
        for (topic, service, error_type), (count, since) in _failed_alike(database.letters).items()
    ]
    if database.late_emergencies:
        made.append(
            Finding(
                severity="critical",
                what=numbered(
                    database.late_emergencies,
                    Phrase("an emergency has not been decided on within an hour"),
                    Phrase(f"{database.late_emergencies} emergencies have not been decided on within an hour"),
                ),
                since=database.first_late_emergency,
                affected=Phrase("people who may be in danger"),
                todo=Phrase("Look at them now: they are the first lines of the queue."),
            )
        )
    return made


def _failed_alike(letters: Sequence[LetterGroup]) -> dict[tuple[str, str, str], tuple[int, datetime]]:
    """How many records failed in one place with one kind of error, and since when: their causes stand on the page of dead letters."""
    alike: dict[tuple[str, str, str], tuple[int, datetime]] = {}
    for group in letters:
        place = (group.topic, group.service, group.error_type)
        count, since = alike.get(place, (0, group.first_failed_at))
        alike[place] = (count + group.count, min(since, group.first_failed_at))
    return alike


_THING = {"reply": Phrase("a reply"), "acknowledgement": Phrase("a receipt"), "webhook": Phrase("a message to a webhook")}
_THINGS = {"reply": Phrase("replies"), "acknowledgement": Phrase("receipts"), "webhook": Phrase("messages to webhooks")}
_WAITS_FOR = {
    "reply": Phrase("citizens whose approved reply has not left"),
    "acknowledgement": Phrase("citizens who do not know that their message arrived"),
    "webhook": Phrase("agencies that have not been told of a decision"),
}
_STILL = {
    State.RECEIVED: Phrase("requests that wait to be sorted"),
    State.DRAFTING: Phrase("requests that wait for a draft"),
    State.APPROVED: Phrase("approved replies that have not been told of as sent"),
}


def _silent(error: str) -> str:
    return Phrase(f"the database does not answer ({error})")


def _full_disk(free: int) -> Finding:
    return Finding(
        severity="critical",
        what=Phrase(f"the disk of the data directory has {free // (1024 * 1024)} MB left"),
        affected=Phrase("soon nothing can be kept any more"),
        todo=Phrase("Make room, or give it more."),
    )


def _gravest_first(finding: Finding) -> tuple[bool, bool, float]:
    return finding.severity != "critical", finding.since is None, finding.since.timestamp() if finding.since else 0.0
