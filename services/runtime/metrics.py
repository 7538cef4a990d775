"""Counts, measures and states what the metric catalogue lists; a label never gets a value that is in no list."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import REGISTRY, Counter, Gauge, Histogram, Metric, disable_created_metrics
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from services.runtime.metric_catalogue import BY_NAME, CATALOGUE, OTHER, Definition

disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each, which nobody asks for

MOST_AT_START = 60
"""Series of one counter that begin at nought, so that the first event of a kind is seen as an increase."""

_taxonomy: dict[str, frozenset[str]] = {}


def take_taxonomy(categories: Iterable[str], departments: Iterable[str]) -> None:
    """The only values that labels of these names have from now on, beside `other`."""
    for name, values in (("category", categories), ("department", departments)):
        _taxonomy[name] = _taxonomy.get(name, frozenset()) | frozenset(values)


def bounded(definition: Definition, labels: Mapping[str, str]) -> list[str]:
    """The values of a series in the definition's order, each of its list or `other`. Raises KeyError where one is missing."""
    values = []
    for name, listed in definition.labels.items():
        allowed = _taxonomy.get(name, ()) if listed == "taxonomy" else listed
        values.append(labels[name] if isinstance(allowed, str) or labels[name] in allowed else OTHER)
    return values


def _at_start(definition: Definition) -> Iterator[Sequence[str]]:
    """The series that are there before anything happens: of lists that are closed and not long."""
    lists = [values for values in definition.labels.values() if not isinstance(values, str)]
    if len(lists) == len(definition.labels):
        yield from itertools.islice(itertools.product(*lists), MOST_AT_START)


class Count:
    """A counter."""

    def __init__(self, name: str) -> None:
        self.definition = BY_NAME[name]
        self._counter = Counter(name, self.definition.meaning, list(self.definition.labels))
        for values in _at_start(self.definition) if self.definition.labels else ():
            self._counter.labels(*values)

    def inc(self, amount: float = 1, /, **labels: str) -> None:
        """Adds `amount`."""
        values = bounded(self.definition, labels)
        (self._counter.labels(*values) if values else self._counter).inc(amount)


class Distribution:
    """A histogram."""

    def __init__(self, name: str) -> None:
        self.definition = BY_NAME[name]
        self._histogram = Histogram(name, self.definition.meaning, list(self.definition.labels), buckets=self.definition.buckets)
        for values in _at_start(self.definition) if self.definition.labels else ():
            self._histogram.labels(*values)

    def observe(self, value: float, /, *, trace_id: str | None = None, **labels: str) -> None:
        """Adds a value, never less than nought; `trace_id` (32 hexadecimal digits) leads from its bucket to one such request."""
        values = bounded(self.definition, labels)
        exemplar = {"trace_id": trace_id} if trace_id else None
        (self._histogram.labels(*values) if values else self._histogram).observe(max(value, 0.0), exemplar)


class State:
    """A gauge."""

    def __init__(self, name: str) -> None:
        self.definition = BY_NAME[name]
        self._gauge = Gauge(name, self.definition.meaning, list(self.definition.labels))

    def set(self, value: float, /, **labels: str) -> None:
        """The value of one series."""
        values = bounded(self.definition, labels)
        (self._gauge.labels(*values) if values else self._gauge).set(value)

    def clear(self) -> None:
        """Nothing is known: the series are gone until the next value, since an old one would look like a new one."""
        if self.definition.labels:
            self._gauge.clear()
        else:
            self._gauge.set(float("nan"))


HTTP_REQUESTS: Final = Count("parvis_http_requests")
HTTP_SECONDS: Final = Distribution("parvis_http_request_seconds")
READY: Final = State("parvis_ready")
WAITING_FOR: Final = State("parvis_waiting_for")
DISK_FREE: Final = State("parvis_disk_free_ratio")
SAMPLE_FAILED: Final = State("parvis_sample_failed")
RELOAD_FAILED: Final = State("parvis_reload_failed")
WORKER_ENDED: Final = Count("parvis_worker_ended")
RECORDS: Final = Count("parvis_records")
RECORD_SECONDS: Final = Distribution("parvis_record_seconds")
RECORD_RETRIES: Final = Count("parvis_record_retries")
RECORDS_REFUSED: Final = Count("parvis_records_refused")
RECORDS_HELD: Final = State("parvis_records_held")
DEAD_LETTERS: Final = Count("parvis_dead_letters")
LAG: Final = State("parvis_consumer_lag")
OLDEST_UNREAD: Final = State("parvis_consumer_oldest_unread_seconds")
LEADERLESS: Final = State("parvis_partition_leaderless")
OUTBOX_WAITING: Final = State("parvis_outbox_waiting")
OUTBOX_OLDEST: Final = State("parvis_outbox_oldest_seconds")
REQUESTS: Final = Count("parvis_requests")
FILES_SCANNED: Final = Count("parvis_files_scanned")
JOURNAL_WAITING: Final = State("parvis_journal_waiting")
JOURNAL_OLDEST: Final = State("parvis_journal_oldest_seconds")
TRIAGE_DECISIONS: Final = Count("parvis_triage_decisions")
TRIAGE_CONFIDENCE: Final = Distribution("parvis_triage_confidence")
TRIAGE_SET_ASIDE: Final = Count("parvis_triage_set_aside")
TRIAGE_UNWATCHED: Final = Count("parvis_triage_unwatched")
TRIAGE_LOOKS_FAILED: Final = Count("parvis_triage_looks_failed")
TRIAGE_SHADOW: Final = Count("parvis_triage_shadow")
TRIAGE_DRIFT: Final = State("parvis_triage_drift")
TRIAGE_TODAY: Final = State("parvis_triage_today")
DRAFTS: Final = Count("parvis_drafts")
DRAFT_FALLBACKS: Final = Count("parvis_draft_fallbacks")
DRAFT_CHECKS_FAILED: Final = Count("parvis_draft_checks_failed")
MODEL_ATTEMPTS: Final = Count("parvis_model_attempts")
MODEL_TOKENS: Final = Count("parvis_model_tokens")
MODEL_COST: Final = Count("parvis_model_cost")
MODEL_SECONDS: Final = Distribution("parvis_model_seconds")
STAGE_SECONDS: Final = Distribution("parvis_stage_seconds")
DELIVERY_SECONDS: Final = Distribution("parvis_delivery_seconds")
PROMISES: Final = Count("parvis_promises")
CASES: Final = State("parvis_cases")
CASE_OLDEST: Final = State("parvis_case_oldest_seconds")
CASES_OVERDUE: Final = State("parvis_cases_overdue")
EMERGENCIES_WAITING: Final = State("parvis_emergencies_waiting")
EMERGENCY_OLDEST: Final = State("parvis_emergency_oldest_seconds")
EMERGENCY_SEEN_SECONDS: Final = Distribution("parvis_emergency_seen_seconds")
DEAD_LETTERS_WAITING: Final = State("parvis_dead_letters_waiting")
DEAD_LETTER_OLDEST: Final = State("parvis_dead_letter_oldest_seconds")
SIGN_IN_FAILURES: Final = Count("parvis_sign_in_failures")
DELIVERIES: Final = Count("parvis_deliveries")
DELIVERY_ATTEMPTS: Final = Count("parvis_delivery_attempts")
WEBHOOK_ATTEMPTS: Final = Count("parvis_webhook_attempts")
DELIVERIES_WAITING: Final = State("parvis_deliveries_waiting")
DELIVERY_OLDEST: Final = State("parvis_delivery_oldest_seconds")


class _OfService(Collector):
    """What one service has to say: the metrics that the catalogue gives it, and those of the process."""

    def __init__(self, service: str) -> None:
        self._others = {definition.name for definition in CATALOGUE if service not in definition.services}

    def collect(self) -> Iterator[Metric]:
        """The families; what a worker process has counted of one is added to what this process has."""
        families: dict[str, Metric] = {}
        for family in REGISTRY.collect():
            if family.name in families:
                family = _merged(families[family.name], family)  # noqa: PLW2901
            if family.name not in self._others and family.samples:
                families[family.name] = family
        yield from families.values()


def _merged(own: Metric, others: Metric) -> Metric:
    samples = {(sample.name, *sorted(sample.labels.items())): sample for sample in own.samples}
    for sample in others.samples:
        key = (sample.name, *sorted(sample.labels.items()))
        if key in samples and own.type != "gauge":
            samples[key] = sample._replace(value=sample.value + samples[key].value)
        else:
            samples[key] = sample
    merged = Metric(own.name, own.documentation, own.type)
    merged.samples = list(samples.values())
    return merged


def exposition(service: str, accept: str) -> tuple[bytes, str]:
    """The figures of a service and their media type: OpenMetrics with exemplars where that is asked for, else Prometheus' own text."""
    encode, media_type = choose_encoder(accept)
    return encode(_OfService(service)), media_type
