"""`parvis.drafts.proposed.v1`: a reply for a person to decide on, with what it rests on."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from schemas.values import Event, Value

TOPIC = "parvis.drafts.proposed.v1"


class Citation(Value):
    """The published passage that a part of the draft rests on; `quote` is verbatim."""

    passage_id: str
    title: str
    url: str
    quote: str
    digest: Annotated[str, Field(description="of the passage as it was then, to tell whether it has changed since")] = ""


class Usage(Value):
    """What the model counted for this draft, all attempts together."""

    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0


class Spending(Value):
    """What asking the model has cost, whether or not its answer could be used. Tokens that nobody counted are estimated by length."""

    tokens: Annotated[int, Field(ge=0)] = 0
    cost: Annotated[float, Field(ge=0, description="by the prices in the settings, when it was asked")] = 0.0
    currency: str = ""
    seconds: Annotated[float, Field(ge=0)] = 0.0


class Check(Value):
    """What code found of the draft: a failed check is shown to the person who decides."""

    name: str
    passed: bool
    detail: str = ""
    quote: Annotated[str, Field(description="the sentence of the draft that it is about, word for word")] = ""


class DraftProposed(Event):
    """`subject` and `body` hold placeholders; review puts the citizen's details back when a person decides."""

    topic: ClassVar[str] = TOPIC

    draft_id: UUID
    basis: Annotated[str, Field(description="digest of the redacted text that it answers")] = ""
    revision: Annotated[int, Field(ge=1)]
    language: str
    subject: str
    body: str
    citations: list[Citation] = []
    suggested: Annotated[list[Citation], Field(description="what may answer too, and was not sure enough to be quoted")] = []
    own_words: Annotated[
        str, Field(description="what of `body` is the agency's own template and settings, quotations apart; not a model's")
    ] = ""
    drafted_by: Literal["model", "template"]
    model: str | None = None
    prompt_version: str | None = None
    usage: Usage = Usage()
    checks: list[Check] = []
    manner: Annotated[list[str], Field(max_length=40, description="how it is written as a person asked, as `shorter`, `ask:address`")] = []
    agency: Annotated[str, Field(description="whose budget it was drafted on")] = ""
    spending: Annotated[Spending | None, Field(description="nothing where no model was asked")] = None
    withheld: Annotated[
        str, Field(description="why no draft was made, or only the beginning of one: drafting is switched off; then `body` may be empty")
    ] = ""
