"""The administrator's pages of agencies: who may publish, by which keys, on which terms."""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator

from schemas.values import Prose
from services.domain.key_terms import KeyScope
from services.review.agencies import rules
from services.review.agencies.provisioning import AgencyKeys, AgencyWebhooks, Key
from services.review.audit import store as audit
from services.review.cases.request_dependencies import CommandsDep
from services.review.people import store
from services.review.people.authentication import PersonFirst
from services.review.people.pages import KeeperDep, Visitor
from services.review.people.powers import Power
from services.review.people.rules import Person, must
from services.review.web.phrases import fault
from services.review.web.templating import Flash, Page, flash_of, render
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import NotFound, ParvisError

router = APIRouter(include_in_schema=False, prefix="/admin/agencies", route_class=PersonFirst)

REFUSED = (422, 403, 404, 409)
MOST_RECORDS = 100
DAYS_OF_BOTH = 7
"""How long a key that was replaced stays good beside the new one."""


class KeyLine(BaseModel):
    """A key as it may be shown."""

    prefix: str
    label: str
    scopes: list[KeyScope]
    created_at: datetime
    expires_at: datetime | None
    used_on: date | None


class AgencyLine(BaseModel):
    """An agency with its good keys."""

    slug: str
    name: str
    keys: list[KeyLine]


class AgenciesPage(Page):
    """The agencies that the administrator keeps."""

    agencies: list[AgencyLine]
    may_add: bool
    scopes: list[KeyScope] = list(KeyScope)
    days_of_both: int = DAYS_OF_BOTH
    problem: str = ""
    secret: str = ""
    secret_of: str = ""


class RecordLine(BaseModel):
    """A message to the webhook: how far it is."""

    decision_id: UUID
    request_id: UUID
    state: str
    attempts: int
    detail: str
    created_at: datetime
    arrived_at: datetime | None
    next_attempt_at: datetime | None


class WebhookPage(Page):
    """What was told to an agency's webhook, and what has not arrived."""

    slug: str
    name: str
    host: str | None
    records: list[RecordLine]
    undelivered: bool
    most: int = MOST_RECORDS
    problem: str = ""


class AgencyForm(BaseModel):
    """An agency to add with the terms of its key, or the key to replace or end; without a key all of its keys."""

    code: Prose = ""
    name: Prose = ""
    key: Prose = ""
    label: Prose = ""
    scope: list[Prose] = []
    days: Annotated[int | None, BeforeValidator(lambda sent: sent or None)] = None


AgencyFormDep = Annotated[AgencyForm, Form()]


def _keys(request: Request) -> AgencyKeys | None:
    keys: AgencyKeys | None = request.app.state.agency_keys
    return keys


def _key_line(key: Key) -> KeyLine:
    return KeyLine(
        prefix=key.prefix,
        label=key.terms.label,
        scopes=list(key.terms.scopes),
        created_at=key.created_at,
        expires_at=key.terms.expires_at,
        used_on=key.used_on,
    )


async def agencies_kept(request: Request, session: Session, admin: Person) -> list[AgencyLine]:
    """The agencies that the administrator keeps."""
    keys = _keys(request)
    lines = [
        AgencyLine(
            slug=agency.slug,
            name=agency.name,
            keys=[_key_line(key) for key in agency.keys],
        )
        for agency in (await keys.agencies(session, clock.now()) if keys else [])
    ]
    return [line for line in lines if admin.scope.has_agency(line.slug)]


def must_keep_agency(admin: Person, code: str) -> None:
    """Raises NotFound. Who is limited keeps the agencies that they are limited to; limited to departments alone, none."""
    if admin.scope.limited and not (admin.scope.agencies and admin.scope.has_agency(code)):
        raise NotFound(f"there is no agency {code}", field="code")


async def must_still_keep(session: Session, admin: Person) -> Person:
    """Holds the administrator's row as well: of two who take each other's rights away, one is too late."""
    current = await store.person(session, admin.email)
    must(current, Power.KEEP_PEOPLE)
    return current


async def _agencies_page(
    request: Request, visitor: Visitor, commands: CommandsDep, problem: ParvisError | None = None, secret: str = "", secret_of: str = ""
) -> Response:
    async with commands.database.reading() as session:
        agencies = await agencies_kept(request, session, visitor.person)
    page = AgenciesPage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        agencies=agencies,
        may_add=not visitor.person.scope.limited and _keys(request) is not None,
        problem=fault(problem) if problem else "",
        secret=secret,
        secret_of=secret_of,
    )
    return render("agencies.html", page, problem.status if problem else 200)


@router.get("")
async def show_agencies(request: Request, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Who may publish requests, and by which keys."""
    return await _agencies_page(request, visitor, commands)


@router.post("")
async def issue_key(request: Request, form: AgencyFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Adds an agency, or gives one a further key, which is shown once."""
    keys, now = _keys(request), clock.now()
    try:
        if not keys:
            raise NotFound("agencies are kept by `parvis agencies` here")
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            names = {agency.slug: agency.name for agency in await keys.agencies(session, now)}
            must_keep_agency(admin, form.code)
            if admin.scope.limited and form.code not in names:
                raise NotFound(f"there is no agency {form.code}", field="code")
            limits = rules.key_terms(form.label, form.scope, form.days, now)
            key = await keys.add(session, form.code, " ".join(form.name.split())[:80] or names.get(form.code, form.code), now, terms=limits)
            detail = {"agency": form.code, "key": key[:11], **limits.as_json()}
            await audit.add(session, audit.Entry(now, admin.email, "agency key issued", None, detail))
    except ParvisError as error:
        if error.status not in REFUSED:
            raise
        return await _agencies_page(request, visitor, commands, error)
    return await _agencies_page(request, visitor, commands, secret=key, secret_of=form.code)


@router.post("/replace")
async def replace_key(request: Request, form: AgencyFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Issues a key in the place of another, which stays good for a week."""
    keys, now = _keys(request), clock.now()
    try:
        if not keys:
            raise NotFound(f"there is no agency {form.code}", field="code")
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            must_keep_agency(admin, form.code)
            end = rules.end_after(DAYS_OF_BOTH, now)
            key, former = await keys.replace(session, form.code, now, end, prefix=form.key or None)
            detail = {"agency": form.code, "key": key[:11], "former": former, "former_ends": end.isoformat()}
            await audit.add(session, audit.Entry(now, admin.email, "agency key replaced", None, detail))
    except ParvisError as error:
        if error.status not in REFUSED:
            raise
        return await _agencies_page(request, visitor, commands, error)
    return await _agencies_page(request, visitor, commands, secret=key, secret_of=form.code)


@router.post("/revoke")
async def revoke_keys(request: Request, form: AgencyFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Ends one key of an agency, or all, at once."""
    keys, now = _keys(request), clock.now()
    try:
        if not keys:
            raise NotFound(f"there is no agency {form.code}", field="code")
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            must_keep_agency(admin, form.code)
            ended = await keys.revoke(session, form.code, now, prefix=form.key or None)
            detail = {"agency": form.code, "keys": ended}
            await audit.add(session, audit.Entry(now, admin.email, "agency keys revoked", None, detail))
    except ParvisError as error:
        if error.status not in REFUSED:
            raise
        return await _agencies_page(request, visitor, commands, error)
    return RedirectResponse(f"/admin/agencies?flash={Flash.KEYS_ENDED}", 303)


def _webhooks(request: Request, code: str) -> AgencyWebhooks:
    keys = _keys(request)
    if not keys:
        raise NotFound(f"there is no agency {code}", field="code")
    return keys.webhooks


async def _webhook_page(
    request: Request, visitor: Visitor, commands: CommandsDep, code: str, *, undelivered: bool = False, problem: ParvisError | None = None
) -> Response:
    webhooks = _webhooks(request, code)
    must_keep_agency(visitor.person, code)
    async with commands.database.reading() as session:
        agency = next((line for line in await agencies_kept(request, session, visitor.person) if line.slug == code), None)
        if agency is None:
            raise NotFound(f"there is no agency {code}", field="code")
        records = await webhooks.records(session, code, limit=MOST_RECORDS, undelivered=undelivered)
        host = await webhooks.host(session, code)
    page = WebhookPage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        slug=code,
        name=agency.name,
        host=host,
        records=[RecordLine.model_validate(record, from_attributes=True) for record in records],
        undelivered=undelivered,
        problem=fault(problem) if problem else "",
    )
    return render("webhook.html", page, problem.status if problem else 200)


@router.get("/{code}/webhook")
async def show_webhook(
    request: Request, code: str, visitor: KeeperDep, commands: CommandsDep, *, undelivered: Annotated[bool, Query()] = False
) -> Response:
    """What was told to an agency's webhook: when, how often tried, with what result."""
    return await _webhook_page(request, visitor, commands, code, undelivered=undelivered)


@router.post("/{code}/webhook/send-again")
async def send_again(request: Request, code: str, visitor: KeeperDep, commands: CommandsDep, decision: Annotated[UUID, Form()]) -> Response:
    """Sends one message once more, the same bytes under the same id: who had it already passes over it."""
    webhooks, now = _webhooks(request, code), clock.now()
    try:
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            must_keep_agency(admin, code)
            await webhooks.send_again(session, code, decision, now)
            detail = {"agency": code, "decision": str(decision)}
            await audit.add(session, audit.Entry(now, admin.email, "webhook sent again", None, detail))
    except ParvisError as error:
        if error.status not in REFUSED:
            raise
        return await _webhook_page(request, visitor, commands, code, problem=error)
    return RedirectResponse(f"/admin/agencies/{quote(code)}/webhook?flash={Flash.WEBHOOK_SENT_AGAIN}", 303)
