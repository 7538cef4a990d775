"""A real open-weight model, in a process of its own, behind the very client that production uses. It is small and writes nonsense."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain.articles import Passage
from services.drafting import rules
from services.drafting.draft import ReplyContext
from services.drafting.model_client import ModelDrafter
from services.drafting.passage_index import SearchHit
from services.local import local_model
from services.local.local_model import LocalModel
from services.local.supervisor import is_ready
from services.runtime import child_process
from services.runtime.errors import InvalidInput
from services.runtime.settings import LlmSettings
from tests.harness.ports import free_port
from tests.harness.waiting import PATIENCE, until

pytestmark = [pytest.mark.local_llm, pytest.mark.timeout(1800)]

POOL = Passage(
    passage_id="en-swimming-pools#1",
    article_id="en-swimming-pools",
    title="Swimming pools",
    url="https://www.belrive.example/en/pools",
    language="en",
    category="culture_sport",
    heading="Opening hours",
    text="The pool is open from 7.00 to 21.00. A ticket costs 4 euros.",
)
DESK = ReplyContext(category="Culture, sport and leisure", department="Culture and sport", reply_within=timedelta(days=10))


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[LocalModel, subprocess.Popen[bytes], str]]:
    """The small model of the extra, as `parvis up --local-model` serves it."""
    try:
        model = local_model.chosen(None, LlmSettings())
    except InvalidInput as error:
        pytest.skip(error.detail)
    port = free_port()
    environment = child_process.environment() | model.server_environment
    with subprocess.Popen(model.command(port), env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: is_ready(port, "/health"), "the model is loaded")
            yield model, process, f"http://127.0.0.1:{port}/v1"
        finally:
            process.kill()


Served = tuple[LocalModel, subprocess.Popen[bytes], str]


async def test_a_small_model_writes_a_draft_of_the_right_form_which_is_checked(served: Served) -> None:
    model, _, base_url = served
    request_id = UUID("5f0c3a52-6d4e-4f6e-9f52-0f3c9d8f1a11")
    triaged = RequestTriaged(
        request_id=request_id,
        agency="belrive",
        channel="web",
        received_at=datetime(2026, 11, 24, 9, tzinfo=UTC),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject="Pool", body="Is the Riverside pool open on 16 December, and how much is it for two?"),
        category="culture_sport",
        confidence=0.97,
        department="culture",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    request = DraftRequested(request_id=request_id, revision=1, triaged=triaged)
    # How long it takes is the machine's affair.
    # Cut off before its end, an answer is no answer: a small model rambles now and then, and is given room and more tries.
    settings = LlmSettings(
        base_url=base_url, api_key=SecretStr(model.key), model="smollm2", timeout_seconds=3600, attempts=5, max_output_tokens=1500
    )
    drafter = ModelDrafter(settings)

    try:
        draft = await drafter.draft(request, [SearchHit(POOL, 9.0)], DESK)
    finally:
        await drafter.close()

    proposal = rules.proposed(request, draft, [POOL], DESK)
    failed = [check for check in proposal.checks if not check.passed]
    assert (proposal.drafted_by, proposal.model) == ("model", "smollm2"), failed
    assert proposal.usage.input_tokens > 0
    assert proposal.usage.output_tokens > 0
    assert all(citation.url == POOL.url for citation in proposal.citations)
    # What it writes differs by machine; how well nonsense is seen is measured by `make bench-checks`.
    assert {check.name for check in proposal.checks} >= {"grounded", "readable", "no_unsupported_numbers"}


def test_only_who_has_the_key_may_ask_the_model(served: Served) -> None:
    _, _, base_url = served
    answer = httpx.post(f"{base_url}/chat/completions", json={"messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_the_models_server_ends_with_whoever_started_it(served: Served) -> None:
    _, process, _ = served
    assert process.stdin
    process.stdin.close()
    assert process.wait(PATIENCE) == 0
