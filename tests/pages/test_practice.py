"""People practise on invented letters: the same workbench, a store of its own, and a word on what each decision missed."""

import html
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect
from pydantic import SecretStr

from services.migrations.upgrade import upgrade
from services.review import app as review
from services.review.practice import app as practice
from services.review.practice import exercises
from services.runtime.outbox import OutboxRow
from services.runtime.settings import KafkaSettings, Settings
from tests.pages.city import Browser, City, hidden_fields
from tests.pages.keyboard import served, settled, started


@pytest.fixture
async def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[City]:
    """Practice beside an installation with a broker and a mail server, where making either of what sends is an error."""
    for sender in ("kafka_broker", "Relay"):
        monkeypatch.setattr(review, sender, lambda *_: pytest.fail("practice makes nothing that sends"))
    kafka = KafkaSettings(bootstrap="127.0.0.1:9")
    settings = Settings(data_dir=tmp_path, kafka=kafka, smtp_url=SecretStr("smtp://127.0.0.1:9"), undo_seconds=60)
    own = practice.settings_of(settings)
    upgrade(own.database)
    app = practice.create(own)
    yield City(app)
    await app.state.database.close()


@pytest.fixture
async def browsers(hall: City) -> AsyncIterator[tuple[Browser, Browser]]:
    async with AsyncExitStack() as opened:
        both = Browser(hall), Browser(hall)
        for browser in both:
            await opened.enter_async_context(browser.client)
        yield both


async def _enters(browser: Browser, name: str) -> str:
    page = await browser.opens("/login")
    answer = await browser.client.post("/login", data=hidden_fields(page.text) | {"name": name})
    assert (answer.status_code, answer.headers["location"]) == (303, "/practice")
    return (await browser.opens("/practice")).text


def _id_of(name: str, agency: str = "zoe-1") -> UUID:
    return exercises.id_of(next(exercise for exercise in exercises.exercises() if exercise.name == name), agency)


async def _approves(browser: Browser, request_id: UUID, body: str | None = None) -> str:
    """Approves the draft, as it stands or with another text; returns the words that follow."""
    page = (await browser.opens(f"/cases/{request_id}")).text
    drafted = re.search(r'<textarea[^>]*name="body"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert drafted
    answer = await browser.sends(request_id, "approve", seen=page, subject="Your letter", body=body or html.unescape(drafted[1]))
    return _text((await browser.opens(answer.headers["location"])).text)


def _text(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


async def test_a_hasty_approval_is_told_what_it_missed_and_a_careful_one_misses_nothing(browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    assert "0 of 12 letters decided" in await _enters(zoe, "Zoé")
    sofa = _id_of("bulky-waste")

    feedback = await _approves(zoe, sofa)
    assert "2 of 3 missed" in feedback
    assert "The reply lacks: “ten working days”. The page promises ten working days." in feedback
    assert "The reply still says: “three working days”." in feedback

    await zoe.sends(sofa, "recall")
    assert "Nothing missed." in await _approves(zoe, sofa, "Within ten working days somebody comes.")
    assert "1 of 12 letters decided, 1 of them with nothing missed" in _text((await zoe.opens("/practice")).text)


async def test_another_draft_is_there_at_once(browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    await _enters(zoe, "Zoé")
    registry = _id_of("wrong-language")

    await zoe.sends(registry, "reject", reason="in the wrong language")

    assert "Le guichet est ouvert du lundi au vendredi" in _text((await zoe.opens(f"/cases/{registry}")).text)
    assert "Nothing missed." in await _approves(zoe, registry)


async def test_a_corrected_category_brings_the_draft_of_the_right_matter(browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    await _enters(zoe, "Zoé")
    noise = _id_of("noise")

    await zoe.sends(noise, "correct", category="noise_nuisance")

    assert "Nothing missed." in await _approves(zoe, noise)


async def test_each_person_has_letters_of_their_own_and_may_begin_again(browsers: tuple[Browser, Browser]) -> None:
    zoe, ben = browsers
    await _enters(zoe, "Zoé")
    await _enters(ben, "Ben")
    lamp = _id_of("lamp")
    await _approves(zoe, lamp)

    assert (await ben.opens(f"/cases/{lamp}")).status_code == 404
    assert (await ben.opens(f"/practice/{lamp}")).status_code == 404
    assert "0 of 12 letters decided" in (await ben.opens("/practice")).text
    assert "1 of 12 letters decided" in (await zoe.opens("/practice")).text
    again = await zoe.client.post("/practice/again", data=hidden_fields((await zoe.opens("/practice")).text))
    assert again.status_code == 303
    assert "0 of 12 letters decided" in (await zoe.opens("/practice")).text
    assert (await zoe.opens(f"/cases/{lamp}")).status_code == 404
    assert (await zoe.opens(f"/cases/{_id_of('lamp', 'zoe-2')}")).status_code == 200


async def test_lessons_are_in_the_readers_language(browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    await _enters(zoe, "Zoé")
    sofa = _id_of("bulky-waste")
    await _approves(zoe, sofa)

    french = html.unescape((await zoe.client.get(f"/practice/{sofa}", headers={"accept-language": "fr"})).text)

    assert "Un délai qu’aucune page ne dit" in french
    assert "La page promet dix jours ouvrés." in french


async def test_every_page_says_that_it_is_practice(browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    assert "nothing is sent" in (await zoe.opens("/login")).text
    await _enters(zoe, "Zoé")
    for path in ("/", "/practice", f"/cases/{_id_of('gas')}", "/account", "/keys", "/nowhere", "/ops"):
        assert '<p class="practising"' in (await zoe.opens(path)).text, path


async def test_the_workbench_itself_is_not_marked_as_practice(anna: Browser) -> None:
    assert "practising" not in (await anna.opens("/")).text
    told = await anna.opens("/practice")
    assert "practising" not in told.text
    assert "PARVIS_PRACTICE_URL" in told.text


async def test_what_leaves_a_decision_stays_where_nothing_reads_it(hall: City, browsers: tuple[Browser, Browser]) -> None:
    zoe, _ = browsers
    await _enters(zoe, "Zoé")
    await _approves(zoe, _id_of("lamp"))
    settings: Settings = hall.app.state.settings
    assert (settings.kafka.bootstrap, settings.smtp_url.get_secret_value()) == ("", "")
    assert settings.data_dir.name == "practice"
    assert settings.database.endswith("/practice/parvis.db")
    async with hall.app.router.lifespan_context(hall.app), hall.commands.database.reading() as session:
        waiting = await session.exec(sa.select(sa.func.count()).select_from(OutboxRow))  # type: ignore[call-overload]
        assert waiting.one()[0] == 1


@pytest.mark.parametrize("name", ["", "   ", "日本", "<b>"])
async def test_a_name_is_needed(browsers: tuple[Browser, Browser], name: str) -> None:
    zoe, _ = browsers
    page = await zoe.opens("/login")
    answer = await zoe.client.post("/login", data=hidden_fields(page.text) | {"name": name})
    assert answer.status_code == (303 if name == "<b>" else 422)


@pytest.mark.browser
def test_after_a_decision_its_outcome_has_the_focus_and_one_key_opens_the_next_letter(tmp_path: Path) -> None:
    own = practice.settings_of(Settings(data_dir=tmp_path, kafka=KafkaSettings(bootstrap="127.0.0.1:9"), undo_seconds=60))
    upgrade(own.database)
    with served(practice.create(own)) as url, started() as chromium, chromium.new_context(base_url=url) as context:
        page = context.new_page()
        page.goto("/login")
        page.get_by_label("first name").fill("Zoé")
        page.get_by_label("first name").press("Enter")
        page.wait_for_url("**/practice")
        page.goto(f"/cases/{_id_of('bulky-waste')}")
        settled(page)
        page.keyboard.press("a")

        expect(page.get_by_role("group", name="missed.")).to_be_focused()
        following = page.get_by_role("link", name="The next letter").get_attribute("href")
        page.keyboard.press("n")

        page.wait_for_url(f"**{following}")
