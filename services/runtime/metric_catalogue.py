"""Every metric of every service: name, kind, labels, buckets and meaning. `docs/metrics.md` is made from this table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

from services.runtime.readiness import Dependency

Kind = Literal["counter", "gauge", "histogram"]
Source = Literal["code", "broker", "taxonomy", "setting"]
"""Where the values of a label that is no fixed list come from: names in our code, the broker's partitions, the taxonomy, one setting."""

OTHER: Final = "other"
"""Whatever is in no list. A label never has a value that somebody outside has chosen."""

CONSUMERS = ("intake", "triage", "drafting", "review", "dispatch")
ALL = (*CONSUMERS, "mail-in")
WITH_DATABASE = ("intake", "review", "dispatch")

QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
WORK = (0.005, 0.02, 0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
MODEL = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 120.0)
STAGES = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 4 * 3600.0, 86400.0, 3 * 86400.0, 7 * 86400.0, 14 * 86400.0)
WITHIN_AN_HOUR = (60.0, 300.0, 900.0, 1800.0, 3600.0, 7200.0, 4 * 3600.0, 86400.0)
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class Definition:
    """One metric. A counter's series ends with `_total`. `labels`: each with all of its values, or with where they come from."""

    name: str
    kind: Kind
    unit: str
    services: Sequence[str]
    meaning: str
    labels: Mapping[str, Sequence[str] | Source] = field(default_factory=dict)
    buckets: Sequence[float] = ()

    @property
    def series(self) -> str:
        """The name in a query; of a histogram, without `_bucket`, `_sum` and `_count`."""
        return f"{self.name}_total" if self.kind == "counter" else self.name


def _counter(name: str, unit: str, services: Sequence[str], meaning: str, /, **labels: Sequence[str] | Source) -> Definition:
    return Definition(name, "counter", unit, services, meaning, labels)


def _gauge(name: str, unit: str, services: Sequence[str], meaning: str, /, **labels: Sequence[str] | Source) -> Definition:
    return Definition(name, "gauge", unit, services, meaning, labels)


def _histogram(
    name: str, unit: str, services: Sequence[str], buckets: Sequence[float], meaning: str, /, **labels: Sequence[str] | Source
) -> Definition:
    return Definition(name, "histogram", unit, services, meaning, labels, buckets)


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", OTHER)
STATUSES = ("1xx", "2xx", "3xx", "4xx", "5xx")
CAUSES = ("unreadable", "refused", "timeout", "fault")
"""Of a dead letter: its bytes, a rule of ours, time, or a fault in our own code."""
WAITING_FOR = get_args(Dependency)
STATES = (
    "received", "needs_triage", "drafting", "awaiting_approval", "approved", "sent", "by_hand", "delivery_failed", "delivery_uncertain",
    "closed",
)  # fmt: skip
OPEN_STATES = tuple(state for state in STATES if state not in ("sent", "closed"))
FAULTS = (
    "timeout", "unreachable", "busy", "configuration", "quota", "budget", "prompt too long", "refused", "unreadable", "unknown passage",
    "empty", "too long", "reassuring",
)  # fmt: skip
DRAFT_OUTCOMES = ("model", "template", "fallback", "withheld")
STAGE_NAMES = ("triaged", "drafted", "decided", "delivered")
DELIVERY_KINDS = ("reply", "acknowledgement")
DELIVERY_CHANNELS = ("smtp", "file", "webhook", "none")
ATTEMPT_OUTCOMES = ("delivered", "failed", "later", "uncertain")
WAITING_REASONS = (
    "not due", "first attempt", "tried again", "in hand", "webhook", "no_answer", "unreachable", "dropped", "tls", "credentials", "busy",
    "refused", "file_missing", "not_written", "closed_address", OTHER,
)  # fmt: skip
WAYS_IN = ("api", "batch", "form", "open311", "mail", "unsolved", OTHER)

CATALOGUE: Final = (
    _counter(
        "parvis_http_requests",
        "requests",
        ALL,
        "HTTP requests answered, without probes",
        service="code",
        method=METHODS,
        route="code",
        status=STATUSES,
    ),
    _histogram(
        "parvis_http_request_seconds",
        "seconds",
        ALL,
        QUICK,
        "until the answer began; of a stream, its first byte",
        service="code",
        route="code",
    ),
    _gauge("parvis_ready", "0 or 1", ALL, "1 while the process can do its job, as /readyz says", service="code"),
    _gauge("parvis_waiting_for", "0 or 1", ALL, "1 while the process waits for that", service="code", what=WAITING_FOR),
    _gauge("parvis_disk_free_ratio", "ratio", ALL, "free share of the disk that has PARVIS_DATA_DIR", service="code"),
    _gauge(
        "parvis_sample_failed",
        "0 or 1",
        ALL,
        "1 where figures that are computed when asked for could not be",
        service="code",
        sample="code",
    ),
    _gauge(
        "parvis_reload_failed",
        "0 or 1",
        ("drafting", "review"),
        "1 while what was changed on disk can't be used and the former is",
        name="code",
    ),
    _counter(
        "parvis_worker_ended",
        "processes",
        ("triage", "mail-in"),
        "Worker processes that ended while they were asked, and were started again",
        worker="code",
    ),
    _counter(
        "parvis_records",
        "records",
        CONSUMERS,
        "records worked on; `done` includes what needed several tries",
        service="code",
        topic="code",
        outcome=("done", "dead letter", "refused"),
    ),
    _histogram(
        "parvis_record_seconds",
        "seconds",
        CONSUMERS,
        WORK,
        "from taking a record in hand to its end, retries and waiting included; of a batch that is decided together, the batch's",
        service="code",
        topic="code",
    ),
    _counter("parvis_record_retries", "tries", CONSUMERS, "tries that failed after a first one that had", service="code", topic="code"),
    _counter(
        "parvis_records_refused",
        "records",
        CONSUMERS,
        "Records that could be read and were not accepted",
        service="code",
        topic="code",
        reason="code",
    ),
    _gauge(
        "parvis_records_held", "records", CONSUMERS, "records that stopped a consumer, so many before them having failed", service="code"
    ),
    _counter("parvis_dead_letters", "records", CONSUMERS, "records given up, by cause", service="code", topic="code", cause=CAUSES),
    _gauge(
        "parvis_consumer_lag",
        "records",
        CONSUMERS,
        "records of the partition that the group has not acknowledged",
        group="code",
        topic="code",
        partition="broker",
    ),
    _gauge(
        "parvis_consumer_oldest_unread_seconds",
        "seconds",
        CONSUMERS,
        "age of the oldest record that the group has not acknowledged",
        group="code",
        topic="code",
        partition="broker",
    ),
    _gauge(
        "parvis_partition_leaderless",
        "0 or 1",
        CONSUMERS,
        "1 while no broker leads that partition of a topic that the service reads, so that nothing moves in it",
        service="code",
        topic="code",
        partition="broker",
    ),
    _gauge("parvis_outbox_waiting", "events", WITH_DATABASE, "events that are due to leave and have not", service="code"),
    _gauge("parvis_outbox_oldest_seconds", "seconds", WITH_DATABASE, "for how long the oldest of them is due", service="code"),
    _counter(
        "parvis_requests",
        "requests",
        ("intake", "mail-in"),
        "requests that came to intake",
        way=WAYS_IN,
        outcome=("accepted", "invalid", "conflict", "refused"),
    ),
    _counter("parvis_files_scanned", "files", ("intake", "mail-in", "review"), "Files by what the scanner said of them", result="code"),
    _gauge("parvis_journal_waiting", "requests", ("intake",), "accepted requests of which no triage was heard yet"),
    _gauge("parvis_journal_oldest_seconds", "seconds", ("intake",), "age of the oldest of them"),
    _counter(
        "parvis_triage_decisions",
        "messages",
        ("triage",),
        "messages decided on; `needs_triage` is abstention",
        outcome=("routed", "needs_triage"),
        category="taxonomy",
    ),
    _histogram("parvis_triage_confidence", "probability", ("triage",), SHARES, "calibrated confidence of the category"),
    _counter("parvis_triage_set_aside", "messages", ("triage",), "Messages that were left to a person unread", reason="code"),
    _counter("parvis_triage_unwatched", "messages", ("triage",), "Messages that were decided and not looked at, since looking is bounded"),
    _counter("parvis_triage_looks_failed", "batches", ("triage",), "Batches that a look failed on", look="code"),
    _counter(
        "parvis_triage_shadow",
        "messages",
        ("triage",),
        "Messages that a candidate sorted beside the model in use",
        language="code",
        category="taxonomy",
        agrees=("yes", "no"),
    ),
    _gauge(
        "parvis_triage_drift",
        "see measure",
        ("triage",),
        "Today against the model's first days, as this process has seen it",
        measure="code",
    ),
    _gauge("parvis_triage_today", "see measure", ("triage",), "What this process has sorted today, as counts and shares", measure="code"),
    _counter(
        "parvis_drafts",
        "drafts",
        ("drafting",),
        "drafts proposed; `fallback`: a model was to write it and the template did",
        outcome=DRAFT_OUTCOMES,
    ),
    _counter("parvis_draft_fallbacks", "drafts", ("drafting",), "drafts that the template wrote in the model's place", reason=FAULTS),
    _counter("parvis_draft_checks_failed", "checks", ("drafting",), "checks that a proposed draft did not pass", check="code"),
    _counter("parvis_model_attempts", "calls", ("drafting",), "calls of the model endpoint"),
    _counter("parvis_model_tokens", "tokens", ("drafting",), "tokens as the endpoint counts them", direction=("input", "output")),
    _counter("parvis_model_cost", "see currency", ("drafting",), "what drafts have cost by the prices in the settings", currency="setting"),
    _histogram("parvis_model_seconds", "seconds", ("drafting",), MODEL, "what one draft waited for the model, all its calls together"),
    _histogram(
        "parvis_stage_seconds",
        "seconds",
        ("review",),
        STAGES,
        "from intake to the first triage, draft, decision and delivery of a request, with the trace as exemplar",
        stage=STAGE_NAMES,
    ),
    _histogram(
        "parvis_delivery_seconds", "seconds", ("review",), STAGES, "from a decision to the delivery of its reply, undo window included"
    ),
    _counter("parvis_promises", "replies", ("review",), "decided replies by whether that was in time", promise=("kept", "broken", "none")),
    _gauge("parvis_cases", "cases", ("review",), "open cases", state=OPEN_STATES, department="taxonomy"),
    _gauge(
        "parvis_case_oldest_seconds",
        "seconds",
        ("review",),
        "age of the oldest open case, since its message was received",
        state=OPEN_STATES,
        department="taxonomy",
    ),
    _gauge("parvis_cases_overdue", "cases", ("review",), "cases that wait for somebody and whose promise is broken", department="taxonomy"),
    _gauge("parvis_emergencies_waiting", "cases", ("review",), "cases pinned for danger that nobody has taken care of"),
    _gauge("parvis_emergency_oldest_seconds", "seconds", ("review",), "age of the oldest of them"),
    _histogram(
        "parvis_emergency_seen_seconds",
        "seconds",
        ("review",),
        WITHIN_AN_HOUR,
        "from intake until somebody took care of a case pinned for danger",
    ),
    _gauge("parvis_dead_letters_waiting", "letters", ("review",), "dead letters that nobody has settled"),
    _gauge("parvis_dead_letter_oldest_seconds", "seconds", ("review",), "since the oldest of them failed"),
    _counter(
        "parvis_sign_in_failures",
        "attempts",
        ("review",),
        "sign-ins and tokens refused",
        way=("password", "second factor", "single sign-on", "token"),
    ),
    _counter(
        "parvis_deliveries",
        "deliveries",
        ("dispatch",),
        "deliveries that have ended",
        kind=DELIVERY_KINDS,
        channel=DELIVERY_CHANNELS,
        outcome=("delivered", "failed", "uncertain"),
    ),
    _counter(
        "parvis_delivery_attempts",
        "attempts",
        ("dispatch",),
        "attempts to mail; `later`: it is tried again",
        kind=DELIVERY_KINDS,
        outcome=ATTEMPT_OUTCOMES,
    ),
    _counter("parvis_webhook_attempts", "attempts", ("dispatch",), "attempts to reach an agency's webhook", outcome=ATTEMPT_OUTCOMES),
    _gauge(
        "parvis_deliveries_waiting",
        "deliveries",
        ("dispatch",),
        "deliveries that have not ended",
        kind=(*DELIVERY_KINDS, "webhook"),
        reason=WAITING_REASONS,
    ),
    _gauge(
        "parvis_delivery_oldest_seconds",
        "seconds",
        ("dispatch",),
        "since the oldest of them was decided",
        kind=(*DELIVERY_KINDS, "webhook"),
        reason=WAITING_REASONS,
    ),
)

BY_NAME: Final = {definition.name: definition for definition in CATALOGUE}
