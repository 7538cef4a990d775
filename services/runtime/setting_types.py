"""What several settings are read by: lists, limits by agency, public addresses."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from schemas.values import is_agency_slug
from services.runtime.base_url import usable

PublicUrl = Annotated[str, AfterValidator(usable)]


def listed(value: object) -> object:
    """Reads `a,b`: values with commas between them."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def agencies_named(value: str) -> str:
    """`all`, `none`, or agencies' codes with commas between them. Raises ValueError of what can be no code."""
    for code in value.split(",") if value else ():
        if not is_agency_slug(code.strip()):
            rule = "which has up to 64 lower-case letters, digits and dashes"
            raise ValueError(f"{code.strip()!r} is no agency's code, {rule}: name agencies as `belrive,my-city`, or `all`")
    return value


Agencies = Annotated[str, AfterValidator(agencies_named)]

Limits = tuple[tuple[str, float], ...]
"""A limit by agency; that of the empty agency is everybody else's."""


def limits_by_agency(value: object) -> object:
    """Reads `200000,belrive=50000`: what every agency has, and what one has instead."""
    if not isinstance(value, str):
        return value
    limits = []
    for part in listed(value) if value else []:  # type: ignore[attr-defined]  # of text it is a list
        agency, _, number = part.rpartition("=")
        try:
            limit = float(number.replace("_", ""))
        except ValueError:
            limit = -1.0
        if not limit >= 0:
            raise ValueError(f"{part!r} is no limit: give a number for every agency, and agency=number for one, as 200000,belrive=50000")
        limits.append((agency.strip(), limit))
    return tuple(limits)


ServiceUrls = tuple[tuple[str, str], ...]
"""The address of each service, by its name."""


def urls_by_service(value: object) -> object:
    """Reads `intake=http://intake:8080,triage=http://triage:8080`. Raises ValueError of what is no address."""
    if not isinstance(value, str):
        return value
    urls = []
    for part in listed(value) if value else []:  # type: ignore[attr-defined]  # of text it is a list
        service, _, url = part.partition("=")
        if not service.strip() or not url.strip().startswith(("http://", "https://")):
            raise ValueError(f"{part!r} is no address of a service: give service=http://host:port, as triage=http://triage:8080")
        urls.append((service.strip(), url.strip().rstrip("/")))
    return tuple(urls)


ENDED = ("sent", "closed")


def days_by_state(value: object) -> object:
    """Reads `sent=730,closed=365`, or `365` for both."""
    if not isinstance(value, str):
        return value
    days: dict[str, float] = {}
    for part in value.split(",") if value else ():
        state, _, number = part.strip().rpartition("=")
        try:
            kept = float(number)
        except ValueError:
            kept = -1.0
        if not kept > 0 or state not in ("", *ENDED):
            raise ValueError(f"{part!r} is no number of days: give one as 365, or by the state that cases ended in, as sent=730,closed=365")
        days |= dict.fromkeys([state] if state else ENDED, kept)
    return tuple(days.items())


DaysByState = Annotated[tuple[tuple[str, float], ...], NoDecode, BeforeValidator(days_by_state)]
"""How many days something is kept, by the state that it ended in."""
