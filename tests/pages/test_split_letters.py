"""A letter with two matters is split: a second case with the same message, its own draft, decision and reply, in the same trace."""

import html
import json
import re
from uuid import UUID

import pytest
from sqlmodel import select

from schemas.drafts_requested import DraftRequested
from schemas.values import RedactedSpan
from services.review.audit import store as audit
from services.review.cases.case_state import Case, State
from services.review.cases.deciding.actions import Close, Join
from services.review.cases.related.splitting import redacted_part, second_case_id
from services.review.cases.tables import CaseRow
from services.runtime import telemetry
from services.runtime.outbox import OutboxRow
from tests.pages.city import ANNA, BEN, Browser, City, hidden_fields, written
from tests.pages.conftest import SignIn

BODY = (
    "Good morning,\n\nThe lamp outside 27 Heron Street has been out since Tuesday.\n\nAlso, the flat above ours plays music every night "
    "until three,\nask Tom Bell about it.\n\nKind regards,\nInes Marlow"
)
NOISE = "the flat above ours plays music every night until three,\r\nask Tom Bell about it."
SPANS = [
    {"field": "body", "start": BODY.index("27 Heron"), "end": BODY.index(" has been"), "placeholder": "[ADDRESS_1]"},
    {"field": "body", "start": BODY.index("Tom Bell"), "end": BODY.index(" about it"), "placeholder": "[NAME_1]"},
    {"field": "body", "start": BODY.index("Ines Marlow"), "end": len(BODY), "placeholder": "[NAME_2]"},
]
HIDDEN = BODY.replace("27 Heron Street", "[ADDRESS_1]").replace("Tom Bell", "[NAME_1]").replace("Ines Marlow", "[NAME_2]")


async def a_letter_with_two_matters(city: City) -> UUID:
    redacted = {"subject": "Two things", "body": HIDDEN, "spans": SPANS, "found": {"NAME": 2, "ADDRESS": 1}}
    return await city.waiting_case(request={"subject": "Two things", "body": BODY}, redacted=redacted, letter="several", letter_sure=True)


async def asked_for(city: City, request_id: UUID) -> list[tuple[DraftRequested, dict[str, str]]]:
    """The drafts that wait to be asked for, with the headers of their records."""
    async with city.commands.database.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.topic == DraftRequested.topic))).all()
    events = [(DraftRequested.model_validate(json.loads(row.value)), row.headers) for row in rows]
    return [(event, headers) for event, headers in events if event.request_id == request_id]


async def cases_in(city: City) -> int:
    async with city.commands.database.reading() as session:
        return len((await session.exec(select(CaseRow.request_id))).all())


async def actions_on(city: City, request_id: UUID) -> list[tuple[str, str]]:
    async with city.commands.database.reading() as session:
        return [(entry.actor, entry.action) for entry in await audit.of_request(session, request_id)]


async def split(city: City, browser: Browser, request_id: UUID, part: str = NOISE, **fields: str) -> Case:
    """Splits the noise off, on the page; returns its case."""
    answer = await browser.sends(request_id, "split", category="noise_nuisance", part=part, **fields)
    assert answer.status_code == 303, answer.text
    return await city.case(second_case_id(request_id, "noise_nuisance"))


async def test_the_second_matter_has_a_case_of_its_own_and_the_letter_stays_whole_in_both(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    before = await city.case(letter)

    second = await split(city, anna, letter)

    assert await city.case(letter) == before
    assert second.request
    assert before.request
    assert (second.request.subject, second.request.body) == (before.request.subject, BODY)
    assert second.request.citizen == before.request.citizen
    assert (second.category, second.department, second.state) == ("noise_nuisance", "safety", State.DRAFTING)
    assert second.due_at == city.commands.taxonomy.due("noise_nuisance", second.urgency, before.request.received_at)
    [(event, _)] = await asked_for(city, second.request_id)
    assert event.triaged.redacted.body == "the flat above ours plays music every night until three,\nask [NAME_1] about it."
    assert event.triaged.redacted.subject is None
    assert "Tom Bell" not in event.model_dump_json()
    assert "Ines" not in event.model_dump_json()
    assert event.triaged.category == "noise_nuisance"
    assert await actions_on(city, second.request_id) == [(ANNA.email, "split off")]
    assert (ANNA.email, "split letter") in await actions_on(city, letter)


async def test_each_matter_is_decided_and_answered_by_itself(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    second = await split(city, anna, letter)
    await city.drafts(second.request_id, body="Dear [CITIZEN_NAME],\n\nwe ask [NAME_1] to be quiet.", subject="The noise")

    await city.approves(ANNA, letter)
    await city.approves(ANNA, second.request_id)

    first, other = await city.case(letter), await city.case(second.request_id)
    assert first.decision
    assert other.decision
    assert first.decision.decision_id != other.decision.decision_id
    assert other.decision.body == "Dear Ines Marlow,\n\nwe ask Tom Bell to be quiet."
    assert first.decision.recipient == other.decision.recipient
    await city.dispatches(second.request_id)
    assert ((await city.case(letter)).state, (await city.case(second.request_id)).state) == (State.APPROVED, State.SENT)


async def test_a_click_that_is_repeated_makes_one_case_and_asks_for_one_draft(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    second = await split(city, anna, letter)
    number = await cases_in(city)
    again = await split(city, anna, letter, part="The lamp outside")
    assert again == second
    assert await cases_in(city) == number
    assert len(await asked_for(city, second.request_id)) == 1
    assert await actions_on(city, second.request_id) == [(ANNA.email, "split off")]


async def test_a_split_that_breaks_off_leaves_nothing(city: City, anna: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = await a_letter_with_two_matters(city)
    number = await cases_in(city)

    async def killed(*_: object) -> None:
        raise RuntimeError("the process ends here")

    with monkeypatch.context() as patched:
        patched.setattr(audit, "add", killed)
        assert (await anna.sends(letter, "split", category="noise_nuisance", part=NOISE)).status_code == 500
    assert await cases_in(city) == number
    assert not await asked_for(city, second_case_id(letter, "noise_nuisance"))
    assert (await split(city, anna, letter)).state is State.DRAFTING


async def test_both_cases_show_each_other_and_the_second_what_it_is_about(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    second = await split(city, anna, letter)
    of_first = html.unescape((await anna.opens(f"/cases/{letter}")).text)
    assert f'Second matter of the letter: <a href="/cases/{second.request_id}"' in of_first
    of_second = html.unescape((await anna.opens(f"/cases/{second.request_id}")).text)
    banner = re.search(r'id="matter-heading".*?</section>', of_second, re.DOTALL)
    assert banner
    assert f'href="/cases/{letter}"' in banner.group()
    assert "ask Tom Bell about it." in banner.group()
    assert "27 Heron" not in banner.group()
    assert "From the same citizen" not in of_first + of_second  # it is one letter


async def test_the_second_case_is_in_the_trace_of_the_request(city: City, anna: Browser) -> None:
    trace = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}
    with telemetry.request_span("accept", None, parent=trace):
        letter = await a_letter_with_two_matters(city)
    first = await city.case(letter)
    second = await split(city, anna, letter)
    assert second.trace == first.trace


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"category": "astrology"}, "category: there is no"),
        ({"category": ""}, "category: there is no"),
        ({"category": "noise_nuisance", "department": "astrologers"}, "department: there is no"),
        ({"category": "noise_nuisance", "part": "words that nobody wrote"}, "part: these words do not stand"),
        ({"category": "noise_nuisance", "part": ".*"}, "part: these words do not stand"),
        ({"category": "noise_nuisance", "part": " \r\n"}, "part: copy from the message"),
        ({"category": "noise_nuisance"}, "part: copy from the message"),
    ],
)
async def test_what_can_t_be_used_makes_no_case_and_comes_back_with_the_case(
    city: City, anna: Browser, fields: dict[str, str], fault: str
) -> None:
    letter = await a_letter_with_two_matters(city)
    number = await cases_in(city)
    answer = await anna.sends(letter, "split", urgency="high", **fields)
    assert answer.status_code == 422
    assert await cases_in(city) == number
    card = html.unescape(answer.text.partition('id="linked"')[2])
    field, _, sentence = fault.partition(": ")
    assert f'<p class="fault" dir="auto">{sentence}' in card, "beside its field"
    assert 'id="problem" role="alert"' in answer.text
    assert re.search(rf'id="split-{field}"[^>]* aria-invalid="true" aria-describedby="problem"', card)
    assert answer.text.count('aria-invalid="true"') == 1, "no other form is at fault"
    assert '<option value="high" selected>' in card
    assert f">\n{fields.get('part', '')}</textarea>" in card.replace("\r", "") or not fields.get("part", "").strip()
    if "noise" in fields["category"]:
        assert '<option value="noise_nuisance" selected>' in card


async def test_a_program_names_the_part_as_well(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    csrf = {"x-csrf-token": hidden_fields((await anna.opens(f"/cases/{letter}")).text)["csrf"]}
    for sent in ({"category": "noise_nuisance"}, {"category": "noise_nuisance", "part": " "}):
        assert (await anna.client.post(f"/api/v1/cases/{letter}/split", json=sent, headers=csrf)).status_code == 422


async def test_what_was_being_written_is_there_after_a_split_that_was_refused(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    draft = (await city.case(letter)).draft
    assert draft
    texts = [{"field": "body", "draft_id": str(draft.draft_id), "text": "Half a sentence", "sequence": 3}]
    answer = await anna.sends(letter, "split", category="noise_nuisance", written=json.dumps({"page": "page-a", "texts": texts}))
    assert written(answer.text)["body"] == "Half a sentence"


async def test_whoever_may_not_see_the_second_case_s_department_learns_nothing_more_of_it(city: City, sign_in: SignIn) -> None:
    ben = await sign_in(BEN)
    letter = await a_letter_with_two_matters(city)
    await split(city, ben, letter)
    second = second_case_id(letter, "noise_nuisance")
    assert (await ben.opens(f"/cases/{second}")).status_code == 403
    assert f'href="/cases/{second}"' not in (await ben.opens(f"/cases/{letter}")).text


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_part_that_begins_or_ends_within_something_hidden_hides_all_of_it(cut: int) -> None:
    body = "i am XXX XXXX of 99 9999 999 and write about it"
    spans = [
        RedactedSpan(field="body", start=5, end=13, placeholder="[NAME_Z]"),
        RedactedSpan(field="body", start=17, end=28, placeholder="[PLACE_Z]"),
    ]
    for part in (redacted_part(body, cut, len(body), spans), redacted_part(body, 0, cut, spans)):
        assert not set(part) & {"X", "9"}


async def citizen_card(browser: Browser, request_id: UUID) -> str:
    return (await browser.opens(f"/cases/{request_id}")).text.partition('id="citizen-cases"')[2].partition("</section>")[0]


async def test_a_letter_that_was_split_is_one_message_of_its_citizen_and_an_open_half_is_shown(city: City, anna: Browser) -> None:
    letter = await a_letter_with_two_matters(city)
    second = await split(city, anna, letter)
    answer = await anna.sends(letter, "split", category="roads_pavements", part="The lamp outside 27 Heron Street")
    assert answer.status_code == 303
    other = await city.waiting_case(request={"subject": "Another day"})

    card = await citizen_card(anna, other)
    assert "1 other message" in card
    assert card.count("<li>") == 1
    assert str(letter) in await citizen_card(anna, other)
    assert "Two things" not in await citizen_card(anna, second.request_id), "nor is a third matter another message of theirs"

    await city.does(ANNA, letter, Close("thanks only"))
    assert str(letter) not in await citizen_card(anna, other)
    assert "1 is still open" in await citizen_card(anna, other)


async def test_the_first_draft_is_no_longer_blamed_for_what_has_a_case_of_its_own(city: City, anna: Browser) -> None:
    letter = await city.receives(request={"subject": "Two things", "body": BODY}, letter="several", letter_sure=True)
    await city.drafts(letter, checks=[{"name": "answers_each_matter", "passed": False, "detail": "nothing of the music"}])
    assert "nothing of the music" in (await anna.opens(f"/cases/{letter}")).text
    await split(city, anna, letter)
    assert "nothing of the music" not in (await anna.opens(f"/cases/{letter}")).text


async def test_a_closed_duplicate_is_not_split(city: City, anna: Browser) -> None:
    letter, again = await a_letter_with_two_matters(city), await a_letter_with_two_matters(city)
    assert "Split off a second matter" in (await anna.opens(f"/cases/{again}")).text
    await city.does(ANNA, again, Join(letter))
    assert "Split off a second matter" not in (await anna.opens(f"/cases/{again}")).text
    assert (await anna.sends(again, "split", category="noise_nuisance", part=NOISE)).status_code == 409
