"""`parvis people link`, `unlink`: who somebody is at the provider of single sign-on."""

from typing import TYPE_CHECKING, Annotated

import typer

from services.cli import context
from services.runtime import clock
from services.runtime.errors import InvalidInput

if TYPE_CHECKING:
    from services.runtime.database import Session

Email = Annotated[str, typer.Argument(help="The address they sign in with.")]


def link_person_cli(
    email: Email,
    subject: Annotated[str, typer.Option(help="The `sub` of their account at the provider, as the audit log has it of who was refused.")],
) -> None:
    """Say who a person is at the provider of single sign-on, in place of what was known."""
    from services.cli.agencies_and_people import acting
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
    from services.cli.agencies_and_people import acting
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
