"""`parvis topics`, `parvis dead-letters`."""

import base64
import json
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from schemas import replies_decided, replies_dispatched
from services.cli import context
from services.cli.people_and_tokens import acting
from services.runtime import clock
from services.runtime.settings import KafkaSettings

if TYPE_CHECKING:
    from services.runtime.kafka_admin import Grant

topics = typer.Typer(no_args_is_help=True, help="Topics, from code to broker.")
dead_letters = typer.Typer(no_args_is_help=True, help="Records that could not be read or kept failing.")


SAID_BY_SOMEBODY = (replies_decided.TOPIC, replies_dispatched.TOPIC)
"""Topics whose records a person decided, or a delivery came to: what a file says instead, nobody has."""

By = Annotated[str | None, typer.Option(help="Who does it, by e-mail address, for the log; none: the command line and the machine's user.")]


@topics.command("apply")
def apply_topics_cli(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")] = False,
    acls: Annotated[
        bool, typer.Option("--acls", help="Also what each service may do, for the users parvis-intake, parvis-triage, ...")
    ] = False,
    partitions: Annotated[int | None, typer.Option(help="PARVIS_KAFKA_PARTITIONS, or 12.", min=1)] = None,
    replication: Annotated[int | None, typer.Option(help="PARVIS_KAFKA_REPLICATION, or one copy a broker, up to three.", min=1)] = None,
) -> None:
    """Show how the broker's topics differ from what they should be, and make them so."""
    from services.local import topic_provisioning
    from services.runtime import kafka_admin, topic_diff

    kafka = context.kafka(context.settings())
    copies = topic_diff.copies(kafka_admin.brokers(kafka), replication or kafka.replication)
    wanted = topic_provisioning.wanted(kafka, partitions or kafka.partitions, copies)
    if kafka.ephemeral:
        # The embedded broker keeps nothing, and takes no settings: it has the topics, or is given them.
        created = (
            []
            if dry_run
            else kafka_admin.create_topics(kafka, [topic.name for topic in wanted], partitions or topic_provisioning.EMBEDDED_PARTITIONS)
        )
        context.out.print(
            "\n".join([f"made {name}" for name in created] or ["nothing to do: the embedded broker has no settings of topics"])
        )
        return
    changes = topic_diff.plan(wanted, kafka_admin.topics(kafka, [topic.name for topic in wanted]))
    for change in changes:
        context.out.print(f"{change.kind} {change.topic}\n" + "\n".join(f"    {line}" for line in change.lines), markup=False)
    missing = _compare_grants(kafka) if acls else []
    if not dry_run:
        kafka_admin.apply(kafka, changes, wanted)
        kafka_admin.grant(kafka, missing)
    undone = sum(change.kind == "cannot" for change in changes)
    done = f"{len(changes) - undone} changes{' would be made' if dry_run else ' made'}" + (f", {len(missing)} permissions" if acls else "")
    context.out.print(done + (f"; {undone} are yours to make, see above" if undone else ""))


def _compare_grants(kafka: KafkaSettings) -> "list[Grant]":
    """Prints missing and superfluous permissions; returns the missing ones."""
    from schemas.topics import permissions
    from services.runtime.kafka_admin import Grant, grants

    wanted = {Grant(f"User:parvis-{right.service}", right.kind, right.name, right.operation) for right in permissions()}
    granted = grants(kafka, sorted({right.principal for right in wanted}))
    for right in sorted(wanted - granted):
        context.out.print(f"allow {right.principal} to {right.operation} {right.kind} {right.name}", markup=False)
    for right in sorted(granted - wanted):
        context.out.print(
            f"too much: {right.principal} may {right.operation} {right.kind} {right.name}; take it away with kafka-acls.sh --remove",
            markup=False,
        )
    return sorted(wanted - granted)


@dead_letters.command("list")
def list_letters_cli(
    everything: Annotated[bool, typer.Option("--all", help="Also those that were replayed or discarded.")] = False,
    topic: Annotated[str | None, typer.Option(help="Only those of one topic.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show the records that wait for a person."""
    from services.review.ops import store

    letters = context.in_transaction(context.settings(), lambda s: store.letters(s, state=None if everything else "waiting", topic=topic))
    if as_json:
        for letter in letters:
            print(json.dumps(_summary(letter)))
        return
    rows = [
        (o.letter.letter_id, o.state, o.letter.topic.removeprefix("parvis."), f"{o.letter.partition}/{o.letter.offset}",
         ", ".join(o.services), o.letter.last_failed_at.isoformat(timespec="seconds"), o.letter.error_message[:100])
        for o in letters
    ]  # fmt: skip
    context.out.print(context.table("", ("id", "state", "topic", "at", "failed in", "last failed", "error"), rows))
    context.out.print(f"{len(letters)} dead letters")


def _summary(record: Any) -> dict[str, Any]:  # noqa: ANN401 - ops.store.Letter, imported late
    summary: dict[str, Any] = record.letter.model_dump(mode="json", exclude={"value", "headers", "key"})
    return summary | {"services": list(record.services), "state": record.state, "settled_by": record.settled_by, "replays": record.replays}


@dead_letters.command("show")
def show_letter_cli(letter_id: UUID) -> None:
    """Show one record whole, as far as it is text, with what differs from its topic's schema and what to do."""
    from services.review.ops import store
    from services.review.ops.letter_diff import diff_of

    record = context.in_transaction(context.settings(), lambda s: store.letter(s, letter_id))
    value = base64.b64decode(record.letter.value) if record.letter.value is not None else None
    shown = _summary(record) | {
        "key": record.letter.key and base64.b64decode(record.letter.key).decode("utf-8", "replace"),
        "headers": {h.key: h.value and base64.b64decode(h.value).decode("utf-8", "replace") for h in record.letter.headers},
        "value": None if value is None else value.decode("utf-8", "replace"),
        "schema": diff_of(record.letter, with_values=True).model_dump(),
    }
    print(json.dumps(shown, indent=2, ensure_ascii=False))


@dead_letters.command("replay")
def replay_letters_cli(
    letter_ids: Annotated[list[UUID] | None, typer.Argument(help="Which ones.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that wait.")] = False,
    topic: Annotated[str | None, typer.Option(help="With --all: only those of one topic.")] = None,
    error: Annotated[str | None, typer.Option(help="With --all: only this kind of error, or whose error holds these words.")] = None,
    value_from: Annotated[
        Path | None,
        typer.Option(
            "--value", help="Send this file's bytes instead: the record, put right. Never a decision.", exists=True, dir_okay=False
        ),
    ] = None,
    new_id: Annotated[
        bool, typer.Option("--new-id", help="Give each request an id of its own first: for one whose id was another request's already.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show which would be sent, and send nothing.")] = False,
    per_second: Annotated[float, typer.Option(help="With --all: how many at most.", min=0.1, max=10_000)] = 100.0,
    quarantined: Annotated[
        bool, typer.Option("--quarantined", help="With --all: also those that were replayed three times and failed each time.")
    ] = False,
    by: By = None,
) -> None:
    """Send records to their topic once more, each once; what a service knows already it passes over."""
    from services.review.audit import store as audit
    from services.review.audit.store import Entry
    from services.review.ops import store
    from services.review.ops.dead_letter_replay import CONFLICTS, as_it_came, with_new_id
    from services.runtime import record_signing
    from services.runtime.database import Session
    from services.runtime.errors import InvalidInput
    from services.runtime.kafka_admin import Sender

    _must_say_which(letter_ids, everything=everything, value_given=value_from is not None, new_id=new_id)
    settings = context.settings()
    kafka = context.kafka(settings)

    async def begin(session: Session) -> tuple[str, list[UUID]]:
        actor, chosen = await acting(session, by), [] if everything else list(letter_ids or [])
        page = partial(store.ids, session, topic=topic, error=error, quarantined=quarantined)
        while everything and (more := await page(after=chosen[-1] if chosen else None)):
            chosen += more
        if value_from and (letter_topic := (await store.letter(session, chosen[0])).letter.topic) in SAID_BY_SOMEBODY:
            raise InvalidInput(
                f"value: {letter_topic} holds what a person decided or what became of it, and a file can't say that in their place; "
                "replay the record as it is, or discard it and decide on the case again",
                field="value",
            )
        return actor, chosen

    actor, chosen = context.in_transaction(settings, begin)
    if dry_run:
        context.out.print("\n".join([*(f"would replay {letter_id}" for letter_id in chosen), f"{len(chosen)} would be replayed"]))
        return
    sender = Sender(kafka)
    try:
        for number, letter_id in enumerate(chosen):
            if everything and number:
                time.sleep(1 / per_second)  # what failed together comes back no faster than services can take it

            async def replay(session: Session, letter_id: UUID = letter_id) -> None:
                now = clock.now()
                letter = (await store.settle(session, letter_id, "replayed", actor, now)).letter
                again = with_new_id(letter) if new_id else as_it_came(letter, value_from.read_bytes() if value_from else None)
                if (new_id or value_from) and letter.error_type in CONFLICTS:
                    # Its agency was asked for when it was refused, and its own signature is of the bytes as they were.
                    again.headers += [
                        (name, text.encode()) for name, text in (await record_signing.headers_for(session, again.outgoing)).items()
                    ]
                # Sent before the commit: should that fail, it is sent twice, and twice is the same as once.
                sender.send_raw(letter.topic, again.key, again.value, again.headers)
                detail: dict[str, object] = {"letter_id": str(letter_id), "put_right": value_from is not None}
                if new_id:
                    detail["new_id"] = (again.key or b"").decode()
                    context.out.print(f"{letter_id} is request {detail['new_id']} now")
                await audit.add(session, Entry(now, actor, "dead letter replayed", None, detail))

            context.in_transaction(settings, replay)
            context.out.print(f"replayed {letter_id}")
    finally:
        sender.close()
    context.out.print(f"{len(chosen)} replayed")


def _must_say_which(letter_ids: list[UUID] | None, *, everything: bool, value_given: bool, new_id: bool) -> None:
    from services.runtime.errors import InvalidInput

    if not letter_ids and not everything:
        raise InvalidInput("say which: give ids, or --all", field="letter_ids")
    if value_given and (everything or len(letter_ids or []) != 1):
        raise InvalidInput("--value puts one record right: give exactly one id", field="value")
    if value_given and new_id:
        raise InvalidInput("--value is sent as it stands: write the new request_id into the file", field="new_id")


@dead_letters.command("discard")
def discard_letters_cli(letter_ids: list[UUID], by: By = None) -> None:
    """Decide that records will not be worked on; they stay on file."""
    from services.review.audit import store as audit
    from services.review.audit.store import Entry
    from services.review.ops import store
    from services.runtime.database import Session

    async def discard(session: Session) -> None:
        now, actor = clock.now(), await acting(session, by)
        for letter_id in letter_ids:
            await store.settle(session, letter_id, "discarded", actor, now)
            await audit.add(session, Entry(now, actor, "dead letter discarded", None, {"letter_id": str(letter_id)}))

    context.in_transaction(context.settings(), discard)
    context.out.print(f"{len(letter_ids)} discarded")
