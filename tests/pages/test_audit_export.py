"""The log is handed out to auditors, and to supervisors of the cases within their limits; each handing out is an entry."""

import json

from services.review.people.rules import Person, Role
from tests.pages.city import ANNA, OLE, City
from tests.pages.conftest import SignIn

AUDITOR = Person("aud@city.example", "Aud", Role.AUDITOR)
LIMITED = Person("stan@city.example", "Stan", Role.SUPERVISOR, ("streets",))
EXPORT = "/api/v1/audit/export"


async def test_an_auditor_takes_out_a_case_and_that_is_in_the_log(city: City, sign_in: SignIn) -> None:
    request_id = await city.receives()
    await city.receives()
    browser = await sign_in(AUDITOR)

    answer = await browser.client.get(EXPORT, params={"case": str(request_id), "format": "jsonl"})
    everything = await browser.client.get(EXPORT, params={"format": "csv"})

    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.jsonl"'
    assert {line["request_id"] for line in lines} == {str(request_id)}
    assert lines[-1]["action"] == "audit log exported"
    assert lines[-1]["actor"] == AUDITOR.email
    assert everything.text.startswith("place,entry,at,actor,action,request_id,detail,hash")
    assert "Marlow" not in everything.text + answer.text


async def test_a_supervisor_of_one_department_takes_out_its_cases_alone(city: City, sign_in: SignIn) -> None:
    theirs = await city.receives()
    others = await city.receives(category="waste_collection", department="environment")
    browser = await sign_in(LIMITED)

    text = (await browser.client.get(EXPORT)).text

    assert str(theirs) in text
    assert str(others) not in text
    assert "signed in" not in text


async def test_nobody_else_takes_out_the_log(sign_in: SignIn) -> None:
    for person in (ANNA, OLE):
        assert (await (await sign_in(person)).client.get(EXPORT)).status_code == 403
