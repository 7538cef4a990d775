"""Grafana dashboards, a panel for each metric of the catalogue, and an overview of the objectives."""

from collections.abc import Sequence
from typing import Any

from alerting import OBJECTIVES

from services.runtime.metric_catalogue import ALL, CATALOGUE, Definition

SOURCE = {"type": "prometheus", "uid": "${source}"}
WIDTH, HEIGHT, ROW = 8, 7, 24
UNITS = {"seconds": "s", "ratio": "percentunit", "probability": "percentunit"}
SHARED = frozenset(("service", "group"))
"""Labels that say the service, which the dashboard is about already."""


def _panel(title: str, kind: str, targets: Sequence[dict[str, Any]], unit: str, description: str) -> dict[str, Any]:
    named = [{**target, "refId": chr(ord("A") + place), "datasource": SOURCE} for place, target in enumerate(targets)]
    return {
        "title": title,
        "type": kind,
        "description": description,
        "datasource": SOURCE,
        "targets": named,
        "fieldConfig": {"defaults": {"unit": unit}, "overrides": []},
    }


def _legend(labels: Sequence[str]) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in labels) or "all"


def panel_of(definition: Definition, service: str) -> dict[str, Any]:
    """What one metric looks like: rates of counters, percentiles of histograms with their exemplars, gauges as they are."""
    labels = [label for label in definition.labels if label not in SHARED]
    chosen = next((label for label in definition.labels if label in SHARED), None)
    of_service = {"service": f'{{service="{service}"}}', "group": f'{{group="parvis.{service}"}}', None: ""}[chosen]
    by = f" by ({', '.join(labels)})" if labels else ""
    unit = UNITS.get(definition.unit, "short")
    if definition.kind == "histogram":
        of = [*labels, "le"]
        rate = f"rate({definition.name}_bucket{of_service}[$__rate_interval])"
        targets = [
            {
                "expr": f"histogram_quantile({share}, sum by ({', '.join(of)}) ({rate}))",
                "legendFormat": f"{_legend(labels)} p{round(share * 100)}",
                "exemplar": True,
            }
            for share in (0.5, 0.95)
        ]
    elif definition.kind == "counter":
        targets = [{"expr": f"sum{by} (rate({definition.series}{of_service}[$__rate_interval]))", "legendFormat": _legend(labels)}]
    else:
        targets = [{"expr": f"max{by} ({definition.series}{of_service})", "legendFormat": _legend(labels)}]
    return _panel(definition.name.removeprefix("parvis_").replace("_", " "), "timeseries", targets, unit, definition.meaning)


def _dashboard(uid: str, title: str, panels: Sequence[dict[str, Any]]) -> dict[str, Any]:
    across = ROW // WIDTH
    placed = [
        {**panel, "id": n + 1, "gridPos": {"x": n % across * WIDTH, "y": n // across * HEIGHT, "w": WIDTH, "h": HEIGHT}}
        for n, panel in enumerate(panels)
    ]
    source = {"name": "source", "label": "Prometheus", "type": "datasource", "query": "prometheus"}
    return {
        "uid": uid,
        "title": title,
        "tags": ["parvis"],
        "editable": False,
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [source]},
        "links": [{"type": "dashboards", "tags": ["parvis"], "title": "Parvis", "asDropdown": True}],
        "panels": placed,
    }


def of_service(service: str) -> dict[str, Any]:
    """All that one service tells of itself."""
    return _dashboard(f"parvis-{service}", f"Parvis: {service}", [panel_of(d, service) for d in CATALOGUE if service in d.services])


def overview() -> dict[str, Any]:
    """Is it healthy, what waits, since when."""
    panels = [
        _panel(
            o.title,
            "stat",
            [{"expr": f"1 - {o.ratio('6h')}", "legendFormat": "six hours"}, {"expr": f"1 - {o.ratio('1h')}", "legendFormat": "an hour"}],
            "percentunit",
            o.promise,
        )
        for o in OBJECTIVES
    ]
    tables = (
        ("Ready", "min by (service) (parvis_ready)", "{{service}}", "short"),
        ("Waits for", "max by (service, what) (parvis_waiting_for)", "{{service}}: {{what}}", "short"),
        ("Behind", "sum by (group) (parvis_consumer_lag)", "{{group}}", "short"),
        ("Oldest unread", "max by (group, topic) (parvis_consumer_oldest_unread_seconds)", "{{group}} {{topic}}", "s"),
        ("Open cases", "sum by (state) (parvis_cases)", "{{state}}", "short"),
        ("Oldest case", "max by (state) (parvis_case_oldest_seconds)", "{{state}}", "s"),
        ("Pinned for danger", "max(parvis_emergency_oldest_seconds)", "oldest", "s"),
        ("Deliveries that wait", "max by (kind, reason) (parvis_deliveries_waiting)", "{{kind}}: {{reason}}", "short"),
        ("Dead letters", "sum by (service, cause) (increase(parvis_dead_letters_total[1h]))", "{{service}}: {{cause}}", "short"),
        ("Drafts", "sum by (outcome) (rate(parvis_drafts_total[$__rate_interval]))", "{{outcome}}", "short"),
        ("Outbox", "max by (service) (parvis_outbox_oldest_seconds)", "{{service}}", "s"),
        ("Cost", "sum by (currency) (increase(parvis_model_cost_total[1d]))", "{{currency}} in a day", "short"),
    )
    panels += [_panel(title, "timeseries", [{"expr": expr, "legendFormat": legend}], unit, "") for title, expr, legend, unit in tables]
    return _dashboard("parvis-overview", "Parvis", panels)


def all_of_them() -> dict[str, dict[str, Any]]:
    """Each by the name of its file."""
    return {"overview": overview(), **{service: of_service(service) for service in ALL}}
