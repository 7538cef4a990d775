"""Tells whether a citizen wants a person, or objects to automated handling: then no language model is asked for a draft. Pure."""

from uuid import UUID

from schemas.requests_triaged import RequestTriaged, Signal
from services.domain.phrases import Phrase

SAID_BY_FORM = Phrase("the form or agency says that the citizen wants no automated handling")


NOT_SOLVED = Phrase("the citizen says that the reply did not solve the matter")


def wishes(triaged: RequestTriaged | None) -> list[Signal]:
    """The signs of it, in the citizen's words."""
    return [signal for signal in triaged.signals if signal.kind == "wants_a_person"] if triaged else []


def not_solved(triaged: RequestTriaged | None) -> bool:
    """Whether it came by the link in a reply: then nobody knew the writer's name when the text was redacted."""
    return any(wish.words == NOT_SOLVED for wish in wishes(triaged))


def a_model_may_draft(triaged: RequestTriaged) -> bool:
    """Whether a language model may be asked, as far as the citizen's wish goes."""
    return not wishes(triaged)


def without_automation(signals: list[Signal], automation: str | None, unsolved_by: UUID | None = None) -> list[Signal]:
    """The signals with the wish that a form or an agency hands over in a field of its own, which counts as if it were written.

    Whoever was not helped by a reply is answered by a person: it came of drafts, and who wrote is not known here to be hidden.
    """
    phrases = [words for words, holds in ((SAID_BY_FORM, automation == "no"), (NOT_SOLVED, unsolved_by is not None)) if holds]
    return [*signals, *(Signal(kind="wants_a_person", words=words) for words in phrases)]


def wants_a_person(signals: list[Signal], automation: str | None, unsolved_by: UUID | None = None) -> bool:
    """Whether the message, its form or its agency says so: what it means is then looked up nowhere either."""
    return any(signal.kind == "wants_a_person" for signal in without_automation(signals, automation, unsolved_by))


def as_believed(triaged: RequestTriaged, unsolved_by: UUID | None) -> RequestTriaged:
    """The triage without what only the link in a reply says, where the message did not come by one: triage can't tell, and review can."""
    if unsolved_by or not not_solved(triaged):
        return triaged
    return triaged.model_copy(update={"signals": [signal for signal in triaged.signals if signal.words != NOT_SOLVED]})
