"""Decides whether a record may speak for the agency that it names, and on which terms a key may be issued. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.domain import agency_signing_key
from services.domain.agency_keys import KeyScope, KeyTerms
from services.review.people.rules import Person
from services.runtime.errors import InvalidInput, NotFound, Refused

MOST_DAYS = 3660
"""For so long a key may be good that ends by itself."""


class AgencyUnknown(Refused):
    """The agency was never added."""

    title = "There is no such agency"


class AgencyRevoked(Refused):
    """All of its keys were revoked."""

    title = "The agency was revoked"


class NotSigned(Refused):
    """The agency's records are signed, and this one is not."""

    title = "The record is not signed"


class WrongSignature(Refused):
    """The signature was made with another key, or the record was changed since."""

    title = "The signature is wrong"


@dataclass(frozen=True)
class Standing:
    """The registration of an agency. `signing_keys` are those valid now."""

    slug: str
    signs: bool = False
    revoked: bool = False
    signing_keys: tuple[str, ...] = ()


def admit(standing: Standing | None, value: bytes, signature: str | None, *, all_sign: bool) -> None:
    """Raises the reason for a refusal. A record without a signature is taken, unless its agency signs or all have to."""
    if standing is None:
        raise AgencyUnknown("agency: nobody has added it; `parvis agencies add CODE` does, then replay this record", field="agency")
    if standing.revoked:
        raise AgencyRevoked("agency: its keys were revoked; `parvis agencies add CODE` gives it a new one", field="agency")
    if signature is None:
        if standing.signs or all_sign:
            raise NotSigned(f"header {agency_signing_key.HEADER}: this agency's records are signed, and this one is not")
    elif not any(agency_signing_key.verify(key, value, signature) for key in standing.signing_keys):
        raise WrongSignature(f"header {agency_signing_key.HEADER}: no good key of this agency has signed these bytes")


def key_terms(label: str, scopes: Collection[str], days: int | None, now: datetime) -> KeyTerms:
    """The terms that somebody asked for. Raises InvalidInput."""
    try:
        chosen = {KeyScope(scope) for scope in scopes}
    except ValueError:
        raise InvalidInput(f"scope: a key is for {' or '.join(KeyScope)}, or both", field="scope") from None
    return KeyTerms(
        " ".join(label.split())[:80], tuple(scope for scope in KeyScope if scope in chosen), None if days is None else end_after(days, now)
    )


def end_after(days: int, now: datetime) -> datetime:
    """When a key ends that is good for so many days. Raises InvalidInput."""
    if not 1 <= days <= MOST_DAYS:
        raise InvalidInput(f"days: a key is good for 1 to {MOST_DAYS} days", field="days")
    return now + timedelta(days=days)


def must_keep_agency(admin: Person, code: str) -> None:
    """Raises NotFound. Who is limited keeps the agencies that they are limited to; limited to departments alone, none."""
    if admin.scope.limited and not (admin.scope.agencies and admin.scope.has_agency(code)):
        raise NotFound(f"there is no agency {code}", field="code")
