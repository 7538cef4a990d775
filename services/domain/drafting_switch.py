"""Says which rule of the drafting switch decides for a letter: the most specific one. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.drafting_switched import Mode, SwitchRule
from schemas.requests_triaged import LetterKind, RequestTriaged
from services.domain.phrases import Phrase, Word


@dataclass(frozen=True)
class Decision:
    """What may draft, and the rule that says so; no rule: the model, where one is configured."""

    mode: Mode = "model"
    rule: SwitchRule | None = None

    @property
    def scope(self) -> str:
        """What the rule is about, in words."""
        return scope(self.rule) if self.rule else "everything"


def decide(rules: Iterable[SwitchRule], agency: str, category: str | None, letter: LetterKind | None) -> Decision:
    """The decision of the most specific rule that fits."""
    fitting = [
        rule for rule in rules if rule.agency in (None, agency) and rule.category in (None, category) and rule.letter in (None, letter)
    ]
    return Decision(max(fitting, key=weight).mode, max(fitting, key=weight)) if fitting else Decision()


def decide_for(rules: Iterable[SwitchRule], triaged: RequestTriaged) -> Decision:
    """The decision for a letter, of the kind that it most likely is."""
    return decide(rules, triaged.agency, triaged.category, triaged.letter)


def weight(rule: SwitchRule) -> tuple[int, bool, bool, bool]:
    """How specific a rule is: one that names more goes first; of as many names agency counts before category, and category before kind."""
    named = (rule.agency is not None, rule.category is not None, rule.letter is not None)
    return (sum(named), *named)


def scope(rule: SwitchRule) -> str:
    """What a rule is about, in words."""
    parts = (
        Phrase(f"agency {rule.agency}") if rule.agency else "",
        Phrase(f"category {rule.category}") if rule.category else "",
        Phrase(f"letters of the kind {rule.letter}") if rule.letter else "",
    )
    return ", ".join(part for part in parts if part) or Word("everything")
