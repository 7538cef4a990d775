"""One action on many cases: each by the rules of a single one, in its own transaction, with its own version and entry in the log."""

import logging
from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from services.review.cases.commands import CaseCommands
from services.review.cases.deciding.actions import Action
from services.review.people.rules import Person
from services.review.web.phrases import fault
from services.runtime.errors import InvalidInput, NotAllowed, NotFound, ParvisError

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
KINDS = ("assign", "correct", "close")
"""Nothing is ever approved or sent from a list."""
Kind = Literal["assign", "correct", "close"]


class Ticked(BaseModel):
    """A case that was ticked, and the version that its line showed."""

    request_id: UUID
    version: int


class Outcome(BaseModel):
    """What became of one case."""

    request_id: UUID
    done: bool
    reason: str = ""
    """Why not, in a sentence; empty also where even that is not theirs to know."""
    hidden: bool = False
    failed: bool = False
    """Something was out of order here: it may be tried again."""


def ticked_of(values: Sequence[str]) -> list[Ticked]:
    """What a form sends of the ticked lines, each case once. Raises InvalidInput."""
    ticked: dict[UUID, Ticked] = {}
    for value in values:
        number, _, version = value.partition(":")
        try:
            case = Ticked(request_id=UUID(number), version=int(version))
        except ValueError:
            raise InvalidInput("case: the form names a case in another way than our pages do; load the queue again", field="case") from None
        ticked.setdefault(case.request_id, case)
    if not ticked:
        raise InvalidInput("case: no case is ticked; go back and tick those that you mean", field="case")
    if len(ticked) > MOST_AT_ONCE:
        raise InvalidInput(f"case: at most {MOST_AT_ONCE} at a time, these are {len(ticked)}; nothing was done", field="case")
    return list(ticked.values())


async def act_on_all(commands: CaseCommands, ticked: Sequence[Ticked], action: Action, person: Person) -> list[Outcome]:
    """Does it to each, one after the other: what cannot be done to one stops no other."""
    return await act_on_each(commands, [(case, action) for case in ticked], person)


async def act_on_each(commands: CaseCommands, actions: Sequence[tuple[Ticked, Action]], person: Person) -> list[Outcome]:
    """The same with an action of its own for each."""
    return [await _act(commands, case, action, person) for case, action in actions]


async def _act(commands: CaseCommands, case: Ticked, action: Action, person: Person) -> Outcome:
    try:
        await commands.act(case.request_id, case.version, action, person)
    except (NotFound, NotAllowed):
        return Outcome(request_id=case.request_id, done=False, hidden=True)
    except ParvisError as error:
        return Outcome(request_id=case.request_id, done=False, reason=fault(error))
    except Exception:
        log.exception("an action on one of many cases")
        return Outcome(request_id=case.request_id, done=False, failed=True)
    return Outcome(request_id=case.request_id, done=True)
