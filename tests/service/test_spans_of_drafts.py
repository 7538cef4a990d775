"""What drafting does stands in the trace: each call of the model by the conventions for such, checks, repairs, and why there was none."""

from services.runtime import telemetry
from tests.harness.recorded_spans import Recorded, failure, recorded
from tests.service.scripted_model import Endpoint, always, answer, content, endpoint, proposed

__all__ = ["endpoint", "recorded"]  # fixtures


async def test_a_call_has_model_tokens_and_address_and_no_word(endpoint: Endpoint, recorded: Recorded) -> None:
    endpoint.answers = answer()

    await proposed(endpoint)

    [chat] = recorded.named("chat small")
    attributes = dict(chat.attributes or {})
    assert {name: value for name, value in attributes.items() if name.startswith("gen_ai.")} == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.response.model": "small",
        "gen_ai.usage.input_tokens": 300,
        "gen_ai.usage.output_tokens": 80,
        "gen_ai.response.finish_reasons": ("stop",),
    }
    assert attributes["server.address"] == "127.0.0.1"
    assert failure(chat) == ("UNSET", None, [])
    assert len(recorded.named("drafting.check")) == 1
    assert "lamp" not in recorded.text.lower()


async def test_a_server_that_fails_is_told_by_its_kind_alone(endpoint: Endpoint, recorded: Recorded) -> None:
    endpoint.answers = always(b'{"error": {"message": "Ines Marlow of 12 Elm Street"}}', 503)

    await proposed(endpoint)

    calls = recorded.named("chat small")
    assert [failure(call) for call in calls] == [("ERROR", "unreachable", ["UnusableAnswer"])] * 2
    assert [(call.attributes or {})["parvis.attempt"] for call in calls] == [1, 2]
    assert "Ines" not in recorded.text


async def test_an_answer_that_cannot_be_used_is_followed_by_a_repair_that_says_why(endpoint: Endpoint, recorded: Recorded) -> None:
    endpoint.answers = always(content("I would rather not."))

    await proposed(endpoint)

    names = [span.name for span in recorded.all if span.name in ("chat small", "drafting.repair", "drafting.check")]
    assert names == ["chat small", "drafting.repair", "chat small", "drafting.repair"]
    assert {str((span.attributes or {})["parvis.reason"]) for span in recorded.named("drafting.repair")} == {"unreadable"}
    assert telemetry.SLOW_SECONDS > 1
