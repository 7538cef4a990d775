"""`parvis agencies`, `parvis people`, `parvis tokens`: what is secret is printed once, alone on standard output."""

from typing import Annotated

import typer

from services.cli import context
from services.review.people.rules import Role
from services.runtime import clock

agencies = typer.Typer(no_args_is_help=True, help="Who may publish requests.")
people = typer.Typer(no_args_is_help=True, help="Who may sign in.")
tokens = typer.Typer(no_args_is_help=True, help="How a program acts as a person.")


@agencies.command("add")
def add_agency_cli(
    code: Annotated[str, typer.Argument(help="The agency's code: lower-case letters, digits and dashes.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    webhook: Annotated[str | None, typer.Option(help="Decided replies are posted there, signed; prints the secret as well.")] = None,
) -> None:
    """Add an agency and print its API key; for a known agency, print a further key."""
    from services.dispatch import store as dispatch
    from services.intake import store as intake
    from services.runtime.database import Session

    async def add(session: Session) -> tuple[str, str | None]:
        now = clock.now()
        await intake.add_agency(session, code, name or code, now)
        key = await intake.issue_key(session, code, now)
        return key, await dispatch.set_webhook(session, code, webhook, now) if webhook else None

    key, secret = context.in_transaction(context.settings(), add)
    context.errors.print(f"{code} may publish requests with this key; it is shown only now:")
    print(key)
    if secret:
        context.errors.print("The secret that the webhook is signed with; it is shown only now:")
        print(secret)


@people.command("add")
def add_person_cli(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    role: Annotated[Role, typer.Option(help="What they are here for.")],
    name: Annotated[str | None, typer.Option(help="What colleagues call them.")] = None,
    department: Annotated[list[str] | None, typer.Option(help="A department they work for; may be given several times. None: all.")] = None,
) -> None:
    """Add a person and print their password."""
    from services.domain import taxonomy
    from services.review.people import store
    from services.runtime.errors import InvalidInput

    known = context.settings()
    departments = tuple(department or ())
    for one in departments:
        if one not in (there := taxonomy.load(known.taxonomy).departments):
            raise InvalidInput(f"there is no department {one!r}: use one of {', '.join(there)}", field="department")
    password = context.in_transaction(
        known, lambda session: store.add_person(session, email, role, clock.now(), name=name, departments=departments)
    )
    context.errors.print(f"{email} may sign in as {role} with this password; it is shown only now:")
    print(password)


@people.command("list")
def list_people_cli() -> None:
    """Show who may sign in."""
    from rich.console import Console

    from services.review.people import store

    rows = context.in_transaction(context.settings(), store.people)
    lines = [(p.email, p.name, p.role, ", ".join(p.departments) or "all") for p in rows]
    Console().print(context.table("", ("e-mail", "name", "role", "departments"), lines))


@tokens.command("issue")
def issue_token_cli(email: Annotated[str, typer.Argument(help="The person that the program acts as.")]) -> None:
    """Print a token for the JSON API."""
    from services.review.people import store

    token = context.in_transaction(context.settings(), lambda session: store.issue_token(session, email, clock.now()))
    context.errors.print(f"A program with this token acts as {email}; it is shown only now:")
    print(token)
