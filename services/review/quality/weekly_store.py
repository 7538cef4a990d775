"""Reads what a weekly report tells, and writes it from a template."""

from dataclasses import replace
from datetime import datetime

from markupsafe import Markup

from services.domain.taxonomy import Taxonomy
from services.review.cases import statistics_store
from services.review.people.rules import Scope
from services.review.quality import store, weekly
from services.review.quality.edit_report import Group
from services.review.quality.gaps import GapGroup, grouped
from services.review.quality.weekly import CategoryWeek, Week
from services.review.web.templating import Page, environment
from services.runtime.database import Session

EXAMPLES = 3
SHOWN_GAPS = 10
SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]()#+-.!|~"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})


class WeeklyReport(Page):
    """A week in words: of all agencies, or of one."""

    week: Week
    agency: str
    total: int
    average: float
    categories: list[CategoryWeek]
    late: dict[str, int]
    drafts: Group
    gaps: list[GapGroup]
    labels: dict[str, str]


async def report(session: Session, week: Week, taxonomy: Taxonomy, agency: str, now: datetime) -> WeeklyReport:
    """What came in, what rises, what is late, how drafts fared, and what nothing published answered."""
    scope = Scope(agencies=(agency,)) if agency else Scope()
    mail = (await store.mail_between(session, week.since, week.until, scope)).by_category
    earlier = [weekly.earlier(week, weeks, taxonomy) for weeks in range(1, weekly.WEEKS_BEFORE + 1)]
    before = [(await store.mail_between(session, past.since, past.until, scope)).by_category for past in earlier]
    lines = []
    for line in weekly.compared(mail, before):
        examples: list[str] = []
        if line.rises:
            examples = await statistics_store.redacted_beginnings(session, week.since, week.until, line.category, scope, EXAMPLES)
        lines.append(replace(line, examples=tuple(examples)))
    gaps = [gap for gap in await store.gaps_since(session, week.since, scope, agency or None) if gap.received_at < week.until]
    return WeeklyReport(
        now=now,
        week=week,
        agency=agency,
        total=sum(mail.values()),
        average=sum(sum(counts.values()) for counts in before) / len(before),
        categories=lines,
        late=await statistics_store.late_by_category(session, min(now, week.until), scope),
        drafts=(await store.tally_since(session, week.since, scope, agency or None, week.until)).all,
        gaps=grouped(gaps, await store.some_mail(session, scope))[:SHOWN_GAPS],
        labels={name: taxonomy.label(name) for name in taxonomy.names},
    )


def written(report: WeeklyReport, form: str) -> str:
    """The report as Markdown or HTML; citizens' words do nothing in either."""
    template = environment().get_template(f"weekly_report.{form}")
    return template.render(page=report, plain=lambda text: Markup(str(text).translate(SPECIAL)))  # noqa: S704 - escaped right here
