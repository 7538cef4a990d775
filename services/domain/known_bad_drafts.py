"""Invented messages with drafts that are wrong in a known way: no citizen wrote them, and nothing of them is ever sent.

Review shows them to see whether mistakes are noticed; dispatch knows their ids, and refuses each of them whatever else goes wrong.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal, get_args
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field

from schemas.values import Channel

NAME = "known_bad_drafts.jsonl"
DRAFTS = UUID("5d0e2c3b-64c1-5c50-9b07-6f3c8f0a4d11")

Mistake = Literal["wrong_sum", "wrong_deadline", "other_bodys_matter", "promises_refund", "answers_another_question", "invented_phone"]
MISTAKES: tuple[Mistake, ...] = get_args(Mistake)


class Source(BaseModel):
    """The invented passage that the draft rests on; `path` goes behind the address of the agency's own pages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    path: str
    quote: str


class KnownBadDraft(BaseModel):
    """A message, its draft, which words of the draft are wrong, and what would be right."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    language: Literal["en", "fr"]
    category: str
    mistake: Mistake
    channel: Channel
    name: str
    subject: str
    body: str
    draft_subject: str
    draft_body: str
    source: Source
    wrong: Annotated[Sequence[str], Field(min_length=1)]
    right: str
    why: dict[str, str]
    terms: Sequence[str]

    @property
    def draft_id(self) -> UUID:
        """The same wherever the draft is shown: so everybody can refuse it."""
        return uuid5(DRAFTS, self.id)


@cache
def catalogue() -> tuple[KnownBadDraft, ...]:
    """All of them, in the order of the file."""
    lines = (files(__package__) / NAME).read_text(encoding="utf-8").splitlines()
    return tuple(KnownBadDraft.model_validate_json(line) for line in lines)


@cache
def by_id() -> dict[str, KnownBadDraft]:
    """Each by its id."""
    return {draft.id: draft for draft in catalogue()}


@cache
def draft_ids() -> frozenset[UUID]:
    """The ids of all of their drafts: no decision about one of these leaves, and none is delivered."""
    return frozenset(draft.draft_id for draft in catalogue())
