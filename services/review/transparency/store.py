"""Reads what an agency's page tells: figures of days, and what triage and drafting said last that they work with."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import col

from services.domain.placeholders import UNREAD
from services.domain.taxonomy import Taxonomy
from services.review.agencies import store as agencies
from services.review.automation import store as automation
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.tables import WHOLE, CaseRow, DraftRow
from services.review.people.rules import EVERYTHING
from services.review.transparency import rules
from services.review.transparency.rules import Facts
from services.runtime.database import Session, lines
from services.runtime.errors import NotFound


async def facts(
    session: Session, agency: str, taxonomy: Taxonomy, now: datetime, language: str, organisation: str = "", contact: str = ""
) -> Facts:
    """What is true of the agency now. Raises NotFound where there is no such agency."""
    if not await _is_one(session, agency, now):
        raise NotFound("there is no such agency here")
    since, today = now - timedelta(days=rules.DAYS), taxonomy.day(now)
    chosen = Chosen(taxonomy.day(since), today, EVERYTHING, agency=agency)
    received = await daily_store.sums(session, "received", chosen, ())
    sorted_rows = await daily_store.sums(session, "sorted", chosen, ("language", "category", "aspect"))
    decided = await daily_store.sums(session, "decided", chosen, ("language", "aspect"))
    messages = sum(row.cases or 0 for row in received)
    model, instructions = await _newest_model(session, agency, since)
    return Facts(
        agency=agency,
        organisation=organisation,
        contact=contact,
        categories=rules.by_category((await automation.standing(session)).rules, agency, taxonomy, language),
        classifier=await _newest_classifier(session, agency, since),
        model=model,
        instructions_version=instructions,
        first=chosen.first,
        last=chosen.last,
        received=messages if messages >= rules.FEWEST else None,
        sorting=rules.sorting((row.language, row.category, row.aspect, row.cases) for row in sorted_rows),
        drafts=rules.drafts((row.language, row.aspect, row.cases) for row in decided),
    )


async def _is_one(session: Session, agency: str, now: datetime) -> bool:
    """Whether it may publish; of one that nobody had to add, whether it has published."""
    standing = await agencies.standing(session, agency, now)
    if standing:
        return not standing.revoked
    return bool(await lines(session, sa.select(col(CaseRow.request_id)).where(WHOLE, col(CaseRow.agency) == agency).limit(1)))


async def _newest_classifier(session: Session, agency: str, since: datetime) -> str:
    version = col(CaseRow.triage)["model_version"].as_string()
    sorted_lately = (WHOLE, col(CaseRow.agency) == agency, col(CaseRow.received_at) >= since, version.is_not(None), version != UNREAD)
    rows = await lines(
        session, sa.select(version.label("version")).where(*sorted_lately).order_by(col(CaseRow.received_at).desc()).limit(1)
    )
    return str(rows[0].version) if rows else ""


async def _newest_model(session: Session, agency: str, since: datetime) -> tuple[str, str]:
    event = col(DraftRow.event)
    model, version = event["model"].as_string(), event["prompt_version"].as_string()
    by_model = (col(DraftRow.proposed_at) >= since, event["drafted_by"].as_string() == "model", col(CaseRow.agency) == agency)
    query = sa.select(model.label("model"), version.label("version")).join(CaseRow, col(CaseRow.request_id) == col(DraftRow.request_id))
    rows = await lines(session, query.where(*by_model).order_by(col(DraftRow.proposed_at).desc()).limit(1))
    return (str(rows[0].model or ""), str(rows[0].version or "")) if rows else ("", "")
