"""The route by which a person says that what was announced is no matter."""

from uuid import UUID

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from services.review.audit import store as audit
from services.review.audit.store import Entry
from services.review.cases.emerging import matter_lines, matter_store, watching
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import PersonFirst
from services.review.people.pages import ReaderDep
from services.review.web.templating import Flash
from services.runtime import clock
from services.runtime.errors import NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@router.post("/matters/{matter_id}/dismiss")
async def dismiss(matter_id: UUID, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """Ends its announcement, for everybody; the log has who did. The group of its messages stays."""
    now, person = clock.now(), visitor.person
    async with commands.database.transaction() as session:
        matter = await matter_store.matter(session, matter_id)
        if matter is None or not await matter_lines.sees(session, matter, person):
            raise NotFound("there is no such matter, or none of its messages is yours to see")
        if not matter.dismissed:
            await watching.dismiss(session, matter, person.email, now)
            detail = {"matter": str(matter_id), "agency": matter.agency, "group": str(matter.group_id)}
            await audit.add(session, Entry(now, person.email, "dismiss matter", None, detail))
    commands.wake()
    return RedirectResponse(f"/groups/{matter.group_id}?flash={Flash.MATTER_DISMISSED}", 303)
