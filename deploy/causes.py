"""What is broken when an alert comes: each cause behind the objectives, with its words and its section of the runbook."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["critical", "warning", "info"]
SERVICES = ("intake", "triage", "drafting", "review", "dispatch")


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


_OF_THE_SERVER = "no_answer|unreachable|dropped|tls|credentials|refused|not_written|other"

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
        "ParvisPartitionLeaderless",
        "max by (topic, partition) (parvis_partition_leaderless) == 1",
        "critical",
        "{{ $labels.topic }}/{{ $labels.partition }} has no leader: what belongs into it waits",
        "a-partition-has-no-leader",
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
        "ParvisMailAway",
        f'max by (reason) (parvis_deliveries_waiting{{kind="reply", reason=~"{_OF_THE_SERVER}"}}) > 0'
        ' and on () max(parvis_waiting_for{what="mail server"}) == 1',
        "critical",
        "the mail server takes no replies: {{ $labels.reason }}",
        "replies-do-not-go-out",
        "15s",
    ),
    Alert(
        "ParvisMailPutOff",
        'max by (reason) (parvis_deliveries_waiting{kind="reply", reason="busy"}) > 0',
        "warning",
        "the mail server puts replies off: {{ $labels.reason }}",
        "replies-do-not-go-out",
        "15m",
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
