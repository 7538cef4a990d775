"""What code can tell of a draft: each failed check is shown to the person who decides."""

from collections.abc import Sequence

from schemas.drafts_proposed import Check
from schemas.drafts_requested import DraftRequested
from services.drafting.articles import Passage
from services.drafting.draft import Desk, Draft


def checks(draft: Draft, passages: Sequence[Passage], request: DraftRequested, desk: Desk) -> list[Check]:
    """Every check, in the order a person would ask."""
    known = {passage.passage_id for passage in passages}
    return [Check(name="cites_known_passages", passed=all(c.passage_id in known for c in draft.citations))]
