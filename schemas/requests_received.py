"""`parvis.requests.received.v1`: a citizen's message, as an agency hands it over. Holds the citizen's identity."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar
from urllib.parse import unquote
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ModelWrapValidatorHandler, StringConstraints, model_validator

from schemas import optional_fields
from schemas.attached_files import MOST_FILES, AttachedFile, with_usable_files
from schemas.optional_fields import MOST_NOTED, DroppedField
from schemas.values import (
    AgencySlug,
    Channel,
    Event,
    LanguageTag,
    Line,
    MailMachine,
    Moment,
    NumberAsText,
    Person,
    Prose,
    Value,
    says_something,
    without_gaps,
)

TOPIC = "parvis.requests.received.v1"
LONGEST_SUBJECT, LONGEST_BODY = 300, 20_000
"""Characters."""
FORM_REFERENCE = "form_reference"
"""Where the metadata has the reference that a citizen was given by the form, so that they can be found by it."""

V = TypeVar("V", bound=Value)


class Location(Value):
    """Where the matter is, in WGS 84 degrees or in words."""

    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    address: Annotated[Prose, StringConstraints(max_length=500)] | None = None


class Attachment(Value):
    """A file that stays where it is: only its address travels."""

    name: Annotated[Line, StringConstraints(min_length=1, max_length=255)]
    media_type: Annotated[Line, StringConstraints(min_length=1, max_length=127)]
    url: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^https?://[^\s\x00-\x1f]+$", max_length=2000)]

    @model_validator(mode="before")
    @classmethod
    def _described_by_its_address(cls, sent: object) -> object:
        """The address is what counts: a name and a type that are missing do not cost the file."""
        if not isinstance(sent, Mapping) or not isinstance(sent.get("url"), str):
            return sent
        path = unquote(sent["url"].partition("?")[0].partition("://")[2], errors="replace")
        name = PurePosixPath(path).name[-255:] if "/" in path else ""
        return {"name": name or "attachment", "media_type": "application/octet-stream", **sent}


FIXES = {
    "language": "give a BCP 47 tag, as fr-FR",
    "email": "give one address, as ana@example.org",
    "latitude": "give degrees as a number from -90 to 90",
    "longitude": "give degrees as a number from -180 to 180",
    "url": "give an http or https address without spaces",
    "in_reply_to": "give the request_id of the message that it follows",
    "unsolved_by": "leave it out: only the link in a reply says that it did not solve the matter",
    "automatic": "leave it out, or give one of reply, bounce, report, list, own",
    "automation": "give no where the citizen wants no automated handling, or leave it out",
    "message_id": "give the id of the mail, as <abc@mail.example>",
    "references": "give the ids of the mails that it answers, as a list",
}
PROSE = ("subject", "citizen.name", "citizen.address", "location.address")
"""What a person reads to the end or not: too long, it is cut. Half an e-mail address is none."""


MOST_REFERENCES = 20


def _mail_ids(value: object) -> object:
    """The ids of mails as a list: they may come as the header field has them, and the newest stand last."""
    ids = value.split() if isinstance(value, str) else value
    return (ids[-MOST_REFERENCES:] or None) if isinstance(ids, list) else ids


_OBJECTIONS, _CONSENTS = ("no", "non", "none", "off", "false", "0"), ("yes", "oui", "on", "true", "1")


def _objection(value: object) -> object:
    """A tick or its absence as forms send it. What is neither is refused by name, and shown to a person."""
    word = str(value).strip().lower()
    return "no" if word in _OBJECTIONS else None if value is None or word in _CONSENTS else value


def _that_says_something(value: V | None) -> V | None:
    return value if value is not None and value.model_dump(exclude_none=True) else None


class RequestReceived(Event):
    """`request_id` is the publisher's choice: the same id with the same content is the same request, with other content a conflict."""

    topic: ClassVar[str] = TOPIC

    agency: AgencySlug
    channel: Channel
    received_at: Moment
    subject: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_SUBJECT), AfterValidator(without_gaps)] | None = (
        None
    )
    body: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST_BODY), AfterValidator(without_gaps), AfterValidator(says_something)
    ]
    language: LanguageTag | None = None
    citizen: Annotated[Person | None, AfterValidator(_that_says_something)] = None
    location: Annotated[Location | None, AfterValidator(_that_says_something)] = None
    attachments: Annotated[list[Attachment], Field(max_length=20)] = []
    files: Annotated[list[AttachedFile], Field(max_length=MOST_FILES, description="files that travel with the message")] = []
    in_reply_to: UUID | None = None
    message_id: Annotated[Line, StringConstraints(max_length=998), Field(description="of the mail it came by")] | None = None
    references: Annotated[
        list[Annotated[Line, StringConstraints(max_length=998)]] | None,
        BeforeValidator(_mail_ids),
        Field(description="`In-Reply-To` and `References` of the mail it came by, as a list or as they stand; the last 20 count"),
    ] = None
    automatic: Annotated[
        MailMachine | None, Field(description="what kind of machine wrote it, by the headers of its mail: it is kept, and never answered")
    ] = None
    automation: Annotated[
        Literal["no"] | None,
        BeforeValidator(_objection),
        Field(description="`no` where the citizen wants a person, or no automated handling: no language model is asked for a draft"),
    ] = None
    unsolved_by: Annotated[
        UUID | None,
        Field(description="the decision whose reply did not solve the matter, by the link in it: taken from no agency, only from intake"),
    ] = None
    metadata: Annotated[
        dict[Annotated[Prose, StringConstraints(max_length=100)], Annotated[Prose, StringConstraints(max_length=1000), NumberAsText]],
        Field(max_length=50),
    ] = {}
    dropped: Annotated[
        list[DroppedField], Field(max_length=MOST_NOTED, description="optional fields that were sent and could not be used")
    ] = []

    @model_validator(mode="wrap")
    @classmethod
    def _takes_what_can_be_used(cls, sent: Any, validate: ModelWrapValidatorHandler[Self]) -> Self:  # noqa: ANN401 - whatever was sent
        if not isinstance(sent, Mapping):
            return validate(sent)
        required = {name for name, field in cls.model_fields.items() if field.is_required()}
        return optional_fields.validated(with_usable_files(sent), validate, required=required, prose=PROSE, fixes=FIXES)

    def with_nothing_stored(self) -> Self:
        """The same, believed of nobody but intake: who else names a file in the store could open that of another case by its digest.

        Nor is anybody else believed that a file was scanned.
        """
        if not any(file.stored or file.scan for file in self.files):
            return self
        unbelieved = {"stored": False, "scan": None, "threat": None}
        return self.model_copy(update={"files": [file.model_copy(update=unbelieved) for file in self.files]})

    def as_new_matter(self) -> Self:
        """The same, believed of nobody but intake's own page: who else names a reply could be taken for the citizen of its case."""
        return self if self.unsolved_by is None else self.model_copy(update={"unsolved_by": None})
