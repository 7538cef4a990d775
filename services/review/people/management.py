"""What an administrator may change of whom: never their own rights, and nothing beyond their own limits. Pure."""

from services.review.people.powers import Role
from services.review.people.rules import Person, Scope
from services.runtime.errors import NotAllowed, NotFound


def is_within(scope: Scope, limits: Scope) -> bool:
    """Whether all of the scope lies within the limits: no limit is more than any."""
    agencies = not limits.agencies or (bool(scope.agencies) and set(scope.agencies) <= set(limits.agencies))
    departments = not limits.departments or (bool(scope.departments) and set(scope.departments) <= set(limits.departments))
    return agencies and departments


def is_kept_by(person: Person, admin: Person) -> bool:
    """Whether that administrator sees and keeps them."""
    return is_within(person.scope, admin.scope)


def must_keep(admin: Person, person: Person) -> None:
    """Raises NotFound for whom the administrator does not even see, NotAllowed for themselves."""
    if not is_kept_by(person, admin):
        raise NotFound(f"there is no {person.email}", field="email")
    if person.email == admin.email:
        raise NotAllowed(
            "your own rights are another administrator's to change, so that nobody is left without one; your password and sessions "
            "are at /account"
        )


def must_give(admin: Person, roles: tuple[Role, ...], scope: Scope) -> None:
    """Raises NotAllowed where more would be given than the administrator has."""
    if not is_within(scope, admin.scope):
        limits = ", ".join((*admin.departments, *admin.agencies))
        raise NotAllowed(f"you are limited to {limits}: whom you add or change as {' and '.join(roles)} has to be limited to that as well")
