"""The drafting switch on a whole installation: at once, for good, and nothing is lost."""

import pytest

from tests.builders import a_request
from tests.harness.model_endpoint import ModelEndpoint
from tests.harness.running_stack import add_agency, add_caseworker, newest_draft
from tests.harness.waiting import until
from tests.journeys.conftest import Begin

pytestmark = pytest.mark.journey


def test_what_is_switched_off_stays_off_when_everything_is_killed_and_a_person_writes_the_reply(begin: Begin) -> None:
    with ModelEndpoint() as model:
        at = begin(PARVIS_LLM_BASE_URL=model.url, PARVIS_UNDO_SECONDS="0")
        town, mona = add_agency(at), add_caseworker(at, "mona@belrive.example")

        def drafted() -> dict[str, object]:
            request = a_request()
            town.sends(request)
            return newest_draft(mona.brings_to_approval(request["request_id"]))

        assert drafted()["drafted_by"] == "model"

        at.prints("drafts", "switch", "template", "--agency", "belrive", "--why", "a new model is tried elsewhere")
        until(lambda: drafted()["drafted_by"] == "template", "the template drafts")
        asked = len(model.requests)

        at.prints("drafts", "switch", "off", "--agency", "belrive", "--why", "strike", "--by", "mona@belrive.example")
        at.kill_service("drafting")
        at.kill_service("review")
        until(lambda: at.is_ready("review") and at.is_ready("drafting"), "both are started again")
        until(lambda: drafted()["withheld"], "nobody drafts")

        at.kill()
        at.start()
        request = a_request()
        town.sends(request)
        case = mona.brings_to_approval(request["request_id"])
        assert "Drafting is switched off for agency belrive" in newest_draft(case)["withheld"]
        assert len(model.requests) == asked
        assert mona.does("redraft", case).status_code == 409
        assert mona.approves(case).status_code == 422
        assert mona.approves(case, body="Dear reader,\n\nthe lamp is repaired on Friday.\n\nYour city").status_code == 200
        switched = [entry["actor"] for entry in mona.gets("audit")["items"] if entry["action"] == "switch drafting"]
        assert (len(switched), switched[0]) == (2, "mona@belrive.example")
        assert '"mode": "off"' in at.prints("drafts", "switch", "--json")
