"""Changes the rules of the drafting switch. Pure; time is an argument."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.drafting_switched import MODES, Mode, SwitchRule
from schemas.requests_triaged import LETTER_KINDS, LetterKind
from schemas.values import Moment
from services.domain.drafting_switch import weight
from services.domain.phrases import Phrase
from services.review.people.powers import Power
from services.review.people.rules import Person
from services.review.web import rule_fields
from services.runtime.errors import InvalidInput, NotAllowed, NotFound

TAKE_AWAY = "none"
"""What people write for the mode where they take a rule away."""
MOST_RULES = 500


class NotedRule(SwitchRule):
    """A rule with who made it, when and why."""

    changed_by: str
    changed_at: Moment
    why: str

    @property
    def place(self) -> tuple[str | None, str | None, str | None]:
        """What it is about: there is one rule for each."""
        return (self.agency, self.category, self.letter)

    def plain(self) -> SwitchRule:
        """The rule alone, as other services need it."""
        return SwitchRule(agency=self.agency, category=self.category, letter=self.letter, mode=self.mode)


@dataclass(frozen=True)
class Change:
    """A change that somebody asks for. Without a mode the rule is taken away."""

    mode: str | None
    agency: str | None = None
    category: str | None = None
    letter: str | None = None
    why: str = ""


def may_switch(person: Person) -> bool:
    """Whether the switch is theirs: an admin's, and a supervisor's who is not limited."""
    return person.may(Power.SWITCH_DRAFTING)


def must_switch(person: Person) -> None:
    """Raises NotAllowed."""
    if not may_switch(person):
        raise NotAllowed(
            f"{person.email} may not change what drafts are made with: that is for admins, and for supervisors without a limit"
        )


def changed(rules: Sequence[NotedRule], change: Change, by: str, now: datetime, categories: Collection[str]) -> list[NotedRule]:
    """The rules after the change, the most specific first. Raises InvalidInput naming the field, NotFound where there is no such rule."""
    agency, category, letter = rule_fields.agency(change.agency), rule_fields.category(change.category, categories), _letter(change.letter)
    why = rule_fields.reason(change.why, Phrase("it stays in the log"))
    others = [rule for rule in rules if rule.place != (agency, category, letter)]
    mode = change.mode
    if mode is None:
        if len(others) == len(rules):
            raise NotFound("there is no such rule: nothing is taken away")
        return others
    if mode not in MODES:
        raise InvalidInput(f"mode: there is no {mode!r}; use one of {', '.join(MODES)}", field="mode")
    if len(others) >= MOST_RULES:
        raise InvalidInput(f"mode: there are {MOST_RULES} rules already; take some away, or name less in one", field="mode")
    rule = NotedRule(agency=agency, category=category, letter=letter, mode=mode, changed_by=by, changed_at=now, why=why)
    return sorted([*others, rule], key=weight, reverse=True)


def place_of(change: Change) -> tuple[str | None, str | None, str | None]:
    """What a change is about, with nothing for any."""
    return (rule_fields.named(change.agency), rule_fields.named(change.category), rule_fields.named(change.letter))


def _letter(value: str | None) -> LetterKind | None:
    kind = rule_fields.named(value)
    for letter in LETTER_KINDS:
        if letter == kind:
            return letter
    if kind is None:
        return None
    raise InvalidInput(f"letter: there is no {kind!r}; use one of {', '.join(LETTER_KINDS)}", field="letter")


def mode_at(rules: Sequence[NotedRule], place: tuple[str | None, str | None, str | None]) -> Mode | None:
    """What the rule of exactly that place says."""
    return next((rule.mode for rule in rules if rule.place == place), None)
