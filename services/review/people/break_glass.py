"""Who may come in by password where people sign in elsewhere: administrators whom PARVIS_OIDC_BREAK_GLASS names, and nobody else."""

from services.review.people import store
from services.review.people.rules import Person, Role
from services.runtime.database import Session
from services.runtime.settings import OidcSettings


def takes_password_of(person: Person, oidc: OidcSettings) -> bool:
    """Whether that person may come in by password."""
    return not oidc.only or (person.email in oidc.break_glass and Role.ADMIN in person.roles)


async def without_effect(session: Session, oidc: OidcSettings) -> list[str]:
    """The named addresses that are no administrator's: where the provider is away, they open nothing."""
    if not oidc.break_glass:
        return []
    admins = {person.email for person in await store.people(session, removed=False) if Role.ADMIN in person.roles}
    return [address for address in oidc.break_glass if address not in admins]


def warning(address: str) -> str:
    """Which setting is wrong there, and what to do about it."""
    return (
        f"PARVIS_OIDC_BREAK_GLASS names {address}, who is no administrator here, so that no password of theirs is taken where "
        f"single sign-on is the only way in: `parvis people add {address} --role admin`, `parvis people change {address} --role admin`, "
        "or take the address out of the setting"
    )
