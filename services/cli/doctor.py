"""`parvis doctor`: tries every setting and dependency, and says of each in one sentence what is wrong and what to do."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import BaseModel

from services.cli import context, preflight
from services.domain.phrases import numbered
from services.runtime import clock
from services.runtime.errors import ParvisError
from services.runtime.settings import Settings

if TYPE_CHECKING:
    from services.domain.waiting_deliveries import WaitingSummary
    from services.runtime.database import Database

LONGEST = 25.0  # seconds for one check
MODEL_SECONDS = 10.0  # for one word: whoever asks is to know within half a minute, the command's own start included
MOST_SKEW = 5.0  # seconds


class Finding(BaseModel):
    """The outcome of one check. `state`: `ok`, `fault`, or `unused` where nothing is set that could be tried."""

    check: str
    state: str
    detail: str


Check = Callable[[Settings], Awaitable[str | None]]
"""Returns what it saw, or None where there is nothing to try. Raises ParvisError with what is wrong and the fix."""


class BrokenDependency(ParvisError):
    """What is wrong, and what to do."""


def doctor_cli(as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """Try every setting and dependency: one sentence each for what is wrong and what to do. Exit code 1 where anything is."""
    settings = context.settings()
    outcomes = asyncio.run(_all(settings))
    if as_json:
        print(json.dumps([outcome.model_dump() for outcome in outcomes], indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            style = {"ok": "green", "fault": "bold red"}.get(outcome.state, "dim")
            context.out.print(f"{outcome.state:<7} {outcome.check:<10} {outcome.detail}", style=style, markup=False)
    raise typer.Exit(1 if any(outcome.state == "fault" for outcome in outcomes) else 0)


async def _all(settings: Settings) -> list[Finding]:
    # Reading taxonomy, knowledge and model keeps the processor: beside it the others would seem slow.
    first = await _outcome("settings", _settings, settings)
    return [first, *await asyncio.gather(*(_outcome(name, check, settings) for name, check in CHECKS.items()))]


async def _outcome(name: str, check: Check, settings: Settings) -> Finding:
    try:
        async with asyncio.timeout(LONGEST):
            detail = await check(settings)
    except ParvisError as error:
        return Finding(check=name, state="fault", detail=error.detail)
    except TimeoutError:
        return Finding(check=name, state="fault", detail=f"no answer within {LONGEST:g} seconds: look whether it is overloaded")
    except Exception as error:  # noqa: BLE001 - a check that breaks off is a fault as well
        return Finding(check=name, state="fault", detail=f"the check broke off ({type(error).__name__})")
    return Finding(check=name, state="unused" if detail is None else "ok", detail=detail or "nothing is set")


async def _settings(settings: Settings) -> str:
    """Settings, knowledge, letters, taxonomy, model folder, senders: what each service checks before it starts."""
    preflight.check(settings)
    return "every service would start with these settings, with this taxonomy, knowledge and model"


async def _disk(settings: Settings) -> str:
    from services.review.ops.health import LEAST_DISK

    folder = settings.data_dir.resolve()
    if not folder.exists():
        return f"{folder} is not there yet"
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError as error:
        raise BrokenDependency(
            f"nothing can be written to {folder} ({error.strerror}): make room, or give this user the right to"
        ) from None
    free = shutil.disk_usage(folder).free
    if free < LEAST_DISK:
        raise BrokenDependency(f"{folder} has {free // 2**20} MB left: make room, or give it more")
    return f"{folder} has {free // 2**20:,} MB left"


async def _kafka(settings: Settings) -> str:
    from schemas.topics import TOPICS
    from services.runtime import kafka_state

    kafka = context.kafka(settings)
    state = await asyncio.to_thread(kafka_state.state_of, kafka, [topic.name for topic in TOPICS])
    if state.error:
        raise BrokenDependency(f"Kafka at {state.error}: start it, or put PARVIS_KAFKA_BOOTSTRAP and PARVIS_KAFKA_SECURITY_* right")
    if state.leaderless:
        raise BrokenDependency(
            f"{len(state.leaderless)} partitions have no leader, as {state.leaderless[0]}: start the brokers with their copies"
        )
    if state.missing:
        raise BrokenDependency(f"{len(state.missing)} topics are not there, as {state.missing[0]}: run `parvis topics apply`")
    return f"{state.brokers} brokers, {len(TOPICS)} topics, each partition has a leader"


async def _topics(settings: Settings) -> str | None:
    from services.local import topic_provisioning
    from services.runtime import kafka_admin, topic_diff

    kafka = context.kafka(settings)
    if kafka.ephemeral:
        return None

    def changes() -> list[topic_diff.Change]:
        copies = topic_diff.copies(kafka_admin.brokers(kafka), kafka.replication)
        wanted = topic_provisioning.wanted(kafka, kafka.partitions, copies)
        return topic_diff.plan(wanted, kafka_admin.topics(kafka, [topic.name for topic in wanted]))

    if differing := await asyncio.to_thread(changes):
        raise BrokenDependency(
            f"{len(differing)} topics are not as they should be, as {differing[0].topic}: see `parvis topics apply --dry-run`"
        )
    return "every topic has its partitions, copies and retention"


async def _permissions(settings: Settings) -> str | None:
    from schemas.topics import permissions
    from services.runtime.kafka_admin import Grant, grants

    kafka = context.kafka(settings)
    if not kafka.security_protocol.startswith("SASL"):
        return None
    wanted = {Grant(f"User:parvis-{right.service}", right.kind, right.name, right.operation) for right in permissions()}
    granted = await asyncio.to_thread(grants, kafka, sorted({right.principal for right in wanted}))
    if missing := sorted(wanted - granted):
        raise BrokenDependency(
            f"{len(missing)} permissions are missing, as for {missing[0].principal} to {missing[0].operation} {missing[0].name}: "
            "see `parvis topics apply --acls --dry-run`"
        )
    return "each service may do what it has to"


async def _database(settings: Settings) -> str:
    import sqlalchemy as sa
    from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

    from services.migrations.upgrade import newest

    database = _opened(settings)
    try:
        await database.ping()
        async with database.engine.connect() as connection:
            revision = (await connection.execute(sa.text("select version_num from alembic_version"))).scalar_one_or_none()
    except ProgrammingError:
        revision = None
    except (SQLAlchemyError, OSError) as error:
        if "no such table" in str(error):
            raise BrokenDependency("the database has no tables yet: run `parvis db upgrade`") from None
        raise BrokenDependency(
            f"the database does not answer ({type(error).__name__}): start it, or put PARVIS_DATABASE_URL right"
        ) from None
    finally:
        await database.close()
    if (revision or "") < newest():
        raise BrokenDependency(
            f"its tables are those of {revision or 'no release'}, and this release has {newest()}: run `parvis db upgrade`"
        )
    return "it answers and has the tables of this release"


async def _clock(settings: Settings) -> str | None:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError

    database = _opened(settings)
    try:
        if database.is_sqlite:
            return None
        async with database.engine.connect() as connection:
            before = clock.now()
            theirs: datetime = (await connection.execute(sa.text("select clock_timestamp()"))).scalar_one()
            after = clock.now()
    except (SQLAlchemyError, OSError):
        return None  # the database's own line says it
    finally:
        await database.close()
    skew = (theirs - (before + (after - before) / 2)).total_seconds()
    if abs(skew) > MOST_SKEW:
        raise BrokenDependency(
            f"this clock and the database's differ by {abs(skew):.0f} seconds: set up time synchronisation (NTP) on both"
        )
    return f"it differs from the database's by {abs(skew):.1f} seconds"


async def _model(settings: Settings) -> str | None:
    if not settings.llm.configured:
        return None
    from services.drafting.chat_completion import ChatEndpoint
    from services.drafting.model_answer import UnusableAnswer

    endpoint = ChatEndpoint(settings.llm.model_copy(update={"timeout_seconds": min(settings.llm.timeout_seconds, MODEL_SECONDS)}))
    schema = {"type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"], "additionalProperties": False}
    try:
        await endpoint.complete([{"role": "user", "content": 'Answer {"ok": true}'}], schema)
    except UnusableAnswer as error:
        if error.fault in ("timeout", "unreachable", "busy", "configuration", "quota"):
            why = error.detail or {"timeout": "it does not answer in time", "unreachable": "it can't be reached"}.get(
                error.fault, error.fault
            )
            raise BrokenDependency(
                f"the model's endpoint {settings.llm.base_url}: {why}; drafts are made from templates meanwhile"
            ) from None
    finally:
        await endpoint.close()
    return f"{settings.llm.model} answers"


async def _mail(settings: Settings) -> str | None:
    from services.dispatch import mail_accounts
    from services.dispatch.smtp import SmtpMailer
    from services.dispatch.waiting_store import OF_ONE_MAIL
    from services.domain.waiting_deliveries import REASONS

    accounts = mail_accounts.accounts(settings)
    seen = []
    for agency, account in [("", accounts.default), *accounts.by_agency.items()]:
        if not isinstance(account.mailer, SmtpMailer):
            continue
        result = await account.mailer.check()
        if result.kind != "delivered":
            whose = f" of {agency}" if agency else ""
            raise BrokenDependency(
                f"the mail server{whose}: {REASONS[result.reason]} ({result.detail}): look at PARVIS_SMTP_URL and PARVIS_MAIL_FROM"
            )
        seen.append(result.detail)
    # A server may greet us well and still take no mail: what dispatch has met tells more.
    if seen and (waiting := [s for s in await _waiting(settings) if s.work == "reply" and s.reason not in OF_ONE_MAIL]):
        most = max(waiting, key=lambda summary: summary.count)
        what = numbered(most.count, "a reply waits", f"{most.count} replies wait")
        raise BrokenDependency(f"the mail server: {what}: {most.why}; see `parvis status`, and the server's own log")
    return f"{', '.join(dict.fromkeys(seen))} would take a mail" if seen else None


async def _webhooks(settings: Settings) -> str | None:
    waiting = [summary for summary in await _waiting(settings) if summary.work == "webhook"]
    if waiting:
        most = max(waiting, key=lambda summary: summary.count)
        count = sum(summary.count for summary in waiting)
        what = numbered(count, "a message to an agency's webhook waits", f"{count} messages to agencies' webhooks wait")
        raise BrokenDependency(f"{what}: {most.why}; see `parvis status`")
    return "none is waited for"


async def _services(settings: Settings) -> str | None:
    from services.runtime.service_probe import ServiceProbe

    if not settings.service_urls:
        return None
    states = await ServiceProbe(dict(settings.service_urls)).now()
    if silent := [state for state in states if state.state == "silent"]:
        raise BrokenDependency(
            f"{', '.join(s.service for s in silent)} does not answer ({silent[0].detail}): look at its log, start it again"
        )
    if waiting := [state for state in states if state.state == "waiting"]:
        raise BrokenDependency("; ".join(f"{s.service} waits for {', '.join(t.detail for t in s.troubles)}" for s in waiting))
    return f"{', '.join(state.service for state in states)} can do their work"


async def _scanner(settings: Settings) -> str | None:
    from services.runtime.file_scanner import file_scanner

    scanner = file_scanner(settings.files_scanner)
    if scanner is None:
        return None
    [verdict] = await scanner.scan([b"nothing harmful"])
    if verdict.result != "clean":
        raise BrokenDependency("the scanner (PARVIS_FILES_SCANNER) does not call a harmless file clean: look at its log")
    return "it looked at a file"


async def _waiting(settings: Settings) -> "list[WaitingSummary]":
    from sqlalchemy.exc import SQLAlchemyError

    from services.dispatch import waiting_store

    database = _opened(settings)
    try:
        async with database.reading() as session:
            return await waiting_store.summaries(session)
    except (SQLAlchemyError, OSError):
        return []  # the database's own line says it
    finally:
        await database.close()


def _opened(settings: Settings) -> "Database":
    from services.runtime.database import Database

    preflight.check_data(settings)
    return Database(settings.database)


CHECKS: dict[str, Check] = {
    "disk": _disk,
    "kafka": _kafka,
    "topics": _topics,
    "acls": _permissions,
    "database": _database,
    "clock": _clock,
    "model": _model,
    "mail": _mail,
    "webhooks": _webhooks,
    "scanner": _scanner,
    "services": _services,
}
