"""What an action makes of a case, and the checks that several actions share. Pure; time is an argument."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from schemas import invisible_characters
from schemas.replies_decided import ReplyDecided
from schemas.values import Event
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.actions import MAX_REASON
from services.runtime.errors import Conflict, InvalidInput


@dataclass(frozen=True)
class Leaving:
    """An event to publish with the change; `reference` finds it while it waits in the outbox."""

    event: Event
    send_after: datetime | None = None
    reference: str = ""


@dataclass(frozen=True)
class Applied:
    """The case after an action, the events to publish, and the audit detail."""

    case: Case
    events: tuple[Leaving, ...] = ()
    detail: Mapping[str, object] = field(default_factory=dict)
    takes_back: UUID | None = None
    """The decision that must not leave any more; the action fails where it has left."""
    proof: str = ""
    """Of an approval: what the person has to have seen, before a reference and a note are added to it."""


def with_decision(applied: Applied, change: Callable[[ReplyDecided], ReplyDecided]) -> Applied:
    """What was applied with another decision, in the event and in the case alike, so that the case holds what is sent."""
    events = tuple(
        replace(leaving, event=change(leaving.event)) if isinstance(leaving.event, ReplyDecided) else leaving for leaving in applied.events
    )
    decided = next((leaving.event for leaving in events if isinstance(leaving.event, ReplyDecided)), None)
    if decided is None:
        return applied
    return replace(applied, case=applied.case.model_copy(update={"decision": decided}), events=events)


def must_be(case: Case, states: frozenset[State], doing: str) -> None:
    """Raises Conflict where the case is in none of these states."""
    if case.state not in states:
        allowed = ", ".join(sorted(states))
        raise Conflict(f"can't {doing} a case that is {case.state}: it must be {allowed}")


def changed(case: Case, now: datetime, **facts: object) -> Case:
    """Returns the case with new facts, as its next version."""
    return case.model_copy(update={**facts, "version": case.version + 1, "updated_at": now})


def reason_of(text: str, field_name: str = "reason") -> str:
    """Returns a person's words as they are kept. Raises InvalidInput naming the field where there are none, or too many."""
    cleaned = invisible_characters.letter(text).strip()
    if invisible_characters.is_blank(cleaned):
        raise InvalidInput(f"{field_name}: say why, in a few words", field=field_name)
    if len(cleaned) > MAX_REASON:
        raise InvalidInput(f"{field_name}: at most {MAX_REASON} characters, this has {len(cleaned)}", field=field_name)
    return cleaned


def hidden(case: Case, text: str, field_name: str) -> str:
    """Redacts a text, which may become too long by its placeholders. Raises InvalidInput."""
    hidden = case.hidden(text)
    if len(hidden) > MAX_REASON:
        raise InvalidInput(f"{field_name}: too long once the citizen's details are replaced; shorten it", field=field_name)
    return hidden
