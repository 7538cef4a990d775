"""Which of two savings of a text stands, and which stay beside it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from services.review.cases.writing.written_text import PROGRAM, WrittenText, current, going_on, is_late, superseded, used, versions

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DRAFT = uuid4()
TEXT = WrittenText("anna@city.example", DRAFT, "body", "page-a", 10, "Dear Ines, the la", NOW)


def test_a_request_that_comes_late_puts_nothing_older_over_what_is_newer() -> None:
    newer = replace(TEXT, sequence=11, text="Dear Ines, the lamp")
    assert is_late([newer], TEXT)
    assert is_late([newer], newer), "twice is the same as once"
    assert not is_late([TEXT], newer)


def test_a_late_request_of_a_page_that_another_page_went_on_with_is_late_too() -> None:
    went_on = replace(TEXT, page="page-b", sequence=20, base_page="page-a", base=10)
    assert superseded([TEXT], went_on) == [TEXT]
    assert is_late([went_on], replace(TEXT, sequence=9))
    assert not is_late([went_on], replace(TEXT, sequence=11)), "what the other page never saw is not lost"


def test_two_windows_of_one_person_do_not_write_over_each_other() -> None:
    second = replace(TEXT, page="page-b", sequence=12, text="Dear Madam")
    assert not is_late([TEXT], second)
    assert superseded([TEXT], second) == []
    assert current([TEXT, second], "anna@city.example", DRAFT, "body") == second
    assert [version.body for version in versions([TEXT, second], "anna@city.example", DRAFT)] == ["Dear Ines, the la"]


def test_who_keeps_no_numbers_goes_on_with_what_they_saved_last_also_where_a_clock_is_ahead() -> None:
    ahead = replace(TEXT, sequence=10**13)
    sent = going_on([ahead], replace(TEXT, page=PROGRAM, sequence=10))
    assert sent.sequence == 10**13 + 1
    assert superseded([ahead], sent) == [ahead]


def test_what_was_used_does_not_come_back_by_a_late_request_and_other_windows_keep_theirs() -> None:
    elsewhere = replace(TEXT, page="page-b", sequence=9, text="Another beginning")
    mark = used([TEXT, elsewhere], "anna@city.example", DRAFT, "body", "page-a", NOW + timedelta(seconds=1))
    assert mark
    assert mark.text is None
    assert is_late([mark, elsewhere], TEXT)
    assert not is_late([mark], replace(TEXT, sequence=11)), "what is written afterwards is kept"
    assert elsewhere not in superseded([TEXT, elsewhere], mark)


def test_another_persons_text_is_never_touched() -> None:
    theirs = replace(TEXT, email="ben@city.example")
    mine = replace(TEXT, sequence=99, base_page="page-a", base=50)
    assert not is_late([mine], theirs)
    assert superseded([theirs], mine) == []
    assert [version.email for version in versions([theirs, mine], "anna@city.example", DRAFT)] == ["ben@city.example"]
