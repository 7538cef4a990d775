"""What open pages are told of changes: by whom they may be seen, and from where the log is read on."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from schemas.values import Urgency
from services.review.audit.store import Entry
from services.review.cases.case_state import State
from services.review.cases.live.live_updates import MOST_TOLD, ChangedCase, Message, steps_of
from services.review.cases.live.log_position import LogPosition
from services.review.people.rules import Person, Role
from services.runtime.message_catalogues import PageLanguage

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANNA = Person("anna@city.example", "Anna", Role.CASEWORKER)
STREETS = Person("ben@city.example", "Ben", Role.CASEWORKER, ("streets",))
WATER = Person("wen@city.example", "Wen", Role.CASEWORKER, ("water",))
ELSEWHERE = Person("eve@town.example", "Eve", Role.SUPERVISOR, (), ("town",))


@dataclass(frozen=True)
class WhoWorksOnIt:
    """A line of one cell."""

    words: str

    def written(self, language: PageLanguage, *, mine: bool) -> dict[str, str]:
        return {"w": {"en": "You", "fr": "Vous"}[language] if mine else self.words}


def entry(action: str, **detail: Any) -> Entry:
    return Entry(NOW, "somebody@city.example", action, UUID(int=1), detail)


def a_change(*entries: Entry, number: int = 1, **facts: Any) -> ChangedCase:
    values: dict[str, Any] = {
        "request_id": UUID(int=number),
        "version": 4,
        "agency": "city",
        "everybodys": False,
        "state": State.DRAFTING,
        "subject": "The lamp is out",
        "category": "street_lighting",
        "department": "streets",
        "urgency": Urgency.NORMAL,
        "language": "en",
        "assignee": None,
        "in_danger": False,
        "perhaps_in_danger": False,
        "steps": steps_of(entries),
        "cells": WhoWorksOnIt("Nobody yet"),
    }
    return ChangedCase(**values | facts)


def told(person: Person, *cases: ChangedCase) -> dict[str, Any] | None:
    data = Message(cases, 7).data_for(person, "en", {})
    return json.loads(data) if data else None


def test_a_change_is_told_to_whom_the_case_is_theirs_to_see_and_not_a_word_of_it_to_anybody_else() -> None:
    case = a_change(entry("claim"))
    assert [person for person in (ANNA, STREETS, WATER, ELSEWHERE) if told(person, case)] == [ANNA, STREETS]


def test_whoever_loses_a_case_to_another_department_is_told_that_it_is_gone_and_nothing_more() -> None:
    case = a_change(entry("correct", department=["water", "streets"]))
    assert told(WATER, case) == {"changes": [], "gone": [str(case.request_id)], "many": False}
    assert told(ELSEWHERE, case) is None


def test_a_case_that_was_everybodys_until_it_was_sorted_is_gone_for_the_other_departments() -> None:
    case = a_change(entry("correct", state=["needs_triage", "drafting"], department=["streets", "streets"]))
    assert told(WATER, case) == {"changes": [], "gone": [str(case.request_id)], "many": False}


def test_an_unsorted_case_is_told_to_every_department_of_its_agency() -> None:
    case = a_change(entry("triaged", state=["received", "needs_triage"]), everybodys=True, state=State.NEEDS_TRIAGE)
    assert [person for person in (ANNA, STREETS, WATER, ELSEWHERE) if told(person, case)] == [ANNA, STREETS, WATER]


def test_only_the_person_who_works_on_it_reads_that_they_do() -> None:
    case = a_change(entry("claim"), assignee=STREETS.email, cells=WhoWorksOnIt("Ben"))
    cells = {}
    for person in (ANNA, STREETS):
        message = told(person, case)
        assert message
        cells[person.name] = message["changes"][0]["cells"]["w"]
    assert cells == {"Anna": "Ben", "Ben": "You"}


def test_each_listener_is_told_in_their_language_though_a_case_is_written_once_for_many() -> None:
    message, written = Message([a_change(entry("claim"), assignee=STREETS.email)], 7), {}  # type: ignore[var-annotated]
    for language, words in (("en", "You"), ("fr", "Vous"), ("en", "You")):
        data = message.data_for(STREETS, language, written)  # type: ignore[arg-type]
        assert data
        assert json.loads(data)["changes"][0]["cells"]["w"] == words


def test_several_steps_of_one_case_are_told_as_one_from_where_it_stood_before() -> None:
    steps = steps_of(
        [entry("received", channel="web"), entry("triaged", state=["received", "drafting"]), entry("drafted", state=["drafting", "x"])]
    )
    assert steps.former_state == ""
    assert {"state", "category", "urgency"} <= steps.moved


def test_an_emergency_alarms_when_it_becomes_one_and_not_each_time_somebody_touches_it() -> None:
    became, claimed = (a_change(made, in_danger=True) for made in (entry("correct", urgency=["normal", "emergency"]), entry("claim")))
    assert [message and message["changes"][0]["alarm"] for message in (told(ANNA, became), told(ANNA, claimed))] == [True, False]


def test_of_a_flood_the_emergencies_are_told_one_by_one_and_the_rest_as_many() -> None:
    flood = [a_change(entry("claim"), number=n) for n in range(MOST_TOLD + 1)]
    message = told(ANNA, *flood, a_change(entry("triaged"), number=900, in_danger=True))
    assert message
    assert [change["id"] for change in message["changes"]] == [str(UUID(int=900))]
    assert message["many"] is True


def test_a_number_that_appears_after_a_higher_one_is_still_read() -> None:
    position = LogPosition(10, patience=60)
    position.advance([11, 14], now=0)
    assert set(position.missing) == {12, 13}
    assert position.safe == 11
    position.advance([12, 15], now=1)
    assert (set(position.missing), position.safe, position.newest) == ({13}, 12, 15)
    position.advance([13], now=2)
    assert (position.missing, position.safe) == ({}, 15)


def test_a_number_whose_transaction_was_given_up_is_waited_for_no_longer_than_any_transaction_lasts() -> None:
    position = LogPosition(10, patience=60)
    position.advance([12], now=0)
    position.advance([], now=61)
    assert (position.missing, position.safe) == ({}, 12)


def test_a_sequence_that_jumped_far_is_not_asked_for_number_by_number() -> None:
    position = LogPosition(10, patience=60)
    position.advance([10_000_000], now=0)
    assert len(position.missing) <= 1000
