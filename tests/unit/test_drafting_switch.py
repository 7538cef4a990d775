"""The drafting switch: which rule decides, and what a change may be."""

from collections.abc import Sequence

import pytest

from schemas.drafting_switched import SwitchRule
from schemas.requests_triaged import LetterKind
from services.domain import drafting_switch
from services.review.automation import rules
from services.review.automation.rules import Change, NotedRule
from services.review.people.rules import Person, Role
from services.runtime.errors import NotAllowed, ParvisError
from tests.case_builders import CITY, NOW

EVERYWHERE_TEMPLATE = SwitchRule(mode="template")
BELRIVE_MODEL = SwitchRule(agency="belrive", mode="model")
LAMPS_OFF = SwitchRule(category="street_lighting", mode="off")
BELRIVE_LAMPS_MODEL = SwitchRule(agency="belrive", category="street_lighting", mode="model")
COMPLAINTS_ABOUT_LAMPS_OFF = SwitchRule(category="street_lighting", letter="complaint", mode="off")
COMPLAINTS_OFF = SwitchRule(letter="complaint", mode="off")


@pytest.mark.parametrize(
    ("in_force", "agency", "letter", "decides"),
    [
        ([], "belrive", "question", None),
        ([EVERYWHERE_TEMPLATE], "belrive", None, EVERYWHERE_TEMPLATE),
        ([EVERYWHERE_TEMPLATE, LAMPS_OFF], "belrive", "question", LAMPS_OFF),
        ([LAMPS_OFF, BELRIVE_MODEL], "belrive", "question", BELRIVE_MODEL),
        ([LAMPS_OFF, BELRIVE_MODEL], "elsewhere", "question", LAMPS_OFF),
        ([BELRIVE_MODEL, COMPLAINTS_ABOUT_LAMPS_OFF], "belrive", "complaint", COMPLAINTS_ABOUT_LAMPS_OFF),
        ([BELRIVE_LAMPS_MODEL, COMPLAINTS_ABOUT_LAMPS_OFF], "belrive", "complaint", BELRIVE_LAMPS_MODEL),
        ([LAMPS_OFF, COMPLAINTS_OFF], "belrive", "complaint", LAMPS_OFF),
        ([COMPLAINTS_OFF], "belrive", None, None),
    ],
)
def test_the_rule_that_names_more_decides_and_of_as_many_names_the_agency_then_the_category(
    in_force: Sequence[SwitchRule], agency: str, letter: LetterKind | None, decides: SwitchRule | None
) -> None:
    for order in (in_force, in_force[::-1]):
        decision = drafting_switch.decide(order, agency, "street_lighting", letter)
        assert decision.rule == decides
        assert decision.mode == (decides.mode if decides else "model")


def changed(before: Sequence[NotedRule], change: Change) -> list[NotedRule]:
    return rules.changed(before, change, "ada@city.example", NOW, CITY.names)


def test_a_rule_is_noted_with_who_made_it_and_why_and_takes_the_place_of_the_former_one() -> None:
    first = changed([], Change("off", "belrive", "street_lighting", "complaint", "the model promises repairs"))

    second = changed(first, Change("template", "belrive", "street_lighting", "complaint", "it is better now"))

    assert [(rule.mode, rule.changed_by, rule.why) for rule in second] == [("template", "ada@city.example", "it is better now")]


def test_a_star_or_nothing_is_any_and_a_rule_can_be_taken_away() -> None:
    everything = changed([], Change("template", "*", "", None, "a new model comes"))

    assert everything[0].place == (None, None, None)
    assert changed(everything, Change(None, why="it is there")) == []


@pytest.mark.parametrize(
    ("change", "field", "help_with_it"),
    [
        (Change("on", why="x"), "mode", "model, template, off"),
        (Change("off", agency="Belrive City", why="x"), "agency", "lower-case"),
        (Change("off", category="lamps", why="x"), "category", "street_lighting"),
        (Change("off", letter="rant", why="x"), "letter", "complaint"),
        (Change("off", why=" \u200b "), "why", "say why"),
        (Change("off", why="w" * 501), "why", "at most 500"),
        (Change(None, category="street_lighting", why="x"), None, "no such rule"),
    ],
)
def test_a_change_that_cannot_be_made_names_the_field_and_what_would_do(change: Change, field: str | None, help_with_it: str) -> None:
    with pytest.raises(ParvisError) as refusal:
        changed([], change)

    assert refusal.value.field == field
    assert help_with_it in refusal.value.detail


@pytest.mark.parametrize(
    ("person", "may"),
    [
        (Person("a@city.example", "A", Role.ADMIN), True),
        (Person("s@city.example", "S", Role.SUPERVISOR), True),
        (Person("s@city.example", "S", Role.SUPERVISOR, agencies=("belrive",)), False),
        (Person("c@city.example", "C", Role.CASEWORKER), False),
        (Person("o@city.example", "O", Role.OPS), False),
    ],
)
def test_admins_and_supervisors_without_a_limit_may_switch(person: Person, *, may: bool) -> None:
    assert rules.may_switch(person) is may
    if not may:
        with pytest.raises(NotAllowed):
            rules.must_switch(person)
