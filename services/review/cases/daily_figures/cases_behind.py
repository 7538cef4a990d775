"""Which cases stand behind a figure of a picture: the filters that lead from a bar to a list, and their conditions."""

from typing import Annotated, Any, Literal

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import col

from schemas.replies_decided import Decision
from schemas.values import Moment, Prose
from services.review.cases.daily_figures.daily_store import CLASSIFIED, JUDGED, SORTED_BY_PERSON
from services.review.cases.daily_figures.measures import ANSWERED
from services.review.cases.tables import CaseRow, DecisionRow


class Behind(BaseModel):
    """What a bar counts, beside what every list is filtered by."""

    model_config = ConfigDict(frozen=True)

    since: Moment | None = None
    """Received from then on, and before `until`."""
    until: Moment | None = None
    decision: Decision | Literal["answered"] | None = None
    """Decided so, between the two moments that follow, and not recalled."""
    decided_since: Moment | None = None
    decided_until: Moment | None = None
    judged: bool = False
    """Sorted by a person, or answered as it was sorted."""
    classified: Prose = ""
    """The category that the classifier said."""
    sure: Annotated[int, Field(ge=1, le=10)] | None = None
    """The tenth that its certainty lies in: the first is 0 to 10 %."""

    @property
    def of_figures(self) -> bool:
        """Whether any of this is asked for."""
        return bool(self.behind_fields)

    @property
    def behind_fields(self) -> dict[str, str]:
        """What is asked for, as an address or a form carries it."""
        shown = self.model_dump(mode="json", include=set(Behind.model_fields))
        return {name: "true" if value is True else str(value) for name, value in shown.items() if value}


def conditions(behind: Behind | None, category: str | None) -> list[Any]:
    """What a case behind the figure fulfils."""
    if behind is None:
        return []
    wanted: list[Any] = []
    received = col(CaseRow.received_at)
    wanted += [received >= behind.since] if behind.since else []
    wanted += [received < behind.until] if behind.until else []
    if behind.decision or behind.decided_since or behind.decided_until:
        wanted.append(_decided(behind))
    wanted += [JUDGED] if behind.judged else []
    if behind.classified:
        wanted.append(behind.classified == CLASSIFIED)
        # Few cases are sorted by a person, and an index holds those alone.
        wanted += [sa.text("review_cases.sorted_by_person"), SORTED_BY_PERSON] if category not in (None, behind.classified) else []
    if behind.sure:
        confidence = sa.func.coalesce(col(CaseRow.confidence), 0.0)
        wanted += [confidence >= (behind.sure - 1) / 10] + ([confidence < behind.sure / 10] if behind.sure < 10 else [])  # noqa: PLR2004 - the last tenth
    return wanted


def _decided(behind: Behind) -> Any:  # noqa: ANN401 - a condition
    at = col(DecisionRow.decided_at)
    kinds = ANSWERED if behind.decision == "answered" else (behind.decision,)
    of_case: list[Any] = [col(DecisionRow.request_id) == col(CaseRow.request_id), col(DecisionRow.recalled_at).is_(None)]
    of_case += [col(DecisionRow.kind).in_(kinds)] if behind.decision else []
    of_case += [at >= behind.decided_since] if behind.decided_since else []
    of_case += [at < behind.decided_until] if behind.decided_until else []
    return sa.exists().where(*of_case)
