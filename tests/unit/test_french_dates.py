"""The first of a month in what French citizens read."""

from datetime import UTC, date, datetime

import pytest

from services.domain.calendar_words import first_as_ordinal
from services.intake.open311 import sentences
from services.intake.web_form import templating
from services.review.cases.acknowledgements import acknowledgement
from services.review.cases.canned_replies import canned_replies
from tests.case_builders import CITY

FIRST = datetime(2026, 12, 1, 12, tzinfo=UTC)


def test_it_is_an_ordinal_wherever_a_day_is_written_out() -> None:
    assert acknowledgement.day(FIRST, UTC, "fr") == "mardi 1er décembre 2026"
    assert canned_replies.day_in_words(FIRST, "fr", CITY) == "1er décembre 2026"
    assert sentences.promise(FIRST.date(), "fr") == "Nous visons une réponse d’ici le 1er décembre 2026."
    assert templating.environment("fr").filters["day"](FIRST, UTC) == "1er décembre 2026"


@pytest.mark.parametrize("day", [2, 11, 21, 31])
def test_no_other_day_is(day: int) -> None:
    assert sentences.promise(date(2026, 12, day), "fr") == f"Nous visons une réponse d’ici le {day} décembre 2026."


def test_no_other_language_has_it() -> None:
    assert first_as_ordinal("1 December 2026", "en") == "1 December 2026"
    assert acknowledgement.day(FIRST, UTC, "it") == "martedì 1 dicembre 2026"
