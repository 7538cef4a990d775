"""The administrator's page of an agency's receipts: in what words, previewed, on or off, by whom."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from services.review.agencies import acknowledgement_switch, rules
from services.review.agencies.agency_pages import REFUSED, agencies_kept, must_still_keep
from services.review.cases import store as cases
from services.review.cases.acknowledgements import acknowledgement_store, acknowledgement_text
from services.review.cases.acknowledgements.acknowledgement import A_DAY, Acknowledging
from services.review.cases.acknowledgements.acknowledgement_text import FIELDS, LONGEST_TEXT
from services.review.cases.acknowledgements.acknowledging import writing_of
from services.review.cases.request_dependencies import CommandsDep
from services.review.people import store
from services.review.people.authentication import PersonFirst
from services.review.people.pages import KeeperDep, Visitor
from services.review.people.rules import Person
from services.review.web.phrases import fault
from services.review.web.templating import Flash, Page, flash_of, render
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import Conflict, InvalidInput, NotFound, ParvisError
from services.runtime.message_catalogues import NAMES

router = APIRouter(include_in_schema=False, prefix="/admin/agencies", route_class=PersonFirst)

FIELD = "text-"
"""What the names of fields with a text begin with; its language follows."""


class Receipt(BaseModel):
    """A receipt as it would be mailed."""

    language: str
    subject: str
    body: str
    emergency: str


class AcknowledgementPage(Page):
    """What an agency sends whoever writes, and what it would send."""

    slug: str
    name: str
    active: bool
    decided_by: str
    decided_at: datetime
    texts: list[tuple[str, str, str]]
    """Code and name of each language, and the agency's own text in it."""
    receipts: list[Receipt]
    proof: str
    """Stands for the words that the receipts are made of: who switches them on has seen these."""
    changed: bool
    """Whether these are other words than are sent now."""
    fields: tuple[str, ...] = FIELDS
    longest: int = LONGEST_TEXT
    problem: str = ""
    mailed: int = 0
    failed: int = 0
    reason: str = ""
    """Why the last one failed within a day."""


async def _of(request: Request, session: Session, admin: Person, code: str) -> Acknowledging:
    """What holds of an agency that the administrator keeps. Raises NotFound for any other."""
    rules.must_keep_agency(admin, code)
    agency = next((line for line in await agencies_kept(request, session, admin) if line.slug == code), None)
    if agency is None:
        raise NotFound(f"there is no agency {code}", field="code")
    kept = await acknowledgement_store.acknowledging(session, code)
    return replace(kept, name=agency.name) if kept else acknowledgement_switch.never(code, agency.name)


async def _page(
    request: Request,
    visitor: Visitor,
    commands: CommandsDep,
    code: str,
    typed: Mapping[str, str] | None = None,
    problem: ParvisError | None = None,
) -> Response:
    now = clock.now()
    async with commands.database.reading() as session:
        kept = await _of(request, session, visitor.person, code)
        names = await store.names(session)
        tally = await acknowledgement_store.tally(session, code, now - A_DAY)
        failed = (await cases.cases_of(session, [tally.last])).get(tally.last) if tally.last else None
    texts = dict(kept.texts) if typed is None else dict(typed)
    unusable = isinstance(problem, InvalidInput)
    words = kept.words() if unusable or typed is None else acknowledgement_text.words(acknowledgement_text.checked(texts))
    writing = writing_of(commands.settings, commands.taxonomy)
    previews = [] if unusable else acknowledgement_switch.previews(kept, words, writing, now)
    languages = dict(NAMES) | {other: other for other in sorted(texts) if other not in dict(NAMES)}
    page = AcknowledgementPage(
        now=now,
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        slug=code,
        name=kept.name,
        active=kept.active,
        decided_by=names.get(kept.decided_by, kept.decided_by),
        decided_at=kept.decided_at,
        texts=[(language, title, texts.get(language, "")) for language, title in languages.items()],
        receipts=[Receipt(**vars(each.wording), emergency=each.emergency) for each in previews],
        proof=acknowledgement_text.proof(words),
        changed=words != kept.words(),
        problem=fault(problem) if problem else "",
        mailed=tally.mailed,
        failed=tally.failed,
        reason=failed.hidden(tally.reason) if failed and failed.request else "",
    )
    return render("acknowledgement.html", page, problem.status if problem else 200)


@router.get("/{code}/acknowledgement")
async def show_acknowledgement(request: Request, code: str, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """What an agency sends whoever writes: off, or on by whom, and in what words."""
    return await _page(request, visitor, commands, code)


@router.post("/{code}/acknowledgement")
async def change_acknowledgement(request: Request, code: str, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Shows how the words typed would be sent (`preview`), sends them from now on (`on`) or no more (`off`)."""
    form = await request.form()
    typed = {name.removeprefix(FIELD): str(text)[: 2 * LONGEST_TEXT] for name, text in form.items() if name.startswith(FIELD)}
    action = str(form.get("action", ""))
    try:
        texts = acknowledgement_text.checked(typed)
        if action == "preview":
            return await _page(request, visitor, commands, code, texts)
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            kept = await _of(request, session, admin, code)
            await acknowledgement_switch.switch(session, _decided(kept, action, texts, str(form.get("seen", "")), admin))
    except ParvisError as error:
        if error.status not in REFUSED or isinstance(error, NotFound):
            raise
        return await _page(request, visitor, commands, code, typed, error)
    flash = Flash.RECEIPTS_ON if action == "on" else Flash.RECEIPTS_OFF
    return RedirectResponse(f"/admin/agencies/{quote(code)}/acknowledgement?flash={flash}", 303)


def _decided(kept: Acknowledging, action: str, texts: Mapping[str, str], seen: str, admin: Person) -> Acknowledging:
    """What the administrator decides. Raises Conflict where they have not seen the very words."""
    if action not in ("on", "off"):
        raise InvalidInput("action: use preview, on or off", field="action")
    if action == "off":
        return replace(kept, active=False, decided_by=admin.email, decided_at=clock.now())
    words = acknowledgement_text.words(texts)
    if seen != acknowledgement_text.proof(words):
        raise Conflict("these are not the words that you have seen: look at them once more, then switch them on")
    return replace(kept, active=True, texts=texts, seen=words, decided_by=admin.email, decided_at=clock.now())
