"""Rules, dashboards, objectives and runbook fit each other, the metrics that there are, and what Prometheus makes of them."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from services.runtime.metric_catalogue import CATALOGUE, Definition
from services.runtime.settings import SERVICES

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PROMETHEUS = DEPLOY / "prometheus"


def test_what_is_committed_is_what_is_made() -> None:
    script = "import json, observability; print(json.dumps({str(path): text for path, text in observability.files()}))"
    made: dict[str, str] = json.loads(
        subprocess.run([sys.executable, "-c", script], cwd=DEPLOY, capture_output=True, text=True, check=True).stdout
    )

    stale = [path for path, text in made.items() if Path(path).read_text() != text]
    assert stale == [], "run `make dashboards`"
    assert {str(path) for path in (DEPLOY / "grafana").iterdir()} <= set(made)


def rules() -> Iterator[dict[str, Any]]:
    for group in yaml.safe_load((PROMETHEUS / "rules.yaml").read_text())["groups"]:
        yield from group["rules"]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def series_of(definition: Definition) -> set[str]:
    if definition.kind != "histogram":
        return {definition.series}
    return {f"{definition.name}_{part}" for part in ("bucket", "count", "sum")}


def test_every_metric_that_is_asked_for_exists() -> None:
    existing = {name for definition in CATALOGUE for name in series_of(definition)}
    recorded = {rule["record"] for rule in rules() if "record" in rule}
    files = [*PROMETHEUS.glob("*.yaml"), *(DEPLOY / "grafana").glob("*.json")]
    asked = {name for file in files for name in re.findall(r"\bparvis_[a-z_]+|\bparvis:[a-z_:0-9]+", file.read_text())}

    assert len(asked) > 60
    assert asked - existing - recorded == set()


def test_every_label_value_of_a_rule_is_one_that_there_is() -> None:
    labels = {name: (definition.labels, definition.kind) for definition in CATALOGUE for name in series_of(definition)}
    for rule in rules():
        for name, inside in re.findall(r"(parvis_[a-z_]+)\{([^}]*)\}", rule["expr"]):
            of_metric, kind = labels[name]
            for label, _, value in re.findall(r'(\w+)(=~|!=|=)"([^"]*)"', inside):
                assert label in of_metric or (label == "le" and kind == "histogram"), rule
                values = of_metric.get(label, "code")
                assert isinstance(values, str) or set(value.split("|")) <= set(values), rule


def test_a_bucket_that_an_objective_counts_is_one_of_the_histogram() -> None:
    buckets = {f"{definition.name}_bucket": {str(float(b)) for b in definition.buckets} for definition in CATALOGUE}
    for rule in rules():
        for name, bound in re.findall(r'(parvis_[a-z_]+)\{[^}]*le="([^"]+)"', rule["expr"]):
            assert bound in buckets[name], rule


def test_every_dashboard_has_each_metric_of_its_service() -> None:
    for service in SERVICES:
        text = (DEPLOY / "grafana" / f"{service}.json").read_text()
        missing = [d.name for d in CATALOGUE if service in d.services and not any(name in text for name in series_of(d))]
        assert missing == [], service


def headings() -> set[str]:
    lines = (ROOT / "docs" / "runbook.md").read_text().splitlines()
    return {line.removeprefix("## ").lower().replace(" ", "-") for line in lines if line.startswith("## ")}


def test_every_alert_leads_to_a_section_of_the_runbook_and_every_section_has_one() -> None:
    led_to = {alert["annotations"]["runbook_url"].partition("runbook.md#")[2] for alert in alerts()}

    assert led_to == headings()


def test_every_alert_says_how_bad_it_is_and_what() -> None:
    for alert in alerts():
        assert alert["labels"]["severity"] in ("critical", "warning", "info"), alert
        assert alert["annotations"]["summary"], alert
    names = [alert["alert"] for alert in alerts()]
    assert len(names) == len(set(names))


def test_the_runbook_names_alerts_that_there_are() -> None:
    names = {alert["alert"] for alert in alerts()}
    for name in re.findall(r"`(Parvis\w+)`", (ROOT / "docs" / "runbook.md").read_text()):
        assert name in names, name


@pytest.mark.promtool
def test_promtool_calls_whom_the_rules_should_call() -> None:
    done = subprocess.run(["promtool", "test", "rules", "rules_test.yaml"], cwd=PROMETHEUS, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.promtool
def test_promtool_has_nothing_to_say_of_the_configuration() -> None:
    done = subprocess.run(["promtool", "check", "config", "prometheus.yaml"], cwd=PROMETHEUS, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
