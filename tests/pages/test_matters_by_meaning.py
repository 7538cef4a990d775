"""With an encoder what emerges is compared by meaning as well; without one, or while it is away, by words alone."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from services.review.cases.emerging.watching import Watch
from services.review.cases.groups import grouper
from services.runtime import encoder_backends
from services.runtime.encoder import Vectors
from services.runtime.settings import Settings
from tests.pages.city import City
from tests.pages.crowd import LETTERS, told, with_weeks_before
from tests.pages.outage import writes

WORDLESS = (
    "Everything stopped flowing this morning.",
    "Dry kitchens all along our row.",
    "Showers yield zilch since dawn.",
    "Cannot flush anything anywhere today.",
    "Kettle stays empty, what happened?",
    "Nursery closed, sinks produce nothing.",
)


class Meaning:
    """An encoder by which those who miss water mean the same."""

    name = "by meaning"

    def __init__(self, *, away: bool = False) -> None:
        self.asked: list[str] = []
        self.away = away

    def vectors(self, texts: Sequence[str]) -> Vectors | None:
        self.asked += texts
        if self.away:
            return None
        return np.array([[1.0, 0.0] if any(dry in text for dry in WORDLESS) else [0.0, 1.0] for text in texts], dtype=np.float32)


async def write(city: City, bodies: Sequence[str], watch: Watch, **changes: Any) -> None:
    for number, body in enumerate(bodies):
        await writes(city, f"P{number} Own", body=body, request={"subject": None} | changes, minutes_ago=20)
        await grouper.group_all(city.commands.database, watch)


async def test_what_shares_no_word_emerges_by_its_meaning(city: City) -> None:
    await with_weeks_before(city)
    await write(city, WORDLESS, Watch(Meaning()))
    assert [event.stage for event in await told(city)] == ["emerged"]


@pytest.mark.parametrize("encoder", [None, Meaning(away=True)], ids=["none", "away"])
async def test_without_an_encoder_words_decide(city: City, encoder: Meaning | None) -> None:
    await with_weeks_before(city)
    await write(city, WORDLESS, Watch(encoder))
    assert await told(city) == []
    await write(city, LETTERS[:8], Watch(encoder))
    assert [event.stage for event in await told(city)] == ["emerged"]


async def test_whoever_wants_no_automation_reaches_no_encoder(city: City) -> None:
    meaning = Meaning()
    await write(city, LETTERS[:2], Watch(meaning), automation="no")
    assert meaning.asked == []


def test_an_encoder_that_is_not_there_is_none() -> None:
    assert encoder_backends.of_matters(Settings(matters_encoder="endpoint")) is None
    assert encoder_backends.of_matters(Settings()) is None
