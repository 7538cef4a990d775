"""Roles, scopes and permissions: what a person may do and see. Pure."""

from dataclasses import dataclass
from enum import StrEnum

from services.runtime.errors import InvalidInput, NotAllowed


class Role(StrEnum):
    """What a person is here for. Nobody has two: whoever runs the machines does not read citizens' letters."""

    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    ADMIN = "admin"


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

    @property
    def scope(self) -> Scope:
        """The cases that are theirs to see, in every list and every object."""
        return Scope(self.departments, self.agencies)

    @property
    def reads_cases(self) -> bool:
        """Whether citizens' letters are their work."""
        return self.role in (Role.CASEWORKER, Role.SUPERVISOR)

    @property
    def runs_it(self) -> bool:
        """Whether dead letters, the log and the state of the whole installation are their work."""
        return self.role in (Role.OPS, Role.ADMIN) or (self.role is Role.SUPERVISOR and not self.scope.limited)


def check_email(email: str) -> str:
    """The address as it is kept: lower case. Raises InvalidInput where it is none."""
    cleaned = email.strip().lower()
    name, at, host = cleaned.partition("@")
    if not (name and at and "." in host) or any(c.isspace() for c in cleaned) or len(cleaned) > 254:  # noqa: PLR2004 - RFC 5321
        raise InvalidInput(f"{email!r} is not an e-mail address: give one like anna@city.example", field="email")
    return cleaned


def must_read_cases(person: Person) -> None:
    """Raises NotAllowed for ops and admins."""
    if not person.reads_cases:
        raise NotAllowed(f"{person.email} has the role {person.role}: citizens' letters are for caseworkers and supervisors")


def check_scope(role: Role, scope: Scope) -> None:
    """Raises InvalidInput where a limit would be listed and mean nothing: ops and admins see no letter, and no part of the installation."""
    if scope.limited and role in (Role.OPS, Role.ADMIN):
        field = "department" if scope.departments else "agency"
        raise InvalidInput(
            f"{field}: the role {role} is for the whole installation and reads no letters, so it can't be limited; "
            f"leave --{field} out, or choose caseworker or supervisor",
            field=field,
        )


def must_run_it(person: Person) -> None:
    """Raises NotAllowed for caseworkers, and for a supervisor who is limited: a record or a log line may be anybody's."""
    if person.role is Role.SUPERVISOR and person.scope.limited:
        limits = ", ".join((*person.departments, *person.agencies))
        raise NotAllowed(f"{person.email} is limited to {limits}: this shows the whole installation, ask somebody who is not limited")
    if not person.runs_it:
        raise NotAllowed(f"{person.email} has the role {person.role}: this is for ops, supervisors and admins")
