"""Departments and agencies limit people: every route there is, walked by every role."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi.routing import APIRoute

from services.review.cases.deciding import actions
from services.review.people import store as people
from services.review.people.powers import Power, Role
from services.review.people.rules import Person
from services.runtime import clock
from services.runtime.errors import InvalidInput
from tests.pages.city import Browser, City
from tests.pages.conftest import SignIn
from tests.pages.powers_of_routes import ASKED_FOR, LOG, MAY, OPEN_TO_ALL, RUN, SWITCH

STREETS, CITY = ("streets",), ("city",)
LIMITED = (
    Person("carl@city.example", "Carl", Role.CASEWORKER, STREETS),
    Person("cora@city.example", "Cora", Role.CASEWORKER, (), CITY),
    Person("cleo@city.example", "Cleo", Role.CASEWORKER, STREETS, CITY),
    Person("stan@city.example", "Stan", Role.SUPERVISOR, STREETS),
    Person("suki@city.example", "Suki", Role.SUPERVISOR, (), CITY),
    Person("sami@city.example", "Sami", Role.SUPERVISOR, STREETS, CITY),
)
UNLIMITED = (Person("cato@city.example", "Cato", Role.CASEWORKER), Person("sara@city.example", "Sara", Role.SUPERVISOR))
MACHINES = (Person("otto@city.example", "Otto", Role.OPS), Person("alma@city.example", "Alma", Role.ADMIN))
LIMITED_MACHINES = (
    Person("odin@city.example", "Odin", Role.OPS, (), CITY),
    Person("adda@city.example", "Adda", Role.ADMIN, (), CITY),
)
AUDITORS = (
    Person("aldo@city.example", "Aldo", Role.AUDITOR),
    Person("abel@city.example", "Abel", Role.AUDITOR, STREETS),
    Person("anja@city.example", "Anja", Role.AUDITOR, (), CITY),
)
TWO_ROLES = (
    Person("axel@city.example", "Axel", Role.ADMIN, (), (), (Role.CASEWORKER,)),
    Person("arno@city.example", "Arno", Role.ADMIN, STREETS, CITY, (Role.SUPERVISOR,)),
)
EVERY_KIND = (*LIMITED, *UNLIMITED, *MACHINES, *LIMITED_MACHINES, *AUDITORS, *TWO_ROLES)


def named(person: Person) -> str:
    """The person's roles and limits, as the name of a test."""
    return f"{'+'.join(person.roles)}-{'-'.join((*person.departments, *person.agencies)) or 'all'}"


PLACES = [(agency, department) for agency in ("city", "harbour") for department in ("streets", "environment", None)]
"""Agencies and departments; without a department nobody has sorted the message yet."""


def marker(agency: str, department: str | None) -> str:
    """A word that stands in the message of that place alone."""
    return f"{agency}{department or 'unsorted'}quokka"


def theirs(person: Person, agency: str, department: str | None) -> bool:
    """As README and the guide say it, written down once more."""
    return (not person.agencies or agency in person.agencies) and (
        not person.departments or department is None or department in person.departments
    )


async def one_case_in_each_place(city: City) -> dict[tuple[str, str | None], UUID]:
    """Each waits for a decision, or for somebody to sort it, and has been sorted by hand where that is something to learn from."""
    cases: dict[tuple[str, str | None], UUID] = {}
    for agency, department in PLACES:
        word = marker(agency, department)
        sorted_as: dict[str, Any] = {"department": department, "outcome": "routed"} if department else {"outcome": "needs_triage"}
        request = {"agency": agency, "subject": f"About the {word}", "body": f"The {word} is on the pavement."}
        request_id = await city.receives(request=request, agency=agency, category="street_lighting", **sorted_as)
        if department:
            await city.drafts(request_id, subject=f"Your {word}")
            await city.does(UNLIMITED[1], request_id, actions.Correct("waste_collection", department))
            await city.drafts(request_id, subject=f"Your {word}")
        city.traces(("accept request", "intake", 0, 1), request_id=request_id)
        cases[agency, department] = request_id
    return cases


def may(person: Person, power: Power | None) -> bool:
    """Whether the tables give it to them; what is the whole installation's is not for a supervisor who is limited."""
    limited = {Role.SUPERVISOR: {RUN, LOG, SWITCH}, Role.ADMIN: {SWITCH}} if person.scope.limited else {}
    return power is None or any(power in MAY[role] - limited.get(role, set()) for role in person.roles)


def routes(city: City) -> Iterator[tuple[str, str]]:
    """Every method and path of the application that somebody must sign in for."""
    for route in city.app.routes:
        inner = getattr(route, "original_router", None)
        for one in inner.routes if inner else [route]:
            if isinstance(one, APIRoute) and one.path not in OPEN_TO_ALL:
                yield from ((method, one.path) for method in sorted(one.methods or ()))


ACTIONS = (
    "claim",
    "release",
    "take-over",
    "assign",
    "forward",
    "correct",
    "redraft",
    "approve",
    "recall",
    "reject",
    "send-back",
    "close",
    "confirm-delivery",
    "correct-recipient",
    "send-again",
    "written-by-person",
    "edit",
)


@pytest.mark.parametrize("person", EVERY_KIND, ids=named)
async def test_no_route_shows_or_changes_a_case_outside_of_a_persons_limits(sign_in: SignIn, city: City, person: Person) -> None:
    cases = await one_case_in_each_place(city)
    hidden = {place: one for place, one in cases.items() if not (person.reads_cases and theirs(person, *place))}
    before = {one: await city.case(one) for one in cases.values()}
    trace_of = {place: city.traces(("accept request", "intake", 0, 1), request_id=one) for place, one in cases.items()}
    browser = await sign_in(person)
    csrf = await word_of_forms(browser)
    walked = 0
    for method, path in routes(city):
        ways = [path.replace("{name}", name) for name in ACTIONS] if "{name}" in path else [path]
        for way in ways:
            for place, request_id in hidden.items() if "{request_id}" in way else [(None, None)]:
                where = way.replace("{request_id}", str(request_id)).replace("{trace_id}", trace_of[place or PLACES[0]])
                where = where.replace("{reply_id}", str(uuid4())).replace("{place}", "0")
                answer = await asks(browser, method, where, csrf, before[request_id].version if request_id else 1)
                walked += 1
                assert answer.status_code < 500, f"{method} {where}"
                if request_id:
                    assert answer.status_code in (403, 404), f"{method} {where} answers {answer.status_code}"
                for other in hidden:
                    assert marker(*other) not in answer.text, f"{method} {where} shows a case of {other}"
    assert csrf
    assert walked > 40 or not hidden
    assert {one: await city.case(one) for one in hidden.values()} == {one: before[one] for one in hidden.values()}


async def test_every_route_has_somebody_who_said_whose_it_is(city: City) -> None:
    assert set(routes(city)) == set(ASKED_FOR)


@pytest.mark.parametrize("person", EVERY_KIND, ids=named)
async def test_a_route_refuses_whoever_has_not_the_power_that_it_asks_for(sign_in: SignIn, city: City, person: Person) -> None:
    cases = await one_case_in_each_place(city)
    place = next(place for place in PLACES if theirs(person, *place))
    trace_id = city.traces(("accept request", "intake", 0, 1), request_id=cases[place])
    browser = await sign_in(person)
    csrf = await word_of_forms(browser)
    for (method, path), power in ASKED_FOR.items():
        if path == "/live" and may(person, power):
            continue  # it would go on
        where = path.replace("{name}", "claim").replace("{request_id}", str(cases[place])).replace("{trace_id}", trace_id)
        where = where.replace("{view_id}", str(uuid4()))
        answer = await asks(browser, method, where, csrf, (await city.case(cases[place])).version)
        if may(person, power):
            passed_on = "the case belongs to" in answer.text  # by an earlier step of this walk
            assert answer.status_code not in (401, 403) or passed_on, f"{method} {path} refuses {named(person)}: {answer.text[:300]}"
        else:
            assert answer.status_code == 403, f"{method} {path} answers {answer.status_code} to {named(person)}"


async def word_of_forms(browser: Browser) -> str:
    """The word that the forms of this session carry."""
    page = (await browser.client.get("/", follow_redirects=True)).text
    return page.partition('name="csrf" value="')[2].partition('"')[0]


OF_ONES_OWN = ["/logout", "/preferences"]


@pytest.mark.parametrize("auditor", AUDITORS, ids=named)
async def test_an_auditor_reads_a_case_with_its_decisions_and_finds_nothing_on_the_page_to_change_it_by(
    sign_in: SignIn, city: City, auditor: Person
) -> None:
    cases = await one_case_in_each_place(city)
    browser = await sign_in(auditor)

    for place, request_id in cases.items():
        page = await browser.opens(f"/cases/{request_id}")
        if not theirs(auditor, *place):
            continue
        assert marker(*place) in page.text
        assert re.findall(r'<form[^>]* action="([^"]*)"', page.text) == OF_ONES_OWN
        assert "data-presence" not in page.text
    for path in ("/quality", "/quality/gaps", "/quality/learning"):
        assert re.findall(r'<form[^>]*method="post" action="([^"]*)"', (await browser.opens(path)).text) == ["/logout"]


async def test_the_log_shows_a_limited_auditor_the_entries_of_their_own_cases_alone(sign_in: SignIn, city: City) -> None:
    cases = await one_case_in_each_place(city)
    whole, streets, of_city = [await sign_in(auditor) for auditor in AUDITORS]

    async def listed(browser: Browser) -> set[str | None]:
        lines = (await browser.client.get("/api/v1/audit?limit=500")).json()["items"]
        return {line["request_id"] for line in lines}

    assert await listed(whole) == {*map(str, cases.values()), None}
    assert await listed(streets) == {str(cases[place]) for place in PLACES if place[1] in ("streets", None)}
    assert await listed(of_city) == {str(cases[place]) for place in PLACES if place[0] == "city"}


async def test_operations_of_one_agency_show_its_cases_and_dead_letters_and_no_other_agencys(sign_in: SignIn, city: City) -> None:
    cases = await one_case_in_each_place(city)
    for agency in ("city", "harbour", None):
        await city.sets_aside({"agency": agency, "request_id": str(uuid4())} if agency else {}, f"Failure of {agency}")
    # Only its request says whose this one is.
    await city.sets_aside({"request_id": str(cases["harbour", "streets"])}, "Failure of a known case")
    odin, otto = await sign_in(LIMITED_MACHINES[0]), await sign_in(MACHINES[0])

    shown, everything = (await odin.opens("/ops/dead-letters")).text, (await otto.opens("/ops/dead-letters")).text

    failures = ("Failure of city", "Failure of harbour", "Failure of None", "Failure of a known case")
    assert [failure for failure in failures if failure in everything] == list(failures)
    assert [failure for failure in failures if failure in shown] == ["Failure of city"]
    assert "1 record waits" in (await odin.opens("/ops")).text
    assert "4 records wait" in (await otto.opens("/ops")).text
    for person, counted in ((odin, 3), (otto, 6)):
        figures = (await person.opens("/ops")).text.partition('class="figures"')[2].partition("</dl>")[0]
        assert sum(int(count) for count in re.findall(r"<dd>(\d+)</dd>", figures)) == counted


async def asks(browser: Browser, method: str, path: str, csrf: str, version: int) -> httpx.Response:
    """As a page's form or as a program would, with something in every field."""
    fields = {
        "version": version,
        "reason": "x",
        "draft_id": str(uuid4()),
        "subject": "x",
        "body": "x",
        "verdict": "accepted",
        "how": "phone",
        "to": "anna@city.example",
        "department": "environment",
        "case": str(uuid4()),
        "category": "noise_nuisance",
        "part": "x",
        "note": "x",
        "into": str(uuid4()),
    }
    if method == "GET":
        return await browser.client.get(path)
    if path.startswith("/api/"):
        wanted = {
            "record-delivery": ("how",),
            "claim": (),
            "assign": ("to",),
            "forward": ("department",),
            "close": ("reason",),
            "reject": ("reason",),
            "send-back": ("reason",),
            "approve": ("draft_id",),
            "edit": ("draft_id", "subject", "body"),
            "link": ("case",),
            "unlink": ("case",),
            "split": ("category", "part"),
            "answer-by-hand": ("how", "note"),
            "join": ("into",),
        }
        if path.endswith("/figures"):
            return await browser.client.request(method, path, json={"body": "x"}, headers={"x-csrf-token": csrf})
        if path.endswith("/texts"):
            page = {"page": "p", "texts": [{"field": "body", "text": "x", "sequence": 1}]}
            return await browser.client.request(method, path, json=page, headers={"x-csrf-token": csrf})
        names = ("version", *wanted.get(path.rpartition("/")[2], ()))
        return await browser.client.request(method, path, json={name: fields[name] for name in names}, headers={"x-csrf-token": csrf})
    return await browser.client.request(method, path, data=fields | {"csrf": csrf})


@pytest.mark.parametrize("person", [*LIMITED, *UNLIMITED, *AUDITORS, *TWO_ROLES], ids=named)
async def test_within_their_limits_people_find_every_case_on_the_page_in_the_api_and_by_its_trace(
    sign_in: SignIn, city: City, person: Person
) -> None:
    cases = await one_case_in_each_place(city)
    traces = {place: city.traces(("accept request", "intake", 0, 1), request_id=one) for place, one in cases.items()}
    browser = await sign_in(person)

    queue = (await browser.opens("/?tab=all")).text
    listed = {item["request_id"] for item in (await browser.client.get("/api/v1/cases")).json()["items"]}
    counted = sum((await browser.client.get("/api/v1/stats")).json()["by_state"].values())

    seen = {place for place in PLACES if theirs(person, *place)}
    assert {place for place in PLACES if marker(*place) in queue} == seen
    assert listed == {str(cases[place]) for place in seen}
    assert counted == len(seen)
    for place, request_id in cases.items():
        codes = [(await browser.opens(path)).status_code for path in (f"/cases/{request_id}", f"/api/v1/cases/{request_id}")]
        assert codes[0] == codes[1]
        assert (codes[0] == 200) == (place in seen)
        assert ((await browser.opens(f"/ops/traces/{traces[place]}")).status_code == 200) == (place in seen)


async def test_a_supervisor_with_a_department_sees_its_figures_and_corrections_alone(sign_in: SignIn, city: City) -> None:
    await one_case_in_each_place(city)
    stan, sara = await sign_in(LIMITED[3]), await sign_in(UNLIMITED[1])

    async def corrections(browser: Browser) -> set[str]:
        return {item["text"].split()[2] for item in (await browser.client.get("/api/v1/learning")).json()["items"]}

    assert await corrections(sara) == {marker(*place) for place in PLACES if place[1]}
    assert await corrections(stan) == {marker("city", "streets"), marker("harbour", "streets")}
    assert (await stan.opens("/quality")).status_code == 200


async def test_what_is_of_the_whole_installation_is_not_for_a_supervisor_who_is_limited(sign_in: SignIn) -> None:
    stan, sara = await sign_in(LIMITED[3]), await sign_in(UNLIMITED[1])

    for path in ("/ops", "/ops/dead-letters", "/api/v1/audit"):
        assert (await sara.opens(path)).status_code == 200
        refused = await stan.opens(path)
        assert refused.status_code == 403
        assert "limited to streets" in refused.text


@pytest.mark.parametrize("role", [Role.OPS, Role.ADMIN])
async def test_a_limit_that_would_be_listed_and_mean_nothing_is_refused(city: City, role: Role) -> None:
    async with city.commands.database.transaction() as session:
        with pytest.raises(InvalidInput, match="leave --department out"):
            await people.add_person(session, "x@city.example", role, clock.now(), scope=Person("", "", role, STREETS).scope)


async def test_the_language_filter_offers_the_languages_of_the_cases_that_are_theirs(sign_in: SignIn, city: City) -> None:
    for number, (agency, department) in enumerate(PLACES):
        sorted_as: dict[str, Any] = {"department": department, "outcome": "routed"} if department else {"outcome": "needs_triage"}
        code = ("fr", "de", "es", "nl", "it", "pt")[number]
        await city.receives(request={"agency": agency}, agency=agency, language={"code": code, "confidence": 0.9}, **sorted_as)
    # The same language elsewhere does not hide it here.
    await city.receives(
        request={"agency": "harbour"}, agency="harbour", language={"code": "fr", "confidence": 0.9}, department="environment"
    )

    offered = {}
    for person in (*LIMITED, *UNLIMITED):
        page = (await (await sign_in(person)).opens("/")).text
        choices = page.partition('<select id="language"')[2].partition("</select>")[0]
        offered[person.name] = {code for code in ("fr", "de", "es", "nl", "it", "pt") if f'value="{code}"' in choices}

    assert offered == {
        "Carl": {"fr", "es", "nl", "pt"},
        "Cora": {"fr", "de", "es"},
        "Cleo": {"fr", "es"},
        "Stan": {"fr", "es", "nl", "pt"},
        "Suki": {"fr", "de", "es"},
        "Sami": {"fr", "es"},
        "Cato": {"fr", "de", "es", "nl", "it", "pt"},
        "Sara": {"fr", "de", "es", "nl", "it", "pt"},
    }
