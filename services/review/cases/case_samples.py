"""Figures of the open cases, for whoever watches: how many, how old, overdue, in danger."""

from collections.abc import Collection

from services.review.cases import statistics_store
from services.runtime import clock, metrics
from services.runtime.database import Database
from services.runtime.metric_samples import Sample

STATES = (metrics.CASES, metrics.CASE_OLDEST, metrics.CASES_OVERDUE, metrics.EMERGENCIES_WAITING, metrics.EMERGENCY_OLDEST)


def of(database: Database, departments: Collection[str]) -> Sample:
    """The sample of the cases; `departments` are those of the taxonomy."""

    async def sample() -> None:
        now = clock.now()
        async with database.reading() as session:
            open_cases = await statistics_store.open_cases(session, now, departments)
            pinned, oldest = await statistics_store.pinned_for_danger(session)
        for state in STATES[:3]:
            state.clear()
        overdue: dict[str, int] = {}
        for group in open_cases:
            department = group.department or "other"
            metrics.CASES.set(group.cases, state=group.state, department=department)
            metrics.CASE_OLDEST.set((now - group.oldest).total_seconds(), state=group.state, department=department)
            overdue[department] = overdue.get(department, 0) + group.overdue
        for department, cases in overdue.items():
            metrics.CASES_OVERDUE.set(cases, department=department)
        metrics.EMERGENCIES_WAITING.set(pinned)
        metrics.EMERGENCY_OLDEST.set((now - oldest).total_seconds() if oldest else 0.0)

    return sample
