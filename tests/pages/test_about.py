"""What the public reads about automation: true of the running installation, and about nobody."""

from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from services.review.agencies import store as agencies
from services.review.automation import store as automation
from services.review.automation.rules import Change
from services.review.cases.deciding import actions
from services.review.quality import store as quality
from services.review.transparency import agency_words, pages, rules
from services.runtime import clock
from services.runtime.errors import InvalidInput
from tests.pages.city import ANNA, REPLY, Browser, City


@pytest.fixture
def citizen(city: City) -> Browser:
    return Browser(city)


async def busy(city: City, cases: int = rules.FEWEST) -> None:
    """So many messages, all answered: the first with another text, the second sorted otherwise, the rest as drafted."""
    await city.hires(ANNA)
    for number in range(cases):
        request_id = await city.receives(hours_ago=1)
        if number == 1:
            await city.does(ANNA, request_id, actions.Correct(category="noise_nuisance"))
        draft_id = await city.drafts(request_id, prompt_version="p7", agency="city")
        if number == 0:
            await city.does(ANNA, request_id, actions.Approve(draft_id, subject="Lamp", body=REPLY.replace("five", "six")))
        else:
            await city.approves(ANNA, request_id)
    await city.adds_up()
    await quality.note_all_edits(city.commands.database)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A week has passed: of the week that goes on nothing is told."""
    week_later = clock.now() + timedelta(days=7)
    monkeypatch.setattr(pages, "clock", SimpleNamespace(now=lambda: week_later))


async def record(citizen: Browser, agency: str = "city") -> Any:
    answer = await citizen.client.get(f"/about/{agency}.json")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.usefixtures("later")
async def test_anybody_reads_what_is_automated_by_what_and_how_well_without_signing_in(city: City, citizen: Browser) -> None:
    await busy(city)
    async with city.commands.database.transaction() as session:
        for mode, category in (("template", "noise_nuisance"), ("off", "housing")):
            wanted = Change(mode, "city", category, None, "careful")
            await automation.change(session, wanted, "ada@city.example", clock.now(), city.commands.taxonomy.names)

    answer = await citizen.opens("/about/city")
    assert answer.status_code == 200
    assert "public" in answer.headers["cache-control"]
    assert "script-src" not in answer.headers["content-security-policy"]
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "set-cookie" not in answer.headers
    page = answer.text
    assert "A person, always." in page
    assert "the language model that drafted last is a-model" in page
    assert "<script" not in page

    facts = (await record(citizen))["installation"]
    modes = {line["category"]: line["mode"] for line in facts["categories"]}
    assert (modes["street_lighting"], modes["noise_nuisance"], modes["housing"]) == ("model", "template", "off")
    assert (facts["classifier"], facts["model"], facts["instructions_version"], facts["received"]) == ("test", "a-model", "p7", 20)
    assert facts["sorting"] == [{"language": "en", "messages": 20, "sorted_again": 0.05}]
    assert facts["drafts"] == [{"language": "en", "drafts": 20, "unchanged": 0.95, "edited": 0.05, "rejected": 0.0}]


@pytest.mark.usefixtures("later")
async def test_of_fewer_than_twenty_nothing_is_said_and_nobody_is_named(
    city: City, citizen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await busy(city, 2)
    async with city.commands.database.transaction() as session:
        wanted = Change("template", "city", "housing", None, "careful")
        await automation.change(session, wanted, "anna@city.example", clock.now(), city.commands.taxonomy.names)
    facts = (await record(citizen))["installation"]
    assert (facts["received"], facts["sorting"], facts["drafts"]) == (None, [], [])
    page = (await citizen.opens("/about/city")).text
    both = page + (await citizen.opens("/about/city.json")).text
    for word in ("Anna", "anna@", "Marlow", "Heron", "careful"):
        assert word not in both
    assert "Too few drafts of a language model were decided on" in page

    # The same figures are there, and it is the rule alone that withholds them.
    monkeypatch.setattr(rules, "FEWEST", 2)
    city.app.state.kept_facts.clear()
    facts = (await record(citizen))["installation"]
    assert (facts["received"], len(facts["sorting"]), len(facts["drafts"])) == (0, 1, 1)


@pytest.mark.usefixtures("later")
async def test_replies_without_a_draft_of_a_model_are_not_its_performance(
    city: City, citizen: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FEWEST", 1)
    await city.hires(ANNA)
    nothing = {"body": "", "withheld": "switched off"}
    for changes in (nothing, {}):
        request_id = await city.receives(hours_ago=1)
        draft_id = await city.drafts(request_id, drafted_by="template", model=None, **changes)
        await city.does(ANNA, request_id, actions.Approve(draft_id, subject="Lamp", body=REPLY.replace("five", "six")))
    await city.adds_up()
    await quality.note_all_edits(city.commands.database)
    facts = (await record(citizen))["installation"]
    assert (facts["drafts"], facts["model"]) == ([], "")
    assert "A language model may draft, where one is configured" in (await citizen.opens("/about/city")).text


async def test_what_was_read_is_kept_for_a_while_also_that_there_is_no_such_agency(city: City, citizen: Browser) -> None:
    assert (await citizen.opens("/about/city")).status_code == 404
    await city.receives()
    assert (await citizen.opens("/about/city")).status_code == 404
    city.app.state.kept_facts.clear()
    assert (await citizen.client.head("/about/city")).status_code == 200
    await city.commands.database.close()
    assert (await citizen.opens("/about/city")).status_code == 200


def test_what_is_kept_is_bounded_and_grows_old() -> None:
    kept, now = pages.KeptFacts(), clock.now()
    for number in range(pages.MOST_KEPT + 1):
        kept.keep((f"a{number}", "en"), None, now)
    assert kept.get(("a0", "en"), now) is None
    assert kept.get(("a1", "en"), now) is not None
    assert kept.get(("a1", "en"), now + pages.LASTS) is None


def test_the_period_ends_with_the_last_week_that_is_over() -> None:
    sunday = date(2026, 11, 22)
    assert {rules.period(sunday + timedelta(days=day))[1] for day in range(1, 8)} == {sunday}
    assert rules.period(date(2026, 11, 25))[0] == date(2026, 8, 24)


async def test_it_speaks_french_where_that_is_asked_for(city: City, citizen: Browser) -> None:
    await city.receives()
    assert "Qui décide" in (await citizen.opens("/about/city?lang=fr")).text
    assert "Qui décide" in (await citizen.client.get("/about/city", headers={"accept-language": "fr"})).text


@pytest.mark.parametrize("agency", ["nobody", "..%2Fcity", "CITY", "city'--", "x" * 300])
async def test_of_an_unknown_agency_there_is_nothing(city: City, citizen: Browser, agency: str) -> None:
    await city.receives()
    assert (await citizen.opens(f"/about/{agency}")).status_code == 404
    assert (await citizen.opens(f"/about/{agency}.json")).status_code == 404


async def test_an_agency_that_was_added_has_a_page_before_anybody_writes_and_none_once_it_is_revoked(city: City, citizen: Browser) -> None:
    async with city.commands.database.transaction() as session:
        await agencies.admit(session, "belrive")
    assert (await citizen.opens("/about/belrive")).status_code == 200
    async with city.commands.database.transaction() as session:
        await agencies.revoke(session, "belrive", clock.now(), agency_too=True)
    city.app.state.kept_facts.clear()
    assert (await citizen.opens("/about/belrive")).status_code == 404


async def test_the_record_has_the_standard_s_fields_and_says_which_only_the_agency_can_fill(city: City, citizen: Browser) -> None:
    await city.receives()
    before = await record(citizen)
    assert {section: list(before[section]) for section in rules.FIELDS} == {section: list(names) for section, names in rules.FIELDS.items()}
    assert {"impact_assessment", "senior_responsible_owner", "contact_email"} <= set(before["missing"])
    assert "L.311-3-1" in before["crpa_l311_3_1"]["right"]

    city.app.state.agency_words = {"city": {"impact_assessment": "<b>DPIA</b> of 2026", "contact_email": "data@city.example"}}
    after = await record(citizen)
    assert after["tier_1"]["contact_email"] == "data@city.example"
    assert not {"impact_assessment", "contact_email"} & set(after["missing"])
    assert "&lt;b&gt;DPIA&lt;/b&gt; of 2026" in (await citizen.opens("/about/city")).text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("city: {impact_assessmnt: x}", "city.impact_assessmnt: there is no such field"),
        ("city: {model_performance: perfect}", "city.model_performance: there is no such field"),
        ("city: {team: 7}", "city.team: write text"),
        ("- city", "write the code of each agency"),
        ("city: [", "can't read"),
    ],
)
def test_a_file_of_agencies_that_can_t_be_used_names_the_field(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "agencies.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=fault):
        agency_words.read(file)


def test_languages_with_few_messages_are_told_together_or_not_at_all() -> None:
    rows = [("en", "a", "a", 30), ("fr", "a", "b", 12), ("ka", "a", "a", 8)]
    assert [(line.language, line.messages, line.sorted_again) for line in rules.sorting(rows)] == [("en", 30, 0.0), ("other", 20, 0.6)]
    assert [line.language for line in rules.sorting(rows[:2])] == ["en"]
