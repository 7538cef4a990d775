"""The orders of lists, the place in one that a cursor names, and which cases a page shows. Pure.

A page is cut out of the first cases of each agency after the cursor, or of the last before it: never out of all cases.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from schemas.values import EARLIEST, Urgency
from services.runtime.errors import InvalidInput

RANKS = {urgency: rank for rank, urgency in enumerate(Urgency)}
THOUSANDTHS = 1000  # whole numbers: a cursor that holds a fraction might not find its place again
FAR = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
"""When something is due that is not due: behind all that is."""
Sort = Literal["urgency", "due", "received", "-received"]
Place = tuple[Any, ...]

# An emergency that waits for somebody is at the top of every list, the surest first, however the rest is sorted.
ORDERS: dict[Sort, tuple[str, ...]] = {
    "urgency": ("not_pressing", "urgency_rank", "due", "received_at", "request_id"),
    "due": ("not_pressing", "due", "received_at", "request_id"),
    "received": ("not_pressing", "received_at", "request_id"),
    "-received": ("pressing", "received_at", "request_id"),
}
DESCENDING: frozenset[Sort] = frozenset({"-received"})


class Key(NamedTuple):
    """What a case is sorted by."""

    request_id: UUID
    agency: str
    pressing: int
    urgency_rank: int
    due: datetime
    received_at: datetime

    @property
    def not_pressing(self) -> int:
        """The same for an order that goes up."""
        return -self.pressing

    @property
    def kind(self) -> int:
        """Within which agencies take turns: emergencies are one kind, doubts behind them another, all else one kind an urgency."""
        return self.urgency_rank - len(RANKS) if self.pressing else self.urgency_rank

    def place(self, sort: Sort) -> Place:
        """Its place in that order."""
        return tuple(getattr(self, name) for name in ORDERS[sort])


@dataclass(frozen=True)
class Cursor:
    """The border between two pages: how far each agency has been shown. `back` asks for what comes before it.

    Only the order by urgency goes agency by agency; in the others one place, under no agency, is that of all.
    """

    shown_until: Mapping[str, Place]
    back: bool = False

    def until(self, agency: str) -> Place | None:
        """How far that agency has been shown; None where nothing of it was."""
        return self.shown_until.get(agency, self.shown_until.get(""))


START = Cursor({})


@dataclass(frozen=True)
class Cut:
    """The cases of one page in their order, with the borders to the next and to the one before, where there are such."""

    keys: list[Key]
    next: Cursor | None
    previous: Cursor | None


def cut(keys: Iterable[Key], sort: Sort, cursor: Cursor, limit: int) -> Cut:
    """The page. `keys` hold at least the first `limit` + 1 cases of each agency after the border, or the last before it."""
    beyond = [key for key in keys if _is_beyond(key, sort, cursor)]
    ordered = _ordered(beyond, sort, back=cursor.back)
    shown, more = ordered[:limit], len(ordered) > limit
    if not cursor.back:
        end = _border(shown, sort, cursor) if more else None
        return Cut(shown, end, Cursor(cursor.shown_until, back=True) if cursor.shown_until else None)
    shown = _ordered(shown, sort, back=False)
    rest = ordered[limit:]
    start = Cursor(_last_of_each(rest, sort), back=True) if more else None
    return Cut(shown, Cursor(cursor.shown_until), start)


def _is_beyond(key: Key, sort: Sort, cursor: Cursor) -> bool:
    until = cursor.until(key.agency)
    if until is None:
        return not cursor.back
    after = key.place(sort) < until if sort in DESCENDING else key.place(sort) > until
    return after is not cursor.back


def _ordered(keys: Sequence[Key], sort: Sort, *, back: bool) -> list[Key]:
    """In the order of the list, or against it."""
    in_place = sorted(keys, key=lambda key: key.place(sort), reverse=(sort in DESCENDING) is not back)
    if sort != "urgency":
        return in_place
    # The first of each agency, then the second of each: a burst of one agency stands between the cases of others.
    turns: Counter[tuple[int, str]] = Counter()
    numbered = []
    for number, key in enumerate(in_place):
        turns[key.kind, key.agency] += 1
        numbered.append((-key.kind if back else key.kind, turns[key.kind, key.agency], number, key))
    return [key for *_, key in sorted(numbered, key=lambda turn: turn[:3])]


def _border(shown: Sequence[Key], sort: Sort, cursor: Cursor) -> Cursor:
    return Cursor({**cursor.shown_until, **_last_of_each(shown, sort)})


def _last_of_each(keys: Iterable[Key], sort: Sort) -> dict[str, Place]:
    """The farthest place of each agency."""
    last: dict[str, Place] = {}
    for key in keys:
        agency, place = key.agency if sort == "urgency" else "", key.place(sort)
        farthest = last.get(agency, place)
        last[agency] = min(farthest, place) if sort in DESCENDING else max(farthest, place)
    return last


def written(cursor: Cursor | None, sort: Sort) -> str | None:
    """A cursor as an address carries it."""
    if cursor is None:
        return None
    places = {agency: [_plain(value) for value in place] for agency, place in cursor.shown_until.items()}
    value: object = places if sort == "urgency" else next(iter(places.values()))
    value = {"before": value} if cursor.back else value
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def read(text: str | None, sort: Sort) -> Cursor:
    """The cursor of an address. Raises InvalidInput where it is none of such a list."""
    if not text:
        return START
    with _of_this_listing():
        value = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        back = isinstance(value, dict) and set(value) == {"before"} and (sort != "urgency" or isinstance(value["before"], dict))
        value = value["before"] if back else value
        places = value if sort == "urgency" else {"": value}
        return Cursor({agency: _place(place, sort) for agency, place in places.items()}, back)


def _plain(value: object) -> object:
    return value if isinstance(value, int) else value.isoformat() if isinstance(value, datetime) else str(value)


def _place(values: Any, sort: Sort) -> Place:  # noqa: ANN401 - whatever was sent
    return tuple(_READERS.get(name, _moment)(value) for value, name in zip(values, ORDERS[sort], strict=True))


def _rank(value: int) -> int:
    if value not in RANKS.values():
        raise ValueError
    return value


def _thousandths(value: int) -> int:
    if not isinstance(value, int) or abs(value) > 1 + THOUSANDTHS:
        raise ValueError
    return value


def _moment(value: str) -> datetime:
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None or moment.year < EARLIEST.year:
        raise ValueError
    return moment


_READERS: dict[str, Any] = {"urgency_rank": _rank, "pressing": _thousandths, "not_pressing": _thousandths, "request_id": UUID}


@contextmanager
def _of_this_listing() -> Iterator[None]:
    try:
        yield
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError):
        raise InvalidInput("cursor: not one of this listing; start again without it", field="cursor") from None
