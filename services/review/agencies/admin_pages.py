"""The administrator's pages of people: what they may, their tokens and sessions."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from schemas.values import Prose
from services.domain.agency_keys import Agency
from services.review.agencies.agency_pages import REFUSED, agencies_kept, must_still_keep
from services.review.audit import store as audit
from services.review.cases.queue.queue_page import departments as choices_of_departments
from services.review.cases.request_dependencies import CommandsDep
from services.review.people import break_glass, management, passwords, session_store, store, token_store
from services.review.people.account_pages import Happened, log_of
from services.review.people.authentication import PersonFirst
from services.review.people.pages import KeeperDep, Visitor
from services.review.people.powers import Role
from services.review.people.rules import Person, Scope, check_email, check_roles
from services.review.people.second_factor import factor_store
from services.review.people.session_store import Open
from services.review.people.single_sign_on import identity_store
from services.review.people.token_store import Token
from services.review.web.phrases import fault
from services.review.web.templating import Choice, Flash, Page, flash_of, render
from services.runtime import clock
from services.runtime.database import Database, Session
from services.runtime.errors import InvalidInput, NotFound, ParvisError

router = APIRouter(include_in_schema=False, prefix="/admin", route_class=PersonFirst)


class RightsForm(BaseModel):
    """A person and what they may."""

    email: Prose = ""
    name: Prose = ""
    role: Prose = ""
    also: list[Prose] = []
    departments: list[Prose] = []
    agencies: list[Prose] = []
    token: Prose = ""

    def roles(self) -> tuple[Role, tuple[Role, ...]]:
        """The first role and the others. Raises InvalidInput."""
        try:
            role, also = Role(self.role), tuple(Role(other) for other in self.also)
        except ValueError:
            raise InvalidInput(f"role: use one of {', '.join(Role)}", field="role") from None
        return role, check_roles(role, also)

    @property
    def scope(self) -> Scope:
        """The limits."""
        return Scope(tuple(dict.fromkeys(self.departments)), tuple(dict.fromkeys(self.agencies)))


class PeoplePage(Page):
    """Everybody whom the administrator keeps."""

    people: list[Person]
    form: RightsForm
    roles: list[Role]
    departments: list[Choice]
    agencies: list[str]
    no_break_glass: list[str]
    problem: str = ""
    secret: str = ""
    secret_of: str = ""


class PersonPage(Page):
    """One person."""

    person: Person
    own: bool
    roles: list[Role]
    departments: list[Choice]
    agencies: list[str]
    sessions: list[Open]
    tokens: list[Token]
    log: list[Happened]
    linked: bool
    second_factor: bool
    problem: str = ""
    secret: str = ""


RightsFormDep = Annotated[RightsForm, Form()]


async def _people_page(
    request: Request, visitor: Visitor, commands: CommandsDep, form: RightsForm, problem: ParvisError | None = None, secret: str = ""
) -> Response:
    async with commands.database.reading() as session:
        everybody = await store.people(session, removed=False)
        agencies = await agencies_kept(request, session, visitor.person)
        no_break_glass = await break_glass.without_effect(session, commands.settings.oidc)
    page = PeoplePage(
        now=clock.now(),
        viewer=visitor.viewer,
        flash=flash_of(request.query_params.get("flash")),
        people=[person for person in everybody if management.is_kept_by(person, visitor.person)],
        form=form,
        roles=list(Role),
        departments=choices_of_departments(commands.taxonomy),
        agencies=[agency.slug for agency in agencies],
        no_break_glass=[] if visitor.person.scope.limited else no_break_glass,
        problem=fault(problem) if problem else "",
        secret=secret,
        secret_of=form.email if secret else "",
    )
    return render("people.html", page, problem.status if problem else 200)


def _checked(form: RightsForm, commands: CommandsDep, agencies: list[Agency]) -> tuple[Role, tuple[Role, ...], Scope]:
    role, also = form.roles()
    for department in form.scope.departments:
        if department not in commands.taxonomy.departments:
            raise InvalidInput(f"department: there is no {department!r}", field="department")
    for slug in form.scope.agencies:
        if slug not in {agency.slug for agency in agencies}:
            raise InvalidInput(f"agency: there is no {slug!r}", field="agency")
    return role, also, form.scope


def _rights(role: Role, also: tuple[Role, ...], scope: Scope) -> dict[str, object]:
    return {"role": ", ".join((role, *also)), "departments": list(scope.departments), "agencies": list(scope.agencies)}


@router.get("")
async def show_people(request: Request, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Who may sign in."""
    return await _people_page(request, visitor, commands, RightsForm())


@router.post("/people")
async def add_person(request: Request, form: RightsFormDep, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """Adds somebody; their first password is shown once and good until they choose their own."""
    now = clock.now()
    try:
        async with commands.database.transaction() as session:
            admin = await must_still_keep(session, visitor.person)
            role, also, scope = _checked(form, commands, await agencies_kept(request, session, admin))
            management.must_give(admin, (role, *also), scope)
            name = " ".join(form.name.split())[:80] or None
            password = await store.add_person(session, form.email, role, now, name=name, scope=scope, also=also, must_change=True)
            detail = {"email": check_email(form.email), **_rights(role, also, scope)}
            await audit.add(session, audit.Entry(now, admin.email, "person added", None, detail))
    except ParvisError as error:
        if error.status not in REFUSED:
            raise
        return await _people_page(request, visitor, commands, form, error)
    return await _people_page(request, visitor, commands, RightsForm(email=form.email), secret=password)


async def _person_page(
    request: Request, visitor: Visitor, commands: CommandsDep, email: str, problem: ParvisError | None = None, secret: str = ""
) -> Response:
    now = clock.now()
    async with commands.database.reading() as session:
        person = await _kept(session, visitor.person, email)
        page = PersonPage(
            now=now,
            viewer=visitor.viewer,
            flash=flash_of(request.query_params.get("flash")),
            person=person,
            own=person.email == visitor.person.email,
            roles=list(Role),
            departments=choices_of_departments(commands.taxonomy),
            agencies=[agency.slug for agency in await agencies_kept(request, session, visitor.person)],
            sessions=await session_store.of_person(session, person.email, now),
            tokens=await token_store.of_person(session, person.email, now),
            log=await log_of(session, person.email, now),
            linked=await identity_store.is_linked(session, person.email),
            second_factor=await factor_store.of_person(session, person.email) is not None,
            problem=fault(problem) if problem else "",
            secret=secret,
        )
    return render("person.html", page, problem.status if problem else 200)


async def _kept(session: Session, admin: Person, email: str) -> Person:
    """Somebody whom the administrator sees. Raises NotFound for everybody else."""
    person = next((each for each in await store.people(session, removed=False) if each.email == email.strip().lower()), None)
    if not person or not management.is_kept_by(person, admin):
        raise NotFound(f"there is no {email}", field="email")
    return person


@router.get("/people/{email}")
async def show_person(request: Request, email: str, visitor: KeeperDep, commands: CommandsDep) -> Response:
    """One person: rights, sessions, tokens, and what was done with the account."""
    return await _person_page(request, visitor, commands, email)


@router.post("/people/{email}/{action}")
async def change_person(
    request: Request, email: str, action: str, form: RightsFormDep, visitor: KeeperDep, commands: CommandsDep
) -> Response:
    """Changes their rights, resets their password, ends their sessions or tokens, or takes their access away; all of it at once."""
    try:
        secret = await _change(request, email, action, form, visitor, commands.database, commands)
    except ParvisError as error:
        if error.status not in REFUSED or isinstance(error, NotFound):
            raise
        return await _person_page(request, visitor, commands, email, error)
    if secret:
        return await _person_page(request, visitor, commands, email, secret=secret)
    where = "/admin" if action == "remove" else f"/admin/people/{quote(email)}"
    return RedirectResponse(f"{where}?flash={Flash.PERSON_CHANGED}", 303)


async def _change(
    request: Request, email: str, action: str, form: RightsForm, visitor: Visitor, database: Database, commands: CommandsDep
) -> str:
    now = clock.now()
    word = passwords.new_password() if action == "reset-password" else ""
    hashed = await asyncio.to_thread(passwords.hash_password, word) if word else ""
    async with database.transaction() as session:
        admin = await must_still_keep(session, visitor.person)
        person = await _kept(session, admin, email)
        management.must_keep(admin, person)
        detail: dict[str, object] = {"email": person.email}
        match action:
            case "rights":
                role, also, scope = _checked(form, commands, await agencies_kept(request, session, admin))
                management.must_give(admin, (role, *also), scope)
                await store.change_rights(session, person.email, role, also, scope)
                done, more = "rights changed", _rights(role, also, scope)
            case "reset-password":
                await store.set_password(session, person.email, hashed, must_change=True)
                done, more = "password reset", {"sessions": await session_store.end_all(session, person.email)}
            case "sign-out":
                done, more = "sessions ended", {"sessions": await session_store.end_all(session, person.email)}
            case "end-token":
                done, more = "tokens revoked", {"tokens": await token_store.revoke(session, person.email, now, mark=form.token)}
            case "reset-second-factor":
                had = await factor_store.take_away(session, person.email)
                done, more = "second factor off", {"had_one": had, "sessions": await session_store.end_all(session, person.email)}
            case "unlink":
                await identity_store.must_unlink(session, person.email)
                done, more = "identity unlinked", {"sessions": await session_store.end_all(session, person.email)}
            case "remove":
                await store.remove_person(session, person.email, now)
                done, more = "person removed", {}
            case _:
                raise NotFound(f"there is no {action!r} to do with a person")
        await audit.add(session, audit.Entry(now, admin.email, done, None, detail | more))
    return word
