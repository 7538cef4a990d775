"""Counts drafts: who wrote them, why a model did not, what asking it has cost."""

from typing import Literal

from schemas.drafts_proposed import DraftProposed
from services.drafting.draft import Draft
from services.runtime import metrics, telemetry

Outcome = Literal["model", "template", "fallback", "withheld"]


def outcome_of(draft: Draft) -> Outcome:
    """Who wrote it; `fallback`: the template in a model's place, `withheld`: drafting is switched off."""
    if draft.withheld:
        return "withheld"
    return "fallback" if draft.fault else draft.drafted_by


def count(draft: Draft, proposal: DraftProposed) -> None:
    """Counts a draft that was just made."""
    metrics.DRAFTS.inc(outcome=outcome_of(draft))
    if draft.fault:
        metrics.DRAFT_FALLBACKS.inc(reason=draft.fault)
    for check in proposal.checks:
        if not check.passed:
            metrics.DRAFT_CHECKS_FAILED.inc(check=check.name)
    metrics.MODEL_ATTEMPTS.inc(draft.attempts)
    metrics.MODEL_TOKENS.inc(draft.usage.input_tokens, direction="input")
    metrics.MODEL_TOKENS.inc(draft.usage.output_tokens, direction="output")
    if draft.spending:
        metrics.MODEL_COST.inc(draft.spending.cost, currency=draft.spending.currency)
        metrics.MODEL_SECONDS.observe(draft.spending.seconds, trace_id=telemetry.current_trace_id())
