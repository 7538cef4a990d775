"""What becomes of a delivery whose process was killed, and of one whose server takes long, as the clock moves on."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import cast

import pytest

from schemas.replies_decided import ReplyDecided
from services.dispatch import lease, store
from services.dispatch.mailer import Mailer, Step
from services.dispatch.rules import Delivery, Result
from services.runtime import clock
from tests.harness.mail_server import MailServer
from tests.service.dispatch_desk import Desk, a_reply, database, desk, office

__all__ = ["database", "desk", "office"]


class Clock:
    """The time as the test moves it on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.time = clock.now()
        monkeypatch.setattr(clock, "now", lambda: self.time)

    def moves_on(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)


@pytest.mark.parametrize(("state", "outcome", "mails"), [("sending", "delivered", 1), ("transmitting", "uncertain", 0)])
async def test_what_a_killed_process_held_goes_on_after_twenty_seconds(
    desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch, state: str, outcome: str, mails: int
) -> None:
    time = Clock(monkeypatch)
    await desk.gets(a_reply())
    [held] = await desk.deliveries.claim(1)  # and the process is killed here, or
    if state == "transmitting":
        await killed_while_it_transmits(desk, held)
    await desk.works()
    assert await desk.said() == []

    time.moves_on(20)
    await desk.works()
    assert [event.outcome for event in await desk.said()] == [outcome]
    assert len(office.taken) == mails


async def killed_while_it_transmits(desk: Desk, held: Delivery) -> None:
    class Killed(BaseException):
        pass

    class DiesAtTheFirstByte:
        channel = "smtp"

        async def send(self, _id: object, _mail: object, about_to_transmit: Step) -> Result:
            await about_to_transmit()
            raise Killed

    dying = Desk(desk.database, cast("Mailer", DiesAtTheFirstByte()))
    with pytest.raises(Killed):
        await dying.deliveries.deliver(held)


async def has_been_renewed(desk: Desk, reply: ReplyDecided, since: datetime) -> bool:
    leased_until = (await desk.row(reply)).leased_until
    return leased_until is not None and leased_until > since + timedelta(seconds=10)


async def becomes_true(condition: Callable[[], Awaitable[bool]]) -> None:
    while not await condition():  # noqa: ASYNC110 - of a row, which no event tells of
        await asyncio.sleep(0)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
async def test_a_living_attempt_keeps_its_delivery_however_long_the_server_takes(
    desk: Desk, office: MailServer, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    monkeypatch.setattr(lease, "RENEW_SECONDS", 0)
    time = Clock(monkeypatch)
    reply = a_reply()
    office.says(step, "hang")
    await desk.gets(reply)
    [slow] = await desk.deliveries.claim(1)
    sending = asyncio.create_task(desk.deliveries.deliver(slow))
    if step == "DATA":
        await office.took.wait()
    for _ in range(4):
        time.moves_on(10)
        await becomes_true(lambda: has_been_renewed(desk, reply, time.time))
        assert await desk.deliveries.claim(5) == []
    assert await desk.said() == []
    office.hangs.set()
    await sending
    assert (await desk.row(reply)).attempts == 1


async def test_an_attempt_that_was_overtaken_renews_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Clock(monkeypatch)
    reply = a_reply()
    await desk.gets(reply)
    [slow] = await desk.deliveries.claim(1)
    time.moves_on(20)
    await desk.deliveries.claim(1)
    until = (await desk.row(reply)).leased_until
    async with desk.database.transaction() as session:
        assert not await store.renew(session, slow, time.time + timedelta(hours=1))
    assert (await desk.row(reply)).leased_until == until
