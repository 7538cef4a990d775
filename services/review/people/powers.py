"""What each role may do: the one table that every page, route and command asks. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from services.domain.phrases import Phrase


class Role(StrEnum):
    """What a person is here for. Who runs the machines or keeps the people reads no letters, unless a second role is given to them."""

    CASEWORKER = "caseworker"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Power(StrEnum):
    """One thing that a route asks for."""

    READ_CASES = "read cases"
    WORK_ON_CASES = "work on cases"
    LEAD = "release colleagues' claims"
    SHARE_REPLIES = "write canned replies for others"
    SEE_FIGURES = "see figures"
    TEACH = "decide what is learnt"
    RUN_IT = "see operations and dead letters"
    READ_LOG = "read the audit log"
    EXPORT_LOG = "hand out the audit log"
    SWITCH_DRAFTING = "switch drafting"
    SET_SAFEGUARDS = "say what approvals need"
    KEEP_PEOPLE = "keep people, tokens, keys and agencies"


POWERS: Mapping[Role, frozenset[Power]] = {
    Role.CASEWORKER: frozenset({Power.READ_CASES, Power.WORK_ON_CASES}),
    Role.SUPERVISOR: frozenset(
        {
            Power.READ_CASES,
            Power.WORK_ON_CASES,
            Power.LEAD,
            Power.SHARE_REPLIES,
            Power.SEE_FIGURES,
            Power.TEACH,
            Power.RUN_IT,
            Power.READ_LOG,
            Power.EXPORT_LOG,
            Power.SWITCH_DRAFTING,
            Power.SET_SAFEGUARDS,
        }
    ),
    Role.OPS: frozenset({Power.RUN_IT, Power.READ_LOG, Power.EXPORT_LOG}),
    Role.ADMIN: frozenset({Power.RUN_IT, Power.READ_LOG, Power.EXPORT_LOG, Power.SWITCH_DRAFTING, Power.SET_SAFEGUARDS, Power.KEEP_PEOPLE}),
    Role.AUDITOR: frozenset({Power.READ_CASES, Power.SEE_FIGURES, Power.READ_LOG, Power.EXPORT_LOG}),
}

LOST_BY_LIMITS: Mapping[Role, frozenset[Power]] = {
    Role.SUPERVISOR: frozenset({Power.RUN_IT, Power.READ_LOG, Power.SWITCH_DRAFTING, Power.SET_SAFEGUARDS}),
    Role.ADMIN: frozenset({Power.SWITCH_DRAFTING, Power.SET_SAFEGUARDS}),
}
"""What is the whole installation's, and so not a person's who is limited to a part of it."""

WHO_ELSE: Mapping[Power, str] = {
    Power.READ_CASES: Phrase("citizens' letters are for caseworkers, supervisors and auditors"),
    Power.WORK_ON_CASES: Phrase("cases are worked on by caseworkers and supervisors"),
    Power.LEAD: Phrase("this is for supervisors"),
    Power.SHARE_REPLIES: Phrase("a team's and an agency's canned replies are for supervisors to write"),
    Power.SEE_FIGURES: Phrase("these figures are for supervisors and auditors"),
    Power.TEACH: Phrase("what is learnt is for supervisors to decide"),
    Power.RUN_IT: Phrase("this is for ops, supervisors and admins"),
    Power.EXPORT_LOG: Phrase("the log is for ops, supervisors, admins and auditors"),
    Power.READ_LOG: Phrase("the log is for ops, supervisors, admins and auditors"),
    Power.SWITCH_DRAFTING: Phrase("what drafts are made with is for admins, and for supervisors without a limit"),
    Power.SET_SAFEGUARDS: Phrase("what approvals need is for admins, and for supervisors without a limit"),
    Power.KEEP_PEOPLE: Phrase("people are an admin's to see and to keep"),
}
"""Whose it is, said to somebody who lacks the power."""


def powers_of(roles: Iterable[Role], *, limited: bool) -> frozenset[Power]:
    """All that these roles may do together, of the whole installation or of a part of it."""
    given = [POWERS[role] - (LOST_BY_LIMITS.get(role, frozenset()) if limited else frozenset()) for role in roles]
    return frozenset().union(*given)


class TokenScope(StrEnum):
    """What a token is for; it never does more than its person may."""

    READ = "read"
    DECIDE = "decide"
    TEACH = "teach"
    OPERATE = "operate"


TOKEN_SCOPES: Mapping[TokenScope, frozenset[Power]] = {
    TokenScope.READ: frozenset({Power.READ_CASES, Power.SEE_FIGURES, Power.READ_LOG, Power.EXPORT_LOG, Power.RUN_IT}),
    TokenScope.DECIDE: frozenset({Power.READ_CASES, Power.WORK_ON_CASES, Power.LEAD, Power.SHARE_REPLIES}),
    TokenScope.TEACH: frozenset({Power.SEE_FIGURES, Power.TEACH}),
    TokenScope.OPERATE: frozenset({Power.RUN_IT, Power.SWITCH_DRAFTING}),
}


def powers_within(scopes: Iterable[TokenScope]) -> frozenset[Power]:
    """All that a token of these scopes is for."""
    return frozenset().union(*(TOKEN_SCOPES[scope] for scope in scopes))
