"""Mail that a machine wrote is kept, found and linked, and never drafted for or answered, until a person says that a person wrote it."""

import html
from collections.abc import Collection, Sequence
from typing import Any, get_args
from uuid import UUID

import pytest

from schemas.drafts_requested import DraftRequested
from schemas.replies_decided import ReplyDecided
from schemas.requests_received import RequestReceived
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import MailMachine, Urgency
from services.domain.danger_levels import MOST_IN_DOUBT
from services.drafting import rules as drafting
from services.review import handlers
from services.review.audit import store as audit
from services.review.cases.case_state import State
from services.review.cases.deciding import actions
from services.runtime import clock
from services.triage import rules as triage
from services.triage.classification.classifier import Prediction
from tests.builders import a_request
from tests.pages.city import ANNA, Browser, City
from tests.service.test_review_api import leaving, program_of

MACHINES = get_args(MailMachine)
DANGER = "My husband has hit me again and I do not want to live any more."


class Sure:
    """A classifier that is sure of everything."""

    version = "test"

    def explained(self, texts: Sequence[str], by_words_alone: Collection[int] = ()) -> list[tuple[Prediction, list[Any]]]:  # noqa: ARG002
        return [(Prediction("street_lighting", 0.99, [], answered=True), []) for _ in texts]


def mail(body: str, automatic: str | None, **changes: Any) -> RequestReceived:
    return RequestReceived.model_validate(a_request(agency="city", channel="email", body=body, automatic=automatic) | changes)


def sorted_by_triage(received: RequestReceived, city: City) -> RequestTriaged:
    [triaged] = triage.triage([received], Sure(), city.commands.taxonomy)
    return triaged


async def arrives(city: City, received: RequestReceived) -> UUID:
    """It goes through triage and drafting into its case, as the services hand it on."""
    triaged = sorted_by_triage(received, city)
    await city.commands.take_in(handlers.received(received))
    await city.commands.take_in(handlers.triaged(triaged, city.commands.taxonomy))
    assert received.automatic is None or drafting.first_draft_of(triaged) is None
    return received.request_id


async def history(city: City, request_id: UUID) -> list[audit.Entry]:
    async with city.commands.database.reading() as session:
        return list(await audit.of_request(session, request_id))


@pytest.mark.parametrize("machine", MACHINES)
async def test_a_machine_s_mail_is_closed_by_itself_says_why_and_nothing_leaves(city: City, anna: Browser, machine: str) -> None:
    request_id = await arrives(city, mail("Thank you for your message. When will it be repaired?", machine))

    case = await city.case(request_id)
    assert (case.state, case.draft, case.decision) == (State.CLOSED, None, None)
    closing = (await history(city, request_id))[-1]
    assert (closing.actor, closing.action) == (audit.PARVIS, "close machine's mail")
    page = html.unescape((await anna.opens(f"/cases/{request_id}")).text)
    assert "A machine wrote this" in page
    assert f"It is {closing.detail['reason']}." in page
    assert "Approve and send" not in page
    for topic in (ReplyDecided.topic, DraftRequested.topic):
        assert not await leaving(city, topic)
    await city.commands.nudge()
    assert not await leaving(city, DraftRequested.topic)


async def test_two_machines_that_answer_each_other_stop_at_the_first_answer(city: City) -> None:
    """Nothing of ours goes out for it, so the other one has nothing to answer."""
    lamp = await city.waiting_case()
    await city.approves(ANNA, lamp)
    await city.dispatches(lamp)
    decision = (await city.case(lamp)).decision
    assert decision
    sent = len(await leaving(city, ReplyDecided.topic))
    for _ in range(5):
        await arrives(city, mail("I am out of the office.", "reply", references=[f"<{decision.decision_id}@city.example>"]))
    assert len(await leaving(city, ReplyDecided.topic)) == sent
    assert (await city.case(lamp)).state is State.SENT


@pytest.mark.parametrize("machine", ["bounce", "report", "own"])
async def test_words_of_danger_that_a_machine_quotes_of_our_letter_raise_nothing(city: City, machine: str) -> None:
    case = await city.case(await arrives(city, mail(f"Could not be delivered:\n\n{DANGER}", machine)))
    assert (case.state, case.urgency) == (State.CLOSED, Urgency.LOW)


@pytest.mark.parametrize("machine", ["reply", "list"])
async def test_danger_in_words_that_are_not_ours_is_no_emergency_and_waits_for_a_person_without_a_draft(
    city: City, anna: Browser, machine: str
) -> None:
    """Headers may be wrong: a mailing list that an agency reads its post through would hide somebody in danger."""
    request_id = await arrives(city, mail(DANGER, machine))
    case = await city.case(request_id)
    assert (case.state, case.urgency, case.danger) == (State.NEEDS_TRIAGE, Urgency.HIGH, MOST_IN_DOUBT), "behind the emergencies"
    assert "look whether a person wrote it" in (await anna.opens(f"/cases/{request_id}")).text

    await anna.sends(request_id, "written-by-person")
    case = await city.case(request_id)
    assert case.urgency is Urgency.EMERGENCY
    assert len(await leaving(city, DraftRequested.topic)) == 1


async def test_a_person_s_mail_with_the_same_words_is_an_emergency(city: City) -> None:
    assert (await city.case(await arrives(city, mail(DANGER, None)))).urgency is Urgency.EMERGENCY


async def test_a_person_says_that_a_person_wrote_it_and_it_goes_on_as_any_case(city: City, anna: Browser) -> None:
    request_id = await arrives(city, mail("The lamp is out. When will it be repaired?", "list"))
    answer = await anna.sends(request_id, "written-by-person")
    assert answer.status_code == 303

    case = await city.case(request_id)
    assert (case.state, case.urgency, case.machine) == (State.DRAFTING, Urgency.NORMAL, None)
    assert case.due_at
    [asked] = await leaving(city, DraftRequested.topic)
    wanted = DraftRequested.model_validate_json(asked.value)
    assert (wanted.revision, wanted.triaged.automatic) == (case.revision, None)
    assert (await history(city, request_id))[-1].actor == ANNA.email
    await city.drafts(request_id)
    await city.approves(ANNA, request_id)
    assert (await city.case(request_id)).state is State.APPROVED


@pytest.mark.parametrize("body", ["Thanks, I am away.", DANGER])
async def test_nobody_can_answer_a_machine_before(city: City, body: str) -> None:
    anna = await program_of(city, ANNA)
    request_id = await arrives(city, mail(body, "reply"))
    refused = {
        "approve": {"draft_id": str(request_id)},
        "redraft": {},
        "correct": {"category": "noise_nuisance"},
        "answer-by-hand": {"how": "phone", "note": "called"},
    }
    for name, body_of_it in refused.items():
        answer = await anna.does(request_id, name, **body_of_it)
        assert answer.status_code == 409, name
        assert "a machine wrote this mail" in answer.text
    split = {"category": "noise_nuisance", "part": "I"}
    assert (await anna.client.post(f"/cases/{request_id}/split", json=split)).status_code == 409
    assert not await leaving(city, DraftRequested.topic)


async def test_of_a_person_s_message_nobody_can_say_so(city: City) -> None:
    anna = await program_of(city, ANNA)
    lamp = await city.waiting_case()
    assert (await anna.does(lamp, "written-by-person")).status_code == 409


async def test_a_draft_that_comes_all_the_same_is_nobody_s_to_approve(city: City) -> None:
    """A process of the former release drafts what it gets."""
    request_id = await arrives(city, mail("The lamp is out.", "list"))
    await city.drafts(request_id)
    case = await city.case(request_id)
    assert (case.state, case.decidable) == (State.CLOSED, False)


async def test_a_machine_s_mail_is_found_among_all_and_joins_no_group(city: City, anna: Browser) -> None:
    request_id = await arrives(city, mail("The zebra library is closed until Monday.", "reply"))
    found = (await anna.opens("/?tab=all&q=zebra")).text
    assert f"/cases/{request_id}" in found
    assert f"/cases/{request_id}" in (await anna.opens("/?tab=closed")).text
    assert f"/cases/{request_id}" not in (await anna.opens("/?tab=open")).text
    similar = await arrives(city, mail("The zebra library is closed until Monday.", None))
    assert (await anna.client.get(f"/api/v1/cases/{similar}/similar")).json()["items"] == []


async def test_a_list_of_mail_from_machines_holds_nothing_else(city: City, anna: Browser) -> None:
    lamp = await city.waiting_case()
    machines = [await arrives(city, mail(body, "reply")) for body in ("The library is closed until Monday.", DANGER)]
    page = (await anna.opens("/?tab=all&from_machine=true")).text
    assert all(f"/cases/{request_id}" in page for request_id in machines)
    assert f"/cases/{lamp}" not in page
    assert page.count("From a machine<") == len(machines)
    await anna.sends(machines[0], "written-by-person")
    assert f"/cases/{machines[0]}" not in (await anna.opens("/?tab=all&from_machine=true")).text


async def test_what_could_not_be_read_in_time_waits_for_a_person_without_a_draft(city: City) -> None:
    request_id = await city.receives(request={"automatic": "reply"}, automatic="reply", urgency="high", outcome="needs_triage")
    case = await city.case(request_id)
    assert case.state is State.NEEDS_TRIAGE
    with pytest.raises(Exception, match="a machine wrote"):
        await city.does(ANNA, request_id, actions.Correct(category="street_lighting"))


def test_drafting_drafts_for_no_machine_however_sure_triage_is() -> None:
    """Nor where somebody else's release called it an emergency."""
    event = RequestTriaged(
        request_id=UUID(int=1),
        agency="city",
        channel="email",
        received_at=clock.now(),
        language=DetectedLanguage(code="en", confidence=1),
        redacted={"body": "x"},
        category="street_lighting",
        confidence=1,
        department="streets",
        urgency=Urgency.EMERGENCY,
        outcome="routed",
        automatic="list",
        model_version="test",
    )
    assert drafting.first_draft_of(event) is None
    assert drafting.first_draft_of(event.model_copy(update={"automatic": None}))
