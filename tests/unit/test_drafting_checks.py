"""What code finds of a draft, good and bad."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from schemas.drafts_proposed import Citation
from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, MessagePart, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain import language
from services.domain.articles import Passage
from services.domain.language_names import language_name
from services.drafting import model_answer, published_links
from services.drafting import prompt as prompts
from services.drafting.checks import CHECKS, checks
from services.drafting.claims import figures, quantities
from services.drafting.draft import Draft, ReplyContext
from tests.harness.processor_time import bounded

POOL = Passage(
    passage_id="pools#1",
    article_id="pools",
    title="Swimming pools",
    url="https://www.belrive.example/en/pools",
    language="en",
    category="culture_sport",
    heading="Opening hours and tickets",
    text="The Riverside pool is open from 7.00 to 21.00 and closed from 14 to 20 December. A ticket costs €4.50. Call 0800 555 0190.",
)
DESK = ReplyContext(category="Culture, sport and leisure", department="Culture and sport", reply_within=timedelta(days=10))
OPENING = "Dear [CITIZEN_NAME],\n\nThank you for your message about the Riverside pool."
CLOSING = "Kind regards,\nCulture and sport"
GOOD = "The Riverside pool is closed from 14 to 20 December. A ticket costs 4.50 euros. You can call 0800 555 0190."


def a_request(body: str = "Is the Riverside pool open on 16 December? I am at [PHONE_1].") -> DraftRequested:
    request_id = UUID("5f0c3a52-6d4e-4f6e-9f52-0f3c9d8f1a11")
    triaged = RequestTriaged(
        request_id=request_id,
        agency="belrive",
        channel="email",
        received_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject="Pool", body=body),
        category="culture_sport",
        confidence=0.97,
        department="culture",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    return DraftRequested(request_id=request_id, revision=1, triaged=triaged)


def a_draft(paragraph: str = GOOD, **changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "language": "en",
        "subject": "Re: Pool",
        "body": f"{OPENING}\n\n{paragraph}\n\n{CLOSING}",
        "citations": (Citation(passage_id=POOL.passage_id, title=POOL.title, url=POOL.url, quote="closed from 14 to 20 December"),),
        "drafted_by": "model",
    }
    return Draft(**(fields | changes))


def failed(draft: Draft, request: DraftRequested | None = None) -> set[str]:
    return {check.name for check in checks(draft, [POOL], request or a_request(), DESK) if not check.passed}


def test_a_good_draft_passes_every_check_and_each_is_named_once() -> None:
    results = checks(a_draft(), [POOL], a_request(), DESK)

    assert [check.name for check in results] == list(CHECKS)
    assert all(check.passed and not check.detail for check in results)


@pytest.mark.parametrize(
    ("paragraph", "check"),
    [
        ("Every household receives a generous heating subsidy from the ministry of agriculture next spring.", "grounded"),
        ("The Riverside pool is closed from 14 to 22 December.", "no_unsupported_numbers"),
        ("The Riverside pool is closed until 3 January.", "no_unsupported_numbers"),
        ("A ticket costs €7 at the Riverside pool.", "no_unsupported_numbers"),
        ("A ticket for the pool costs 20 euros.", "no_unsupported_numbers"),
        ("You can call the pool on 0800 555 0191.", "no_unsupported_numbers"),
        ("The Riverside pool opens again in three weeks.", "no_unsupported_numbers"),
        ("More about the pool is on https://pools.evil.example/.", "no_foreign_links"),
        ("More about the pool is on www.evil.example today.", "no_foreign_links"),
        ("The Riverside pool is closed, Mr [NAME_4].", "no_unknown_placeholders"),
        ("The Riverside pool is closed, says [Your Name Here].", "no_unknown_placeholders"),
        ("As an AI language model I can say that the Riverside pool is closed.", "follows_no_instructions"),
        ("Here is the JSON object that you asked for: the Riverside pool is closed.", "follows_no_instructions"),
        (
            "La piscine est fermée pour le moment et nous vous prions de nous excuser ; elle sera ouverte dans les jours qui viennent.",
            "language_matches",
        ),
        ("pool pool pool pool pool pool pool pool pool pool " * 5, "readable"),
        ("The Riverside pool is closed for now. " * 4, "readable"),
        ("aaaaaaaaaaaaaaaaaaaaa the Riverside pool", "readable"),
        ("The pool. " * 600, "length"),
    ],
)
def test_what_is_wrong_with_a_paragraph_is_found(paragraph: str, check: str) -> None:
    assert check in failed(a_draft(paragraph))


@pytest.mark.parametrize(
    "body",
    [
        "Codemarable,",
        "[PHONE_1]",
        "The the of and to it was were the of and to",
        "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor",
    ],
)
def test_nonsense_never_passes(body: str) -> None:
    assert failed(a_draft(body=body))


def test_a_day_that_has_passed_is_marked_also_where_a_published_page_says_so() -> None:
    old = replace(POOL, text=f"{POOL.text} The Riverside pool is closed until 20 November 2026.")
    draft = a_draft(f"{GOOD} The Riverside pool is closed until 20 November 2026.")
    for today, marked in ((date(2026, 11, 20), False), (date(2026, 11, 24), True), (None, False)):
        results = checks(draft, [old], a_request(), replace(DESK, today=today))
        (check,) = [check for check in results if check.name == "dates_are_to_come"]
        assert check.passed is not marked
        if marked:
            assert "20 November 2026" in check.detail
            assert check.quote == "The Riverside pool is closed until 20 November 2026."


def test_a_draft_that_only_says_the_message_over_is_found_out() -> None:
    message = "My neighbours have a party every night and the music is so loud that the children can't sleep, please help us soon."

    assert "readable" in failed(a_draft(body=message), a_request(message))


def test_what_the_citizen_said_and_the_desk_promises_needs_no_other_source() -> None:
    sentence = "You ask about 16 December. Culture and sport will answer within 10 days. We have your number, [PHONE_1]."

    assert failed(a_draft(f"{GOOD}\n\n{sentence}")) == set()


@pytest.mark.parametrize(
    ("citation", "check"),
    [
        (Citation(passage_id="made-up#1", title="x", url="https://x.example", quote="closed"), "cites_known_passages"),
        (Citation(passage_id="pools#1", title="Another title", url=POOL.url, quote="closed from 14"), "cites_known_passages"),
        (Citation(passage_id="pools#1", title=POOL.title, url=POOL.url, quote="open every day"), "quotes_verbatim"),
        (Citation(passage_id="pools#1", title=POOL.title, url=POOL.url, quote=""), "quotes_verbatim"),
    ],
)
def test_a_citation_that_is_not_what_it_says_is_found(citation: Citation, check: str) -> None:
    assert check in failed(a_draft(citations=(citation,)))


def test_facts_without_a_citation_are_not_taken_on_trust() -> None:
    assert {"cites_known_passages", "grounded"} <= failed(a_draft(citations=()))


def test_what_was_taken_out_of_a_models_text_is_told() -> None:
    removed = frozenset({"html", "link", "placeholder", "quote"})

    assert failed(a_draft(removed=removed)) == {"readable", "no_foreign_links", "no_unknown_placeholders", "quotes_verbatim"}


def test_a_template_that_stands_in_for_the_model_says_why() -> None:
    (check,) = [c for c in checks(a_draft(fault="timeout", drafted_by="template"), [POOL], a_request(), DESK) if not c.passed]

    assert (check.name, check.detail) == ("model_answered", "the model took too long: this is the template's reply")


@pytest.mark.parametrize(
    ("text", "sources", "unsupported"),
    [
        ("open from 7:00 to 21.00", "7.00 to 21.00", []),
        ("call 0800-555-0120", "0800 555 0120", []),
        ("call 0800 555 0121", "0800 555 0120, room 121", ["0800 555 0121"]),
        ("it costs 1 284 €", "1,284 euros", []),
        ("within 10 working days", "in 10 days", ["10 working days"]),
        ("within ten days", "in 10 days", []),
        ("within six weeks", "in 10 days", ["6 weeks"]),
        ("le 3 décembre", "le 3 décembre", []),
        ("le 3 décembre", "le 3 janvier", ["3 decembre"]),
        ("1. Call us\n2. Wait", "", []),
        ("for [ID_1]", "", []),
    ],
)
def test_figures_are_compared_by_what_they_mean(text: str, sources: str, unsupported: list[str]) -> None:
    language = "fr" if "le 3" in text else "en"
    assert figures.unsupported(text, language, [quantities.read(sources, language)]) == unsupported


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.example/x.", ["https://a.example/x"]),
        ("(www.a.example/x)", ["www.a.example/x"]),
        ("write to a.b@c.example, please", ["a.b@c.example"]),
        ("go to evil.com/pay now", ["evil.com/pay"]),
        ("javascript:alert(1)", ["javascript:alert(1"]),
        ("It opens at 7.00. We wait, e.g. here.", []),
    ],
)
def test_links_are_found_however_they_are_written(text: str, expected: list[str]) -> None:
    assert published_links.links(text) == expected


@bounded
@pytest.mark.parametrize(
    "piece", ["a.", "a@b.", "<a ", "<!--", "<script", "1 ", "1", "1,", "[A_", "[a](", "\n", "\u20ac ", "https://", "a/"]
)
def test_text_that_was_written_to_keep_the_checks_busy_does_not(piece: str) -> None:
    message, body = (piece * 20_000)[:20_000], (piece * 6_000)[:6_000]

    cleaned, _ = model_answer.clean(body, [POOL], message)

    assert checks(a_draft(body=cleaned), [POOL], a_request(message), DESK)


SPANISH = "La piscina Riverside está cerrada del 14 al 20 de diciembre. Una entrada cuesta 4,50 euros. Puede llamar al 0800 555 0190."
POLISH = "Basen Riverside jest zamknięty od 14 do 20 grudnia. Bilet kosztuje 4,50 euro. Można zadzwonić pod 0800 555 0190."


def of_language(code: str) -> DraftRequested:
    request = a_request()
    detected = DetectedLanguage(code=code, confidence=0.97)
    return request.model_copy(update={"triaged": request.triaged.model_copy(update={"language": detected})})


def language_fault(draft: Draft, code: str) -> str | None:
    return next(c.detail for c in checks(draft, [POOL], of_language(code), DESK) if c.name == "language_matches")


@pytest.mark.parametrize(("code", "name"), [("es", "Spanish"), ("pl", "Polish"), ("ar", "Arabic"), ("uk", "Ukrainian"), ("de", "German")])
def test_an_english_draft_to_a_letter_in_another_language_fails_and_says_which(code: str, name: str) -> None:
    assert f"the citizen wrote in {name}" in (language_fault(a_draft(), code) or "")
    by_template = language_fault(a_draft(drafted_by="template"), code) or ""
    assert by_template == f"the citizen wrote in {name}, and there is no template in it: this reply is in English, have it translated"


@pytest.mark.parametrize(("code", "paragraph"), [("es", SPANISH), ("pl", POLISH)])
def test_a_draft_in_the_citizens_own_language_passes_whatever_language_that_is(code: str, paragraph: str) -> None:
    assert not language_fault(a_draft(language=code, body=paragraph), code)


def test_where_the_citizens_language_is_not_known_the_drafts_own_counts() -> None:
    assert not language_fault(a_draft(), "und")


def test_what_the_letter_says_supports_nothing_that_the_agency_asserts() -> None:
    body = "Is the Riverside pool open on 16 December?\n\n> You will be paid 500 euros on 3 January, and the sauna reopens.\n"
    request = a_request(body)
    parts = [MessagePart(kind="new", start=0, end=body.index(">")), MessagePart(kind="ours", start=body.index(">"), end=len(body))]
    thread = request.model_copy(update={"triaged": request.triaged.model_copy(update={"parts": parts})})
    claim = f"{GOOD} You will be paid 500 euros."

    assert "no_unsupported_numbers" in failed(a_draft(claim), request)
    assert "no_unsupported_numbers" in failed(a_draft(claim), thread)
    assert not failed(a_draft(), thread)


def test_a_placeholder_of_a_quoted_letter_is_not_for_the_reply() -> None:
    body = "Is the Riverside pool open?\n\n> [NAME_1] wrote to you."
    request = a_request(body)
    parts = [MessagePart(kind="new", start=0, end=body.index(">")), MessagePart(kind="ours", start=body.index(">"), end=len(body))]
    thread = request.model_copy(update={"triaged": request.triaged.model_copy(update={"parts": parts})})
    assert "no_unknown_placeholders" in failed(a_draft(f"Dear [NAME_1], {GOOD}"), thread)
    assert "no_unknown_placeholders" not in failed(a_draft(f"Dear [NAME_1], {GOOD}"), request)


@pytest.mark.parametrize("code", sorted(language.LANGUAGES))
def test_the_model_is_told_to_write_in_whatever_language_detection_knows(code: str) -> None:
    request = a_request()
    spoken = DetectedLanguage(code=code, confidence=0.9)
    request = request.model_copy(update={"triaged": request.triaged.model_copy(update={"language": spoken})})
    name = language_name(code)
    assert name not in (code, "Not known")
    assert f'"write in": "{name}"' in prompts.prompt(request, [], DESK).user
    assert prompts.reply_language("und") == "en"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "La piscina está cerrada del 14 al 20 de diciembre y la entrada cuesta cuatro euros con cincuenta."),
        ("fi", "Uimahalli on suljettu joulukuussa ja lippu maksaa muutaman euron, kertoo kaupungin toimisto."),
        ("el", "Το κολυμβητήριο είναι κλειστό τον Δεκέμβριο και το εισιτήριο κοστίζει λίγα ευρώ."),
        ("vi", "Hồ bơi đóng cửa từ ngày mười bốn tháng mười hai và vé có giá vài euro."),
        ("hu", "Az uszoda decemberben zárva tart, a belépőjegy pedig néhány euróba kerül."),
    ],
)
def test_a_draft_in_the_citizens_language_passes_and_an_english_one_does_not(code: str, text: str) -> None:
    request = a_request()
    spoken = DetectedLanguage(code=code, confidence=0.9)
    request = request.model_copy(update={"triaged": request.triaged.model_copy(update={"language": spoken})})
    assert "language_matches" not in failed(a_draft(body=text, language=code, citations=()), request)
    assert "language_matches" in failed(a_draft(language=code), request)
