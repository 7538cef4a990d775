"""The administrator's pages of agencies: who may publish, by which keys, on which terms."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, BeforeValidator

from schemas.values import Prose
from services.domain.agency_keys import SHOWN, Agency, KeyScope
from services.domain.webhook_records import WebhookRecord
from services.review.agencies import rules
from services.review.agencies.provisioning import AgencyKeys, AgencyWebhooks
from services.review.audit import store as audit
from services.review.cases.commands import CaseCommands
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


class AgenciesPage(Page):
    """The agencies that the administrator keeps."""

    agencies: list[Agency]
    may_add: bool
    scopes: list[KeyScope] = list(KeyScope)
    days_of_both: int = DAYS_OF_BOTH
    problem: str = ""
    secret: str = ""
    secret_of: str = ""


class WebhookPage(Page):
    """What was told to an agency's webhook, and what has not arrived."""

    slug: str
    name: str
    host: str | None
    records: list[WebhookRecord]
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


@dataclass(frozen=True)
class Change:
    """What an administrator does about an agency, within its transaction."""

    session: Session
    admin: Person
    keys: AgencyKeys
    at: datetime

    async def log(self, action: str, detail: Mapping[str, object]) -> None:
        """Says who did it."""
        await audit.add(self.session, audit.Entry(self.at, self.admin.email, action, None, detail))


def _keys(request: Request) -> AgencyKeys | None:
    keys: AgencyKeys | None = request.app.state.agency_keys
    return keys


async def agencies_kept(request: Request, session: Session, admin: Person) -> list[Agency]:
    """The agencies that the administrator keeps."""
    keys = _keys(request)
    agencies = await keys.agencies(session, clock.now()) if keys else []
    return [agency for agency in agencies if admin.scope.has_agency(agency.slug)]


async def must_still_keep(session: Session, admin: Person) -> Person:
    """Holds the administrator's row as well: of two who take each other's rights away, one is too late."""
    current = await store.person(session, admin.email)
    must(current, Power.KEEP_PEOPLE)
    return current


@asynccontextmanager
async def _keeping(request: Request, visitor: Visitor, commands: CaseCommands, code: str) -> AsyncIterator[Change]:
    """A transaction in which the administrator changes what they keep of the agency. Raises NotFound."""
    keys = _keys(request)
    if not keys:
        raise NotFound("agencies are kept by `parvis agencies` here", field="code")
    async with commands.database.transaction() as session:
        admin = await must_still_keep(session, visitor.person)
        rules.must_keep_agency(admin, code)
        yield Change(session, admin, keys, clock.now())


def _may_be_shown(problem: ParvisError) -> ParvisError:
    """What the page says of it. Raises what is none of the administrator's doing."""
    if problem.status not in REFUSED:
        raise problem
    return problem


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
    try:
        async with _keeping(request, visitor, commands, form.code) as change:
            names = {agency.slug: agency.name for agency in await change.keys.agencies(change.session, change.at)}
            if change.admin.scope.limited and form.code not in names:
                raise NotFound(f"there is no agency {form.code}", field="code")
            limits = rules.key_terms(form.label, form.scope, form.days, change.at)
            name = " ".join(form.name.split())[:80] or names.get(form.code, form.code)
            key = await change.keys.add(change.session, form.code, name, change.at, terms=limits)
            await change.log("agency key issued", {"agency": form.code, "key": key[:SHOWN], **limits.as_json()})
    except ParvisError as error:
        return await _agencies_page(request, visitor, commands, _may_be_shown(error))
    return await _agencies_page(request, visitor, commands, secret=key, secret_of=form.code)


@router.post("/replace")
async def replace_key(request: Request, form: AgencyFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Issues a key in the place of another, which stays good for a week."""
    try:
        async with _keeping(request, visitor, commands, form.code) as change:
            end = rules.end_after(DAYS_OF_BOTH, change.at)
            key, former = await change.keys.replace(change.session, form.code, change.at, end, prefix=form.key or None)
            detail = {"agency": form.code, "key": key[:SHOWN], "former": former, "former_ends": end.isoformat()}
            await change.log("agency key replaced", detail)
    except ParvisError as error:
        return await _agencies_page(request, visitor, commands, _may_be_shown(error))
    return await _agencies_page(request, visitor, commands, secret=key, secret_of=form.code)


@router.post("/revoke")
async def revoke_keys(request: Request, form: AgencyFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Ends one key of an agency, or all, at once."""
    try:
        async with _keeping(request, visitor, commands, form.code) as change:
            ended = await change.keys.revoke(change.session, form.code, change.at, prefix=form.key or None)
            await change.log("agency keys revoked", {"agency": form.code, "keys": ended})
    except ParvisError as error:
        return await _agencies_page(request, visitor, commands, _may_be_shown(error))
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
    rules.must_keep_agency(visitor.person, code)
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
        records=list(records),
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
    try:
        async with _keeping(request, visitor, commands, code) as change:
            await change.keys.webhooks.send_again(change.session, code, decision, change.at)
            await change.log("webhook sent again", {"agency": code, "decision": str(decision)})
    except ParvisError as error:
        return await _webhook_page(request, visitor, commands, code, problem=_may_be_shown(error))
    return RedirectResponse(f"/admin/agencies/{quote(code)}/webhook?flash={Flash.WEBHOOK_SENT_AGAIN}", 303)
