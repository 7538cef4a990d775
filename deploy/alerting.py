"""Objectives and alerts, as what Prometheus reads: recording rules, burn rates in two windows, and the causes behind them."""

from dataclasses import dataclass
from typing import Any, Literal

Severity = Literal["critical", "warning", "info"]

SERVICES = ("intake", "triage", "drafting", "review", "dispatch")
WINDOWS = ("5m", "30m", "1h", "6h")
FAST, SLOW = 14.4, 6.0
"""How many times faster than allowed the budget is spent: 2 % of a month's in an hour, 5 % in six."""
ENOUGH = 10
"""Events in the longer window below which a share says nothing; of emergencies each counts."""
HOST = "{{ with $externalLabels.runbooks }}{{ . }}{{ else }}docs{{ end }}/runbook.md#"
"""The external label `runbooks` says where the documentation is served."""


@dataclass(frozen=True)
class Objective:
    """What is promised: the share of good events over 30 days. `bad` and `all` are rates with `{w}` for the window."""

    name: str
    title: str
    promise: str
    target: float
    bad: str
    all: str
    severity: Severity
    runbook: str
    enough: int = ENOUGH

    @property
    def budget(self) -> float:
        """The share of events that may be bad."""
        return round(1 - self.target, 6)

    def ratio(self, window: str) -> str:
        """The name of its recording rule."""
        return f"parvis:{self.name}:bad_ratio_{window}"


def _late(histogram: str, seconds: int, selector: str = "") -> tuple[str, str]:
    every = f"sum(rate({histogram}_count{_braces(selector)}[{{w}}]))"
    in_time = f'sum(rate({histogram}_bucket{_braces(selector, f"""le="{float(seconds)}" """.strip())}[{{w}}]))'
    return f"({every} - {in_time})", every


def _braces(*selectors: str) -> str:
    inside = ", ".join(filter(None, selectors))
    return "{" + inside + "}" if inside else ""


OBJECTIVES = (
    Objective(
        "intake_available",
        "Intake takes requests",
        "99.9 % of requests to intake are answered without an error of ours",
        0.999,
        'sum(rate(parvis_http_requests_total{service="intake", status="5xx"}[{w}]))',
        'sum(rate(parvis_http_requests_total{service="intake"}[{w}]))',
        "critical",
        "agencies-can-not-hand-anything-in",
    ),
    Objective(
        "triaged_in_time",
        "Messages are sorted soon",
        "99 % of messages are triaged within a minute",
        0.99,
        *_late("parvis_stage_seconds", 60, 'stage="triaged"'),
        "warning",
        "messages-are-not-sorted",
    ),
    Objective(
        "drafted_in_time",
        "Drafts are there soon",
        "95 % of first drafts are there within five minutes",
        0.95,
        *_late("parvis_stage_seconds", 300, 'stage="drafted"'),
        "warning",
        "drafts-do-not-come",
    ),
    Objective(
        "promise_kept",
        "Citizens are answered in time",
        "95 % of replies are decided before they are due",
        0.95,
        'sum(rate(parvis_promises_total{promise="broken"}[{w}]))',
        "sum(rate(parvis_promises_total[{w}]))",
        "info",
        "replies-are-overdue",
    ),
    Objective(
        "emergency_seen",
        "Emergencies are seen",
        "99 % of cases pinned for danger are taken care of within the hour",
        0.99,
        *_late("parvis_emergency_seen_seconds", 3600),
        "critical",
        "an-emergency-waits",
        enough=0,
    ),
    Objective(
        "delivered_in_time",
        "Replies go out",
        "99 % of decided replies are delivered within 15 minutes",
        0.99,
        *_late("parvis_delivery_seconds", 900),
        "critical",
        "replies-do-not-go-out",
    ),
)


@dataclass(frozen=True)
class Alert:
    """A cause. `summary` may name labels as `{{ $labels.service }}`."""

    name: str
    expr: str
    severity: Severity
    summary: str
    runbook: str
    wait: str = "1m"


def _waits(what: str) -> str:
    return f'max by (service) (parvis_waiting_for{{what="{what}"}}) == 1'


CAUSES = (
    *(
        Alert(
            f"Parvis{service.title()}Silent",
            f'absent(parvis_ready{{service="{service}"}})',
            "critical",
            f"{service} tells nothing: no process of it can be asked",
            "a-service-is-silent",
            "30s",
        )
        for service in SERVICES
    ),
    Alert("ParvisKafkaAway", _waits("kafka"), "critical", "{{ $labels.service }} does not reach Kafka", "kafka-is-away", "15s"),
    Alert(
        "ParvisDatabaseAway",
        _waits("database"),
        "critical",
        "{{ $labels.service }} does not reach the database",
        "the-database-is-away",
        "15s",
    ),
    Alert(
        "ParvisStoppedAtRecords",
        "max by (service) (parvis_records_held) > 0",
        "critical",
        "{{ $labels.service }} stopped: so many records failed that this is a bad release",
        "dead-letters-grow",
        "0s",
    ),
    Alert("ParvisModelSilent", _waits("model"), "warning", "the model does not answer {{ $labels.service }}", "drafts-do-not-come", "15s"),
    Alert("ParvisWebhooksAway", _waits("webhooks"), "warning", "an agency's webhook did not take the last word", "a-webhook-fails", "1m"),
    Alert("ParvisMailboxAway", _waits("mailbox"), "warning", "a mailbox can't be read", "agencies-can-not-hand-anything-in", "1m"),
    Alert(
        "ParvisMailAway", _waits("mail server"), "critical", "the mail server did not take the last mail", "replies-do-not-go-out", "15s"
    ),
    Alert(
        "ParvisModelAway",
        'sum by (reason) (increase(parvis_draft_fallbacks_total{reason=~"timeout|unreachable|busy|configuration|quota"}[5m]))'
        " > on () group_left () 0.5 * sum(increase(parvis_drafts_total[5m]))",
        "warning",
        "the template writes most drafts: the model's fault is {{ $labels.reason }}",
        "drafts-do-not-come",
        "15s",
    ),
    Alert(
        "ParvisBudgetSpent",
        'increase(parvis_draft_fallbacks_total{reason="budget"}[15m]) > 0',
        "info",
        "a daily budget for the model is spent",
        "drafts-do-not-come",
        "0s",
    ),
    Alert(
        "ParvisDeadLettersGrow",
        'sum by (service, topic, cause) (increase(parvis_dead_letters_total{cause!="refused"}[15m])) > 0',
        "warning",
        "{{ $labels.service }} gave up records of {{ $labels.topic }}: {{ $labels.cause }}",
        "dead-letters-grow",
        "0s",
    ),
    Alert(
        "ParvisDeadLettersUnsettled",
        "max(parvis_dead_letter_oldest_seconds) > 86400",
        "warning",
        "a dead letter waits for a day",
        "dead-letters-grow",
    ),
    Alert(
        "ParvisOutboxOld",
        "max by (service) (parvis_outbox_oldest_seconds) > 60",
        "critical",
        "events of {{ $labels.service }} do not leave its database",
        "kafka-is-away",
    ),
    Alert(
        "ParvisJournalOld",
        "max(parvis_journal_oldest_seconds) > 600",
        "warning",
        "requests were accepted and nobody has triaged them",
        "messages-are-not-sorted",
    ),
    Alert(
        "ParvisUnreadOld",
        "max by (group, topic, partition) (parvis_consumer_oldest_unread_seconds) > 300",
        "warning",
        "{{ $labels.group }} does not get on with {{ $labels.topic }}/{{ $labels.partition }}",
        "a-service-is-behind",
    ),
    Alert(
        "ParvisDiskLow",
        "min by (service) (parvis_disk_free_ratio) < 0.1",
        "warning",
        "less than 10 % of {{ $labels.service }}'s disk is free",
        "the-disk-is-full",
        "5m",
    ),
    Alert(
        "ParvisDiskFull",
        "min by (service) (parvis_disk_free_ratio) < 0.03",
        "critical",
        "less than 3 % of {{ $labels.service }}'s disk is free",
        "the-disk-is-full",
        "0s",
    ),
    Alert(
        "ParvisEmergencyWaits",
        "max(parvis_emergency_oldest_seconds) > 3600",
        "critical",
        "a case pinned for danger waits for more than an hour",
        "an-emergency-waits",
        "0s",
    ),
    Alert(
        "ParvisCaseStandsStill",
        'max by (state, department) (parvis_case_oldest_seconds{state=~"received|drafting"}) > 1800',
        "warning",
        "a case of {{ $labels.department }} is {{ $labels.state }} for half an hour",
        "messages-are-not-sorted",
        "5m",
    ),
    Alert(
        "ParvisCasesOverdue",
        "sum by (department) (parvis_cases_overdue) > 0",
        "info",
        "{{ $value }} cases of {{ $labels.department }} are overdue",
        "replies-are-overdue",
        "1h",
    ),
    Alert(
        "ParvisDeliveryStuck",
        'max by (kind, reason) (parvis_delivery_oldest_seconds{reason!="not due"}) > 900',
        "warning",
        "a delivery ({{ $labels.kind }}) waits for 15 minutes: {{ $labels.reason }}",
        "replies-do-not-go-out",
    ),
    Alert(
        "ParvisDeliveryFailed",
        'sum by (kind, outcome) (increase(parvis_deliveries_total{outcome=~"failed|uncertain"}[15m])) > 0',
        "warning",
        "a delivery ({{ $labels.kind }}) ended {{ $labels.outcome }}",
        "replies-do-not-go-out",
        "0s",
    ),
    Alert(
        "ParvisWebhookFails",
        'sum(increase(parvis_webhook_attempts_total{outcome!="delivered"}[15m])) > 0.5 * sum(increase(parvis_webhook_attempts_total[15m]))',
        "warning",
        "most tries to reach agencies' webhooks fail",
        "a-webhook-fails",
        "5m",
    ),
    Alert(
        "ParvisSignInsRefused",
        "sum by (way) (increase(parvis_sign_in_failures_total[5m])) > 50",
        "warning",
        "many refused sign-ins: {{ $labels.way }}",
        "many-sign-ins-are-refused",
        "0s",
    ),
    Alert(
        "ParvisWorkerEnds",
        "sum by (worker) (increase(parvis_worker_ended_total[15m])) > 3",
        "warning",
        "{{ $labels.worker }} ends again and again",
        "messages-are-not-sorted",
        "0s",
    ),
    Alert(
        "ParvisFilesUnusable",
        "max by (name) (parvis_reload_failed) == 1",
        "warning",
        "{{ $labels.name }} on disk can't be used, the former is in use",
        "published-answers-can-not-be-used",
        "2m",
    ),
    Alert(
        "ParvisFiguresMissing",
        "max by (service, sample) (parvis_sample_failed) == 1",
        "info",
        "figures of {{ $labels.sample }} can't be had from {{ $labels.service }}",
        "a-service-waits",
        "5m",
    ),
    Alert(
        "ParvisModelDrifts",
        'max(parvis_triage_drift{measure="psi"}) > 0.25'
        ' and on () max(parvis_triage_drift{measure="psi"}) > max(parvis_triage_drift{measure="psi_by_chance"})',
        "info",
        "messages are other than those the classifier was made for",
        "more-is-left-to-people",
        "6h",
    ),
    Alert(
        "ParvisTriageAbstains",
        'sum(increase(parvis_triage_decisions_total{outcome="needs_triage"}[6h])) > 0.6 * sum(increase(parvis_triage_decisions_total[6h]))'
        " and sum(increase(parvis_triage_decisions_total[6h])) > 50",
        "info",
        "most messages are left to people",
        "more-is-left-to-people",
        "30m",
    ),
)


def _record(objective: Objective, window: str) -> dict[str, Any]:
    of_window = [part.replace("{w}", window) for part in (objective.bad, objective.all)]
    return {"record": objective.ratio(window), "expr": " / ".join(of_window)}


def _burns(objective: Objective, factor: float, short: str, long: str) -> dict[str, Any]:
    threshold = f"{factor * objective.budget:.6g}"
    speed = "Fast" if factor == FAST else "Slowly"
    expr = f"{objective.ratio(short)} > {threshold} and {objective.ratio(long)} > {threshold}"
    if objective.enough:
        events = objective.all.replace("{w}", long).replace("rate(", "increase(")
        expr += f" and on () {events} > {objective.enough}"
    name = "".join(word.title() for word in objective.name.split("_"))
    summary = f"{objective.title}: the budget of 30 days is spent {factor:g} times too fast"
    severity = objective.severity if factor == FAST or objective.severity != "critical" else "warning"
    return _alert(Alert(f"Parvis{name}Burns{speed}", expr, severity, summary, objective.runbook, "0s"))


def _alert(alert: Alert) -> dict[str, Any]:
    return {
        "alert": alert.name,
        "expr": alert.expr,
        "for": alert.wait,
        "labels": {"severity": alert.severity},
        "annotations": {"summary": alert.summary, "runbook_url": HOST + alert.runbook},
    }


def rules() -> dict[str, Any]:
    """The file of rules."""
    records = [_record(objective, window) for objective in OBJECTIVES for window in WINDOWS]
    burning = [_burns(o, *way) for o in OBJECTIVES for way in ((FAST, "5m", "1h"), (SLOW, "30m", "6h"))]
    return {
        "groups": [
            {"name": "parvis objectives", "interval": "30s", "rules": records},
            {"name": "parvis burn rates", "interval": "30s", "rules": burning},
            {"name": "parvis causes", "interval": "15s", "rules": [_alert(alert) for alert in CAUSES]},
        ]
    }


def objectives() -> str:
    """The objectives as a table in Markdown."""
    rows = ["| objective | promise over 30 days | may fail | pages at | runbook |", "| --- | --- | --- | --- | --- |"]
    for o in OBJECTIVES:
        pages = f"{min(FAST * o.budget, 1):.1%} bad in 5 min and 1 h, {SLOW * o.budget:.1%} in 30 min and 6 h"
        rows.append(f"| {o.title} | {o.promise} | {o.budget:.1%} | {pages} | [{o.runbook}](runbook.md#{o.runbook}) |")
    return "\n".join(rows)
