"""A reply that would come back to us, or that nobody would read, is mailed only where a person has looked at the address."""

import dataclasses
from pathlib import Path
from uuid import UUID

import pytest

from services.review import cases
from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding.actions import ACTIONS, CorrectRecipient
from tests.pages.city import ANNA, Browser, City, written

DOUBTFUL = {
    "no-reply@parvis.example": "our own replies are sent from",  # the setting's default
    "No-Reply+7@PARVIS.example": "our own replies are sent from",
    "noreply@shop.example": "nobody reads",
    "Ne-Pas-Repondre@mairie.example": "nobody reads",
    "MAILER-DAEMON@mx.example": "nobody reads",
    "postmaster@mx.example": "nobody reads",
    "bounces+17-ana=example.org@lists.example": "nobody reads",
}


async def waits_for(city: City, email: str) -> UUID:
    return await city.waiting_case(request={"citizen": {"name": "Ines Marlow", "email": email}})


async def log_of(city: City, request_id: UUID) -> dict[str, object]:
    async with city.commands.database.reading() as session:
        return dict((await audit.of_request(session, request_id))[-1].detail)


@pytest.mark.parametrize(("email", "doubt"), DOUBTFUL.items())
async def test_the_page_says_so_and_approves_only_with_the_box_ticked(anna: Browser, city: City, email: str, doubt: str) -> None:
    request_id = await waits_for(city, email)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert doubt in page
    assert '<input type="checkbox" name="confirm_recipient"' in page

    refused = await anna.sends(request_id, "approve", seen=page, **written(page))
    assert refused.status_code == 422
    assert "Please look at the recipient" in refused.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL

    approved = await anna.sends(request_id, "approve", seen=page, confirm_recipient="true", **written(page))
    assert approved.status_code == 303
    assert (await city.case(request_id)).state is State.APPROVED
    assert (await log_of(city, request_id))["recipient_confirmed"] in ("own_sender", "unattended")
    assert email.lower() not in str(await log_of(city, request_id)).lower()
    assert "although" in (await anna.opens(f"/cases/{request_id}")).text


@pytest.mark.parametrize("email", ["ines.marlow@example.org", "reply@example.org", "bouncer@example.org", "info@shop.example"])
async def test_an_ordinary_address_needs_no_confirmation(anna: Browser, city: City, email: str) -> None:
    request_id = await waits_for(city, email)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "confirm_recipient" not in page
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303
    assert "recipient_confirmed" not in await log_of(city, request_id)


async def test_a_tick_on_an_ordinary_address_or_none_changes_nothing(anna: Browser, city: City) -> None:
    for request_id in (await city.waiting_case(), await city.waiting_case(request={"citizen": None})):
        page = (await anna.opens(f"/cases/{request_id}")).text
        assert (await anna.sends(request_id, "approve", seen=page, confirm_recipient="true", **written(page))).status_code == 303
        assert "recipient_confirmed" not in await log_of(city, request_id)


async def test_no_tick_sends_to_an_address_that_nothing_reaches(anna: Browser, city: City) -> None:
    request_id = await waits_for(city, "aiko@example.org.")
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "confirm_recipient" not in page
    refused = await anna.sends(request_id, "approve", seen=page, confirm_recipient="true", **written(page))
    assert refused.status_code == 422
    assert "Please correct the recipient’s address." in refused.text


async def test_a_correction_to_our_own_sender_is_asked_about_and_one_away_from_it_is_not(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    await city.does(ANNA, request_id, CorrectRecipient("no-reply@parvis.example"))
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 422
    await city.does(ANNA, request_id, CorrectRecipient("ines@right.example"))
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "confirm_recipient" not in page
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303


async def test_after_a_failed_delivery_the_doubt_is_said_before_it_is_sent_again(anna: Browser, city: City) -> None:
    request_id = await waits_for(city, "noreply@shop.example")
    page = (await anna.opens(f"/cases/{request_id}")).text
    await anna.sends(request_id, "approve", seen=page, confirm_recipient="true", **written(page))
    await city.dispatches(request_id, "failed", "550 no such mailbox")

    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "Look at the address before you send again." in page
    assert "nobody reads" in page
    assert (await anna.sends(request_id, "send-again")).status_code == 422
    assert (await city.case(request_id)).state is State.DELIVERY_FAILED
    assert (await anna.sends(request_id, "send-again", confirm_recipient="true")).status_code == 303
    assert (await log_of(city, request_id))["recipient_confirmed"] == "unattended"


async def test_every_field_of_every_form_has_a_name_where_the_page_asks_to_correct_it() -> None:
    problem = (Path(cases.__file__).parent / "templates" / "_problem.html").read_text()
    fields = {field.name for action in ACTIONS.values() for field in dataclasses.fields(action)} - {
        "draft_id"
    }  # no field that is filled in
    assert [name for name in sorted(fields) if f'"{name}"' not in problem] == []


async def test_a_decided_reply_names_its_recipient_without_what_turns_text_round(city: City) -> None:
    citizen = {
        "name": "Ines \u202eolraM\u2066\u200b\nBcc: x",
        "email": "ines.marlow@example.org",
        "phone": "\u202e0470",
        "address": "27 \u202eHeron\nCity",
    }
    request_id = await city.waiting_case(request={"citizen": citizen})
    decision = (await city.approves(ANNA, request_id)).decision
    assert decision
    assert decision.recipient
    assert decision.recipient.model_dump() == {
        "name": "Ines olraM Bcc: x",
        "email": "ines.marlow@example.org",
        "phone": "0470",
        "address": "27 Heron\nCity",
    }
