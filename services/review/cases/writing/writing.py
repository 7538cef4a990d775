"""What a page sends of the words that are being written on it: as JSON while they are written, and with every form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from schemas.values import Prose
from services.review.cases.deciding.actions import (
    Action,
    AnswerByHand,
    Approve,
    Assign,
    Close,
    Forward,
    RecordDelivery,
    Redraft,
    Reject,
    SendBack,
)
from services.review.cases.writing.written_text import MAX_TEXT, NO_DRAFT, PROGRAM, WrittenText
from services.runtime.errors import InvalidInput

LARGEST_NUMBER = 2**53
"""As far as scripts count exactly."""

PageName = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_-]{0,64}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{0,39}$")]

WORDS_OF: Mapping[type[Action], Mapping[str, str]] = {
    Approve: {"subject": "subject", "body": "body"},
    Redraft: {"instructions": "instructions"},
    Reject: {"reason": "reject_reason"},
    SendBack: {"reason": "send_back_reason"},
    Close: {"reason": "close_reason"},
    RecordDelivery: {"note": "note"},
    AnswerByHand: {"note": "answer_note"},
    Assign: {"note": "pass_on_note"},
    Forward: {"note": "pass_on_note"},
}
"""The words that an action uses: its own field, and the name under which they are kept while they are written."""

FIELDS = (*dict.fromkeys(field for fields in WORDS_OF.values() for field in fields.values()), "internal_note")

OF_THE_DRAFT = frozenset({"subject", "body"})


class FieldText(BaseModel):
    """The text of one field. Numbers grow with each change; `base` is the saved text that it goes on with. No text: as it was saved."""

    model_config = ConfigDict(extra="forbid")

    field: FieldName
    draft_id: UUID | None = None
    text: Annotated[Prose, StringConstraints(max_length=MAX_TEXT)] | None = None
    sequence: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
    base_page: PageName = ""
    base: Annotated[int, Field(ge=0, le=LARGEST_NUMBER)] = 0


class PageTexts(BaseModel):
    """What is written on one page that a browser has open, by a name that the page gave itself."""

    model_config = ConfigDict(extra="forbid")

    page: Annotated[PageName, StringConstraints(min_length=1)]
    texts: Annotated[list[FieldText], Field(max_length=20)]

    @classmethod
    def carried_by(cls, form: str) -> Self | None:
        """What a form carries beside its own fields; nothing where no script put it there. Raises InvalidInput."""
        if not form:
            return None
        try:
            return cls.model_validate_json(form)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"])
            raise InvalidInput(f"written: {place}: {first['msg']}", field="written") from None

    def by(self, email: str, now: datetime) -> list[WrittenText]:
        """The same as that person's words."""
        return [
            WrittenText(
                email,
                sent.draft_id or NO_DRAFT,
                sent.field,
                self.page,
                sent.sequence,
                sent.text,
                now,
                base_page=sent.base_page,
                base=sent.base,
            )
            for sent in self.texts
            if sent.text is not None
        ]


def places_of(action: Action) -> list[tuple[UUID, str]]:
    """Where the words are kept that an action uses."""
    draft_id = action.draft_id if isinstance(action, Approve) else NO_DRAFT
    return [(draft_id, field) for field in WORDS_OF.get(type(action), {}).values()]


def by_program(email: str, draft_id: UUID | None, words: Mapping[str, str], now: datetime) -> list[WrittenText]:
    """Words that came with no number of their own: the moment is one."""
    number = round(now.timestamp() * 1000)
    return [
        WrittenText(email, draft_id or NO_DRAFT if field in OF_THE_DRAFT else NO_DRAFT, field, PROGRAM, number, text, now)
        for field, text in words.items()
    ]
