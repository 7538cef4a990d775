"""`parvis knowledge gaps` and `parvis knowledge report`: what citizens ask and nothing published answers, and what becomes of what is."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from datetime import datetime

    from services.review.quality.article_report import ArticleUse
    from services.review.quality.gaps import GapGroup
    from services.runtime.database import Database
    from services.runtime.settings import Settings

Since = Annotated[str, typer.Option(help="Since this day (2026-03-01), or in so many days (30d).")]
Agency = Annotated[str, typer.Option(help="Only messages to this agency.")]
Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]

SHOWN_IDS = 8


def gaps_cli(since: Since = "30d", agency: Agency = "", as_json: Json = False) -> None:
    """Show messages that nothing published fitted, by category and telling words: what to write about next."""
    from services.cli import context
    from services.runtime import clock

    start = context.day_of(since, clock.now())
    groups = context.on_database(context.settings(), lambda database: _gaps(database, start, agency or None))
    if as_json:
        rows = [
            {
                "category": group.category,
                "words": list(group.words),
                "messages": [
                    {
                        "request_id": str(gap.request_id),
                        "why": gap.why,
                        "language": gap.language,
                        "received_at": gap.received_at.isoformat(),
                    }
                    for gap in group.gaps
                ],
            }
            for group in groups
        ]
        print(json.dumps({"since": start.isoformat(), "groups": rows}, ensure_ascii=False, indent=2))
        return
    if not groups:
        print(f"nothing since {start:%Y-%m-%d}: every message was answered from what is published, or somebody has said what is to be done")
    for group in groups:
        print(f"{len(group.gaps):>5}  {group.category or '(not sorted)'}: {', '.join(group.words) or 'each about something else'}")
        for gap in group.gaps[:SHOWN_IDS]:
            print(f"         {gap.request_id}  {gap.received_at:%Y-%m-%d}  {gap.language}  {gap.why.replace('_', ' ')}")
        if len(group.gaps) > SHOWN_IDS:
            print(f"         and {len(group.gaps) - SHOWN_IDS} more (--json has all)")


def report_cli(since: Since = "90d", agency: Agency = "", as_json: Json = False) -> None:
    """Show which articles no draft cited, and which are put right most."""
    from services.cli import context
    from services.runtime import clock

    start, settings = context.day_of(since, clock.now()), context.settings()
    use = context.on_database(settings, lambda database: _use(database, settings, start, agency or None))
    if as_json:
        print(json.dumps({"since": start.isoformat(), **use.model_dump()}, ensure_ascii=False, indent=2))
        return
    print(f"put right most since {start:%Y-%m-%d}:" + ("" if use.most_edited else " none that was cited three times or more"))
    for line in use.most_edited:
        changed = "" if line.distance is None else f", {line.distance:.0%} of the words changed"
        print(f"  {line.article_id}: {line.put_right} of {line.drafts} drafts{changed}")
    print(f"never cited since {start:%Y-%m-%d}: {len(use.never_cited)}")
    for article in use.never_cited:
        print(f"  {article.article_id} ({article.language}): {article.title}")


async def _gaps(database: "Database", since: "datetime", agency: str | None) -> "list[GapGroup]":
    from services.review.quality import store
    from services.review.quality.gaps import grouped

    await store.note_all_edits(database)
    async with database.reading() as session:
        return grouped(await store.gaps_since(session, since, agency=agency), await store.some_mail(session))


async def _use(database: "Database", settings: "Settings", since: "datetime", agency: str | None) -> "ArticleUse":
    from services.domain import knowledge_folder
    from services.review.cases.page.published_pages import published_pages
    from services.review.quality import article_report, store
    from services.runtime.errors import InvalidInput

    try:
        published = published_pages(knowledge_folder.read(settings.knowledge_dir or knowledge_folder.SAMPLE_CITY))
    except knowledge_folder.InvalidKnowledge as error:
        raise InvalidInput(str(error), field="PARVIS_KNOWLEDGE_DIR") from None
    await store.note_all_edits(database)
    async with database.reading() as session:
        return article_report.use_of(published, await store.tally_since(session, since, agency=agency), await store.cited_now(session))
