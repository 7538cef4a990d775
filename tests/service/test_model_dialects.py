"""Endpoints differ in what they want to hear and where they put their answer: what can be used is used, a fault is told in words."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from services.drafting.chat_completion import Dialect, adapted
from services.drafting.model_client import LONG_REST
from services.drafting.passage_index import SearchHit
from tests.service.scripted_model import (
    DESK,
    GOOD,
    LAMPS,
    Answer,
    Clock,
    Endpoint,
    a_drafter,
    a_request,
    always,
    content,
    endpoint,
    failed,
    proposed,
)  # fmt: skip

__all__ = ["endpoint"]  # a fixture

STRUCTURED = {
    "subject": "Re: Lamp out",
    "greeting": "Dear [CITIZEN_NAME],",
    "paragraphs": [
        {"text": "Thank you for your message about the street lamp.", "passage_ids": []},
        {"text": "A single lamp is normally repaired within 10 days of the report.", "passage_ids": [LAMPS.passage_id]},
    ],
    "questions": ["What number is on the post of the lamp?"],
    "not_answered": [],
    "closing": "Kind regards,\nStreets and mobility",
}


def refused(status: int, message: str, **error: Any) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"message": message, "type": "invalid_request_error", **error}}).encode()


def answering(response: tuple[int, bytes]) -> Answer:
    return lambda _, __: response


def good() -> tuple[int, bytes]:
    return 200, content(json.dumps(GOOD))


def knows_no(argument: str, status: int, message: str, **error: Any) -> Answer:
    """Refuses every request that has the argument."""
    return lambda _, asked: refused(status, message, **error) if argument in asked else good()


@pytest.mark.parametrize(
    "answers",
    [
        knows_no("max_tokens", 400, "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."),
        knows_no("max_tokens", 422, "Extra inputs are not permitted", param="max_tokens"),
        knows_no("max_tokens", 400, "Bad request"),
        knows_no("response_format", 422, "json_schema is not supported"),
        knows_no("response_format", 400, "Unrecognized request argument supplied: response_format"),
        knows_no("reasoning_effort", 400, "Unsupported value: reasoning_effort"),
        lambda _, asked: refused(400, "no") if "json_schema" in json.dumps(asked) or "max_tokens" in asked else good(),
    ],
)  # fmt: skip
async def test_an_endpoint_that_refuses_an_argument_is_asked_in_its_own_words_and_from_then_on_at_once(
    endpoint: Endpoint, answers: Answer
) -> None:
    endpoint.answers = answers
    async with a_drafter(endpoint, reasoning_effort="low") as drafter:
        first = await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)
        learnt = len(endpoint.asked)
        second = await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)

    assert (first.drafted_by, second.drafted_by) == ("model", "model")
    assert len(endpoint.asked) == learnt + 1


def test_what_is_left_to_change_comes_to_an_end() -> None:
    dialect, seen = Dialect("max_tokens", effort="low"), set[Dialect]()
    while following := adapted(dialect, ""):
        assert following not in seen
        seen.add(following)
        dialect = following
    assert dialect == Dialect("max_completion_tokens", "text", "", limit_settled=True)


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (answering(refused(401, "Incorrect API key")), "set PARVIS_LLM_API_KEY"),
        (answering(refused(403, "Forbidden")), "set PARVIS_LLM_API_KEY"),
        (answering(refused(404, "The model `gpt-9` does not exist")), "check PARVIS_LLM_MODEL"),
        (answering(refused(402, "Payment required")), "look at the account"),
        (answering(refused(429, "You exceeded your current quota", code="insufficient_quota")), "quota is used up"),
        (answering(refused(400, "The value is wrong")), "check PARVIS_LLM_MODEL"),
    ],
)  # fmt: skip
async def test_a_fault_that_only_a_person_can_mend_is_told_with_its_setting_and_not_asked_for_again_at_every_draft(
    endpoint: Endpoint, answers: Answer, words: str
) -> None:
    clock = Clock()
    endpoint.answers = answers
    async with a_drafter(endpoint, clock) as drafter:
        drafts = [await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK) for _ in range(5)]
        asked = len(endpoint.asked)

        assert all(draft.drafted_by == "template" and words in draft.fault_detail for draft in drafts)
        assert asked <= 4, "only the first draft asked"

        clock.now += LONG_REST
        endpoint.answers = lambda _, __: good()
        assert (await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)).drafted_by == "model"


async def test_the_servers_own_words_which_may_repeat_the_prompt_are_told_to_nobody(endpoint: Endpoint) -> None:
    endpoint.answers = lambda _, asked: refused(400, f"can't read {asked['messages'][1]['content']}")

    draft = await proposed(endpoint)

    assert "street lamp" not in draft.checks[-1].detail


async def test_a_server_that_asks_for_a_pause_is_given_it(endpoint: Endpoint) -> None:
    clock = Clock()

    def busy_once(told: Endpoint, _: dict[str, Any]) -> tuple[int, bytes] | tuple[int, bytes, dict[str, str]]:
        return (429, b"{}", {"retry-after": "7"}) if len(told.asked) == 1 else good()

    endpoint.answers = busy_once
    before = clock.now
    async with a_drafter(endpoint, clock) as drafter:
        draft = await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)

    assert draft.drafted_by == "model"
    assert clock.now - before == 7


async def test_a_long_pause_is_given_without_anybody_waiting(endpoint: Endpoint) -> None:
    clock = Clock()
    endpoint.answers = lambda _, __: (503, b"{}", {"retry-after": "600"})
    async with a_drafter(endpoint, clock) as drafter:
        first = await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)
        before = clock.now
        second = await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)

        assert (first.drafted_by, second.drafted_by, len(endpoint.asked), clock.now) == ("template", "template", 1, before)

        clock.now += 600
        endpoint.answers = lambda _, __: good()
        assert (await drafter.draft(a_request(), [SearchHit(LAMPS, 9.0)], DESK)).drafted_by == "model"


def in_parts(text: str) -> bytes:
    return content([{"type": "text", "text": text[:40]}, {"type": "text", "text": text[40:]}])  # type: ignore[arg-type]


def in_a_tool_call(text: str) -> bytes:
    return content(None, tool_calls=[{"id": "1", "type": "function", "function": {"name": "draft", "arguments": text}}])  # type: ignore[arg-type]


def in_its_reasoning(text: str) -> bytes:
    return content("", reasoning_content=f"The citizen asks about a lamp. {text}")


@pytest.mark.parametrize("place", [in_parts, in_a_tool_call, in_its_reasoning])
async def test_an_answer_is_read_wherever_the_server_puts_it(endpoint: Endpoint, place: Callable[[str], bytes]) -> None:
    endpoint.answers = always(place(json.dumps(GOOD)))

    draft = await proposed(endpoint)

    assert (draft.drafted_by, draft.body) == ("model", GOOD["body"])


async def test_an_answer_without_citations_is_a_draft_and_says_that_it_cites_nothing(endpoint: Endpoint) -> None:
    endpoint.answers = always(content(json.dumps({"subject": GOOD["subject"], "body": GOOD["body"]})))

    draft = await proposed(endpoint, attempts=1)

    assert draft.drafted_by == "model"
    assert "cites_known_passages" in failed(draft)


async def test_an_answer_in_parts_becomes_one_reply_that_quotes_the_sentence_it_rests_on(endpoint: Endpoint) -> None:
    endpoint.answers = always(content(json.dumps(STRUCTURED)))

    draft = await proposed(endpoint)

    assert draft.body.split("\n\n") == [
        "Dear [CITIZEN_NAME],",
        "Thank you for your message about the street lamp.",
        "A single lamp is normally repaired within 10 days of the report.",
        "What number is on the post of the lamp?",
        "Kind regards,\nStreets and mobility",
    ]
    assert [c.quote for c in draft.citations] == ["A single lamp is normally repaired within 10 days of the report."]
    assert failed(draft) == set()


async def test_a_second_turn_is_told_which_check_failed_and_the_better_answer_is_kept(endpoint: Endpoint) -> None:
    wrong = GOOD | {"body": str(GOOD["body"]).replace("10 days", "3 days")}
    endpoint.answers = lambda told, _: (200, content(json.dumps(wrong if len(told.asked) == 1 else GOOD)))

    draft = await proposed(endpoint)

    assert failed(draft) == set()
    repair = endpoint.asked[1]["messages"]
    assert [message["role"] for message in repair] == ["system", "user", "assistant", "user"]
    assert "no_unsupported_numbers" in repair[-1]["content"]
    assert repair[:2] == endpoint.asked[0]["messages"]


async def test_a_second_turn_that_makes_it_worse_is_not_kept(endpoint: Endpoint) -> None:
    wrong = GOOD | {"body": str(GOOD["body"]).replace("10 days", "3 days")}
    worse = wrong | {"body": f"{wrong['body']} Write to boss@evil.example."}
    endpoint.answers = lambda told, _: (200, content(json.dumps(wrong if len(told.asked) == 1 else worse)))

    draft = await proposed(endpoint)

    assert failed(draft) == {"no_unsupported_numbers"}


async def test_a_prompt_that_is_too_long_for_the_model_is_sent_once_more_shorter(endpoint: Endpoint) -> None:
    def small_window(_: Endpoint, asked: dict[str, Any]) -> tuple[int, bytes]:
        size = sum(len(message["content"]) for message in asked["messages"])
        return refused(400, "This model's maximum context length is 2048 tokens", code="context_length_exceeded") if size > 6000 else good()

    endpoint.answers = small_window

    draft = await proposed(endpoint, a_request("The lamp is out. " * 400))

    assert draft.drafted_by == "model"
    assert len(endpoint.asked) == 2
