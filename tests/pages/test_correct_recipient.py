"""A wrong address is put right by a person before anything is sent: on record, and with the version that they saw."""

from uuid import UUID

import pytest

from services.review.cases.case_state import Case
from services.review.cases.deciding.actions import Approve, CorrectRecipient
from services.runtime.errors import InvalidInput
from tests.pages.city import ANNA, Browser, City


async def approved(city: City, request_id: UUID) -> Case:
    case = await city.case(request_id)
    assert case.draft
    return await city.does(ANNA, request_id, Approve(case.draft.draft_id))


def address_of(case: Case) -> str | None:
    """Where the decided reply goes."""
    assert case.decision
    return case.decision.recipient.email if case.decision.recipient else None


async def test_a_reply_goes_to_the_corrected_address_and_the_history_says_from_where_to_where(anna: Browser, city: City) -> None:
    request_id = await city.waiting_case()
    assert (await anna.sends(request_id, "correct-recipient", email="ines@right.example")).status_code == 303

    page = (await anna.opens(f"/cases/{request_id}")).text
    assert "Recipient corrected" in page
    assert "→ ines@right.example" in page
    assert address_of(await approved(city, request_id)) == "ines@right.example"


async def test_an_address_that_nothing_reaches_is_refused_with_what_was_probably_meant(city: City) -> None:
    request_id = await city.waiting_case()
    with pytest.raises(InvalidInput, match=r"was aiko@example\.org meant"):
        await city.does(ANNA, request_id, CorrectRecipient("aiko@example.org."))
    assert (await city.case(request_id)).corrected_email is None


async def test_nothing_is_approved_for_an_address_that_nothing_reaches_until_it_is_corrected(city: City) -> None:
    request_id = await city.waiting_case(request={"citizen": {"name": "Aiko Tanaka", "email": "aiko@example.org."}})
    with pytest.raises(InvalidInput, match="email"):
        await approved(city, request_id)
    await city.does(ANNA, request_id, CorrectRecipient(""))
    assert address_of(await approved(city, request_id)) is None
