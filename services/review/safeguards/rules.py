"""Which approvals need more than one person's word, and how those rules change. Pure; time is an argument."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict

from schemas.values import Moment, Urgency
from services.domain.phrases import Phrase
from services.review.people.powers import Power
from services.review.people.rules import Person, must
from services.review.web import rule_fields
from services.runtime.errors import InvalidInput, NotFound

Kind = Literal["second_person", "look_at_figures", "second_look", "look_before_sending", "test_drafts"]
KINDS: tuple[Kind, ...] = get_args(Kind)
HELD: Kind = "look_before_sending"
WITH_SHARE: frozenset[Kind] = frozenset({"second_look", HELD, "test_drafts"})
"""Kinds that are about a share of decisions: of the rules that fit, the one that names most holds, so that an agency may say 0."""

SECOND_PERSON: frozenset[Kind] = frozenset({"second_person", HELD})
"""Kinds under which an approval is the first of two."""

ANY_CHECK = "any"
"""A rule about it is about every check that a draft may fail."""
CHECKS = (
    ANY_CHECK,
    "no_unsupported_numbers",
    "no_unpublished_commitments",
    "true_to_passages",
    "no_unknown_names",
    "dates_are_to_come",
    "grounded",
    "cites_known_passages",
    "quotes_verbatim",
    "answers_the_question",
    "answers_the_message",
    "answers_each_matter",
    "kind_is_plain",
    "leads_with_help",
    "puts_nobody_off",
    "language_matches",
    "readable",
    "no_foreign_links",
    "no_unknown_placeholders",
    "follows_no_instructions",
)
"""The checks that the page offers; a rule may name any that a draft has."""
MOST_RULES = 500
MOST_SHARE = 50

_CHECK = re.compile(r"[a-z][a-z_]{0,59}")


class Rule(BaseModel):
    """A rule, and what it is about: all that it names must be so. What is null is any."""

    model_config = ConfigDict(frozen=True)

    kind: Kind = "second_person"
    agency: str | None = None
    category: str | None = None
    urgency: Urgency | None = None
    check: str | None = None
    share: int | None = None
    """Of a hundred decisions so many, where the kind is about a share."""

    @property
    def place(self) -> tuple[str, str | None, str | None, str | None, str | None]:
        """There is one rule for each."""
        return (self.kind, self.agency, self.category, self.urgency, self.check)

    @property
    def order(self) -> tuple[str, ...]:
        """By kind, agency and so on, in every list alike."""
        return tuple(part or "" for part in self.place)


class NotedRule(Rule):
    """A rule with who made it, when and why."""

    changed_by: str
    changed_at: Moment
    why: str


@dataclass(frozen=True)
class Change:
    """A change that somebody asks for: a rule is made, or taken away. Empty or `*` is any."""

    kind: str = "second_person"
    agency: str | None = None
    category: str | None = None
    urgency: str | None = None
    check: str | None = None
    share: str | None = None
    why: str = ""
    take_away: bool = False


@dataclass(frozen=True)
class Approval:
    """What the rules look at of an approval."""

    agency: str | None
    category: str | None
    urgency: Urgency
    failed_checks: Collection[str] = ()


def may_change(person: Person) -> bool:
    """Whether the rules are theirs to change: an admin's, and a supervisor's who is not limited."""
    return person.may(Power.SET_SAFEGUARDS)


def must_change(person: Person) -> None:
    """Raises NotAllowed."""
    must(person, Power.SET_SAFEGUARDS)


def asking(rules: Sequence[NotedRule], kind: Kind, approval: Approval) -> NotedRule | None:
    """The first rule of that kind that fits the approval."""
    return next((rule for rule in rules if rule.kind == kind and _fits(rule, approval)), None)


def closest(rules: Sequence[NotedRule], kind: Kind, approval: Approval) -> NotedRule | None:
    """The rule of that kind that names most of the approval."""
    fitting = [rule for rule in rules if rule.kind == kind and _fits(rule, approval)]
    return max(fitting, key=lambda rule: (rule.agency is not None, rule.category is not None, rule.urgency is not None), default=None)


def share_of(rules: Sequence[NotedRule], kind: Kind, approval: Approval) -> int:
    """Of a hundred such decisions how many the rules ask for: as the closest says."""
    rule = closest(rules, kind, approval)
    return rule.share or 0 if rule else 0


def standing(rules: Sequence[NotedRule], rule: Rule) -> NotedRule | None:
    """The rule of the same place, where there still is one."""
    return next((other for other in rules if other.place == rule.place), None)


def plain(rule: Rule) -> Rule:
    """The rule alone: what a case keeps of it, and what the log has."""
    return Rule(kind=rule.kind, agency=rule.agency, category=rule.category, urgency=rule.urgency, check=rule.check)


def _fits(rule: Rule, approval: Approval) -> bool:
    return (
        rule.agency in (None, approval.agency)
        and rule.category in (None, approval.category)
        and rule.urgency in (None, approval.urgency)
        and (rule.check is None or rule.check in approval.failed_checks or (rule.check == ANY_CHECK and bool(approval.failed_checks)))
    )


def rule_of(change: Change, categories: Collection[str]) -> Rule:
    """The rule that a change is about. Raises InvalidInput naming the field."""
    kind = next((kind for kind in KINDS if kind == change.kind.strip()), None)
    if kind is None:
        raise InvalidInput(f"kind: there is no {change.kind!r}; use one of {', '.join(KINDS)}", field="kind")
    if kind in WITH_SHARE and (rule_fields.named(change.urgency) or rule_fields.named(change.check)):
        field = "urgency" if rule_fields.named(change.urgency) else "check"
        raise InvalidInput(f"{field}: shares go by agency and category alone; leave it out", field=field)
    return Rule(
        kind=kind,
        agency=rule_fields.agency(change.agency),
        category=rule_fields.category(change.category, categories),
        urgency=_urgency(change.urgency),
        check=_check(change.check),
        share=None if change.take_away else _share(change.share, kind),
    )


def changed(rules: Sequence[NotedRule], change: Change, by: str, now: datetime, categories: Collection[str]) -> list[NotedRule]:
    """The rules after the change. Raises InvalidInput naming the field, NotFound where there is no such rule."""
    rule, why = rule_of(change, categories), rule_fields.reason(change.why, Phrase("it stays in the log, and staff read it"))
    others = [other for other in rules if other.place != rule.place]
    if change.take_away:
        if len(others) == len(rules):
            raise NotFound("there is no such rule: nothing is taken away")
        return others
    if len(others) >= MOST_RULES:
        raise InvalidInput(f"kind: there are {MOST_RULES} rules already; take some away, or name less in one", field="kind")
    noted = NotedRule(**rule.model_dump(), changed_by=by, changed_at=now, why=why)
    return sorted([*others, noted], key=lambda other: other.order)


def _urgency(value: str | None) -> Urgency | None:
    urgency = rule_fields.named(value)
    if urgency is not None and urgency not in set(Urgency):
        raise InvalidInput(f"urgency: there is no {urgency!r}; use one of {', '.join(Urgency)}", field="urgency")
    return None if urgency is None else Urgency(urgency)


def _check(value: str | None) -> str | None:
    check = rule_fields.named(value)
    if check is not None and not _CHECK.fullmatch(check):
        raise InvalidInput(
            f"check: {check[:60]!r} is no check's name; use one as drafts have it, such as grounded, or {ANY_CHECK}", field="check"
        )
    return check


def _share(value: str | None, kind: Kind) -> int | None:
    share = (value or "").strip()
    if kind not in WITH_SHARE:
        if share:
            raise InvalidInput(f"share: {kind} is about every approval that fits; leave it out", field="share")
        return None
    if not re.fullmatch(r"[0-9]{1,3}", share, re.ASCII) or int(share) > MOST_SHARE:
        raise InvalidInput(
            f"share: {share[:20]!r} is no whole number from 0 to {MOST_SHARE}: of a hundred decisions so many", field="share"
        )
    return int(share)
