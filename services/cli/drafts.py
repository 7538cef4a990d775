"""`parvis drafts`: measures whole drafts on a golden set, with or without a model, and what people changed of those they decided on."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID, uuid5

import typer

from services.cli.drafting_switch import switch_cli
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from services.drafting.draft_report import GoldenRequest, Outcome
    from services.review.quality.edit_report import Group, Report
    from services.review.quality.edits import EditKind
    from services.runtime.database import Database
    from services.runtime.settings import Settings

drafts = typer.Typer(no_args_is_help=True, help="How good the drafts are.")
drafts.command("switch")(switch_cli)

NAMES = UUID("2d3d6b2e-0d0f-5b43-8d0a-0a5a4f6a6b11")

SHOWN_GROUPS = 20


@drafts.command("evaluate")
def evaluate_cli(
    golden: Annotated[Path, typer.Argument(help="JSON Lines: a message and what a good draft says.", exists=True, dir_okay=False)],
    part: Annotated[str, typer.Option(help="Only lines of this part.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print every outcome as JSON.")] = False,
    show: Annotated[bool, typer.Option("--show", help="Name each draft that falls short, and why.")] = False,
    template: Annotated[bool, typer.Option("--template", help="Ask no model, whatever is configured.")] = False,
    floors: Annotated[str, typer.Option(help="End with 1 below these, as `good=0.6,silent=0.8`; wrong_unmarked is at most.")] = "",
) -> None:
    """Draft each message as the service would, by the configured model or the template, and compare it with what a good draft says."""
    from services.drafting import draft_report
    from services.runtime.settings import LlmSettings, Settings

    limits = floors_of(floors)
    requests = [request for request in read(golden) if not part or request.part == part]
    if not requests:
        raise InvalidInput(
            f"{golden.name}: no message{f' of the part {part!r}' if part else ''}: there is nothing to measure", field="part"
        )
    settings = Settings()
    if template:
        settings = settings.model_copy(update={"llm": LlmSettings.model_construct()})
    outcomes = asyncio.run(_outcomes(requests, settings))
    by_language = {"all": outcomes} | {code: [o for o in outcomes if o.language == code] for code in sorted({o.language for o in outcomes})}
    if as_json:
        report = {name: asdict(draft_report.shares(own)) for name, own in by_language.items()}
        print(json.dumps(report | {"drafts": [asdict(o) for o in outcomes]}, ensure_ascii=False, indent=2))
    else:
        _print_shares(outcomes, by_language, show=show)
    if missed := draft_report.missed(draft_report.shares(outcomes), limits):
        typer.echo("\n".join(missed), err=True)
        raise typer.Exit(1)


def floors_of(text: str) -> dict[str, float]:
    """The floors of an option, by the name of their figure. Raises InvalidInput."""
    from services.drafting.draft_report import SHARES

    limits = {}
    for pair in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (part.strip() for part in pair.partition("="))
        try:
            limits[name] = float(value)
        except ValueError:
            limits[name] = -1.0
        if name not in SHARES or not 0 <= limits[name] <= 1:
            raise InvalidInput(f"--floors: {pair!r}: give figure=share from 0 to 1, with figures of {', '.join(SHARES)}", field="--floors")
    return limits


def _print_shares(outcomes: "Sequence[Outcome]", by_language: "Mapping[str, Sequence[Outcome]]", *, show: bool) -> None:
    from services.drafting import draft_report

    if show:
        for o in outcomes:
            if not o.good:
                reasons = [
                    *(["cites where nothing answers"] if o.silent is False else []),
                    *(["cites no right passage"] if o.right_passage is False else []),
                    *(f"does not say {fact}" for fact in o.missing),
                    *(f"says {words}" for words in o.wrong),
                ]
                print(f"{o.id}: {'; '.join(reasons)}{'' if o.checks_failed else ' (every check passed)'}")
    columns = ("messages", "good", "right_passage", "silent", "says_all", "says_nothing_wrong", "wrong_unmarked")
    print(f"{'':<6}" + "".join(f"{name.replace('_', ' '):>20}" for name in columns))
    for name, own in by_language.items():
        figures = asdict(draft_report.shares(own))
        print(f"{name:<6}" + "".join(f"{figures[c]:>20}" if c == "messages" else f"{figures[c]:>20.3f}" for c in columns))


@drafts.command("report")
def report_cli(
    since: Annotated[str, typer.Option(help="Decided since this day (2026-03-01), or in so many days (30d).")] = "30d",
    agency: Annotated[str, typer.Option(help="Only drafts for this agency's citizens.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show what people changed of drafts before they sent them: by category, passage, prompt, model and kind of letter."""
    from services.cli import context
    from services.runtime import clock

    start = context.day_of(since, clock.now())
    report = context.on_database(context.settings(), lambda database: _report(database, start, agency or None))
    if as_json:
        print(json.dumps({"since": start.isoformat(), "agency": agency or None, **asdict(report)}, ensure_ascii=False, indent=2))
        return
    if not report.all.drafts:
        print(f"no draft was decided on since {start:%Y-%m-%d}")
        return
    _print_groups(f"since {start:%Y-%m-%d}", [report.all])
    for dimension, groups in report.by.items():
        more = f", the first {SHOWN_GROUPS} of {len(groups)} (--json has all)" if len(groups) > SHOWN_GROUPS else ""
        _print_groups(f"by {dimension}{more}", groups[:SHOWN_GROUPS])


async def _report(database: "Database", since: "datetime", agency: str | None) -> "Report":
    from services.review.quality import store

    await store.note_all_edits(database)
    async with database.reading() as session:
        return await store.tally_since(session, since, agency=agency)


COLUMNS: "dict[str, tuple[EditKind, ...]]" = {
    "as is": ("unchanged",),
    "greeting": ("greeting_or_closing",),
    "wording": ("wording", "subject"),
    "shorter": ("shortened",),
    "added": ("paragraph_added",),
    "dropped": ("passage_dropped",),
    "rewritten": ("rewritten",),
    "rejected": ("rejected",),
}
"""Of a printed table, with the kinds of edit that each counts."""
WIDEST_NAME = 44


def _print_groups(title: str, groups: "Sequence[Group]") -> None:
    names = [group.name or "(none)" for group in groups]
    shown = [name if len(name) <= WIDEST_NAME else f"{name[: WIDEST_NAME - 1]}…" for name in names]
    width = max(len(title), *map(len, shown)) + 2
    print(f"{title:<{width}}{'drafts':>8}{'words':>8}{'facts':>8}" + "".join(f"{column:>{len(column) + 3}}" for column in COLUMNS))
    for name, group in zip(shown, groups, strict=True):
        distance = "-" if group.distance is None else f"{group.distance:.0%}"
        counts = (f"{sum(group.by_kind[kind] for kind in kinds):>{len(column) + 3}}" for column, kinds in COLUMNS.items())
        print(f"{name:<{width}}{group.drafts:>8}{distance:>8}{group.facts:>8}" + "".join(counts))
    print()


async def _outcomes(requests: "list[GoldenRequest]", settings: "Settings") -> "list[Outcome]":
    from schemas.drafts_requested import DraftRequested
    from schemas.requests_triaged import DetectedLanguage, RequestTriaged
    from schemas.values import Redacted
    from services.domain import taxonomy
    from services.drafting import draft_report, handlers, letter_folder, passage_index
    from services.drafting.app import drafter
    from services.runtime import clock, encoder_backends
    from services.triage.signals.letter_kind import letter_kind

    categories, knowledge, writer = (
        taxonomy.load(settings.taxonomy),
        passage_index.load(settings.knowledge_dir, encoder=encoder_backends.of(settings)),
        drafter(settings),
    )
    letters = letter_folder.read(settings.templates_dir, categories.names)
    limit = asyncio.Semaphore(settings.llm.at_once)

    async def of(golden: "GoldenRequest") -> "Outcome":
        request_id = uuid5(NAMES, golden.id)
        letter = letter_kind(golden.subject, golden.message)
        triaged = RequestTriaged(
            request_id=request_id,
            agency="evaluation",
            channel="web",
            received_at=clock.now(),
            language=DetectedLanguage(code=golden.language, confidence=1),
            redacted=Redacted(subject=golden.subject, body=golden.message),
            category=golden.category,
            confidence=1,
            department=golden.department or categories.department_of(golden.category),
            urgency=golden.urgency,
            outcome="routed",
            model_version="evaluation",
            letter=letter.kind if letter else None,
            letter_confidence=letter.probability if letter else None,
            letter_sure=letter is not None and letter.sure,
            letter_tone=letter.tone if letter else None,
        )
        async with limit:
            request = DraftRequested(request_id=request_id, revision=1, triaged=triaged)
            return draft_report.outcome(golden, await handlers.propose(request, writer, knowledge, categories, letters))

    try:
        return list(await asyncio.gather(*(of(request) for request in requests)))
    finally:
        await writer.close()


def read(path: Path) -> "list[GoldenRequest]":
    """The lines of a golden set. Raises InvalidInput naming line, field and fix."""
    from pydantic import ValidationError

    from services.drafting.draft_report import GoldenRequest

    requests = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                requests.append(GoldenRequest.model_validate_json(line))
            except ValidationError as error:
                first = error.errors()[0]
                field = ".".join(map(str, first["loc"])) or "line"
                raise InvalidInput(f"{path.name}: line {number}: {field}: {first['msg']}", field=field) from None
    return requests
