"""What somebody wrote in the form: read, checked field by field, and made a request as `POST /v1/requests` takes it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from schemas.invisible_characters import is_blank
from schemas.requests_received import FORM_REFERENCE
from schemas.values import without_gaps
from services.domain import file_types, mail_addresses
from services.domain import form_references as reference
from services.intake import incoming_files
from services.intake.posted_form import Form, Upload
from services.runtime.message_catalogues import PageLanguage

MIB = 1024 * 1024
MOST_CHARACTERS = {"subject": 300, "message": 20_000, "place": 500, "name": 200, "email": 254, "phone": 50, "address": 500}
"""What can be typed, in the form's order, and how much of each a request takes."""
MOST_FILES = 10
MOST_TOGETHER = 25 * MIB
TRAP = "website"
"""A field that nobody sees: programs fill it in."""

OBJECTION = "automation"
"""The tick of whoever wants no language model."""

Kind = Literal["missing", "too_long", "no_address", "no_number", "too_many_files", "files_too_large", "empty_file", "infected_file"]


@dataclass(frozen=True)
class Fault:
    """What is wrong with a field: `count` is how much there is of it, `most` how much may be, `hint` what was probably meant.

    Of an infected file `hint` is its name, and `threat` what the scanner has found in it.
    """

    field: str
    kind: Kind
    count: int = 0
    most: int = 0
    hint: str = ""
    threat: str = ""


@dataclass(frozen=True)
class Message:
    """The form as it was sent. `token` is the form's own; `by_hand`: no language model is wanted; `cut`: more came than is taken."""

    token: str
    typed: Mapping[str, str]
    files: tuple[Upload, ...] = ()
    by_hand: bool = False
    cut: bool = False
    trapped: bool = False


def read(form: Form) -> Message:
    """What was typed, line ends as one character each. A form without an id of ours gets one."""
    typed = {field: without_gaps(form.get(field) or "").replace("\r\n", "\n").replace("\r", "\n") for field in MOST_CHARACTERS}
    token = form.get("id") or ""
    return Message(
        token=token if reference.is_token(token) else reference.new_token(),
        typed=typed,
        files=tuple(form.uploads),
        by_hand=form.get(OBJECTION) is not None,
        cut=form.cut,
        trapped=form.get(TRAP) is not None,
    )


def faults(message: Message) -> list[Fault]:
    """What has to be put right before it can be sent, in the order of the form."""
    return [fault for field in MOST_CHARACTERS if (fault := _fault(field, message.typed[field]))] + _faults_of_files(message)


def _fault(field: str, text: str) -> Fault | None:
    most = MOST_CHARACTERS[field]
    if field == "message" and is_blank(text):
        return Fault(field, "missing")
    if len(text) > most:
        return Fault(field, "too_long", len(text), most)
    if field == "email" and text and mail_addresses.fault(text):
        return Fault(field, "no_address", hint=mail_addresses.suggestion(text) or "")
    if field == "phone" and text and not any(character.isdigit() for character in text):
        return Fault(field, "no_number")
    return None


def _faults_of_files(message: Message) -> list[Fault]:
    if message.cut or sum(len(file.content) for file in message.files) > MOST_TOGETHER:
        return [Fault("files", "files_too_large", most=MOST_TOGETHER // MIB)]
    if len(message.files) > MOST_FILES:
        return [Fault("files", "too_many_files", len(message.files), MOST_FILES)]
    empty = next((file for file in message.files if not file.content), None)
    return [Fault("files", "empty_file", hint=file_types.file_name(empty.name, ""))] if empty else []


def request_of(message: Message, agency: str, language: PageLanguage) -> dict[str, object]:
    """The request. Its files lie in the store, where they were put before."""
    typed = message.typed
    kept = reference.of(message.token, agency)
    request: dict[str, object] = {
        "request_id": str(reference.request_id(kept, agency)),
        "channel": "web",
        "subject": typed["subject"],
        "body": typed["message"],
        "language": language,
        "citizen": {field: typed[field] for field in ("name", "email", "phone", "address")},
        "location": {"address": typed["place"]},
        "files": [incoming_files.stored(file) for file in message.files],
        "metadata": {FORM_REFERENCE: kept},
    }
    return request | ({"automation": "no"} if message.by_hand else {})


def infected(file: Upload, threat: str) -> Fault:
    """A file in which a scanner has found something."""
    return Fault("files", "infected_file", hint=file_types.file_name(file.name, ""), threat=threat)
