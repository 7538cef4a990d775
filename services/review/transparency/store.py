"""Reads what an agency's page tells: figures of days, and what triage and drafting said last that they work with."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import col

from services.domain.placeholders import UNREAD
from services.domain.taxonomy import Taxonomy
from services.review.agencies import store as agencies
from services.review.automation import store as automation
from services.review.cases.acknowledgements import acknowledgement_store
from services.review.cases.case_state import State
from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.cases.ratings import rating_store
from services.review.cases.tables import WHOLE, CaseRow, DecisionRow
from services.review.people.rules import EVERYTHING
from services.review.quality.tables import DraftEditRow
from services.review.transparency import rules
from services.review.transparency.rules import Facts
from services.runtime.database import Session, lines
from services.runtime.errors import NotFound

NEWEST = 50
"""Cases of each state that are asked what worked last: read from an index of the agency's cases, however many there are."""


async def facts(session: Session, agency: str, taxonomy: Taxonomy, now: datetime, language: str) -> Facts:
    """What is true of the agency now. Raises NotFound where there is no such agency."""
    if not await _is_one(session, agency, now):
        raise NotFound("there is no such agency here")
    first, last = rules.period(taxonomy.day(now))
    chosen = Chosen(first, last, EVERYTHING, agency=agency)
    received = await daily_store.sums(session, "received", chosen, ())
    sorted_rows = await daily_store.sums(session, "sorted", chosen, ("language", "category", "aspect"))
    decided = await _model_drafts(session, agency, taxonomy.begins(first), taxonomy.begins(last + timedelta(days=1)))
    rated = await rating_store.by_category(session, taxonomy.begins(first), taxonomy.begins(last + timedelta(days=1)), EVERYTHING, agency)
    messages = sum(row.cases or 0 for row in received)
    receipts = await acknowledgement_store.acknowledging(session, agency)
    newest = await _newest(session, agency, taxonomy.begins(first))
    drafted = next((row for row in newest if row.drafted_by == "model"), None)
    return Facts(
        agency=agency,
        organisation=agency,
        contact="",
        categories=rules.by_category((await automation.standing(session)).rules, agency, taxonomy, language),
        classifier=next((str(row.classifier) for row in newest if row.classifier not in (None, UNREAD)), ""),
        model=str(drafted.model or "") if drafted else "",
        instructions_version=str(drafted.instructions or "") if drafted else "",
        first=first,
        last=last,
        received=rules.in_tens(messages) if messages >= rules.FEWEST else None,
        sorting=rules.sorting((row.language, row.category, row.aspect, row.cases) for row in sorted_rows),
        receipts=receipts is not None and receipts.active,
        drafts=rules.drafts((row.language or "", row.kind, row.cases) for row in decided),
        solved=rules.solved(rated, taxonomy, language),
    )


async def _is_one(session: Session, agency: str, now: datetime) -> bool:
    """Whether it may publish; of one that nobody had to add, whether it has published."""
    standing = await agencies.standing(session, agency, now)
    if standing:
        return not standing.revoked
    return bool(await lines(session, sa.select(col(CaseRow.request_id)).where(WHOLE, col(CaseRow.agency) == agency).limit(1)))


async def _newest(session: Session, agency: str, since: datetime) -> list[sa.Row[Any]]:
    """What sorted and drafted the agency's newest cases, the newest first."""
    triage, draft, received_at = col(CaseRow.triage), col(CaseRow.draft), col(CaseRow.received_at)
    columns: tuple[Any, ...] = (
        received_at.label("received_at"),
        triage["model_version"].as_string().label("classifier"),
        draft["drafted_by"].as_string().label("drafted_by"),
        draft["model"].as_string().label("model"),
        draft["prompt_version"].as_string().label("instructions"),
    )
    rows: list[sa.Row[Any]] = []
    for state in State:
        alike = (WHOLE, col(CaseRow.agency) == agency, col(CaseRow.state) == state.value, col(CaseRow.pressing) == 0, received_at >= since)
        rows += await lines(session, sa.select(*columns).where(*alike).order_by(received_at.desc()).limit(NEWEST))
    return sorted(rows, key=lambda row: row.received_at, reverse=True)


async def _model_drafts(session: Session, agency: str, since: datetime, until: datetime) -> Sequence[sa.Row[Any]]:
    """What people decided on drafts of a language model, by language. Where nothing was drafted there is nothing to compare."""
    kind, language, at = col(DecisionRow.kind), col(CaseRow.language), col(DraftEditRow.decided_at)
    compared = sa.or_(col(DraftEditRow.distance).is_not(None), kind == "rejected")
    query: Any = (
        sa.select(language.label("language"), kind.label("kind"), sa.func.count().label("cases"))
        .select_from(DraftEditRow)
        .join(DecisionRow, col(DecisionRow.decision_id) == col(DraftEditRow.decision_id))
        .join(CaseRow, col(CaseRow.request_id) == col(DraftEditRow.request_id))
        .where(at >= since, at < until, col(DraftEditRow.drafted_by) == "model", compared)
        .where(WHOLE, col(CaseRow.agency) == agency, col(DecisionRow.recalled_at).is_(None), kind.is_not(None))
    )
    return await lines(session, query.group_by(language, kind))
