"""A request with its files in one call: `multipart/form-data` with one part `request`, as JSON, and a part for each file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import Request

from schemas.attached_files import MOST_FILES
from services.intake import incoming_files, posted_form, request_body
from services.intake.posted_form import Form, Upload
from services.intake.request_body import MAX_REQUEST_BYTES, MIB, NotJson, TooLarge
from services.runtime.errors import InvalidInput, ParvisError
from services.runtime.file_scanner import Verdict

MOST_BYTES = 25 * MIB
"""The request and all its files."""
PART = "request"


class Infected(InvalidInput):
    """The scanner has found something in a file: nothing of the request was taken."""

    title = "A file is infected"


@dataclass(frozen=True)
class RequestWithFiles:
    """The JSON of the part `request`, naming the files, and these. `bytes_sent` counts against the quota."""

    value: object
    files: Sequence[Upload]

    @property
    def bytes_sent(self) -> int:
        """Of all files."""
        return sum(len(file.content) for file in self.files)


def is_sent(request: Request) -> bool:
    """Whether the request comes in parts."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "multipart/form-data"


async def read(request: Request) -> RequestWithFiles:
    """The request and its files. Raises an error that names the part at fault."""
    try:
        form = await posted_form.read(request, MOST_BYTES, most_files=1000)
    except TooLarge:
        raise TooLarge(f"the request and its files have at most {MOST_BYTES // MIB} MiB together") from None
    files = [upload for upload in form.uploads if upload.field != PART]
    value = _request(form)
    if len(files) > MOST_FILES:
        raise TooLarge(f"a request has at most {MOST_FILES} files, these are {len(files)}", field=address(files, MOST_FILES))
    for place, file in enumerate(files):
        if not file.content:
            raise InvalidInput("this file is empty: leave it out, or send what was meant", field=address(files, place))
    if isinstance(value, dict) and files:
        if value.get("files"):
            raise InvalidInput("name files here or send them as parts, not both", field=f"{PART}.files")
        value = {**value, "files": [incoming_files.stored(file) for file in files]}
    return RequestWithFiles(value, files)


def must_be_clean(files: Sequence[Upload], verdicts: Mapping[str, Verdict]) -> None:
    """Raises Infected with the part at fault."""
    if caught := incoming_files.first_infected(files, verdicts):
        place, verdict = caught
        raise Infected(f"the scanner has found {verdict.threat} in it: send the request without this file", field=address(files, place))


def of_its_part(error: ParvisError) -> ParvisError:
    """The error with its field where it stands among the parts."""
    if error.field != "Idempotency-Key":
        error.field = f"{PART}.{error.field}" if error.field else PART
    return error


def address(files: Sequence[Upload], place: int) -> str:
    """A file as errors name it: the name of its part, and which of that name it is, counted from 0."""
    field = files[place].field
    return f"{field}[{Counter(file.field for file in files[:place])[field]}]"


def _request(form: Form) -> object:
    texts = [text.encode() for text in form.fields.get(PART, ())] + [upload.content for upload in form.uploads if upload.field == PART]
    others = [name for name in form.fields if name != PART]
    if others:
        raise InvalidInput(f"only `{PART}` is text: send a file with a file name, and all else within `{PART}`", field=others[0])
    if len(texts) != 1:
        wanted = f'send one part `{PART}` with the request as JSON, as {{"channel": "web", "body": "..."}}'
        raise InvalidInput(wanted, field=PART)
    if len(texts[0]) > MAX_REQUEST_BYTES:
        raise TooLarge("the request without its files has at most 1 MiB", field=PART)
    try:
        return request_body.json_of(texts[0])
    except NotJson as error:
        raise NotJson(error.detail, field=PART) from None
