"""Each invented letter can be handled well, and its first draft falls short where there is something to learn."""

from datetime import UTC, datetime

import pytest

from schemas.replies_decided import ReplyDecided
from services.domain import taxonomy
from services.review.cases.case_state import Case, State
from services.review.practice import exercises
from services.review.practice.exercises import Exercise, Feedback

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CITY = taxonomy.load()
ALL = exercises.exercises()


def _handled(exercise: Exercise, body: str | None, *, well: bool, note: str = "") -> Feedback:
    """The case decided with that reply; closed without one."""
    request_id = exercises.id_of(exercise, "ada-1")
    case = Case(request_id=request_id, created_at=NOW, updated_at=NOW)
    decision = ReplyDecided(
        request_id=request_id,
        decision_id=request_id,
        agency="ada-1",
        channel="email",
        decision="approved" if body else "closed",
        decided_by="ada@practice.example",
        decided_at=NOW,
        body=f"{body}\n\n{note}" if body else None,
        note=note,
    )
    changes = {
        "category": (exercise.good.category or exercise.category) if well else exercise.category,
        "urgency": (exercise.good.urgency or exercise.urgency) if well else exercise.urgency,
        "state": State.APPROVED if body else State.CLOSED,
        "decision": decision,
    }
    return exercises.judged(exercise, case.model_copy(update=changes))


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_good_handling_misses_nothing(exercise: Exercise) -> None:
    reply = ". ".join(fact.any_of[-1] for fact in exercise.good.must) or "Thank you."
    assert _handled(exercise, reply if "reply" in exercise.good.endings else None, well=True).missed == 0


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_who_approves_without_reading_misses_what_there_is_to_learn(exercise: Exercise) -> None:
    missed = _handled(exercise, exercise.drafts[0].body, well=False).missed
    assert (missed == 0) is (exercise.name == "lamp")


@pytest.mark.parametrize("exercise", ALL, ids=lambda exercise: exercise.name)
def test_the_words_of_a_trap_stand_in_a_draft_and_the_categories_are_the_citys(exercise: Exercise) -> None:
    drafts = exercises.plain(" ".join(draft.body for draft in exercise.drafts))
    assert all(any(exercises.plain(words) in drafts for words in trap.any_of) for trap in exercise.good.must_not)
    assert {exercise.category, exercise.second, exercise.good.category or exercise.category} <= set(CITY.names)
    assert all(exercises.plain(check.quote) in drafts for draft in exercise.drafts for check in draft.failed)


def test_words_are_the_same_with_other_apostrophes_spaces_and_capitals() -> None:
    lamp = ALL[0]
    assert _handled(lamp, "WITHIN  five\u00a0working\ndays", well=True).missed == 0
    assert _handled(lamp, "soon", well=True).missed == 1
    assert _handled(lamp, None, well=True).missed == 1


def test_the_note_under_a_reply_is_nobody_s_answer() -> None:
    assert _handled(ALL[0], "soon", well=True, note="within five working days").missed == 1


def test_there_are_letters_in_both_languages() -> None:
    assert {exercise.language for exercise in ALL} == {"en", "fr"}
    assert len(ALL) == 12
