"""Reads what pictures show from the days that were added up: no request counts cases."""

from dataclasses import dataclass

from services.review.cases.daily_figures import daily_store
from services.review.cases.daily_figures.daily_store import Chosen
from services.review.quality.pictures import picture_rows
from services.review.quality.pictures.picture_rows import By, Overruled, Row, Sureness
from services.runtime.database import Session


@dataclass(frozen=True)
class Judged:
    """How far the classifier can be believed."""

    cells: list[Overruled]
    sureness: list[Sureness]


async def rows(session: Session, chosen: Chosen, by: By) -> list[Row]:
    """What came in and what was decided; by urgency what was decided alone."""
    months = by != "day" or picture_rows.are_months(chosen.first, chosen.last)
    came = await daily_store.sums(session, "received", chosen, (by,), months=months) if by != "urgency" else ()
    received = [(row[0], row.cases) for row in came]
    decided = await daily_store.sums(session, "decided", chosen, (by, "aspect", "bucket"), months=months)
    kinds = [(row[0], row.aspect, row.bucket, row.cases) for row in decided]
    if by == "day":
        return picture_rows.rows_of_days(chosen.first, chosen.last, received, kinds)
    return picture_rows.rows_of_names(by, chosen.first, chosen.last, received, kinds)


async def judged(session: Session, chosen: Chosen) -> Judged:
    """What the classifier said of cases that a person sorted, or answered as they were sorted."""
    sums = await daily_store.sums(session, "sorted", chosen, ("aspect", "category", "bucket"))
    return Judged(
        picture_rows.overruled((row.aspect, row.category, row.cases) for row in sums),
        picture_rows.sureness((row.bucket, row.aspect == row.category, row.cases, row.total) for row in sums),
    )
