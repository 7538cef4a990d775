"""The note under a reply: true of this very letter, a part of what is decided, and ours when it comes back."""

import hashlib
import re
import textwrap
from typing import Any
from uuid import UUID, uuid4

import pytest

from schemas.replies_decided import ReplyDecided
from schemas.requests_received import RequestReceived
from schemas.values import Urgency
from services.domain import reply_note
from services.domain.reply_note import HowItCameAbout, Language
from services.review.cases import case_state
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import actions
from services.review.cases.deciding.reply_note import ReplyNotes
from services.review.quality.rules import edited_draft
from services.runtime.database import Database
from services.runtime.settings import Settings
from services.triage import message_parts, rules
from services.triage.classification import model_store
from services.triage.classification.classifier import Classifier
from services.triage.message_parts import Agency, Correspondence
from tests.builders import a_request
from tests.case_builders import ANNA, CITY, NOW, a_new_case, drafted, received, triaged

NOTES = ReplyNotes("https://parvis.city.example", "https://messages.city.example", ("all",), ("all",), b"a key of the services")


def a_case(request: dict[str, Any] | None = None, draft: dict[str, Any] | None = None, **facts: Any) -> Case:
    citizen = {"citizen": {"email": "ana@example.org"}}
    case = case_state.with_request(a_new_case(), received(**(citizen | (request or {}))), NOW)
    case = case_state.with_draft(case_state.with_triage(case, triaged(), CITY, NOW), drafted(**(draft or {})), NOW)
    return case.model_copy(update=facts)


def approved(case: Case, notes: ReplyNotes = NOTES, body: str | None = None, group: UUID | None = None) -> ReplyDecided:
    commands = CaseCommands(Database("sqlite+aiosqlite://"), CITY, Settings(undo_seconds=0))
    assert case.draft
    applied = commands.rehearse(case, actions.Approve(case.draft.draft_id, body=body, group=group), ANNA, NOW, [], notes=notes)
    assert applied.case.decision
    assert applied.case.decision == applied.events[0].event
    return applied.case.decision


def test_of_one_text_for_several_it_says_that_a_program_began_it_whoever_drafted_for_this_one() -> None:
    together = approved(a_case(draft={"drafted_by": "template", "model": None}), body="Dear Ana, no.", group=uuid4())
    assert "beginning with a program's draft" in together.note


@pytest.mark.parametrize("around", ["{}\n", "  {}", "{}  ", "\r\n{}"])
def test_blanks_round_a_draft_are_no_change_of_it(around: str) -> None:
    case = a_case()
    assert case.draft
    decision = approved(case, body=around.format(case.with_details(case.draft)[1]))
    assert (decision.decision, decision.edit_kinds) == ("approved", [])
    assert "decided to send it as it was" in decision.note


@pytest.mark.parametrize(
    ("draft", "body", "sentence"),
    [
        ({"drafted_by": "template", "model": None}, None, "A program put the text of this reply together"),
        ({"drafted_by": "template", "model": None}, "Dear Ana, no.", "changed it and decided to send it"),
        (
            {"drafted_by": "model", "model": "Qwen3-4B"},
            None,
            "The language model Qwen3-4B drafted the text of this reply; a person",
        ),
        ({"drafted_by": "model", "model": "Qwen3-4B"}, "Dear Ana, no.", "a person at the office changed the draft"),
        ({"withheld": "Drafting is switched off."}, "Dear Ana, no.", "A person at the office wrote this reply"),
    ],
)
def test_it_says_how_this_very_letter_came_about(draft: dict[str, Any], body: str | None, sentence: str) -> None:
    case = a_case(draft=draft)

    decision = approved(case, body=body)

    assert sentence in decision.note
    assert "A program sorted your message." in decision.note
    assert (decision.body or "").endswith(f"\n\n{decision.note}")
    assert decision.note == NOTES.of(case, changed=body is not None), "it is what the page showed"
    assert "A person sorted your message." in approved(case.model_copy(update={"sorted_by_person": True}), body=body).note


def test_it_counts_as_nobodys_edit_and_is_not_written_on_with() -> None:
    case = a_case()

    with_note, without = approved(case), approved(case, ReplyNotes())

    assert (with_note.decision, with_note.edit_distance, with_note.own_text) == ("approved", 0, without.body)
    assert edited_draft(case, case.draft, with_note) == edited_draft(case, case.draft, without)


def test_it_is_in_the_letters_language_and_leads_to_the_page_in_that_language() -> None:
    note = approved(a_case(draft={"language": "fr-CH"})).note

    assert note.startswith("À propos de cette réponse\nUn programme a trié votre message.")
    assert "https://parvis.city.example/about/belrive?lang=fr" in note
    assert approved(a_case(draft={"language": "de"})).note.startswith("About this reply")


def test_it_asks_by_a_link_that_only_the_key_makes_and_the_decision_has_its_hash() -> None:
    case = a_case()
    decision = approved(case)

    [token] = re.findall(r"/answers/belrive/([a-z2-7]{32})$", decision.note)
    assert decision.rating_hash == hashlib.sha256(token.encode()).hexdigest()
    assert token != ReplyNotes(key=b"another").token(case)


@pytest.mark.parametrize(
    ("case", "notes"),
    [
        (a_case(), ReplyNotes(NOTES.public_url, NOTES.intake_url, ("all",), ("none",), NOTES.key)),
        (a_case(), ReplyNotes(NOTES.public_url, "", ("all",), ("all",), NOTES.key)),
        (a_case(urgency=Urgency.EMERGENCY), NOTES),
    ],
    ids=["not wanted", "no address", "emergency"],
)
def test_it_asks_nothing_where_nobody_wants_it_or_somebody_is_in_danger(case: Case, notes: ReplyNotes) -> None:
    decision = approved(case, notes)

    assert decision.note
    assert "/answers/" not in decision.note
    assert decision.rating_hash is None


@pytest.mark.parametrize(
    ("case", "notes"),
    [
        (a_case(), ReplyNotes("", NOTES.intake_url, ("all",), ("all",), NOTES.key)),
        (a_case(), ReplyNotes(NOTES.public_url, NOTES.intake_url, ("nyon",), ("all",), NOTES.key)),
        (a_case({"channel": "phone", "citizen": {"phone": "555 0101"}}), NOTES),
    ],
    ids=["no page to lead to", "another agency's wish", "by telephone"],
)
def test_there_is_none_where_it_would_be_of_no_use(case: Case, notes: ReplyNotes) -> None:
    decision = approved(case, notes)

    assert (decision.note, decision.rating_hash) == ("", None)


def every_note() -> list[str]:
    languages: tuple[Language, ...] = ("en", "fr")
    return [
        reply_note.note(HowItCameAbout("program", written, "Qwen3-4B (Q4_K_M)"), language, "https://p.example/about/x?lang=fr", question)
        for language in languages
        for written in reply_note.WRITTEN[language]
        for question in ("", "https://m.example/answers/x/abcdefghijklmnopqrstuvwxyz234567")
    ]


def quoted(note: str) -> str:
    lines = [line for each in note.splitlines() for line in textwrap.wrap(each, 60, break_long_words=False, break_on_hyphens=False)]
    return "\n".join(f"> {line}" for line in lines)


@pytest.mark.parametrize("note", every_note(), ids=range(len(every_note())))
@pytest.mark.parametrize("given_back", [str, quoted], ids=["pasted", "quoted"])
def test_given_back_it_is_ours_and_says_nothing_of_the_matter(note: str, given_back: Any) -> None:
    body = f"The lamp on Elm Street is still dark.\n\n{given_back(note)}\n"
    request = RequestReceived.model_validate(a_request(body=body, subject=None))

    parts = message_parts.split(body, Correspondence.of(request, Agency()))

    assert [part.kind for part in parts] == ["new", "ours"]
    assert "About this reply" not in body[: parts[0].end]
    assert "À propos" not in body[: parts[0].end]


@pytest.fixture(scope="module")
def default(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return model_store.trained_default(tmp_path_factory.mktemp("models"), CITY)


@pytest.mark.parametrize("given_back", [str, quoted], ids=["pasted", "quoted"])
def test_given_back_it_changes_neither_category_nor_signals(default: Classifier, given_back: Any) -> None:
    words = "The lamp on Elm Street is still dark, as it was before your mail of Monday."
    endings = ("", *(f"\n\n{given_back(note)}" for note in every_note()))

    plain, *others = rules.triage([RequestReceived.model_validate(a_request(body=words + ending)) for ending in endings], default, CITY)

    for other in others:
        assert (other.category, other.urgency, other.signals, other.letter) == (plain.category, plain.urgency, [], plain.letter)


def test_what_the_citizen_wrote_right_below_it_stays_theirs() -> None:
    note = every_note()[1]
    body = f"Hello,\n{note}\nIt is still dark, and I want a person.\n"
    request = RequestReceived.model_validate(a_request(body=body, subject=None))

    parts = message_parts.split(body, Correspondence.of(request, Agency()))

    assert [body[part.start : part.end] for part in parts if part.kind == "new"] == ["Hello,\n", "It is still dark, and I want a person.\n"]
