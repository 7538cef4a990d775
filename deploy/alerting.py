"""Objectives and alerts, as what Prometheus reads: recording rules, burn rates in two windows, and the causes behind them."""

from dataclasses import dataclass
from typing import Any

from causes import CAUSES, Alert, Severity

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
            {"name": "parvis causes", "interval": "5s", "rules": [_alert(alert) for alert in CAUSES]},
        ]
    }


def objectives() -> str:
    """The objectives as a table in Markdown."""
    rows = ["| objective | promise over 30 days | may fail | pages at | runbook |", "| --- | --- | --- | --- | --- |"]
    for o in OBJECTIVES:
        pages = f"{min(FAST * o.budget, 1):.1%} bad in 5 min and 1 h, {SLOW * o.budget:.1%} in 30 min and 6 h"
        rows.append(f"| {o.title} | {o.promise} | {o.budget:.1%} | {pages} | [{o.runbook}](runbook.md#{o.runbook}) |")
    return "\n".join(rows)
