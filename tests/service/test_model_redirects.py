"""A letter, hidden names or not, goes to the model that the settings name and to no other server."""

from datetime import timedelta

from pydantic import SecretStr

from schemas.drafts_requested import DraftRequested
from schemas.requests_triaged import DetectedLanguage, RequestTriaged
from schemas.values import Redacted, Urgency
from services.drafting.draft import ReplyContext
from services.drafting.model_client import ModelDrafter
from services.runtime import clock
from services.runtime.settings import LlmSettings
from tests.case_builders import REQUEST_ID
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.waiting import PATIENCE


def a_lamp() -> DraftRequested:
    triaged = RequestTriaged(
        request_id=REQUEST_ID,
        agency="belrive",
        channel="email",
        received_at=clock.now(),
        language=DetectedLanguage(code="en", confidence=0.99),
        redacted=Redacted(subject="Lamp out", body="The lamp at [ADDRESS_1] has been out for a week."),
        category="street_lighting",
        confidence=0.97,
        department="streets",
        urgency=Urgency.NORMAL,
        outcome="routed",
        model_version="test",
    )
    return DraftRequested(request_id=REQUEST_ID, revision=1, triaged=triaged)


async def test_a_server_that_sends_the_letter_on_elsewhere_is_not_followed() -> None:
    context = ReplyContext(category="Street lighting", department="Streets and mobility", reply_within=timedelta(days=10))
    with ModelEndpoint() as endpoint, ModelEndpoint() as elsewhere:
        endpoint.mood, endpoint.elsewhere = "sends on", elsewhere.url
        settings = LlmSettings(base_url=endpoint.url, model="small", api_key=SecretStr("key"), timeout_seconds=PATIENCE, attempts=1)
        drafter = ModelDrafter(settings)
        draft = await drafter.draft(a_lamp(), [], context)
        await drafter.close()

    assert len(endpoint.requests) == 1
    assert draft.drafted_by == "template"
    assert elsewhere.requests == []
