"""Whoever wants a person, or objects to automated handling, is not answered by a language model, first or later."""

import html
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.drafts_requested import DraftRequested
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import RequestTriaged
from services.domain import wish_for_person
from services.drafting import handlers as drafting
from services.drafting import passage_index
from services.drafting.draft import Draft
from services.drafting.switch import Switch, SwitchedDrafter
from services.review import handlers
from services.review.cases.related.split_commands import split
from services.review.cases.related.splitting import SecondMatter
from services.triage import rules as triage
from services.triage.set_aside import set_aside
from tests.builders import a_request
from tests.pages.city import ANNA, Browser, City
from tests.pages.test_machine_mail import Sure
from tests.service.test_review_api import leaving

KNOWLEDGE = passage_index.load()
NO_COMPUTER = "The street lamp outside my door is out.\n\nI do not want a computer to answer me."
PAS_DE_ROBOT = "Le lampadaire devant chez moi est éteint. Je refuse le traitement automatisé de ma demande."
LAMP = "The street lamp outside my door is out. When will it be repaired?"


class Model:
    """A language model that writes down what it was asked about."""

    def __init__(self) -> None:
        self.asked: list[UUID] = []

    async def draft(self, request: DraftRequested, *_: Any) -> Draft:
        self.asked.append(request.request_id)
        return Draft("en", "Re: lamp", "Dear [CITIZEN_NAME],\n\nIt will be repaired.", drafted_by="model", model="a-model")

    async def close(self) -> None: ...


@pytest.fixture
def model() -> Model:
    return Model()


def sorted_by_triage(city: City, body: str, **changes: Any) -> tuple[RequestReceived, RequestTriaged]:
    received = RequestReceived.model_validate(a_request(agency="city", channel="web", body=body) | changes)
    [triaged] = triage.triage([received], Sure(), city.commands.taxonomy)
    return received, triaged


async def arrives(city: City, model: Model, body: str, **changes: Any) -> UUID:
    """It goes through triage and drafting, with a model, into its case."""
    received, triaged = sorted_by_triage(city, body, **changes)
    await city.commands.take_in(handlers.received(received))
    await city.commands.take_in(handlers.triaged(triaged, city.commands.taxonomy))
    drafter = SwitchedDrafter(model, Switch())
    proposed = await drafting.on_request_triaged(triaged, drafter, KNOWLEDGE, city.commands.taxonomy)
    assert proposed
    await city.commands.take_in(handlers.drafted(proposed))
    return received.request_id


async def drafts_again(city: City, model: Model) -> None:
    """Drafting answers what review asked for last."""
    asked = DraftRequested.model_validate_json((await leaving(city, DraftRequested.topic))[-1].value)
    proposed = await drafting.on_draft_requested(asked, SwitchedDrafter(model, Switch()), KNOWLEDGE, city.commands.taxonomy)
    await city.commands.take_in(handlers.drafted(proposed))


@pytest.mark.parametrize("body", [NO_COMPUTER, PAS_DE_ROBOT, f"{LAMP}\n\nPlease let a real person call me back."])
async def test_no_model_is_asked_first_or_again_and_the_case_says_why(city: City, anna: Browser, model: Model, body: str) -> None:
    request_id = await arrives(city, model, body)
    page = html.unescape((await anna.opens(f"/cases/{request_id}")).text)
    assert "The citizen wants a person, or no automated handling" in page
    draft = (await city.case(request_id)).draft
    assert draft
    assert (draft.drafted_by, draft.body != "") == ("template", True)

    assert (await anna.sends(request_id, "redraft", instructions="Use the language model, please")).status_code == 303
    await drafts_again(city, model)
    case = await city.case(request_id)
    assert case.draft
    assert (case.draft.revision, case.draft.drafted_by) == (2, "template")
    await anna.sends(request_id, "correct", category="noise_nuisance")
    await drafts_again(city, model)
    assert not model.asked
    assert wish_for_person.wishes((await city.case(request_id)).triage)


async def test_whoever_says_nothing_of_it_gets_the_model_s_draft(city: City, anna: Browser, model: Model) -> None:
    request_id = await arrives(city, model, LAMP)
    assert model.asked == [request_id]
    assert "wants a person" not in (await anna.opens(f"/cases/{request_id}")).text


@pytest.mark.parametrize("ticked", ["no", False, "False", "non"])
async def test_a_form_may_say_so_in_a_field_of_its_own(city: City, anna: Browser, model: Model, ticked: object) -> None:
    request_id = await arrives(city, model, LAMP, automation=ticked)
    assert not model.asked
    page = html.unescape((await anna.opens(f"/cases/{request_id}")).text)
    assert "the form or agency says that the citizen wants no automated handling" in page


def test_a_field_that_says_neither_is_shown_and_one_that_agrees_says_nothing(city: City) -> None:
    _, agrees = sorted_by_triage(city, LAMP, automation="yes")
    received, unclear = sorted_by_triage(city, LAMP, automation="perhaps")
    assert (agrees.signals, agrees.left_out) == ([], [])
    assert [note.field for note in received.dropped] == ["automation"]
    assert [note.field for note in unclear.left_out] == ["automation"]


async def test_what_could_not_be_read_in_time_keeps_what_the_form_said(city: City) -> None:
    received, _ = sorted_by_triage(city, LAMP, automation="no")
    assert wish_for_person.wishes(set_aside(received, city.commands.taxonomy))
    assert wish_for_person.not_solved(set_aside(received.model_copy(update={"unsolved_by": uuid4()}), city.commands.taxonomy))


async def test_the_second_matter_of_a_letter_keeps_the_wish(city: City, model: Model) -> None:
    request_id = await arrives(city, model, f"{NO_COMPUTER}\n\nMy neighbours make noise at night.")
    matter = SecondMatter("noise_nuisance", "My neighbours make noise at night.")
    second = await split(city.commands, request_id, matter, ANNA)
    await drafts_again(city, model)
    assert wish_for_person.wishes((await city.case(second)).triage)
    assert not model.asked


@pytest.mark.parametrize("automatic", ["reply", "list"])
async def test_mail_taken_for_a_machine_s_keeps_the_wish_once_a_person_wrote_it(
    city: City, anna: Browser, model: Model, automatic: str
) -> None:
    received, triaged = sorted_by_triage(city, NO_COMPUTER, automatic=automatic, channel="email")
    await city.commands.take_in(handlers.received(received))
    await city.commands.take_in(handlers.triaged(triaged, city.commands.taxonomy))
    assert (await anna.sends(received.request_id, "written-by-person")).status_code == 303
    await drafts_again(city, model)
    case = await city.case(received.request_id)
    assert case.draft
    assert (case.draft.drafted_by, model.asked) == ("template", [])


FIRST, SECOND = "<lamp@mail.example>", "<again@mail.example>"


async def writes(city: City, model: Model, body: str, message_id: str, *references: str) -> UUID:
    return await arrives(city, model, body, channel="email", message_id=message_id, references=list(references))


async def test_an_objection_in_a_later_message_takes_the_model_s_draft_of_the_one_before_away(city: City, model: Model) -> None:
    lamp = await writes(city, model, LAMP, FIRST)
    await writes(city, model, NO_COMPUTER, SECOND, FIRST)
    await drafts_again(city, model)
    case = await city.case(lamp)
    assert case.draft
    assert (case.draft.drafted_by, case.draft.revision, model.asked) == ("template", 2, [lamp])
    assert wish_for_person.wishes(case.triage)


async def test_a_message_after_the_objection_is_bound_by_it(city: City, model: Model) -> None:
    await writes(city, model, NO_COMPUTER, FIRST)
    again = await writes(city, model, LAMP, SECOND, FIRST)
    await drafts_again(city, model)
    case = await city.case(again)
    assert case.draft
    assert (case.draft.drafted_by, case.draft.revision) == ("template", 2)


async def test_a_message_with_the_wish_is_not_joined_into_one_without(city: City, anna: Browser, model: Model) -> None:
    lamp, objects = await arrives(city, model, LAMP), await arrives(city, model, NO_COMPUTER)
    refused = await anna.sends(objects, "join", into=str(lamp))
    assert (refused.status_code, "join the other one into this" in refused.text) == (409, True)
    assert (await anna.sends(lamp, "join", into=str(objects))).status_code == 303
    assert (await city.case(lamp)).joined_into == objects
