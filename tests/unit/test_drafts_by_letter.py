"""What a draft says to each kind of letter, and what it never does."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.requests_triaged import LetterKind
from services.domain import message_parts
from services.drafting import passage_choice, passage_index, prompt, rules
from services.drafting.passage_index import SearchHit
from tests.unit.test_drafting_rules import TAXONOMY, a_passage, a_request, drafted, failed

RULE = SearchHit(a_passage(text="A surcharge of 20 euros is due after a reminder."), 20.0)
HOW = SearchHit(a_passage(1, "To report a missed bin, use the form or call 0800 555 0120.", heading="How to report a missed bin"), 20.0)
THEN = SearchHit(a_passage(2, "A missed bin is emptied within 2 working days of the report.", heading="When a missed bin is emptied"), 19.0)


def test_what_may_answer_and_is_not_quoted_is_suggested_once_an_article() -> None:
    doubtful = [replace(hit, article_answers=0.4, floor=0.8) for hit in (HOW, THEN)]
    unlikely = SearchHit(a_passage(4, "Something else."), 3.0, article_answers=0.02)

    assert [p.passage_id for p in passage_choice.suggested([*doubtful, unlikely], (), "question")] == ["en-missed-collection#1"]
    assert passage_choice.suggested(doubtful, ["en-missed-collection#2"], "question") == []
    assert passage_choice.suggested(doubtful, (), "praise") == []


@pytest.mark.parametrize("kind", ["praise", "suggestion", "follow_up", "no_answer"])
def test_no_rule_is_quoted_to_a_letter_that_no_rule_is_an_answer_to(kind: LetterKind) -> None:
    draft = drafted(a_request("The team at the fines desk.", letter=kind, letter_sure=True), RULE)

    assert draft.citations == []
    assert "surcharge" not in draft.body


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("praise", "We will pass them on to the people concerned."),
        ("suggestion", "We cannot tell you what they will decide."),
        ("follow_up", "will look up what you sent us before"),
        ("complaint", "we are sorry for the trouble you describe"),
        ("complaint", "what we can do, or whom to turn to"),  # whoever else it is about: no inquiry is promised
        ("report", "Environment and cleanliness has your report"),
        ("several", "each of the matters that you name"),
        ("not_ours", "whom to turn to"),
        ("no_answer", "noted it"),
    ],
)
def test_each_kind_of_letter_is_told_what_happens_to_it(kind: LetterKind, words: str) -> None:
    assert words in drafted(a_request("It is as I say.", letter=kind, letter_sure=True)).body


def test_who_reports_something_is_told_what_happens_next_and_never_to_report_it() -> None:
    draft = drafted(a_request("Our bin was missed.", letter="report", letter_sure=True), HOW, THEN)

    assert [c.passage_id for c in draft.citations] == ["en-missed-collection#2"]
    assert "does not settle your question" not in draft.body
    assert "There is no need to write to us about it again." in draft.body


def test_of_a_matter_that_is_not_ours_it_says_whose_it_is_where_that_is_published() -> None:
    hits = [
        SearchHit(a_passage(3, "Ask the fund in writing for a correction."), 20.0),
        SearchHit(a_passage(1, "State pensions are calculated and paid by the national pension fund, not by Belrive."), 15.0),
    ]

    draft = drafted(a_request("My pension is late", letter="not_ours", letter_sure=True), *hits)

    assert [c.passage_id for c in draft.citations] == ["en-missed-collection#1", "en-missed-collection#3"]
    assert "who is responsible" in draft.body


def test_whose_matter_it_is_is_told_where_the_article_only_may_fit_and_nothing_where_it_does_not() -> None:
    whose = SearchHit(a_passage(1, "Loans are supervised by the national bank, not by Belrive."), 9.0, article_answers=0.5, floor=0.8)
    letter = a_request("My lender takes too much", letter="not_ours", letter_sure=True)

    assert [c.passage_id for c in drafted(letter, whose).citations] == ["en-missed-collection#1"]
    assert drafted(letter, replace(whose, article_answers=0.2)).citations == []


def test_a_letter_that_needs_no_answer_says_so_to_the_caseworker() -> None:
    draft = drafted(a_request("Ok, received.", letter="no_answer", letter_sure=True))

    assert [check.name for check in draft.checks if not check.passed] == ["asks_for_an_answer"]
    assert "close the case" in failed(draft)[0]


def test_a_kind_that_is_not_sure_changes_nothing_that_a_citizen_is_told_of_themselves() -> None:
    draft = drafted(a_request("The lamp again", letter="praise", letter_confidence=0.5, letter_sure=False))

    assert "kind words" not in draft.body
    assert "where it calls for an answer" in draft.body


def test_a_matter_that_is_not_sure_is_not_stated_as_understood() -> None:
    unsure = drafted(a_request("A car without plates", subject=None, confidence=0.6))
    sure = drafted(a_request("A car without plates", subject=None, confidence=0.95))

    assert "As we understand it" not in unsure.body
    assert unsure.subject == "Re: your message"
    assert "As we understand it, your message is about: " in sure.body


def test_a_reply_that_thanks_for_writing_names_the_message_that_it_speaks_of() -> None:
    letter: dict[str, Any] = {"letter": "praise", "letter_confidence": 0.5, "letter_sure": False, "subject": None, "confidence": 0.95}
    french = drafted(a_request("Une voiture sans plaques", language="fr", **letter)).body

    assert "Nous avons compris que votre message concerne : " in french
    assert "lira votre message et, s'il appelle une réponse, vous répondra" in french
    assert "qu'il concerne" not in french


@pytest.mark.parametrize(
    ("language", "text", "whose"),
    [
        ("en", "My state pension payment is late this month, can you look at my pension file?", "national pension fund"),
        ("fr", "Le versement de ma retraite a du retard, pouvez-vous voir mon dossier de retraite ?", "caisse nationale de retraite"),
    ],
)
def test_the_passage_on_who_is_responsible_is_among_those_that_are_found(language: str, text: str, whose: str) -> None:
    knowledge = passage_index.load()

    hits = knowledge.with_context(knowledge.search(text, language, "pensions", 4))

    assert any(whose in hit.passage.text for hit in hits)


def test_a_model_is_told_what_kind_of_letter_it_answers() -> None:
    request = a_request(letter="praise", letter_sure=True)

    assert "quote no rules" in prompt.prompt(request, [], rules.reply_context(request.triaged, TAXONOMY)).user


def test_two_matters_in_one_letter_get_two_answers() -> None:
    knowledge, body = passage_index.load(), "How do I get a library card for my son? And where do I apply for a resident parking permit?"
    request = a_request(body, subject="Two things", letter="several", letter_sure=True, category="culture_sport")

    apart = [hit for text in message_parts.matters(request.triaged) for hit in knowledge.search(text, "en", None, 1)]
    draft = drafted(request, *passage_choice.each_of_several(apart))

    assert {c.passage_id.partition("#")[0] for c in draft.citations} == {"en-library-card-room-hire", "en-resident-parking-permit"}
    assert "each of the matters that you name" in draft.body


@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("The lamp is out again.\n\nThe bins were not emptied.\n\nWhen is the pool open?", 3),
        ("Is the pool open on Sunday? My bin was not emptied.", 2),
        ("Hello.", 0),
    ],
)
def test_a_letter_is_taken_apart_by_paragraphs_or_else_by_sentences(body: str, parts: int) -> None:
    assert len(message_parts.matters(a_request(body).triaged)) == parts


@pytest.mark.parametrize(
    ("language", "text", "article"),
    [
        ("en", "There is a broken street light at the corner of our road.", "en-street-lamp-fault#2"),
        ("fr", "Le lampadaire devant le 12 rue du Moulin est éteint depuis lundi.", "fr-street-lamp-fault#2"),
        ("en", "A deep pothole in the road in front of our house.", "en-pothole-broken-pavement#2"),
    ],
)
def test_a_report_is_answered_with_how_long_it_takes_and_with_nothing_else_of_its_article(language: str, text: str, article: str) -> None:
    knowledge = passage_index.load()
    category = "roads_pavements" if "pothole" in article else "street_lighting"
    request = a_request(text, language, subject=None, category=category, letter="report", letter_sure=True)

    hits = knowledge.with_context(knowledge.search(rules.question(request.triaged), language, category, 4))

    assert [c.passage_id for c in drafted(request, *hits).citations] == [article]


def test_what_nobody_is_sure_of_is_marked_and_said_neither_with_thanks_for_praise_nor_with_regret() -> None:
    draft = drafted(a_request("It is as I say.", letter="praise", letter_sure=False, letter_confidence=0.5))

    assert any(flaw.startswith("kind_is_plain") for flaw in failed(draft))
    assert "Thank you for taking the time to write to us." in draft.body
    assert "kind words" not in draft.body
    assert "sorry" not in draft.body
    plain = drafted(a_request("It is as I say.", letter="praise", letter_sure=True))
    quoting = drafted(a_request("When is the bin emptied?", letter="question", letter_sure=False), RULE)
    assert not any(flaw.startswith("kind_is_plain") for flaw in (*failed(plain), *failed(quoting)))
