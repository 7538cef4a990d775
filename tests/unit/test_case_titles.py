"""What a case is called in lists and at the top of its page."""

import pytest

from services.review.cases.case_state import LONGEST_TITLE, Case
from tests.case_builders import a_new_case, received


@pytest.mark.parametrize(("subject", "body"), [("word " * 60, "x"), (None, "word\n" * 60)])
def test_a_title_that_is_cut_says_so_and_a_short_one_is_whole(subject: str | None, body: str) -> None:
    title = case_of(subject, body).title
    assert len(title) <= LONGEST_TITLE
    assert title.endswith("word…")
    assert case_of("word " * 3, body).title == "word word word"
    assert case_of("w" * LONGEST_TITLE, body).title == "w" * LONGEST_TITLE


def case_of(subject: str | None, body: str) -> Case:
    return a_new_case().model_copy(update={"request": received(subject=subject, body=body)})
