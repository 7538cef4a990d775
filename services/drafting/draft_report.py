"""Measures whole drafts against a golden set: right passages, what must and must not be said, silence where nothing answers. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from schemas.drafts_proposed import DraftProposed
from schemas.values import Urgency
from services.drafting import tokenization


class GoldenRequest(BaseModel):
    """A message with what a good draft of it says: one line of a golden set."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    message: str
    subject: str | None = None
    category: str
    department: str = ""
    urgency: Urgency = Urgency.NORMAL
    passages: list[str] = []
    """Of which at least one is to be cited; none where nothing published answers."""
    must_say: list[list[str]] = []
    """Facts, each as the forms that it may have."""
    must_not_say: list[str] = []
    abstain: bool = False
    part: str = "test"


@dataclass(frozen=True)
class Outcome:
    """What became of one message."""

    id: str
    language: str
    right_passage: bool | None
    """None where nothing is to be cited."""
    silent: bool | None
    """Whether it cites nothing where nothing answers; None where something does."""
    missing: tuple[str, ...]
    wrong: tuple[str, ...]
    checks_failed: tuple[str, ...]
    drafted_by: str
    cites: bool

    @property
    def misleading(self) -> bool:
        """Says what it must not, or cites where nothing answers or nothing of it does: saying less than it could misleads nobody."""
        return bool(self.wrong) or self.silent is False or (self.cites and self.right_passage is False)

    @property
    def good(self) -> bool:
        """Cites what it should or nothing where it should not, says what it must and nothing that it must not."""
        return self.right_passage is not False and self.silent is not False and not self.missing and not self.wrong


def outcome(golden: GoldenRequest, draft: DraftProposed) -> Outcome:
    """A draft beside what a good one says; words are compared without case, accents and spacing."""
    text = _plain(f"{draft.subject}\n{draft.body}")
    cited = {citation.passage_id for citation in draft.citations}
    return Outcome(
        id=golden.id,
        language=golden.language,
        right_passage=bool(cited & set(golden.passages)) if golden.passages else None,
        silent=not cited if golden.abstain else None,
        missing=tuple(forms[0] for forms in golden.must_say if forms and not any(_plain(form) in text for form in forms)),
        wrong=tuple(words for words in golden.must_not_say if _plain(words) in text),
        checks_failed=tuple(check.name for check in draft.checks if not check.passed),
        drafted_by=draft.drafted_by,
        cites=bool(cited),
    )


@dataclass(frozen=True)
class Shares:
    """Shares of 0 to 1 over the messages that each concerns."""

    messages: int
    good: float
    right_passage: float
    silent: float
    says_all: float
    says_nothing_wrong: float
    wrong_unmarked: float
    """Of all: misleading drafts with every check passed."""


def shares(outcomes: Sequence[Outcome]) -> Shares:
    """How good the drafts of a set are."""
    cited = [o.right_passage for o in outcomes if o.right_passage is not None]
    silent = [o.silent for o in outcomes if o.silent is not None]
    return Shares(
        messages=len(outcomes),
        good=_share([o.good for o in outcomes]),
        right_passage=_share(cited),
        silent=_share(silent),
        says_all=_share([not o.missing for o in outcomes]),
        says_nothing_wrong=_share([not o.wrong for o in outcomes]),
        wrong_unmarked=_share([o.misleading and not o.checks_failed for o in outcomes]),
    )


SHARES = tuple(f.name for f in fields(Shares) if f.name != "messages")
AT_MOST = frozenset(("wrong_unmarked",))
"""Shares that a floor is a ceiling for."""


def missed(shares: Shares, limits: Mapping[str, float]) -> list[str]:
    """The shares that are worse than their limit, each in a sentence."""
    figures = asdict(shares)
    return [
        f"{name.replace('_', ' ')} is {figures[name]:.3f}, {'at most' if name in AT_MOST else 'at least'} {limit} is wanted"
        for name, limit in limits.items()
        if (figures[name] > limit if name in AT_MOST else figures[name] < limit)
    ]


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 1.0


def _plain(text: str) -> str:
    return " ".join(tokenization.split(text)) if any(c.isalnum() for c in text) else text
