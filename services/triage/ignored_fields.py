"""Names unusable fields of a request without repeating any of its content: a field's name may be personal too."""

from collections.abc import Sequence

from schemas.optional_fields import DroppedField
from schemas.requests_received import FIXES, Attachment, Location, RequestReceived
from schemas.requests_triaged import LeftOut
from schemas.values import Person

NAMES = frozenset(name for model in (RequestReceived, Person, Location, Attachment) for name in model.model_fields)
MESSAGES = frozenset(FIXES.values())
CUT = "too long: only the first "


def left_out(dropped: Sequence[DroppedField]) -> list[LeftOut]:
    """Each field with what to do about it."""
    return [LeftOut(field=_field(note.field), message=_message(note.message)) for note in dropped]


def _field(path: str) -> str:
    return ".".join(step if step in NAMES or step.isdigit() else "*" for step in path.split("."))


def _message(message: str) -> str:
    return message if message in MESSAGES or message.startswith(CUT) else "it could not be used"
