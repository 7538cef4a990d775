"""The way from the workbench to practice, which is a process of its own at an address of its own."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.review.people.authentication import PersonFirst
from services.review.people.pages import LookerDep
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.settings import Settings

router = APIRouter(include_in_schema=False, route_class=PersonFirst)


@router.get("/practice")
async def show_practice(request: Request, visitor: LookerDep) -> Response:
    """Leads to where people practise; where nobody has said where that is, says what it is and whom to ask."""
    settings: Settings = request.app.state.settings
    if settings.practice_url:
        return RedirectResponse(settings.practice_url, 303)
    return render("practice_entry.html", Page(now=clock.now(), viewer=visitor.viewer))
