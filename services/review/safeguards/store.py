"""Reads and changes the rules about approvals; each change leaves with its audit entry, or not at all."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from services.review.audit import store as audit
from services.review.safeguards import rules
from services.review.safeguards.rules import Change, NotedRule
from services.review.safeguards.tables import SafeguardsRow
from services.runtime.database import Session, insert_new
from services.runtime.errors import Conflict


@dataclass(frozen=True)
class Standing:
    """The rules in force."""

    revision: int
    rules: tuple[NotedRule, ...] = ()
    draw_secret: str = field(default="", repr=False)


async def standing(session: Session) -> Standing:
    """What holds now."""
    return _standing(await session.get(SafeguardsRow, 1))


def _standing(row: SafeguardsRow | None) -> Standing:
    if row is None:
        return Standing(0)
    return Standing(row.revision, tuple(NotedRule.model_validate(rule) for rule in row.rules), row.draw_secret)


async def change(session: Session, wanted: Change, by: str, now: datetime, categories: Collection[str]) -> Standing:
    """Makes one rule, or takes it away. Raises InvalidInput, NotFound."""
    await insert_new(session, SafeguardsRow())
    row = await session.get(SafeguardsRow, 1, with_for_update=True, populate_existing=True)
    before = _standing(row)
    after = rules.changed(before.rules, wanted, by, now, categories)
    if row is None:
        raise Conflict("the rules are not there: try again")
    row.revision += 1
    row.draw_secret = row.draw_secret or secrets.token_hex(32)
    row.rules = [rule.model_dump(mode="json") for rule in after]
    about = rules.rule_of(wanted, categories).model_dump(mode="json")
    detail = about | {"in_force": not wanted.take_away, "why": wanted.why.strip(), "revision": row.revision}
    await audit.add(session, audit.Entry(now, by, "change approval rules", None, detail))
    return Standing(row.revision, tuple(after), row.draw_secret)
