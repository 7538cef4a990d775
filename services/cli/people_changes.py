"""`parvis people change`, `reset-password`, `reset-second-factor`, `link`, `unlink`: what becomes of somebody who was added."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import context
from services.review.people.powers import Role
from services.review.people.rules import Scope
from services.runtime import clock
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from services.review.people.rules import Person
    from services.runtime.database import Session
    from services.runtime.settings import Settings

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]


def link_person_cli(
    email: Email,
    subject: Annotated[str, typer.Option(help="The `sub` of their account at the provider, as the audit log has it of who was refused.")],
) -> None:
    """Say who a person is at the provider of single sign-on, in place of what was known."""
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.people.single_sign_on import identity_store

    settings = context.settings()
    issuer = settings.oidc.issuer
    if not issuer:
        raise InvalidInput("there is no single sign-on: set PARVIS_OIDC_ISSUER", field="PARVIS_OIDC_ISSUER")

    async def link(session: "Session") -> None:
        now = clock.now()
        linked = await identity_store.link(session, email, issuer, subject, now)
        detail: dict[str, object] = {"email": linked, "issuer": issuer, "subject": subject}
        await audit.add(session, audit.Entry(now, await acting(session, None), "identity linked", None, detail))

    context.in_transaction(settings, link)
    print(f"{email} signs in as {subject} of {issuer}")


def unlink_person_cli(email: Email) -> None:
    """Forget who a person is at the provider and end their sessions; the next verified address links anew."""
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.people import session_store, store
    from services.review.people.single_sign_on import identity_store

    async def unlink(session: "Session") -> None:
        person = await store.person(session, email)
        await identity_store.must_unlink(session, person.email)
        detail: dict[str, object] = {"email": person.email, "sessions": await session_store.end_all(session, person.email)}
        await audit.add(session, audit.Entry(clock.now(), await acting(session, None), "identity unlinked", None, detail))

    context.in_transaction(context.settings(), unlink)
    print(f"{email} is no longer linked to single sign-on")


def check_departments(settings: "Settings", scope: Scope) -> None:
    """Raises InvalidInput for a department that the taxonomy does not have."""
    from services.domain import taxonomy

    departments = taxonomy.load(settings.taxonomy).departments
    for department in scope.departments:
        if department not in departments:
            raise InvalidInput(f"there is no department {department!r}: use one of {', '.join(departments)}", field="department")


async def check_agencies(session: "Session", scope: Scope) -> None:
    """Raises InvalidInput for an agency that nobody has added."""
    from services.intake import store as intake

    agencies = [agency.slug for agency in await intake.agencies(session, clock.now())]
    for slug in scope.agencies:
        if slug not in agencies:
            raise InvalidInput(
                f"there is no agency {slug!r}: use one of {', '.join(agencies) or 'those that `parvis agencies add` makes'}", field="agency"
            )


def warn_of_break_glass(settings: "Settings") -> None:
    """Says which addresses of PARVIS_OIDC_BREAK_GLASS are no administrator's, now that somebody's rights are others."""
    from services.review.people import break_glass

    for address in context.in_transaction(settings, lambda session: break_glass.without_effect(session, settings.oidc)):
        context.errors.print(break_glass.warning(address))


def rights_of(role: Role, also: tuple[Role, ...], scope: Scope) -> dict[str, object]:
    """Rights as the audit log has them."""
    return {"role": ", ".join((role, *also)), "departments": list(scope.departments), "agencies": list(scope.agencies)}


def change_person_cli(
    email: Email,
    role: Annotated[Role | None, typer.Option(help="What they are here for from now on. None: as before.")] = None,
    also: Annotated[list[Role] | None, typer.Option(help="Second roles in place of the former; may be given several times.")] = None,
    department: Annotated[list[str] | None, typer.Option(help="Departments in place of the former; may be given several times.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="Agencies in place of the former; may be given several times.")] = None,
    no_also: Annotated[bool, typer.Option("--no-also", help="No second role any more.")] = False,
    all_departments: Annotated[bool, typer.Option("--all-departments", help="No longer limited to departments.")] = False,
    all_agencies: Annotated[bool, typer.Option("--all-agencies", help="No longer limited to agencies.")] = False,
) -> None:
    """Change what a person may, at once; what is not named stays as it is."""
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.people import store

    settings = context.settings()
    if not (role or also or department or agency or no_also or all_departments or all_agencies):
        raise InvalidInput(
            "say what is to change: --role, --also, --department, --agency, or one of --no-also, --all-departments, --all-agencies"
        )

    async def change(session: "Session") -> "Person":
        now, before = clock.now(), await store.person(session, email)
        roles = () if no_also else tuple(also or before.also)
        scope = Scope(
            () if all_departments else tuple(department or before.departments), () if all_agencies else tuple(agency or before.agencies)
        )
        check_departments(settings, scope)
        await check_agencies(session, scope)
        after = await store.change_rights(session, before.email, role or before.role, roles, scope)
        detail = {"email": after.email, **rights_of(after.role, after.also, after.scope)}
        await audit.add(session, audit.Entry(now, await acting(session, None), "rights changed", None, detail))
        return after

    after = context.in_transaction(settings, change)
    limits = ", ".join((*after.departments, *after.agencies)) or "everything"
    print(f"{after.email} is {' and '.join(after.roles)} of {limits}")
    warn_of_break_glass(settings)


def reset_password_cli(email: Email) -> None:
    """Print a new password for a person, good until they choose their own, and end their sessions."""
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.people import passwords, session_store, store

    word = passwords.new_password()

    async def reset(session: "Session") -> None:
        person = await store.person(session, email)
        await store.set_password(session, person.email, passwords.hash_password(word), must_change=True)
        detail: dict[str, object] = {"email": person.email, "sessions": await session_store.end_all(session, person.email)}
        await audit.add(session, audit.Entry(clock.now(), await acting(session, None), "password reset", None, detail))

    context.in_transaction(context.settings(), reset)
    context.errors.print(f"{email} may sign in with this password and then chooses their own; it is shown only now:")
    print(word)


def reset_second_factor_cli(email: Email) -> None:
    """Take a person's second factor away, as after a lost telephone, and end their sessions."""
    from services.cli.people_and_tokens import acting
    from services.review.audit import store as audit
    from services.review.people import session_store, store
    from services.review.people.second_factor import factor_store

    async def reset(session: "Session") -> bool:
        person = await store.person(session, email)
        had_one = await factor_store.take_away(session, person.email)
        detail: dict[str, object] = {
            "email": person.email,
            "had_one": had_one,
            "sessions": await session_store.end_all(session, person.email),
        }
        await audit.add(session, audit.Entry(clock.now(), await acting(session, None), "second factor off", None, detail))
        return had_one

    had_one = context.in_transaction(context.settings(), reset)
    print(f"{email} has no second factor any more" if had_one else f"{email} had no second factor")
