"""A reply stands in the thread of the mail that it answers, whatever its writer put into the ids."""

from datetime import timedelta
from typing import Any

import pytest

from schemas.replies_decided import ReplyDecided
from services.domain import message_ids
from services.domain.reply_tokens import request_in, token_of
from services.review.cases import case_state
from services.review.cases.case_state import Case
from services.review.cases.commands import CaseCommands
from services.review.cases.deciding import actions, rules
from services.runtime.database import Database
from services.runtime.settings import Settings
from tests.case_builders import ANNA, CITY, NOW, REQUEST_ID, a_new_case, drafted, received, triaged

MAIL = "<lamp-1@mail.example>"
EARLIER = ["<first@mail.example>", "<reply@city.example>"]


def approved(**request: Any) -> tuple[Case, ReplyDecided]:
    case = case_state.with_triage(case_state.with_request(a_new_case(), received(**request), NOW), triaged(), CITY, NOW)
    case = case_state.with_draft(case, drafted(), NOW)
    assert case.draft
    return _decided(case, actions.Approve(case.draft.draft_id))


def _decided(case: Case, action: actions.Action) -> tuple[Case, ReplyDecided]:
    applied = rules.apply(case, action, ANNA, NOW, CITY, timedelta(0))
    [decision] = [leaving.event for leaving in applied.events if isinstance(leaving.event, ReplyDecided)]
    return applied.case, decision


def test_an_approved_reply_says_which_mail_it_answers_and_which_came_before() -> None:
    _, decision = approved(message_id=MAIL, references=EARLIER)
    assert (decision.answers_mail, decision.references) == (MAIL, EARLIER)


def test_a_request_that_came_by_no_mail_is_answered_in_no_thread() -> None:
    _, decision = approved()
    assert (decision.answers_mail, decision.references) == (None, [])


def test_after_a_bounce_the_reply_goes_to_another_address_as_a_new_mail_of_the_same_thread() -> None:
    case, first = approved(message_id=MAIL, references=EARLIER, citizen={"email": "wrong@example.org"})
    returned = case.model_copy(update={"state": case_state.State.DELIVERY_FAILED})
    corrected = rules.apply(returned, actions.CorrectRecipient("right@example.org"), ANNA, NOW, CITY, timedelta(0)).case
    _, again = _decided(corrected, actions.SendAgain())
    assert again.decision_id != first.decision_id
    assert again.recipient is not None
    assert again.recipient.email == "right@example.org"
    assert (again.answers_mail, again.references, again.body) == (MAIL, EARLIER, first.body)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<a@b.example>", "<a@b.example>"),
        (" a@b.example ", "<a@b.example>"),
        ("<no.at.sign>", "<no.at.sign>"),
        ("<a@b>\r\nBcc: evil@x.example", None),
        ("<a@b> <c@d>", None),
        ("<a<b@c>", None),
        ("=?utf-8?q?=0D=0ABcc=3A_evil?=", None),
        ("<é@b.example>", None),
        ("<>", None),
        (None, None),
        (f"<{'a' * (message_ids.LONGEST + 1)}>", None),
    ],
    ids=range(11),
)
def test_an_id_is_one_word_of_plain_characters_or_none(written: str | None, read: str | None) -> None:
    assert message_ids.message_id(written) == read


def test_a_mail_with_an_id_that_may_not_stand_in_ours_is_answered_all_the_same() -> None:
    _, decision = approved(message_id="<a@b> <evil@x.example>", references=["=?utf-8?q?x?=", *EARLIER])
    assert (decision.answers_mail, decision.references) == (None, EARLIER)


def test_where_the_agency_wants_it_the_subject_that_is_decided_on_ends_with_the_cases_reference() -> None:
    settings = Settings(mail_subject_reference=True, undo_seconds=0)
    commands = CaseCommands(Database("sqlite+aiosqlite://"), CITY, settings)
    for subject, expected in (
        ("Re: the lamp", f"Re: the lamp [{token_of(REQUEST_ID)}]"),
        (f"Re: lamp [{token_of(REQUEST_ID)}]", f"Re: lamp [{token_of(REQUEST_ID)}]"),
    ):
        case = case_state.with_triage(
            case_state.with_request(a_new_case(), received(citizen={"email": "ana@example.org"}), NOW), triaged(), CITY, NOW
        )
        case = case_state.with_draft(case, drafted(), NOW)
        assert case.draft
        applied = commands.rehearse(case, actions.Approve(case.draft.draft_id, subject=subject), ANNA, NOW, [])
        [decision] = [leaving.event for leaving in applied.events]
        assert isinstance(decision, ReplyDecided)
        assert (decision.subject, applied.case.decision) == (expected, decision)
        assert request_in(decision.subject or "") == [REQUEST_ID]
