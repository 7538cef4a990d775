"""People, their scopes and what they may do. Pure."""

from dataclasses import dataclass

from services.review.people.powers import WHO_ELSE, Power, Role, powers_of
from services.runtime.errors import InvalidInput, NotAllowed

__all__ = ["EVERYTHING", "Person", "Role", "Scope", "check_email", "check_roles", "check_scope", "must"]


@dataclass(frozen=True)
class Scope:
    """The departments and agencies whose cases a person may see. No departments means every department, no agencies every agency."""

    departments: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()

    @property
    def limited(self) -> bool:
        """Whether there are cases outside of it."""
        return bool(self.departments or self.agencies)

    def has_agency(self, agency: str | None) -> bool:
        """Whether that agency's cases are in it."""
        return not self.agencies or agency in self.agencies

    def has_department(self, department: str | None) -> bool:
        """Whether that department's cases are in it. What is not sorted yet is everybody's."""
        return not self.departments or department is None or department in self.departments


EVERYTHING = Scope()


@dataclass(frozen=True)
class Person:
    """Somebody with a name: every decision has one. Departments and agencies limit them, whatever their role."""

    email: str
    name: str
    role: Role
    departments: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    also: tuple[Role, ...] = ()
    """Roles that they have beside the first, as an administrator who reads letters as well."""
    only: frozenset[Power] | None = None
    """The powers that a token leaves to them; None: all of theirs."""
    must_change_password: bool = False
    language: str = ""
    time_zone: str = ""
    must_set_second_factor: bool = False

    @property
    def scope(self) -> Scope:
        """The cases that are theirs to see, in every list and every object."""
        return Scope(self.departments, self.agencies)

    @property
    def roles(self) -> tuple[Role, ...]:
        """All of their roles, the first one first."""
        return (self.role, *self.also)

    def may(self, power: Power) -> bool:
        """Whether the table of powers gives it to them, and their token leaves it to them."""
        return self.has(power) and (self.only is None or power in self.only)

    def has(self, power: Power) -> bool:
        """Whether the table of powers gives it to them, whatever token they come with."""
        return power in powers_of(self.roles, limited=self.scope.limited)

    @property
    def reads_cases(self) -> bool:
        """Whether citizens' letters are theirs to read."""
        return self.may(Power.READ_CASES)


def must(person: Person, power: Power) -> None:
    """Raises NotAllowed where the power is not theirs, and says whose it is."""
    if person.may(power):
        return
    if person.only is not None and power not in person.only:
        raise NotAllowed(f"the token is not for this: its scopes leave {person.email} no power to {power}")
    if power in powers_of(person.roles, limited=False):
        limits = ", ".join((*person.departments, *person.agencies))
        raise NotAllowed(f"{person.email} is limited to {limits}: this shows the whole installation, ask somebody who is not limited")
    raise NotAllowed(f"{person.email} has the role {' and '.join(person.roles)}: {WHO_ELSE[power]}")


def check_email(email: str) -> str:
    """The address as it is kept: lower case. Raises InvalidInput where it is none."""
    cleaned = email.strip().lower()
    name, at, host = cleaned.partition("@")
    if not (name and at and "." in host) or any(c.isspace() for c in cleaned) or len(cleaned) > 254:  # noqa: PLR2004 - RFC 5321
        raise InvalidInput(f"{email!r} is not an e-mail address: give one like anna@city.example", field="email")
    return cleaned


def check_scope(roles: tuple[Role, ...], scope: Scope) -> None:
    """Raises InvalidInput where a limit would be listed and mean nothing: who reads no letter has no department."""
    if scope.departments and not powers_of(roles, limited=False) & {Power.READ_CASES}:
        raise InvalidInput(
            f"department: the role {roles[0]} reads no letters, so a department does not limit it; "
            f"leave --department out, or choose caseworker, supervisor or auditor",
            field="department",
        )


def check_roles(role: Role, also: tuple[Role, ...]) -> tuple[Role, ...]:
    """The second roles as they are kept: each once, and not the first again."""
    return tuple(dict.fromkeys(other for other in also if other is not role))
