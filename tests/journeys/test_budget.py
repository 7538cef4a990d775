"""A budget on a whole installation: used up, the template answers; and it stays used up when everything is killed."""

import pytest

from tests.builders import a_request
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.running_stack import add_agency, add_caseworker, newest_draft
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey


def test_a_budget_that_is_used_up_stays_so_when_everything_is_killed(begin: Begin) -> None:
    with ModelEndpoint() as model:
        at = begin(PARVIS_LLM_BASE_URL=model.url, PARVIS_LLM_DAILY_TOKENS="300,thrifty=inf")
        mona = add_caseworker(at, "mona@belrive.example")
        towns = {code: add_agency(at, code) for code in ("belrive", "thrifty")}

        def drafted_by(code: str) -> str:
            request = a_request()
            towns[code].sends(request)
            return str(newest_draft(mona.brings_to_approval(request["request_id"]))["drafted_by"])

        before = [drafted_by(code) for code in ("belrive", "belrive", "thrifty", "thrifty")]
        at.kill_service("drafting")
        after_a_kill = drafted_by("belrive")
        at.kill()
        at.start()
        after_all_were_killed = [drafted_by(code) for code in ("belrive", "thrifty")]

    assert before == ["model", "template", "model", "model"]
    assert after_a_kill == "template"
    assert after_all_were_killed == ["template", "model"]
