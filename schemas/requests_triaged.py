"""`parvis.requests.triaged.v1`: category, department, urgency and signals of a request, and its text without personal details."""

from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field

from schemas.optional_fields import MOST_NOTED
from schemas.values import AgencySlug, Channel, Code, Event, MailMachine, Moment, Probability, Redacted, Urgency, Value

TOPIC = "parvis.requests.triaged.v1"

Outcome = Literal["routed", "needs_triage"]
LetterKind = Literal["report", "question", "complaint", "praise", "suggestion", "follow_up", "several", "not_ours", "no_answer"]
LETTER_KINDS: tuple[LetterKind, ...] = get_args(LetterKind)
Tone = Literal["positive", "negative", "neutral"]


class DetectedLanguage(Value):
    """`code` is ISO 639-1, or `und` where the language is unknown."""

    code: str
    confidence: Probability


class Alternative(Value):
    """A category that came close."""

    category: Code
    probability: Probability


class Signal(Value):
    """A sign of danger, a deadline or the like: raises and pins a case, never drops it. `words` are redacted; `certainty` is 0 to 1."""

    kind: Literal["risk_of_harm", "legal_deadline", "wants_a_person", "automatic_reply"]
    words: str
    certainty: Probability | None = None


class Place(Value):
    """A place in the redacted text: code points, end excluded."""

    field: Literal["subject", "body"]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class Term(Value):
    """A term of the text and what it added to the decision, in log-odds. `places` are its first ones of many."""

    term: str
    weight: float
    places: list[Place] = []


class MessagePart(Value):
    """A stretch of the redacted body: code points, end excluded. Whole lines, except where a signature follows in a line.

    `new` is what the citizen wrote now. `quoted` is what somebody else or they themselves wrote before, `forwarded` what they pass on,
    `ours` a reply of the agency, and `answered` what stands below such a reply. `signature` and `footer` say nothing of the matter.
    """

    kind: Literal["new", "quoted", "forwarded", "ours", "answered", "signature", "footer"]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class LeftOut(Value):
    """An optional field that was sent and could not be used: names of the schema's fields alone, and none of the words that it held."""

    field: Annotated[str, Field(max_length=200)]
    message: Annotated[str, Field(max_length=500)]


class RequestTriaged(Event):
    """`confidence` is calibrated: of the requests at 0.9, nine in ten are right."""

    topic: ClassVar[str] = TOPIC

    agency: AgencySlug
    channel: Channel
    received_at: Moment
    language: DetectedLanguage
    redacted: Redacted
    category: Code
    confidence: Probability
    alternatives: Annotated[list[Alternative], Field(max_length=3)] = []
    department: Code
    urgency: Urgency
    urgency_reasons: list[str] = []
    signals: list[Signal] = []
    parts: list[MessagePart] = Field([], description="in their order and without gaps; empty: all of the body is new")
    danger: Annotated[
        Probability | None,
        Field(
            description="how sure it is that somebody may come to harm; of a lower urgency than emergency a doubt that a person looks at "
            "within the hour; none where nothing says so"
        ),
    ] = None
    letter: Annotated[
        LetterKind | None, Field(description="what kind of letter it most likely is; `not_ours` is another body's matter")
    ] = None
    letter_confidence: Annotated[Probability | None, Field(description="calibrated, as `confidence` is")] = None
    letter_sure: Annotated[bool, Field(description="whether a draft may follow `letter`, or a person said what it is")] = False
    letter_tone: Annotated[
        Tone | None, Field(description="the tone it is written in, where that is sure: it may be where the kind is not")
    ] = None
    automatic: Annotated[
        MailMachine | None, Field(description="what kind of machine wrote it, by the headers of its mail: nothing is drafted for it")
    ] = None
    outcome: Outcome
    category_by_words: Annotated[
        Code | None, Field(description="what its words alone would have been sorted as, where an encoder of meanings changed that")
    ] = None
    explanation: list[Term] = []
    left_out: Annotated[
        list[LeftOut], Field(max_length=MOST_NOTED, description="optional fields that were sent and could not be used")
    ] = []
    fingerprint: str = ""
    model_version: str
