"""Pages of a list: every case once forwards and backwards, agencies in turns, and nothing shifted by what comes and goes."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.review.cases.queue import list_order
from services.review.cases.queue.list_order import START, Cursor, Key, Sort
from services.runtime.errors import InvalidInput

SORTS: tuple[Sort, ...] = ("urgency", "due", "received", "-received")


def a_key(chance: random.Random) -> Key:
    """Many of the same urgency and moment, so that order is decided by what comes last."""
    at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=chance.randrange(6))
    danger, doubt = chance.random() < 0.1, chance.random() < 0.1
    rank = 0 if danger else 1 if doubt else chance.randrange(4)
    due = list_order.FAR if chance.random() < 0.1 else at + timedelta(days=chance.randrange(3))
    return Key(
        UUID(int=chance.getrandbits(128)),
        chance.choice("abcde"),
        chance.choice((501, 1001)) if danger else chance.choice((201, 401)) * doubt,
        rank,
        due,
        at,
    )


def forwards(keys: list[Key], sort: Sort, limit: int) -> tuple[list[list[Key]], Cursor | None]:
    """All pages, and the border to what is before the last."""
    pages, cursor, previous = [], START, None
    while True:
        cut = list_order.cut(keys, sort, list_order.read(list_order.written(cursor, sort) if cursor.shown_until else None, sort), limit)
        pages.append(cut.keys)
        previous = cut.previous
        if cut.next is None:
            return pages, previous
        cursor = cut.next


@pytest.mark.parametrize("sort", SORTS)
def test_every_case_is_shown_once_forwards_and_once_backwards(sort: Sort) -> None:
    for seed in range(30):
        chance = random.Random(seed)
        keys = [a_key(chance) for _ in range(chance.randrange(1, 60))]
        pages, previous = forwards(keys, sort, 7)
        assert sorted(key for page in pages for key in page) == sorted(keys)

        back: list[Key] = list(pages[-1])
        while previous is not None:
            cut = list_order.cut(keys, sort, list_order.read(list_order.written(previous, sort), sort), 7)
            assert cut.next is not None, "what was shown first is still there"
            back += cut.keys
            again = list_order.cut(keys, sort, cut.next, 7)
            assert not set(again.keys) & set(cut.keys)
            previous = cut.previous
        assert sorted(back) == sorted(keys)


@pytest.mark.parametrize("sort", ["due", "received", "-received"])
def test_the_page_before_is_the_page_that_was_shown(sort: Sort) -> None:
    chance = random.Random(7)
    keys = [a_key(chance) for _ in range(40)]
    pages, previous = forwards(keys, sort, 8)
    for page in reversed(pages[:-1]):
        assert previous is not None
        cut = list_order.cut(keys, sort, previous, 8)
        assert cut.keys == page
        previous = cut.previous


def test_what_comes_meanwhile_shifts_nothing_that_was_shown() -> None:
    chance = random.Random(8)
    keys = [a_key(chance) for _ in range(40)]
    for sort in SORTS:
        first = list_order.cut(keys, sort, START, 10)
        assert first.next is not None
        later = [*keys, *(a_key(chance) for _ in range(40))]
        second = list_order.cut(later, sort, first.next, 10)
        assert not set(second.keys) & set(first.keys)
        assert second.previous is not None
        assert set(first.keys) <= {key for page in all_before(later, sort, second.previous) for key in page}


def all_before(keys: list[Key], sort: Sort, previous: Cursor | None) -> list[list[Key]]:
    pages = []
    while previous is not None:
        cut = list_order.cut(keys, sort, previous, 10)
        pages.append(cut.keys)
        previous = cut.previous
    return pages


def test_a_burst_of_one_agency_takes_turns_with_the_others() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    keys = [Key(UUID(int=n), "burst", 0, 1, at, at) for n in range(20)] + [Key(UUID(int=100 + n), "quiet", 0, 1, at, at) for n in range(2)]
    assert [key.agency for key in list_order.cut(keys, "urgency", START, 6).keys] == ["burst", "quiet", "burst", "quiet", "burst", "burst"]


def test_no_doubt_stands_before_an_emergency_of_an_agency_that_has_many() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    fires = [Key(UUID(int=n), "burst", 901, 0, at, at) for n in range(3)]
    doubts = [Key(UUID(int=100 + n), agency, 301, 1, at, at) for n, agency in enumerate(("quiet", "burst", "quiet"))]
    shown = list_order.cut([*doubts, *fires], "urgency", START, 9).keys
    assert [(key.pressing, key.agency) for key in shown[3:]] == [(301, "quiet"), (301, "burst"), (301, "quiet")]
    assert {key.pressing for key in shown[:3]} == {901}


@pytest.mark.parametrize("text", ["x", "e30x", "bnVsbA", "WzFd", "eyJiZWZvcmUiOjF9", "9" * 500])
def test_a_cursor_of_another_listing_is_refused(text: str) -> None:
    for sort in SORTS:
        with pytest.raises(InvalidInput):
            list_order.read(text, sort)
