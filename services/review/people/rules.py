"""Who may do what: a function of the person alone."""

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
class Person:
    """Somebody with a name: every decision has one. No departments means every department."""

    email: str
    name: str
    role: Role
    departments: tuple[str, ...] = ()

    @property
    def reads_cases(self) -> bool:
        """Whether citizens' letters are their work."""
        return self.role in (Role.CASEWORKER, Role.SUPERVISOR)

    @property
    def runs_it(self) -> bool:
        """Whether dead letters and people are their work."""
        return self.role in (Role.OPS, Role.ADMIN, Role.SUPERVISOR)

    def works_on(self, department: str | None) -> bool:
        """Whether a case of that department is theirs to see. What is not sorted yet is everybody's."""
        return self.role is Role.SUPERVISOR or not self.departments or department is None or department in self.departments


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


def must_run_it(person: Person) -> None:
    """Raises NotAllowed for caseworkers."""
    if not person.runs_it:
        raise NotAllowed(f"{person.email} has the role {person.role}: this is for ops, supervisors and admins")
