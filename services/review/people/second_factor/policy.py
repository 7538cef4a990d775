"""Who has to have a second factor. Pure."""

from services.review.people.rules import Person
from services.runtime.settings import Settings


def is_on(settings: Settings) -> bool:
    """Whether codes are asked for of those who have one."""
    return settings.second_factor != "off"


def is_required(settings: Settings, person: Person) -> bool:
    """Whether that person must have one: everybody, or whoever has one of the named roles or agencies."""
    named = settings.second_factor_of
    return is_on(settings) and (settings.second_factor == "required" or bool({*person.roles, *person.agencies} & {*named}))
