"""The log can never be erased, so it says what was done and names no citizen."""

import json

from services.review.audit import store as audit
from services.review.cases.deciding import actions
from tests.pages.city import ANNA, SUE, City

PERSONAL = ("ines", "marlow", "example.org", "right.example", "0470", "heron")
CITIZEN = {"name": "Ines Marlow", "email": "ines.marlow@example.org", "phone": "0470 12 34 56", "address": "27 Heron Street"}
SAYS = "Ines Marlow of 27 Heron Street, ines.marlow@example.org, 0470 12 34 56"


async def log_of(city: City) -> str:
    async with city.commands.database.reading() as session:
        return json.dumps([dict(entry.detail) for _, entry in await audit.page(session, actor=None, before=None, limit=500)]).lower()


async def test_whatever_is_done_to_a_case_the_log_holds_no_detail_of_the_citizen(city: City) -> None:
    request_id = await city.waiting_case(request={"citizen": CITIZEN})
    await city.does(ANNA, request_id, actions.Claim())
    await city.does(ANNA, request_id, actions.CorrectRecipient("ines@right.example"))
    await city.does(ANNA, request_id, actions.CorrectRecipient("ines.marlow@right.example"))
    await city.does(ANNA, request_id, actions.Redraft(f"Greet {SAYS}"))
    await city.drafts(request_id)
    await city.does(ANNA, request_id, actions.Reject(f"It does not name {SAYS}"))
    await city.drafts(request_id)
    await city.approves(ANNA, request_id)
    await city.dispatches(request_id, "failed", detail=f"550 5.1.1 <ines.marlow@right.example> no mailbox of {SAYS}")
    await city.does(ANNA, request_id, actions.CorrectRecipient(""))
    await city.does(ANNA, request_id, actions.SendAgain())
    await city.dispatches(request_id, "manual")
    await city.does(SUE, request_id, actions.RecordDelivery("phone", note=f"Spoke to {SAYS}"))
    other = await city.waiting_case(request={"citizen": CITIZEN})
    await city.does(ANNA, other, actions.Close(f"{SAYS} wrote twice"))

    log = await log_of(city)

    assert [word for word in PERSONAL if word in log] == []
    assert '"recipient": ["an address", "another address"]' in log
    assert '"recipient": ["an address", "no address"]' in log
    assert "550 5.1.1" in log


async def test_the_log_says_who_corrected_a_recipient(city: City) -> None:
    request_id = await city.waiting_case()
    await city.does(ANNA, request_id, actions.CorrectRecipient("ines@right.example"))

    async with city.commands.database.reading() as session:
        entry = (await audit.of_request(session, request_id))[-1]

    assert (entry.actor, entry.action) == (ANNA.email, "correctrecipient")
