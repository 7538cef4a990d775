"""`parvis trace`: the waterfall of one request in the terminal."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table
    from rich.text import Text

    from services.review.ops.trace import SpanOut
    from services.review.ops.waterfall import Bar
    from services.runtime.settings import Settings
    from services.runtime.trace_summaries import TraceSummary

NARROWEST = 12  # characters of the chart, however narrow the terminal
FIGURES = 26  # characters of a line for its two times
UNKNOWN = {
    "lost": "? nothing was told of this step: its process may have been killed, or it was forgotten with age; it is known by what followed",
    "untold": "… nothing is told of this step yet: it may be going on",
}
"""What stands for a step that is known by what followed from it alone."""


def trace_cli(
    name: Annotated[str, typer.Argument(metavar="ID", help="The request's number, its reference, or a trace id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the steps as JSON.")] = False,
) -> None:
    """Draw every step of one request in the terminal: its trace, from arrival to delivery, failed steps first.

    Exits with 0 where a trace is there, and with 1 where none is.
    """
    from services.cli import context
    from services.review.ops.trace import TraceOut, shown
    from services.runtime import trace_gaps
    from services.runtime.span_store import LocalTraces

    settings = context.settings()
    store = LocalTraces(settings.traces) if settings.traces.exists() else None
    summary = _newest(store, name, settings)
    spans = [shown(span) for span in trace_gaps.filled(store.spans_of(summary.trace_id))] if store else []
    if as_json:
        print(TraceOut(trace_id=summary.trace_id, spans=spans).model_dump_json(indent=2))
        return
    _draw(summary, spans, settings)


def _newest(store: object, name: str, settings: "Settings") -> "TraceSummary":
    """The trace that ended last of those that the id names. Raises NotFound with what to do next."""
    from services.review.ops import trace_search
    from services.runtime import telemetry
    from services.runtime.errors import NotFound
    from services.runtime.span_store import LocalTraces

    traces = trace_search.find(store, name) if isinstance(store, LocalTraces) else []
    if traces:
        return traces[0]
    wanted = trace_search.named_by(name, [])
    trace_ids = [*wanted.trace_ids, *(f"{telemetry.trace_id_of(number):032x}" for number in wanted.request_ids)]
    if not trace_ids:
        raise NotFound(f"{name!r} names no request: give its number, the reference of its case, or a trace id of 32 hexadecimal digits")
    if telemetry.exports() or settings.trace_url:
        where = settings.trace_url.replace("{trace_id}", trace_ids[-1]) or f"trace {trace_ids[-1]}"
        raise NotFound(f"no step of {name} is kept in {settings.traces}; look in your tracing tool: {where}")
    raise NotFound(
        f"no step of {name} is kept in {settings.traces}: it is older than PARVIS_TRACE_DAYS, of another installation, or there was none"
    )


def _draw(summary: "TraceSummary", spans: "Sequence[SpanOut]", settings: "Settings") -> None:
    from rich.text import Text

    from services.cli import context
    from services.review.ops.waterfall import waterfall

    bars, breaks = waterfall(spans)
    failed = [bar for bar in bars if bar.status == "error"]
    out = context.out
    span = long(max(bar.offset + bar.seconds for bar in bars))
    facts = [f"trace {summary.trace_id}", *(f"{key} {value}" for key, value in _facts(summary) if value)]
    out.print(Text(f"{len(bars)} steps in {span}, from {min(s.start for s in spans):%Y-%m-%d %H:%M:%S} UTC", style="bold"))
    out.print(Text(" · ".join(facts), style="dim"))
    if settings.trace_url:
        out.print(Text(settings.trace_url.replace("{trace_id}", summary.trace_id), style="dim"))
    for bar in failed:
        letter = bar.attributes.get("parvis.dead_letter")
        then = f"; parvis dead-letters show {letter}" if letter else ""
        out.print(
            Text(f"✗ {bar.name} ({_service(bar)}, +{after(bar.offset)}) failed: {bar.reason or 'no reason noted'}{then}", style="red")
        )
    statuses = {bar.status for bar in bars}
    for meaning in (UNKNOWN[status] for status in UNKNOWN if status in statuses):
        out.print(Text(meaning, "dim"))
    out.print(_chart(bars, breaks, out.width if out.is_terminal else 120))
    if breaks:
        out.print(
            Text("┊ a time in which nothing ran, cut out however long it was; between two cuts compare the figures, not the widths", "dim")
        )


def _facts(summary: "TraceSummary") -> list[tuple[str, str | None]]:
    return [("request", summary.request_id), ("agency", summary.agency), ("category", summary.category)]


def _chart(bars: "Sequence[Bar]", breaks: "Sequence[float]", width: int) -> "Table":
    from rich.table import Table
    from rich.text import Text

    names = [_name(bar) for bar in bars]
    longest = min(max(len(name) for name in names), max(width - FIGURES - NARROWEST - 4, NARROWEST))
    columns = max(min(width, 160) - longest - FIGURES - 4, NARROWEST)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(width=longest, no_wrap=True, overflow="ellipsis")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(width=columns, no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for bar, name in zip(bars, names, strict=True):
        if bar.waited:
            table.add_row(Text(f"  waited {long(bar.waited)}", style="dim"), "", _line(None, breaks, columns), "")
        table.add_row(
            Text(name, style="red" if bar.status == "error" else ""),
            f"+{after(bar.offset)}",
            _line(bar, breaks, columns),
            long(bar.seconds),
        )
    return table


def _name(bar: "Bar") -> str:
    mark = {"error": "✗ ", **{status: f"{meaning[0]} " for status, meaning in UNKNOWN.items()}}.get(bar.status, "")
    return f"{'  ' * bar.depth}{mark}{bar.name} [{_service(bar)}]"


def _service(bar: "Bar") -> str:
    return bar.service.removeprefix("parvis.")


def _line(bar: "Bar | None", breaks: "Sequence[float]", columns: int) -> "Text":
    """One line of the chart: the bar, and where time is cut out."""
    from rich.text import Text

    from services.review.ops.waterfall import WIDTH

    cells = [" "] * columns
    for at in breaks:
        cells[min(int(at / WIDTH * columns), columns - 1)] = "┊"
    line = Text("".join(cells), style="dim")
    if bar is None:
        return line
    first = min(int(bar.left / WIDTH * columns), columns - 1)
    last = min(max(int((bar.left + bar.width) / WIDTH * columns), first + 1), columns)
    drawn = ("·" if bar.waits else "█") * (last - first)
    style = "dim" if bar.waits else "red" if bar.status == "error" else "cyan"
    return line[:first] + Text(drawn, style=style) + line[last:]


def after(seconds: float) -> str:
    """How long after the beginning, to the second, however many days."""
    if seconds < 60:  # noqa: PLR2004 - a minute
        return long(seconds)
    whole = int(seconds)
    days = f"{whole // 86400} d " if whole >= 86400 else ""  # noqa: PLR2004 - a day
    return f"{days}{whole % 86400 // 3600:02}:{whole % 3600 // 60:02}:{whole % 60:02}"


def long(seconds: float) -> str:
    """A time as people read it, in two units at most."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms" if seconds >= 0.001 else f"{seconds * 1e6:.0f} µs"  # noqa: PLR2004 - a millisecond
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if not minutes:
        return f"{seconds:.1f} s"
    if not hours:
        return f"{minutes} min {int(seconds % 60)} s"
    return f"{hours} h {minutes % 60} min" if not days else f"{days} d {hours % 24} h"
