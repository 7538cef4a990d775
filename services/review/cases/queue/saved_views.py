"""The views above the queue: those that everybody has, and before them a person's own. All are addresses."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from schemas import invisible_characters
from services.domain.taxonomy import Taxonomy
from services.review.cases.queue import case_lists, saved_view_store
from services.review.cases.queue.queue_page import QueueFilters, Tab
from services.review.cases.queue.queue_view import view_of, view_text
from services.review.cases.queue.saved_view_bar import ViewBar, ViewLink
from services.review.cases.queue.saved_view_store import MOST_COUNTED
from services.review.cases.second_look import look_store
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.web.translation import reader
from services.runtime import clock
from services.runtime.database import Session
from services.runtime.errors import InvalidInput

MOST_NAME = 60


def name_of(text: str) -> str:
    """A name as it is kept. Raises InvalidInput."""
    name = invisible_characters.one_line(text).strip()
    if invisible_characters.is_blank(name):
        raise InvalidInput("name: say what the view is called", field="name")
    if len(name) > MOST_NAME:
        raise InvalidInput(f"name: at most {MOST_NAME} characters, this has {len(name)}", field="name")
    return name


def everybodys(person: Person) -> list[tuple[str, QueueFilters]]:
    """The views that everybody has; each department that somebody is limited to is one."""
    return [
        ("mine", QueueFilters(tab=Tab.OPEN, mine=True)),
        ("mentions", QueueFilters(tab=Tab.OPEN, mentions=True)),
        *(("department", QueueFilters(tab=Tab.OPEN, department=department)) for department in person.departments),
        ("sort", QueueFilters(tab=Tab.SORT)),
        ("urgent", QueueFilters(tab=Tab.OPEN, urgent=True)),
        ("overdue", QueueFilters(tab=Tab.OPEN, overdue=True)),
        ("second-approval", QueueFilters(tab=Tab.OPEN, second_approval=True)),
        ("by-hand", QueueFilters(tab=Tab.BY_HAND)),
        ("undelivered", QueueFilters(tab=Tab.UNDELIVERED)),
    ]


async def bar(session: Session, filters: QueueFilters, person: Person, taxonomy: Taxonomy) -> ViewBar:
    """The views of a person, with their counts."""
    own = [(view, kept) for view in await saved_view_store.of_person(session, person.email) if (kept := view_of(view.filters))]
    shared = everybodys(person)
    counted = [kept.query(person) for _, kept in (*own, *shared)]
    counts = await _counts(session, counted)
    shown = _plain(filters)
    links = [
        ViewLink(kind="own", name=view.name, view_id=view.view_id, **_place(kept, shown, count))
        for (view, kept), count in zip(own, counts, strict=False)
    ]
    for (kind, kept), count in zip(shared, counts[len(own) :], strict=True):
        label = taxonomy.department_label(kept.department, reader().language) if kind == "department" else ""
        link = ViewLink(kind=kind, name=label, **_place(kept, shown, count))
        links.append(link.model_copy(update={"alarming": bool(count) and kind in ("overdue", "undelivered", "by-hand")}))
    if looks := await look_store.open_for(session, person, clock.now()):
        links.append(ViewLink(kind="second-look", address="/second-look", count=len(looks), current=False))
    current = next((link for link in links if link.current and link.view_id), None)
    return ViewBar(
        links=links,
        filters=view_text(shown),
        own=current,
        savable=filters.narrowed and not any(link.current for link in links),
        back=shown.address(),
        second_waits_long=await look_store.waiting_long(session, person.scope, clock.now()) if person.may(Power.LEAD) else 0,
        second_address=QueueFilters(tab=Tab.OPEN, second_approval=True).address(),
    )


async def _counts(session: Session, queries: Sequence[case_lists.Query]) -> list[int | None]:
    plain = [query for query in queries if not query.text]
    counts = iter(await saved_view_store.counts(session, plain))
    return [None if query.text else next(counts) for query in queries]


def _plain(filters: QueueFilters) -> QueueFilters:
    """The same from its beginning."""
    return filters.model_copy(update={"cursor": "", "flash": "", "decided": None})


def _place(kept: QueueFilters, shown: QueueFilters, count: int | None) -> dict[str, Any]:
    more = count is not None and count >= MOST_COUNTED
    return {
        "address": kept.address(),
        "count": MOST_COUNTED - 1 if more else count,
        "more": more,
        "current": kept.address() == shown.address(),
    }


def with_flash(address: str, flash: str) -> str:
    """The address of a view, saying what has been done."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'flash': flash})}"
