"""`parvis models shadow` and `parvis models drift`: shows what triage has counted of a candidate and of drift."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.cli import context
from services.cli.models import Json
from services.runtime import clock
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from services.triage.monitoring.drift import Window
    from services.triage.monitoring.shadow import ModelComparison

SHOWN_DIFFERENCES = 12


def shadow_cli(days: Annotated[int, typer.Option(help="How many days back.", min=1)] = 7, as_json: Json = False) -> None:
    """Show what the candidate in shadow said beside the model in use."""
    from services.triage.monitoring import daily_counts, decision_observer, shadow

    settings = context.settings()
    daily = daily_counts.days(decision_observer.folder_of(settings), "shadow", clock.now().date() - timedelta(days=days - 1))
    total: daily_counts.Counts = daily_counts.Counts()
    for counts in daily.values():
        total.update(counts)
    compared = shadow.comparisons(total)
    if as_json:
        print(json.dumps([asdict(comparison) for comparison in compared], indent=2))
    elif not compared:
        context.out.print(f"no candidate ran beside the model in use in the last {days} days: set PARVIS_SHADOW_MODEL and restart triage")
    else:
        for comparison in compared:
            _show_shadow(comparison)


def _show_shadow(comparison: "ModelComparison") -> None:
    groups = (("language", comparison.by_language), ("channel", comparison.by_channel), ("category", comparison.by_category))
    parts = [("all", "", comparison.all), *((kind, name, part) for kind, named in groups for name, part in named.items())]
    rows = [
        [kind, name, part.messages, f"{part.agree:.1%}", f"{part.answered:.1%}", f"{part.would_answer:.1%}"] for kind, name, part in parts
    ]
    title = f"{comparison.candidate} beside {comparison.champion}"
    context.out.print(context.table(title, ["", "", "messages", "the same", "answered", "would answer"], rows))
    differences = [[d.messages, d.answered, d.would_say] for d in comparison.differences[:SHOWN_DIFFERENCES]]
    context.out.print(context.table("where they differ most", ["messages", comparison.champion, comparison.candidate], differences))


def drift_cli(days: Annotated[int, typer.Option(help="How many days back.", min=1)] = 30, as_json: Json = False) -> None:
    """Show how words, mix of categories and confidence have moved since the model's first days."""
    from services.triage.monitoring import daily_counts, decision_observer, drift

    settings = context.settings()
    today = clock.now().date()
    daily = daily_counts.days(decision_observer.folder_of(settings), "drift")
    names = drift.models(daily)
    if not names:
        raise InvalidInput(f"nothing was counted in {decision_observer.folder_of(settings)} yet: triage counts what it sorts")
    first = drift.reference(daily, names[0], today)
    before = drift.window([daily[day] for day in first], names[0]) if first else None
    recent = {day: counts for day, counts in daily.items() if day > today - timedelta(days=days)}
    whole = drift.window(list(recent.values()), names[0])
    windows = {day: drift.window([counts], names[0]) for day, counts in recent.items() if day not in first}
    shown = {day: window for day, window in windows.items() if window.all.messages}
    if as_json:
        print(json.dumps(_drift_json(names[0], first, before, shown, whole), indent=2))
        return
    _show_drift(names[0], first, before, shown, whole)


def _drift_json(
    model: str, first: Sequence[date], before: "Window | None", shown: Mapping[date, "Window"], whole: "Window"
) -> dict[str, Any]:
    from services.triage.monitoring import drift

    return {
        "model": model,
        "reference": {"days": [day.isoformat() for day in first], **asdict(before)} if before else None,
        "days": [
            {"day": day.isoformat(), **asdict(window), "shift": asdict(drift.shift(before, window)) if before else None}
            for day, window in shown.items()
        ],
        "all": asdict(whole),
    }


def _show_drift(model: str, first: Sequence[date], before: "Window | None", shown: Mapping[date, "Window"], whole: "Window") -> None:
    from services.triage.monitoring import drift

    rows = [_drift_row("the first days", before, "")] if before else []
    for day, window in shown.items():
        shift = drift.shift(before, window) if before else None
        verdict = f"{shift.verdict} ({shift.psi:.2f}, by chance {shift.psi_by_chance:.2f})" if shift else ""
        rows.append(_drift_row(day.isoformat(), window, verdict))
    columns = ["", "messages", "answered", "confidence", "unknown words", "mix, against the first days"]
    title = f"{model} since {first[0]} (the first {len(first)} days are the reference)" if first else f"{model}"
    context.out.print(context.table(title, columns, rows))
    if not before:
        context.out.print(f"too early to compare: the first whole days that hold {drift.REFERENCE_MESSAGES} messages become the reference")
    groups = (("language", whole.by_language), ("channel", whole.by_channel))
    parts = [
        [kind, name, part.messages, f"{part.answered:.1%}", f"{part.confidence:.1%}", f"{part.unknown_words:.1%}"]
        for kind, named in groups
        for name, part in named.items()
    ]
    context.out.print(context.table("for whom", ["", "", "messages", "answered", "confidence", "unknown words"], parts))


def _drift_row(name: str, window: "Window", verdict: str) -> list[str]:
    whole = window.all
    return [name, str(whole.messages), f"{whole.answered:.1%}", f"{whole.confidence:.1%}", f"{whole.unknown_words:.1%}", verdict]
