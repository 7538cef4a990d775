"""What changes of cases tell whom: each listener of the cases that are theirs to see, and nothing of any other. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from schemas.values import Urgency
from services.review.audit.store import Entry
from services.review.cases.case_state import UNDELIVERED, State
from services.review.people.rules import Person, Scope
from services.runtime.message_catalogues import PageLanguage

MOST_TOLD = 100
"""Changes that one message tells one by one; of more a page says only that its list has changed."""
ASSIGNMENTS = frozenset({"claim", "release", "takeover", "assign", "approve"})
UNSORTED = frozenset({State.RECEIVED.value, State.NEEDS_TRIAGE.value})
SORTED_BY = ("category", "department", "urgency")


@dataclass(frozen=True)
class Steps:
    """What the log says of one case, over one or several entries: what changed, and whose it was before."""

    former_state: str | None = None
    """Empty: it was not there."""
    moved: frozenset[str] = frozenset()
    former_departments: tuple[str | None, ...] = ()
    """Of each move from one department to another the one before; None where it was everybody's."""
    alarming: bool = False
    """Something that makes an emergency of it, or makes one wait for somebody again."""


def steps_of(entries: Sequence[Entry]) -> Steps:
    """What the entries of one case say together, the oldest first."""
    former_state: str | None = None
    moved: set[str] = set()
    former: list[str | None] = []
    alarming = False
    for entry in entries:
        states = _pair(entry.detail, "state")
        if states:
            former_state = states[0] if former_state is None else former_state
            moved.add("state")
            if states[0] in UNSORTED:
                former.append(None)
            alarming = alarming or states[1] in {*UNDELIVERED, State.BY_HAND}
        for name in SORTED_BY:
            if pair := _pair(entry.detail, name):
                moved.add(name)
                if name == "department":
                    former.append(pair[0] or None)
                alarming = alarming or (name == "urgency" and pair[1] == Urgency.EMERGENCY)
        if entry.action == "received":
            former_state = ""
            moved.add("state")
        if entry.action == "triaged":
            moved.update((*SORTED_BY, "language"))
            alarming = True
        if entry.action in ASSIGNMENTS:
            moved.add("assignee")
    return Steps(former_state, frozenset(moved), tuple(former), alarming)


def _pair(detail: Mapping[str, object], name: str) -> tuple[str, str] | None:
    sides = detail.get(name)
    return (str(sides[0]), str(sides[1])) if isinstance(sides, list) and len(sides) == 2 else None  # noqa: PLR2004 - from and to


class Cells(Protocol):
    """Writes the cells of a line for a reader."""

    def written(self, language: PageLanguage, *, mine: bool) -> Mapping[str, str]:
        """In that language; `mine` where they work on the case themselves."""


Written = dict[tuple[UUID, PageLanguage, bool], str]
"""Cases written out, by what makes a difference to listeners."""


@dataclass(frozen=True)
class ChangedCase:
    """A case as it is after a change, with what a line of the queue shows of it."""

    request_id: UUID
    version: int
    agency: str
    everybodys: bool
    state: State
    subject: str
    category: str | None
    department: str | None
    urgency: Urgency
    language: str | None
    assignee: str | None
    in_danger: bool
    perhaps_in_danger: bool
    steps: Steps
    cells: Cells
    """The cells of its line as HTML, by name."""


def may_see(scope: Scope, case: ChangedCase) -> bool:
    """Whether the case is theirs to see: the same as `rules.in_scope`."""
    return scope.has_agency(case.agency) and scope.has_department(None if case.everybodys else case.department)


def could_see(scope: Scope, case: ChangedCase) -> bool:
    """Whether the case was theirs to see before the change."""
    return scope.has_agency(case.agency) and any(scope.has_department(department) for department in case.steps.former_departments)


@dataclass(frozen=True)
class Message:
    """What happened since the last message, ready for many listeners: each case is written out once for all of one language."""

    cases: Sequence[ChangedCase]
    safe: int
    too_many: bool = False

    def data_for(self, person: Person, language: PageLanguage, written: Written) -> str | None:
        """The message as JSON for that person, or nothing where it holds nothing for them. `written` is shared by all listeners."""
        theirs = [case for case in self.cases if may_see(person.scope, case)]
        gone = [case.request_id for case in self.cases if not may_see(person.scope, case) and could_see(person.scope, case)]
        if not (theirs or gone or self.too_many):
            return None
        detailed = theirs if len(theirs) <= MOST_TOLD else [case for case in theirs if case.in_danger][:MOST_TOLD]
        many = self.too_many or len(detailed) < len(theirs)
        changes = ",".join(_written(case, language, mine=case.assignee == person.email, written=written) for case in detailed)
        return f'{{"changes":[{changes}],"gone":{json.dumps([str(i) for i in gone[:MOST_TOLD]])},"many":{json.dumps(many)}}}'


def _written(case: ChangedCase, language: PageLanguage, *, mine: bool, written: Written) -> str:
    key = (case.request_id, language, mine)
    if key not in written:
        written[key] = json.dumps(
            {
                "id": str(case.request_id),
                "version": case.version,
                "state": case.state.value,
                "from": case.steps.former_state,
                "moved": sorted(case.steps.moved),
                "subject": case.subject,
                "category": case.category or "",
                "department": case.department or "",
                "urgency": case.urgency.value,
                "language": case.language or "",
                "mine": mine,
                "assigned": case.assignee is not None,
                "doubt": case.perhaps_in_danger,
                "alarm": case.in_danger and case.steps.alarming,
                "cells": dict(case.cells.written(language, mine=mine)),
            }
        )
    return written[key]
