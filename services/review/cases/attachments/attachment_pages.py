"""Routes of the files that came with a message. A browser runs none: it keeps it, or shows an image encoded anew, or a text."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from services.domain import file_types
from services.review.audit import store as audit
from services.review.cases import reading_log, store
from services.review.cases.attachments import attached_files, file_gate, image_preview
from services.review.cases.attachments.attached_files import KeptFile
from services.review.cases.attachments.image_preview import ImagePreviews
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import rules
from services.review.cases.request_dependencies import CommandsDep
from services.review.people.authentication import CaseworkerDep, PersonFirst
from services.review.people.pages import ReaderDep
from services.review.people.rules import Person
from services.review.web.templating import Page, render
from services.runtime import clock
from services.runtime.errors import NotFound

router = APIRouter(include_in_schema=False, route_class=PersonFirst)

Place = Annotated[int, Path(ge=0, le=99)]
ALONE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Whatever is in a file, it runs nothing and is no part of our pages."""


class FilePage(Page):
    """A text that came with a message."""

    case_address: str
    address: str
    name: str
    size: int
    text: str
    goes_on: bool
    can_run: bool


async def _agency_where_it_may_be_opened(request_id: UUID, place: int, person: Person, commands: CaseCommands) -> str:
    """The agency of the case, which is the person's to see, and whose file no scanner has forbidden."""
    async with commands.database.reading() as session:
        case = rules.visible(await store.look(session, request_id), person)
    agency = case.agency or ""
    await file_gate.must_be_clean(commands, request_id, agency, place)
    return agency


async def _file(request_id: UUID, place: int, shown_as: str, person: Person, commands: CaseCommands) -> tuple[KeptFile, bytes]:
    """One file that is the person's to see; who read it is in the log, without its name, which a citizen wrote."""
    agency = await _agency_where_it_may_be_opened(request_id, place, person, commands)
    file, content = await file_gate.read(commands, request_id, agency, place)
    await reading_log.note(commands.database, request_id, person)
    detail = {"place": place, "sha256": file.sha256, "as": shown_as}
    async with commands.database.transaction() as session:
        await audit.add(session, audit.Entry(clock.now(), person.email, audit.READ_FILE, request_id, detail))
    return file, content


async def _download(request_id: UUID, place: int, person: Person, commands: CaseCommands) -> Response:
    file, content = await _file(request_id, place, "download", person, commands)
    headers = {**ALONE, "Content-Disposition": attached_files.disposition(file.name)}
    return Response(content, media_type="application/octet-stream", headers=headers)


@router.get("/cases/{request_id}/files/{place}")
async def download(request_id: UUID, place: Place, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The file, for the browser to keep."""
    return await _download(request_id, place, visitor.person, commands)


@router.get("/api/v1/cases/{request_id}/files/{place}")
async def download_by_program(request_id: UUID, place: Place, person: CaseworkerDep, commands: CommandsDep) -> Response:
    """The file, for a program."""
    return await _download(request_id, place, person, commands)


@router.get("/cases/{request_id}/files/{place}/image")
async def show_image(request: Request, request_id: UUID, place: Place, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The image as it was decoded and encoded anew: no byte of the file reaches a browser that would show it."""
    previews: ImagePreviews = request.app.state.image_previews
    # Before its turn: while a scanner thinks, others get their previews.
    await _agency_where_it_may_be_opened(request_id, place, visitor.person, commands)
    async with previews.turn():
        file, content = await _file(request_id, place, "image", visitor.person, commands)
        if file.kind not in attached_files.IMAGES:
            raise NotFound("this file is no image that can be shown: download it")
        shown = await previews.preview(content)
    return Response(shown, media_type=image_preview.MEDIA_TYPE, headers={**ALONE, "Content-Disposition": "inline"})


@router.get("/cases/{request_id}/files/{place}/text")
async def show_text(request_id: UUID, place: Place, visitor: ReaderDep, commands: CommandsDep) -> Response:
    """The beginning of a text, as text."""
    file, content = await _file(request_id, place, "text", visitor.person, commands)
    if file.kind != "text":
        raise NotFound("this file is no plain text: download it")
    text, goes_on = attached_files.text_shown(content)
    case_address = f"/cases/{request_id}"
    page = FilePage(
        now=clock.now(),
        viewer=visitor.viewer,
        case_address=case_address,
        address=f"{case_address}/files/{place}",
        name=file.name,
        size=file.size,
        text=text,
        goes_on=goes_on,
        can_run=file_types.can_run(file.name),
    )
    return render("file.html", page)
