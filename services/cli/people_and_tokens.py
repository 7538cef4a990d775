"""`parvis people`, `parvis tokens`: secrets are printed once, alone on standard output."""

import getpass
import os
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import context, people_changes
from services.review.people.powers import Power, Role, TokenScope
from services.review.people.rules import Scope, check_email, check_roles, must
from services.runtime import clock

if TYPE_CHECKING:  # a command that needs no database starts without it
    from services.runtime.database import Session

people = typer.Typer(no_args_is_help=True, help="Who may sign in.")
tokens = typer.Typer(no_args_is_help=True, help="How a program acts as a person.")
people.command("change")(people_changes.change_person_cli)
people.command("reset-password")(people_changes.reset_password_cli)
people.command("reset-second-factor")(people_changes.reset_second_factor_cli)
people.command("link")(people_changes.link_person_cli)
people.command("unlink")(people_changes.unlink_person_cli)


async def acting(session: "Session", by: str | None) -> str:
    """The actor for the audit log: a known person who may do this, or the machine's own user where nobody is named."""
    from services.review.people import store

    if by is None:
        return f"command line ({_machine_user()})"
    person = await store.person(session, by)
    must(person, Power.RUN_IT)
    return person.email


def _machine_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run as a number that has no name
        return str(os.getuid())


@people.command("add")
def add_person_cli(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    role: Annotated[Role, typer.Option(help="What they are here for.")],
    name: Annotated[str | None, typer.Option(help="What colleagues call them.")] = None,
    also: Annotated[
        list[Role] | None, typer.Option(help="A second role, as an admin's who reads letters too; may be given several times.")
    ] = None,
    department: Annotated[list[str] | None, typer.Option(help="A department they work for; may be given several times. None: all.")] = None,
    agency: Annotated[list[str] | None, typer.Option(help="An agency whose cases they see; may be given several times. None: all.")] = None,
) -> None:
    """Add a person, or take back one who was removed, and print their password."""
    from services.review.audit import store as audit
    from services.review.people import store

    settings = context.settings()
    scope = Scope(tuple(department or ()), tuple(agency or ()))
    others = check_roles(role, tuple(also or ()))
    people_changes.check_departments(settings, scope)

    async def add(session: "Session") -> str:
        now = clock.now()
        await people_changes.check_agencies(session, scope)
        password = await store.add_person(session, email, role, now, name=name, scope=scope, also=others)
        detail = {"email": check_email(email), **people_changes.rights_of(role, others, scope)}
        await audit.add(session, audit.Entry(now, await acting(session, None), "person added", None, detail))
        return password

    password = context.in_transaction(settings, add)
    context.errors.print(f"{email} may sign in as {role} with this password; it is shown only now:")
    print(password)
    people_changes.warn_of_break_glass(settings)


@people.command("list")
def list_people_cli() -> None:
    """Show who may sign in."""
    from services.review.people import store

    rows = context.in_transaction(context.settings(), lambda session: store.people(session, removed=False))
    lines = [(p.email, p.name, ", ".join(p.roles), ", ".join(p.departments) or "all", ", ".join(p.agencies) or "all") for p in rows]
    context.out.print(context.table("", ("e-mail", "name", "role", "departments", "agencies"), lines))


@people.command("remove")
def remove_person_cli(email: Annotated[str, typer.Argument(help="The address they sign in with.")]) -> None:
    """End a person's access at once: sessions, tokens, password. What they did keeps their name."""
    from services.review.audit import store as audit
    from services.review.people import store

    async def remove(session: "Session") -> str:
        now = clock.now()
        removed = await store.remove_person(session, email, now)
        await audit.add(session, audit.Entry(now, await acting(session, None), "person removed", None, {"email": removed.email}))
        return removed.email

    settings = context.settings()
    print(f"{context.in_transaction(settings, remove)} can sign in no more")
    people_changes.warn_of_break_glass(settings)


@people.command("sign-out")
def sign_out_person_cli(email: Annotated[str, typer.Argument(help="The address they sign in with.")]) -> None:
    """End all of a person's sessions at once, as after a lost laptop; they may sign in again. Tokens stay."""
    from services.review.audit import store as audit
    from services.review.people import session_store, store

    async def sign_out(session: "Session") -> int:
        person = await store.person(session, email)
        ended = await session_store.end_all(session, person.email)
        detail = {"email": person.email, "sessions": ended}
        await audit.add(session, audit.Entry(clock.now(), await acting(session, None), "sessions ended", None, detail))
        return ended

    ended = context.in_transaction(context.settings(), sign_out)
    print(f"{ended} {'session' if ended == 1 else 'sessions'} ended")


@tokens.command("issue")
def issue_token_cli(
    email: Annotated[str, typer.Argument(help="The person that the program acts as.")],
    scope: Annotated[list[TokenScope] | None, typer.Option(help="What it is for; may be given several times. None: all they may.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=3660, help="How long it is good. None: until it is revoked.")] = None,
    label: Annotated[str, typer.Option(help="What it is called in lists.")] = "",
) -> None:
    """Print a token for the JSON API."""
    from services.review.audit import store as audit
    from services.review.people import store

    scopes = tuple(scope or ())

    async def issue(session: "Session") -> str:
        now = clock.now()
        expires_at = now + timedelta(days=days) if days else None
        token = await store.issue_token(session, email, now, label=label, scopes=scopes, expires_at=expires_at)
        limits = {"scopes": list(scopes)} | ({"expires_at": expires_at.isoformat()} if expires_at else {}) if scopes or days else {}
        detail: dict[str, object] = {"email": check_email(email), **limits}
        await audit.add(session, audit.Entry(now, await acting(session, None), "token issued", None, detail))
        return token

    token = context.in_transaction(context.settings(), issue)
    context.errors.print(f"A program with this token acts as {email}; it is shown only now:")
    print(token)


@tokens.command("list")
def list_tokens_cli(email: Annotated[str, typer.Argument(help="The person that the programs act as.")]) -> None:
    """Show a person's tokens: what each is for, until when, and when it was last used."""
    from services.review.people import store, token_store

    async def listed(session: "Session") -> list[token_store.Token]:
        return await token_store.of_person(session, (await store.person(session, email)).email, clock.now())

    lines = [
        (
            token.mark,
            token.label,
            ", ".join(token.scopes) or "all",
            f"{token.created_at:%Y-%m-%d}",
            f"{token.expires_at:%Y-%m-%d}" if token.expires_at else "never",
            f"{token.used_at:%Y-%m-%d %H:%M}" if token.used_at else "never",
        )
        for token in context.in_transaction(context.settings(), listed)
    ]
    context.out.print(context.table("", ("token", "label", "scopes", "issued", "ends", "last used"), lines))


@tokens.command("revoke")
def revoke_tokens_cli(
    email: Annotated[str, typer.Argument(help="The person that the programs act as.")],
    token: Annotated[str | None, typer.Option(help="Only the one that `parvis tokens list` calls this.")] = None,
) -> None:
    """End all tokens of a person at once, or one; they themselves may still sign in."""
    from services.review.audit import store as audit
    from services.review.people import store, token_store

    async def revoke(session: "Session") -> int:
        now = clock.now()
        person = await store.person(session, email)
        ended = await token_store.revoke(session, person.email, now, mark=token)
        detail = {"email": person.email, "tokens": ended}
        await audit.add(session, audit.Entry(now, await acting(session, None), "tokens revoked", None, detail))
        return ended

    ended = context.in_transaction(context.settings(), revoke)
    print(f"{ended} {'token' if ended == 1 else 'tokens'} revoked")
