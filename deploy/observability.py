"""Makes what is made from the metric catalogue and the objectives, pages, rules and dashboards: `make dashboards`."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # run as a script, this folder would be where Python looks first

import alerting  # noqa: E402
import dashboards  # noqa: E402
import yaml  # noqa: E402

from services.runtime.metric_catalogue import CATALOGUE, CONSUMERS, Definition  # noqa: E402

METRICS_PAGE = ROOT / "docs" / "metrics.md"
OBJECTIVES_PAGE = ROOT / "docs" / "objectives.md"
RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
GRAFANA = ROOT / "deploy" / "grafana"
BEGIN, END = "<!-- made by `make dashboards`", "<!-- end -->"
MADE = "# Made by `make dashboards` from deploy/alerting.py and deploy/causes.py: change it there.\n"

SOURCES = {
    "code": "names in the code",
    "broker": "the topic's partitions",
    "taxonomy": "the taxonomy's, else `other`",
    "setting": "the setting's",
}


def of_services(definition: Definition) -> str:
    """Which services have it, in few words."""
    if set(definition.services) >= set(CONSUMERS):
        return "all" if "mail-in" in definition.services else "the five services"
    return ", ".join(definition.services)


def labels_of(definition: Definition) -> str:
    """Each label with its values."""
    described = []
    for name, values in definition.labels.items():
        listed = SOURCES[values] if isinstance(values, str) else ", ".join(f"`{value}`" for value in values)
        described.append(f"`{name}`: {listed}")
    return "; ".join(described)


def table() -> str:
    """The catalogue as a table in Markdown."""
    rows = ["| metric | kind | unit | of | labels | meaning |", "| --- | --- | --- | --- | --- | --- |"]
    rows += [f"| `{d.series}` | {d.kind} | {d.unit} | {of_services(d)} | {labels_of(d)} | {d.meaning} |" for d in CATALOGUE]
    return "\n".join(rows)


def with_table(path: Path, rows: str) -> str:
    """The page with the table as it is now between its marks."""
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    mark, _, former = rest.partition("\n")
    return f"{before}{begin}{mark}\n{rows}\n{END}{former.partition(END)[2]}"


def files() -> Iterator[tuple[Path, str]]:
    """Every file that is made, with what has to be in it."""
    yield METRICS_PAGE, with_table(METRICS_PAGE, table())
    yield OBJECTIVES_PAGE, with_table(OBJECTIVES_PAGE, alerting.objectives())
    yield RULES, MADE + yaml.safe_dump(alerting.rules(), sort_keys=False, width=200, allow_unicode=True)
    for name, dashboard in dashboards.all_of_them().items():
        yield GRAFANA / f"{name}.json", json.dumps(dashboard, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Writes the files."""
    for path, content in files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
