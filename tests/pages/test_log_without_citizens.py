"""The log can never be erased, so it says what was done and names no citizen."""

import json
import logging
from uuid import UUID

import pytest

from schemas.values import Urgency
from services.review.audit import store as audit
from services.review.audit.export import NOBODY
from services.review.cases.deciding import actions
from services.review.people.rules import Person, Role
from services.review.safeguards import store as safeguards
from services.review.safeguards.rules import Change
from services.runtime import clock
from tests.pages.city import ADA, ANNA, SUE, Browser, City, written
from tests.pages.conftest import SignIn

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


AUDITOR = Person("aud@city.example", "Aud", Role.AUDITOR)
PLANTED = {
    "name": "Zbigniew Quackenbush",
    "email": "zq.planted@mailbox.example",
    "phone": "+44 7700 900461",
    "address": "913 Thistledown Terrace",
}
LETTER = (
    "The zephyrine lantern at my door has gone out. Call me on +44 7700 900461 or write to zq.planted@mailbox.example. Zbigniew Quackenbush"
)
ANSWER = "Dear Zbigniew Quackenbush, the obsidian fitters come to 913 Thistledown Terrace on Monday."
ALL_OF_IT = ", ".join(PLANTED.values())
TRACES_OF_IT = ("zbigniew", "quackenbush", "planted", "900461", "900 461", "thistledown", "zephyrine", "obsidian")


class Run:
    """A whole run through every action, with the citizen in every field that takes words."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.done: set[str] = set()

    async def does(self, person: Person, request_id: UUID, action: actions.Action) -> None:
        await self.city.does(person, request_id, action)
        self.done.add(action.kind)

    async def case(self) -> UUID:
        return await self.city.waiting_case(request={"citizen": PLANTED, "subject": "Zephyrine lantern", "body": LETTER})

    async def approve(self, person: Person, request_id: UUID) -> None:
        draft = (await self.city.case(request_id)).draft
        assert draft
        await self.does(person, request_id, actions.Approve(draft.draft_id, body=ANSWER, although_claimed=True))

    async def among_colleagues(self) -> None:
        """A case goes from hand to hand."""
        request_id = await self.case()
        await self.does(ANNA, request_id, actions.Claim())
        await self.does(SUE, request_id, actions.TakeOver())
        await self.does(SUE, request_id, actions.Release())
        await self.does(SUE, request_id, actions.Assign(ANNA.email, ALL_OF_IT))
        await self.does(ANNA, request_id, actions.Correct(category="noise_nuisance", urgency=Urgency.HIGH))
        await self.city.drafts(request_id)
        await self.does(ANNA, request_id, actions.Forward("environment", ALL_OF_IT))

    async def there_and_back(self) -> None:
        """A draft is turned away, written anew, approved, called back, approved, and comes back from the mail."""
        request_id = await self.case()
        await self.does(ANNA, request_id, actions.Redraft(ALL_OF_IT))
        await self.city.drafts(request_id)
        await self.does(ANNA, request_id, actions.Reject(ALL_OF_IT))
        await self.city.drafts(request_id)
        await self.approve(ANNA, request_id)
        await self.does(ANNA, request_id, actions.Recall())
        await self.does(ANNA, request_id, actions.CorrectRecipient("planted.zq@mailbox.example"))
        await self.approve(ANNA, request_id)
        await self.city.dispatches(request_id, "failed", detail=f"550 <planted.zq@mailbox.example> has no mailbox: {ALL_OF_IT}")
        await self.does(ANNA, request_id, actions.SendAgain(confirm_recipient=True))
        await self.city.dispatches(request_id, "manual", detail=ALL_OF_IT)
        await self.does(ANNA, request_id, actions.RecordDelivery("phone", note=ALL_OF_IT))

    async def in_doubt_closed_joined_and_sent_back(self) -> None:
        doubtful = await self.case()
        await self.approve(ANNA, doubtful)
        await self.city.dispatches(doubtful, "uncertain", detail=ALL_OF_IT)
        await self.does(ANNA, doubtful, actions.ConfirmDelivery())
        await self.does(ANNA, await self.case(), actions.Close(ALL_OF_IT))
        await self.does(ANNA, await self.case(), actions.AnswerByHand("phone", ALL_OF_IT))
        first, again = await self.case(), await self.case()
        await self.does(ANNA, again, actions.Join(first))
        await self.does(ANNA, again, actions.Separate())
        async with self.city.commands.database.transaction() as session:
            rule = Change(category="street_lighting", why="a trial")
            await safeguards.change(session, rule, ADA.email, clock.now(), self.city.commands.taxonomy.names)
        twice = await self.case()
        await self.approve(ANNA, twice)
        await self.does(SUE, twice, actions.SendBack(ALL_OF_IT))
        by_a_machine = await self.city.receives(request={"citizen": PLANTED, "body": LETTER, "automatic": "reply"}, automatic="reply")
        await self.does(ANNA, by_a_machine, actions.WrittenByPerson())
        await self.city.sets_aside({"body": LETTER, "citizen": PLANTED}, f"no such field: {ALL_OF_IT}")

    async def at_the_pages(self, browser: Browser) -> None:
        """A note, words that are put aside, searches."""
        request_id = await self.case()
        page = (await browser.opens(f"/cases/{request_id}")).text
        for name, fields in (("note", {"internal_note": ALL_OF_IT}), ("put-aside", written(page) | {"body": ANSWER, "reason": ALL_OF_IT})):
            assert (await browser.sends(request_id, name, seen=page, **fields)).status_code == 303
        for words in (PLANTED["email"], "zephyrine"):
            assert str(request_id) in (await browser.client.get("/", params={"q": words, "tab": "all"})).text


async def test_a_whole_run_through_every_action_leaves_no_word_of_the_citizen_in_the_log_or_in_any_file_of_it(
    city: City, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "services")
    anna, auditor = await sign_in(ANNA), await sign_in(AUDITOR)
    await city.hires(SUE)
    run = Run(city)

    await run.among_colleagues()
    await run.there_and_back()
    await run.in_doubt_closed_joined_and_sent_back()
    await run.at_the_pages(anna)
    await auditor.client.get("/audit/export", params={"person": PLANTED["email"]})

    paths = ("/audit", "/audit/export?form=csv", "/audit/export?form=jsonl", "/api/v1/audit/export", "/api/v1/audit?limit=500")
    files = [(await auditor.client.get(path)).text for path in paths]
    log = await log_of(city)
    assert run.done == set(actions.ACTIONS)
    assert log.count("[citizen_name]") > 30, "what was typed is there, without whom it names"
    assert NOBODY in log
    for text in (log, *files, caplog.text):
        assert [word for word in TRACES_OF_IT if word in text.lower()] == []
