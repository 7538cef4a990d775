"""What the case page says of an attention check, once it is decided on. Pure."""

import re

from pydantic import BaseModel

from services.domain.known_bad_drafts import KnownBadDraft, Mistake
from services.domain.placeholders import CITIZEN_NAME
from services.domain.taxonomy import said_in
from services.review.cases.attention_checks.check_store import Answered
from services.review.cases.attention_checks.outcome import Outcome
from services.review.cases.page.classification_explanation import Piece
from services.review.web import translation


class AttentionCheck(BaseModel):
    """What was wrong with an invented draft, and whether the person noticed."""

    outcome: Outcome
    mistake: Mistake
    wrong: list[str]
    right: str
    why: str
    draft: list[Piece]
    """The draft with what was wrong marked."""


def attention_check_shown(check: Answered | None) -> AttentionCheck | None:
    """The same for the page. None of what is no check, or waits."""
    if not check or not check.check:
        return None
    bad_draft = check.check
    return AttentionCheck(
        outcome=check.outcome,
        mistake=bad_draft.mistake,
        wrong=list(bad_draft.wrong),
        right=bad_draft.right,
        why=said_in(bad_draft.why, translation.reader().language),
        draft=_marked(bad_draft),
    )


def _marked(bad_draft: KnownBadDraft) -> list[Piece]:
    wrong = "|".join(re.escape(words) for words in bad_draft.wrong)
    body = bad_draft.draft_body.replace(CITIZEN_NAME, bad_draft.name)
    return [Piece(text=part, marked=part in bad_draft.wrong) for part in re.split(f"({wrong})", body) if part]
