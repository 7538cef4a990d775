"""Deliveries that wait, on the operations page: which, why, until when, and a press that tries them at once."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from services.domain.waiting_deliveries import WaitingDelivery
from services.review.audit import store as audit
from services.review.cases.commands import CaseCommands
from services.review.cases.request_dependencies import CommandsDep
from services.review.ops.overview import Deliveries
from services.review.people.authentication import PersonFirst
from services.review.people.pages import OperatorDep
from services.review.people.rules import Scope
from services.review.web.templating import Flash
from services.runtime import clock
from services.runtime.errors import NotAllowed, NotFound

router = APIRouter(include_in_schema=False, prefix="/ops/deliveries", route_class=PersonFirst)

MOST_DELIVERIES = 50


async def deliveries_of(request: Request, commands: CaseCommands, scope: Scope) -> list[WaitingDelivery]:
    """The oldest that wait, of the scope's agencies; none where this process was not given the way to them."""
    deliveries: Deliveries | None = request.app.state.deliveries
    if deliveries is None or scope.departments:  # dispatch knows of no departments
        return []
    async with commands.database.reading() as session:
        return await deliveries.waiting(session, agencies=scope.agencies, limit=MOST_DELIVERIES)


@router.post("/try-now")
async def try_now(
    request: Request, visitor: OperatorDep, commands: CommandsDep, decision: Annotated[UUID | None, Form()] = None
) -> Response:
    """Makes one of them due now, or all of them; who pressed it is logged."""
    deliveries: Deliveries | None = request.app.state.deliveries
    if deliveries is None:
        raise NotFound("this process has no way to the deliveries: start it by `parvis serve review`")
    if visitor.person.scope.departments:
        raise NotAllowed("deliveries are no department's: somebody who runs Parvis for whole agencies tries them again")
    now = clock.now()
    async with commands.database.transaction() as session:
        count = await deliveries.try_now(session, now, decision, agencies=visitor.person.scope.agencies)
        detail: dict[str, object] = {"deliveries": count, **({"decision": str(decision)} if decision else {})}
        await audit.add(session, audit.Entry(now, visitor.person.email, "deliveries tried now", None, detail))
    return RedirectResponse(f"/ops?flash={Flash.TRIED_NOW}#deliveries-heading", 303)
