"""What services count while a letter goes through them. That none of it is a citizen's: `test_no_word_of_a_citizen.py`."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import a_request
from tests.harness.running_stack import SERVICES, Agency, Caseworker, Installation
from tests.harness.waiting import until

pytestmark = pytest.mark.journey

Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures_of(parvis: Installation, service: str) -> Series:
    """The figures as Prometheus reads them."""
    answer = parvis.http.get(f"{parvis.run_file()['services'][service]}/metrics")
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def total(figures: Series, name: str, **labels: str) -> float:
    """All series of that name that have these labels."""
    return sum(value for (of, having), value in figures.items() if of == name and having >= set(labels.items()))


WHAT_MOVES: dict[str, list[tuple[str, dict[str, str]]]] = {
    "intake": [
        ("parvis_requests_total", {"way": "api", "outcome": "accepted"}),
        ("parvis_http_requests_total", {"route": "/v1/requests", "status": "2xx"}),
        ("parvis_records_total", {"topic": "parvis.requests.triaged.v1", "outcome": "done"}),
    ],
    "triage": [
        ("parvis_records_total", {"topic": "parvis.requests.received.v1", "outcome": "done"}),
        ("parvis_record_seconds_count", {"topic": "parvis.requests.received.v1"}),
        ("parvis_triage_decisions_total", {}),
        ("parvis_triage_confidence_count", {}),
    ],
    "drafting": [
        ("parvis_drafts_total", {"outcome": "template"}),
        ("parvis_record_seconds_count", {"topic": "parvis.requests.triaged.v1"}),
    ],
    "review": [
        ("parvis_stage_seconds_count", {"stage": "triaged"}),
        ("parvis_stage_seconds_count", {"stage": "drafted"}),
        ("parvis_stage_seconds_count", {"stage": "decided"}),
        ("parvis_stage_seconds_count", {"stage": "delivered"}),
        ("parvis_delivery_seconds_count", {}),
        ("parvis_promises_total", {}),
    ],
    "dispatch": [
        ("parvis_deliveries_total", {"kind": "reply", "outcome": "delivered"}),
        ("parvis_delivery_attempts_total", {"outcome": "delivered"}),
    ],
}


def test_a_letter_moves_the_figures_of_every_service(parvis: Installation, city: Agency, anna: Caseworker) -> None:
    before = {service: figures_of(parvis, service) for service in SERVICES}

    request = a_request()
    assert city.sends(request).status_code == 202
    assert anna.approves(anna.brings_to_approval(request["request_id"])).status_code == 200
    anna.sees(request["request_id"], "sent")

    for service, series in WHAT_MOVES.items():
        for name, labels in series:
            until(
                lambda service=service, name=name, labels=labels: (  # type: ignore[misc]
                    total(figures_of(parvis, service), name, **labels) > total(before[service], name, **labels)
                ),
                f"{service} has counted {name} {labels}",
                seconds=60,
            )


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_tells_its_lag_its_disk_and_whether_it_is_ready(parvis: Installation, service: str) -> None:
    def ready_figures() -> Series | None:
        figures = figures_of(parvis, service)
        return figures if total(figures, "parvis_ready", service=service) else None

    figures = until(ready_figures, f"{service} is ready")

    groups = {dict(labels)["group"] for name, labels in figures if name == "parvis_consumer_lag"}
    assert groups == {f"parvis.{service}"}
    assert 0 < total(figures, "parvis_disk_free_ratio") < 1
    assert total(figures, "parvis_sample_failed") == 0
    if service in ("intake", "review", "dispatch"):
        assert ("parvis_outbox_waiting", frozenset({("service", service)})) in figures


def test_a_wrong_password_and_a_wrong_token_are_counted(parvis: Installation) -> None:
    before = figures_of(parvis, "review")

    wrong = parvis.http.get(f"{parvis.review_url}/api/v1/cases", headers={"Authorization": "Bearer nobody's"})

    assert wrong.status_code == 401
    assert total(figures_of(parvis, "review"), "parvis_sign_in_failures_total", way="token") == 1 + total(
        before, "parvis_sign_in_failures_total", way="token"
    )


def test_a_record_that_nobody_can_read_is_counted_by_its_cause(parvis: Installation) -> None:
    labels = {"topic": "parvis.requests.received.v1", "cause": "unreadable"}
    before = total(figures_of(parvis, "triage"), "parvis_dead_letters_total", **labels)

    parvis.publish(b"no JSON at all")

    until(lambda: total(figures_of(parvis, "triage"), "parvis_dead_letters_total", **labels) > before, "triage has counted it")
