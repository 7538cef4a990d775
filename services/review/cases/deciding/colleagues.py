"""To whom cases may be given: whoever answers letters and may see them. Pure."""

from collections.abc import Iterable

from services.review.cases.case_state import Case
from services.review.cases.deciding.rules import in_scope
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.web.templating import Choice


def colleagues_of(person: Person, people: Iterable[Person]) -> list[Choice]:
    """To whom that person may give cases of a list: themselves first, then everybody with whom there can be a case that both see."""
    return _choices(person, [other for other in people if _share_an_agency(person, other)])


def colleagues_for(case: Case, person: Person, people: Iterable[Person]) -> list[Choice]:
    """To whom that case may be given."""
    return _choices(person, [other for other in people if in_scope(case, other)])


def _choices(person: Person, people: Iterable[Person]) -> list[Choice]:
    others = [other for other in people if other.may(Power.WORK_ON_CASES) and other.email != person.email]
    return [Choice(value=each.email, label=each.name) for each in (person, *sorted(others, key=lambda other: other.name.casefold()))]


def _share_an_agency(person: Person, other: Person) -> bool:
    return not person.agencies or not other.agencies or bool(set(person.agencies) & set(other.agencies))
