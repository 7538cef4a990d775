"""Characters that nobody sees, that turn text round, or that are written in two ways fool neither page nor greeting nor search."""

import unicodedata
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import invisible_characters
from schemas.requests_received import RequestReceived
from schemas.values import Person as Citizen
from schemas.values import Redacted
from services.review.cases import case_state
from services.review.cases.case_state import State
from services.review.cases.deciding import actions, rules
from services.review.web.templating import environment
from services.triage.redaction import redact
from tests.builders import a_request
from tests.case_builders import ANNA as CASEWORKER
from tests.case_builders import CITY, NOW, REQUEST_ID, a_new_case, drafted, triaged
from tests.pages.city import ANNA, Browser, City, written

TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NOBODY_SEES = {
    "zero width space": "\u200b",
    "word joiner": "\u2060\u2060",
    "soft hyphen": "\u00ad",
    "Hangul filler": "\u115f",
    "Hangul letter filler": "\u3164\n\u3164",
    "halfwidth filler": "\uffa0",
    "tag characters": "\U000e0048\U000e0069",
    "combining only": "\u0301\u0308",
    "grapheme joiner": "\u034f",
    "variation selector": "\ufe0f\U000e0100",
    "byte order mark": "\ufeff",
    "empty Braille": "\u2800",
    "Mongolian separator": "\u180e",
    "directions": "\u200e\u061c\u202e\u2069",
    "blanks": "\u00a0\u2003\u3000\r\n\t",
    "object replacement": "\ufffc",
    "invisible times": "\u2062\u2063",
    "musical nothing": "\U0001d159",
    "interlinear": "\ufff9\ufffa\ufffb",
    "Khmer inherent vowel": "\u17b4\u17b5",
    "controls": "\u0001\u0007\u009f",
}


async def case_of(city: City, **sent: Any) -> UUID:
    """A case as triage hides its details, whose draft repeats the subject."""
    citizen = sent.setdefault("citizen", {"name": "Ines Marlow", "email": "ines@example.org"})
    subject, body = sent.get("subject", "Street lamp"), sent.setdefault("body", "The lamp is out.")
    redacted = redact(subject, body, Citizen(**citizen), "en")
    request_id = await city.receives(request=sent | {"subject": subject}, redacted=redacted.model_dump())
    await city.drafts(request_id, subject=f"Re: {redacted.subject}")
    return request_id


@pytest.mark.parametrize("name", ["Ines \u202eolraM", "\u2067Ines\u2069 Marlow\u202e", "\u202dInes\u202b"])
async def test_a_name_that_turns_text_round_turns_neither_the_page_nor_the_greeting_round(anna: Browser, city: City, name: str) -> None:
    request_id = await case_of(
        city, citizen={"name": name, "email": "ines@example.org", "address": f"1 {name} Street"}, subject=f"From {name}"
    )
    for path in (f"/cases/{request_id}", "/?tab=decide"):
        page = (await anna.opens(path)).text
        assert "Ines" in page
        assert [character for character in TURNING if character in page] == []

    page = (await anna.opens(f"/cases/{request_id}")).text
    plain = invisible_characters.one_line(name)
    assert written(page)["body"].startswith(f"Dear {plain},")
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303
    decision = (await city.case(request_id)).decision
    assert decision
    assert decision.decision == "approved"
    assert [character for character in TURNING if character in decision.model_dump_json()] == []


@pytest.mark.parametrize("nothing", NOBODY_SEES.values(), ids=NOBODY_SEES)
async def test_a_reply_in_which_there_is_nothing_to_see_is_refused_with_a_sentence(anna: Browser, city: City, nothing: str) -> None:
    request_id = await city.waiting_case()
    page = (await anna.opens(f"/cases/{request_id}")).text
    for field, sentence in (("body", "an empty reply can&#39;t be sent"), ("subject", "write one, the citizen sees it first")):
        refused = await anna.sends(request_id, "approve", seen=page, **(written(page) | {field: nothing}))
        assert refused.status_code == 422
        assert sentence in refused.text
    assert (await city.case(request_id)).state is State.AWAITING_APPROVAL
    for name in ("reject", "close"):
        assert (await anna.sends(request_id, name, seen=page, reason=nothing)).status_code == 422


@pytest.mark.parametrize(
    "subject",
    [
        "x" * 300,
        "word " * 59 + "words",
        "👍" * 300,
        "漢" * 300,
        "e\u0301" * 150,
        "<&\"'>" * 60,
        "👨\u200d👩\u200d👧" * 60,
        "\u202e" + "a" * 299,
    ],
)
async def test_the_draft_for_the_longest_subject_is_approved_unchanged(anna: Browser, city: City, subject: str) -> None:
    request_id = await case_of(city, subject=subject)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303
    decision = (await city.case(request_id)).decision
    assert decision
    assert (decision.decision, len(decision.subject or "") <= 300) == ("approved", True)


@pytest.mark.parametrize("typed", ["[NAME_1]", "[CITIZEN_NAME]", "[EMAIL_12] and [ADDRESS_3]", "[NAME_1][NAME_1]"])
@pytest.mark.parametrize("where", ["subject", "name", "body"])
async def test_a_placeholder_that_a_citizen_typed_is_their_own_word(anna: Browser, city: City, typed: str, where: str) -> None:
    citizen = {"name": typed if where == "name" else "Ines Marlow", "email": "ines@example.org"}
    own = {
        "subject": {"subject": f"Form {typed} is broken"},
        "name": {},
        "body": {"body": f"The form says {typed}.", "subject": f"{typed}"},
    }[where]
    request_id = await case_of(city, citizen=citizen, **own)
    page = (await anna.opens(f"/cases/{request_id}")).text
    assert typed in page
    assert (await anna.sends(request_id, "approve", seen=page, **written(page))).status_code == 303
    decision = (await city.case(request_id)).decision
    assert decision
    assert decision.decision == "approved"
    assert where != "subject" or decision.subject == f"Re: Form {typed} is broken"


@pytest.mark.parametrize(
    "word",
    ["Müllabfuhr", "forêt", "Ångström", "Łódź", "ﬁnance", "ｌａｍｐ", "STRASSE", "Đà Nẵng", "한국어", "が", "co\u00adoperate", "İstanbul"],
)
async def test_the_search_finds_a_word_however_it_is_composed(anna: Browser, city: City, word: str) -> None:
    forms = {word, *(unicodedata.normalize(form, word) for form in ("NFC", "NFD", "NFKC", "NFKD"))}
    for number, form in enumerate(sorted(forms)):
        await city.receives(request={"subject": f"case{number}", "body": f"About the {form} here"})
    for form in forms:
        page = (await anna.client.get("/", params={"q": form, "tab": "all"})).text
        assert [number for number in range(len(forms)) if f"case{number}" not in page] == [], form


async def test_a_search_for_nothing_that_can_be_seen_is_no_search(anna: Browser, city: City) -> None:
    await city.receives(request={"subject": "the only case"})
    for nothing in ("\u200b", "\u00ad\u2060", " \u3000"):
        assert "the only case" in (await anna.client.get("/", params={"q": nothing, "tab": "all"})).text


ODD = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\u202e\u2066\u200b\u3164[]NAME_1\r\n\t\x0b\x85\u2028<&\"'")),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(subject=ODD, name=ODD, body=ODD)
def test_what_the_page_shows_of_a_draft_is_approved_as_it_was_drafted(subject: str, name: str, body: str) -> None:
    sent = a_request(
        request_id=REQUEST_ID,
        subject=f"Lamp {subject}",
        body=f"The lamp {body}",
        citizen={"name": f"Ines {name}", "email": "i@example.org"},
    )
    request = RequestReceived.model_validate(sent)
    case = case_state.with_request(a_new_case(), request, NOW)
    case = case_state.with_triage(case, triaged(redacted=Redacted(subject=request.subject, body=request.body)), CITY, NOW)
    case = case_state.with_draft(case, drafted(subject=f"Re: {request.subject}", body="Dear [CITIZEN_NAME],\n\nit is repaired."), NOW)
    assert case.draft
    show = environment().from_string("{{ text|safe }}")
    shown_subject, shown_body = (show.render(text=text) for text in case.with_details(case.draft))
    typed = actions.Approve(case.draft.draft_id, shown_subject, shown_body.replace("\n", "\r\n").replace("\r\n", "\n"))
    decision = rules.apply(case, typed, CASEWORKER, NOW, CITY, NOW - NOW).case.decision
    assert decision
    assert decision.decision == "approved"
    assert not set(TURNING) & set(f"{decision.subject}{decision.body}{decision.recipient.name if decision.recipient else ''}")


async def test_a_name_of_which_nothing_can_be_seen_is_no_name_in_the_greeting(city: City) -> None:
    for nothing in NOBODY_SEES.values():
        request_id = await city.waiting_case(request={"citizen": {"name": nothing, "email": "ines@example.org"}})
        decision = (await city.approves(ANNA, request_id)).decision
        assert decision
        assert (decision.body or "").startswith("Dear Sir or Madam,"), repr(nothing)
