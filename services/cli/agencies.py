"""`parvis agencies`: who may publish requests, by which keys, and where they are told of decisions."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit
from uuid import UUID

import typer

from services.cli import context
from services.cli.people_and_tokens import acting
from services.domain.agency_keys import SHOWN, Key, KeyScope
from services.review.agencies.rules import MOST_DAYS, end_after, key_terms
from services.runtime import clock

if TYPE_CHECKING:  # a command that needs no database starts without it
    from services.dispatch.webhook_addresses import Reach
    from services.domain.webhook_records import WebhookRecord
    from services.review.cases.acknowledgements.acknowledgement import Acknowledging
    from services.review.cases.acknowledgements.acknowledgement_text import Words
    from services.runtime.database import Session

agencies = typer.Typer(no_args_is_help=True, help="Who may publish requests.")

LOOPBACK = "The receiver runs on this machine: http and 127.0.0.1 are taken for this webhook."


@agencies.command("add")
def add_agency_cli(
    code: Annotated[str, typer.Argument(help="The agency's code: lower-case letters, digits and dashes.")],
    name: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    webhook: Annotated[str | None, typer.Option(help="Decided replies are posted there, signed; prints the secret as well.")] = None,
    loopback: Annotated[bool, typer.Option("--loopback", help=LOOPBACK)] = False,
    signed: Annotated[
        bool | None, typer.Option("--signed/--unsigned", help="Refuse what comes by Kafka in its name without its signature, or no more.")
    ] = None,
    scope: Annotated[list[KeyScope] | None, typer.Option(help="What the key is for; may be given several times. None: both.")] = None,
    days: Annotated[int | None, typer.Option(min=1, max=MOST_DAYS, help="How long it is good. None: until it is revoked.")] = None,
    label: Annotated[str, typer.Option(help="What it is called in lists, as the program that has it.")] = "",
) -> None:
    """Add an agency and print its API key; for a known agency, print a further key."""
    from services.dispatch.webhook_addresses import Reach
    from services.local import agency_provisioning
    from services.review.audit import store as audit

    async def add(session: "Session") -> tuple[str, str | None]:
        now, actor = clock.now(), await acting(session, None)
        limits = key_terms(label, scope or (), days, now)
        key = await agency_provisioning.add(session, code, name or code, now, signs=signed, terms=limits)
        detail = {"agency": code, "key": key[:SHOWN], "signed": signed, **limits.as_json()}
        await audit.add(session, audit.Entry(now, actor, "agency key issued", None, detail))
        return key, await _set_webhook(session, code, webhook, reach) if webhook else None

    settings = context.settings()
    reach = Reach(loopback, settings.webhook_private_nets)
    key, secret = context.in_transaction(settings, add)
    context.errors.print(f"{code} may publish requests with this key; it is shown only now:")
    print(key)
    if secret:
        _show_secret(secret)


@agencies.command("webhook")
def set_webhook_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    url: Annotated[str, typer.Argument(help="Decided replies are posted there, signed: https, and a public address.")],
    loopback: Annotated[bool, typer.Option("--loopback", help=LOOPBACK)] = False,
) -> None:
    """Set where a known agency is told of decisions, and print the secret that signs them; both replace what was there."""
    from services.dispatch.webhook_addresses import Reach
    from services.intake import store as intake
    from services.runtime.errors import InvalidInput

    async def change(session: "Session") -> str:
        if code not in {agency.slug for agency in await intake.agencies(session, clock.now())}:
            raise InvalidInput(f"there is no agency {code!r}: `parvis agencies list` shows them", field="code")
        return await _set_webhook(session, code, url, reach)

    settings = context.settings()
    reach = Reach(loopback, settings.webhook_private_nets)
    _show_secret(context.in_transaction(settings, change))


async def _set_webhook(session: "Session", code: str, url: str, reach: "Reach") -> str:
    from services.dispatch import store, webhook_client
    from services.review.audit import store as audit

    await webhook_client.must_be_open(url, reach)
    now = clock.now()
    secret = await store.set_webhook(session, code, url, now, reach)
    # Only its host: the path or the query may be the agency's own secret.
    detail = {"agency": code, "host": urlsplit(url).hostname} | ({"loopback": True} if reach.loopback else {})
    await audit.add(session, audit.Entry(now, await acting(session, None), "webhook set", None, detail))
    return secret


@agencies.command("webhook-log")
def webhook_log_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    undelivered: Annotated[bool, typer.Option("--undelivered", help="Only what has not arrived.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many at most, the newest first.")] = 100,
) -> None:
    """Show what was told to an agency's webhook: when, how often it was tried, what came of it."""
    from services.dispatch import store
    from services.intake import api_keys

    async def records(session: "Session") -> "list[WebhookRecord]":
        await api_keys.must_be_there(session, code)
        return await store.webhook_records(session, code, limit=limit, undelivered=undelivered)

    lines = [
        (f"{r.created_at:%Y-%m-%d %H:%M}", r.decision_id, r.request_id, r.state, r.attempts, r.detail)
        for r in context.in_transaction(context.settings(), records)
    ]
    context.out.print(context.table("", ("at", "decision", "request", "state", "tries", "what came of it"), lines))


@agencies.command("send-again")
def send_again_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    decision: Annotated[UUID, typer.Argument(help="The decision, as `parvis agencies webhook-log` shows it.")],
) -> None:
    """Tell an agency's webhook once more of a decision: the same bytes under the same webhook-id."""
    from services.dispatch import store
    from services.review.audit import store as audit

    async def send(session: "Session") -> None:
        now = clock.now()
        await store.send_webhook_again(session, code, decision, now)
        detail = {"agency": code, "decision": str(decision)}
        await audit.add(session, audit.Entry(now, await acting(session, None), "webhook sent again", None, detail))

    context.in_transaction(context.settings(), send)
    print("it is sent again")


@agencies.command("acknowledge")
def acknowledge_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    on: Annotated[
        bool | None, typer.Option("--on/--off", help="Send a receipt for each message, or no more. Neither: show what would be sent.")
    ] = None,
    by: Annotated[str, typer.Option(help="Who decides that: the address that they sign in with.")] = "",
    text: Annotated[
        list[str] | None, typer.Option(help="The agency's own words, as fr=FILE; may be given several times. None: those that it has.")
    ] = None,
    ours: Annotated[bool, typer.Option("--ours", help="Send the words of Parvis again.")] = False,
    seen: Annotated[
        str, typer.Option(help="With --on: what stands for the words that this person has seen, as it is printed below them.")
    ] = "",
) -> None:
    """Show what citizens are sent as soon as they have written, and decide by name whether they are."""
    from services.review.agencies import acknowledgement_switch
    from services.review.cases.acknowledgements import acknowledgement_store, acknowledgement_text
    from services.runtime.errors import InvalidInput

    own = {} if ours else acknowledgement_switch.texts_of(text) if text else None
    settings = context.settings()

    async def change(session: "Session") -> "tuple[Acknowledging, Words]":
        name = await _name_of(session, code)
        kept = await acknowledgement_store.acknowledging(session, code) or acknowledgement_switch.never(code, name)
        kept = replace(kept, name=name)
        texts = kept.texts if own is None else own
        words = kept.words() if own is None and not on else acknowledgement_text.words(texts)
        if on is not None:
            actor = await acknowledgement_switch.decider(session, code, by) if on or by else await acting(session, None)
            kept = replace(kept, active=on, texts=texts, decided_by=actor, decided_at=clock.now(), seen=words if on else kept.seen)
        if on is False or (on and seen == acknowledgement_text.proof(words)):
            await acknowledgement_switch.switch(session, kept)
        return kept, words

    agency, words = context.in_transaction(settings, change)
    proof = acknowledgement_text.proof(words)
    for each in acknowledgement_switch.previews(agency, words, acknowledgement_switch.writing(settings), clock.now()):
        urgent = f"(to an emergency only) {each.emergency}\n\n" if each.emergency else ""
        letter = f"--- {each.wording.language}\nSubject: {each.wording.subject}\n\n{urgent}{each.wording.body}\n"
        context.errors.print(letter, markup=False, highlight=False)
    if on and seen != proof:
        raise InvalidInput(f"--seen: who decides has to have seen the words above: if so, add --seen {proof}", field="--seen")
    print(f"on, by {agency.decided_by} on {agency.decided_at:%Y-%m-%d}" if agency.active else "off")
    context.errors.print(f"these words: --seen {proof}", highlight=False)


async def _name_of(session: "Session", code: str) -> str:
    from services.intake import store
    from services.runtime.errors import InvalidInput

    names = {agency.slug: agency.name for agency in await store.agencies(session, clock.now())}
    if code not in names:
        raise InvalidInput(f"there is no agency {code!r}: `parvis agencies list` shows them", field="code")
    return names[code]


def _show_secret(secret: str) -> None:
    context.errors.print("The secret that the webhook is signed with; it is shown only now:")
    print(secret)


@agencies.command("list")
def list_agencies_cli() -> None:
    """Show who may publish requests, and by which keys: how each begins, what it is for, until when, and when it was last used."""
    from services.intake import store

    def line(slug: str, name: str, key: "Key") -> tuple[str, ...]:
        end = f"{key.terms.expires_at:%Y-%m-%d}" if key.terms.expires_at else "never"
        used = f"{key.used_on:%Y-%m-%d}" if key.used_on else "never"
        return (
            slug,
            name,
            f"{key.prefix}...",
            key.terms.label,
            ", ".join(key.terms.scopes) or "all",
            f"{key.created_at:%Y-%m-%d}",
            end,
            used,
        )

    rows = context.in_transaction(context.settings(), lambda session: store.agencies(session, clock.now()))
    lines = [line(row.slug, row.name, key) for row in rows for key in row.keys]
    lines += [(row.slug, row.name, "none") for row in rows if not row.keys]
    context.out.print(context.table("", ("code", "name", "key", "label", "for", "issued", "ends", "last used"), sorted(lines)))


@agencies.command("rotate")
def rotate_key_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    key: Annotated[
        str | None, typer.Option(help="The key that begins like this, as `parvis agencies list` shows it. None: its only one.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How long the former key stays good, beside the new one.")] = 7,
) -> None:
    """Print a new key on the terms of another, which ends some days later: time to change programs without a gap."""
    from services.local import agency_provisioning
    from services.review.audit import store as audit

    async def rotate(session: "Session") -> tuple[str, str, datetime]:
        now = clock.now()
        end = end_after(days, now)
        new, former = await agency_provisioning.replace_key(session, code, now, end, prefix=key)
        detail = {"agency": code, "key": new[:SHOWN], "former": former, "former_ends": end.isoformat()}
        await audit.add(session, audit.Entry(now, await acting(session, None), "agency key replaced", None, detail))
        return new, former, end

    new, former, end = context.in_transaction(context.settings(), rotate)
    context.errors.print(f"{code} may use this key from now on; it is shown only now. {former}... is good until {end:%Y-%m-%d %H:%M} UTC:")
    print(new)


@agencies.command("revoke")
def revoke_agency_cli(
    code: Annotated[str, typer.Argument(help="The agency's code.")],
    key: Annotated[str | None, typer.Option(help="Only the key that begins like this, as `parvis agencies list` shows it.")] = None,
) -> None:
    """End an agency's keys at once: all of them, with its webhook, or one. What it has sent is worked on."""
    from services.local import agency_provisioning
    from services.review.audit import store as audit

    async def revoke(session: "Session") -> int:
        now = clock.now()
        ended = await agency_provisioning.revoke(session, code, now, prefix=key)
        detail = {"agency": code, "keys": ended}
        await audit.add(session, audit.Entry(now, await acting(session, None), "agency keys revoked", None, detail))
        return ended

    ended = context.in_transaction(context.settings(), revoke)
    print(f"{ended} {'key' if ended == 1 else 'keys'} of {code} revoked")
