"""What services count: labels are closed, the table is the one that is documented, and what can't be known is not told."""

from typing import get_args

import pytest
from prometheus_client import REGISTRY
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from schemas.requests_triaged import Outcome
from services.dispatch import rules as dispatch_rules
from services.domain.waiting_deliveries import Reason
from services.drafting import draft_metrics
from services.drafting.draft import Fault
from services.intake import intake_metrics
from services.review.cases.case_state import State
from services.runtime import metric_catalogue, metric_samples, metrics, process, telemetry
from services.runtime.errors import InvalidRecord, Refused
from services.runtime.metric_catalogue import BY_NAME, CATALOGUE
from services.runtime.metric_samples import Samples
from services.runtime.readiness import Check, Readiness
from services.runtime.record_metrics import cause_of
from services.runtime.retry import Health

OPENMETRICS = "application/openmetrics-text; version=1.0.0"


def value(series: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(series, labels)


def test_what_is_in_no_list_is_other() -> None:
    metrics.DRAFT_FALLBACKS.inc(reason="a sentence of Mr Example's")

    assert value("parvis_draft_fallbacks_total", reason="other") == 1
    assert value("parvis_draft_fallbacks_total", reason="a sentence of Mr Example's") is None


def test_categories_are_those_of_the_taxonomy() -> None:
    metrics.take_taxonomy(["parks_trees"], ["green"])
    metrics.TRIAGE_DECISIONS.inc(outcome="routed", category="parks_trees")
    metrics.TRIAGE_DECISIONS.inc(outcome="routed", category="made_up")

    assert value("parvis_triage_decisions_total", outcome="routed", category="parks_trees") == 1
    assert value("parvis_triage_decisions_total", outcome="routed", category="other") == 1


def test_a_series_is_there_before_its_first_event() -> None:
    assert value("parvis_sign_in_failures_total", way="token") is not None


def test_an_exemplar_leads_to_the_trace_where_openmetrics_is_asked_for() -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    metrics.STAGE_SECONDS.observe(70.0, stage="drafted", trace_id=trace_id)

    content, media_type = metrics.exposition("review", OPENMETRICS)

    assert media_type.startswith("application/openmetrics-text")
    exemplars = [
        sample.exemplar.labels["trace_id"]
        for family in text_string_to_metric_families(content.decode())  # type: ignore[no-untyped-call]
        for sample in family.samples
        if sample.exemplar
    ]
    assert trace_id in exemplars


def test_outside_of_a_trace_there_is_no_exemplar() -> None:
    metrics.MODEL_SECONDS.observe(1.0, trace_id=telemetry.current_trace_id())

    assert b"0" * 32 not in metrics.exposition("drafting", OPENMETRICS)[0]


@pytest.mark.parametrize("service", metric_catalogue.ALL)
def test_a_service_has_its_own_metrics_and_no_others(service: str) -> None:
    lines = metrics.exposition(service, "")[0].decode().splitlines()
    families = {line.split()[2].removesuffix("_total") for line in lines if line.startswith("# TYPE parvis_")}

    assert families <= {definition.name for definition in CATALOGUE if service in definition.services}


def test_everything_of_the_catalogue_is_made_and_nothing_else() -> None:
    made = {of.definition.name for of in vars(metrics).values() if isinstance(of, metrics.Count | metrics.Distribution | metrics.State)}

    assert made == set(BY_NAME)


def test_the_lists_are_those_of_the_code() -> None:
    assert get_args(Fault) == metric_catalogue.FAULTS
    assert get_args(draft_metrics.Outcome) == metric_catalogue.DRAFT_OUTCOMES
    assert tuple(state.value for state in State) == metric_catalogue.STATES
    assert set(metric_catalogue.DELIVERY_CHANNELS) == set(get_args(dispatch_rules.Channel))
    assert get_args(dispatch_rules.Kind) == metric_catalogue.DELIVERY_KINDS
    assert BY_NAME["parvis_triage_decisions"].labels["outcome"] == get_args(Outcome)
    assert set(intake_metrics.WAYS.values()) < set(metric_catalogue.WAYS_IN)
    assert set(get_args(Reason)) < set(metric_catalogue.WAITING_REASONS)


@pytest.mark.parametrize(
    ("error", "cause"),
    [(Refused("no"), "refused"), (InvalidRecord("no"), "unreadable"), (TimeoutError(), "timeout"), (KeyError("Mr Example"), "fault")],
)
def test_a_dead_letter_has_one_of_few_causes(error: Exception, cause: str) -> None:
    assert cause_of(error) == cause


@pytest.mark.parametrize(
    ("route", "way"), [("/v1/requests", "api"), ("/open311/v2/requests", "open311"), ("lmtp", "mail"), ("/elsewhere", "other")]
)
def test_a_request_came_by_one_of_few_ways(route: str, way: str) -> None:
    assert intake_metrics.way_of(route) == way


async def test_readiness_is_told_by_what_is_waited_for() -> None:
    class Away:
        running = False

    async def no_mail() -> str:
        return "the mail server (it did not take the last mail for now; it is tried again)"

    kafka = Check("kafka", process.kafka_ready(Away(), Health()))  # type: ignore[arg-type]  # all that it asks of a broker
    await metric_samples.readiness_of("dispatch", Readiness("dispatch", [kafka, Check("mail server", no_mail)]))()

    assert value("parvis_ready", service="dispatch") == 0
    assert value("parvis_waiting_for", service="dispatch", what="kafka") == 1
    assert value("parvis_waiting_for", service="dispatch", what="mail server") == 1


@pytest.fixture
def clock() -> dict[str, float]:
    return {"now": 100.0}


async def test_a_sample_is_taken_once_however_often_it_is_asked_for(clock: dict[str, float]) -> None:
    taken = []

    async def sample() -> None:
        taken.append(clock["now"])

    samples = Samples("review", lambda: clock["now"])
    samples.add("cases", sample, [])
    for now in (100.0, 101.0, 104.9, 105.1):
        clock["now"] = now
        await samples.refresh()

    assert taken == [100.0, 105.1]


async def test_what_can_not_be_known_is_not_told_as_it_was() -> None:
    async def sample() -> None:
        raise ConnectionError("Mr Example's words")

    samples = Samples("review")
    samples.add("cases", sample, [metrics.CASES, metrics.EMERGENCIES_WAITING])
    metrics.CASES.set(3, state="received", department="green")
    await samples.refresh()

    assert value("parvis_cases", state="received", department="other") is None
    assert str(value("parvis_emergencies_waiting")) == "nan"
    assert value("parvis_sample_failed", service="review", sample="cases") == 1
