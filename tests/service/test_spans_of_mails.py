"""A delivery that fails says so in its trace: that, by a word of ours, and nothing that a server said."""

import pytest

from services.dispatch import smtp
from tests.harness.mail_server import MailServer
from tests.harness.recorded_spans import Recorded, failure, recorded
from tests.service.dispatch_desk import CITY, Desk, a_reply, database, office

__all__ = ["database", "office", "recorded"]  # fixtures


@pytest.fixture
def desk(database: object, office: MailServer) -> Desk:
    return Desk(database, smtp.SmtpMailer(smtp.server(office.url), CITY))  # type: ignore[arg-type]  # the fixture's


@pytest.mark.parametrize(
    ("step", "said", "code", "state"),
    [
        ("RCPT", "550 ana@example.org Ines Marlow is gone", "refused", "failed"),
        ("RCPT", "451 later, Ines Marlow", "busy", "pending"),
        ("DATA", "554 spam by Ines Marlow", "refused", "failed"),
    ],
)
async def test_a_refused_mail(desk: Desk, office: MailServer, recorded: Recorded, step: str, said: str, code: str, state: str) -> None:
    office.says(step, said)
    await desk.gets(a_reply())
    await desk.works()

    [deliver] = recorded.named("deliver")

    assert failure(deliver) == ("ERROR", code, [code])
    attributes = dict(deliver.attributes or {})
    assert (attributes["error.type"], attributes["parvis.delivery"], attributes["server.port"]) == (code, state, office_port(office))
    assert "Ines" not in recorded.text
    assert "ana@" not in recorded.text


async def test_a_mail_server_that_is_not_there(recorded: Recorded, database: object) -> None:
    away = Desk(database, smtp.SmtpMailer(smtp.server("smtp://127.0.0.1:1"), CITY))  # type: ignore[arg-type]  # the fixture's
    await away.gets(a_reply())
    await away.works()

    [deliver] = recorded.named("deliver")
    status, why, types = failure(deliver)

    assert status == "ERROR"
    assert why
    assert why.isidentifier()
    assert types == [why]


async def test_a_mail_that_went_out_has_no_fault(desk: Desk, recorded: Recorded) -> None:
    await desk.gets(a_reply())
    await desk.works()

    [deliver] = recorded.named("deliver")

    assert failure(deliver) == ("UNSET", None, [])
    assert (deliver.attributes or {})["parvis.agency"] == "springfield"


def office_port(office: MailServer) -> int:
    return int(office.url.rpartition(":")[2])
