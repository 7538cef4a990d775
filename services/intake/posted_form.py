"""Reads posted forms, `application/x-www-form-urlencoded` and `multipart/form-data`, never more of them than is allowed."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from schemas.attached_files import MOST_FILES
from services.intake import request_body
from services.intake.request_body import MIB, TooLarge
from services.runtime.errors import ParvisError

MOST_BYTES = 8 * MIB  # a photograph that is too long to travel on is left out, and the request still taken
MOST_FIELDS = 200


class UnreadableForm(ParvisError):
    """What was posted is no form."""

    status = 400
    title = "The form can't be read"


@dataclass(frozen=True)
class Upload:
    """A file of the form."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True)
class Form:
    """The fields of a form by name, in the order in which they came, and its files. `cut`: more was sent than stands here."""

    fields: Mapping[str, Sequence[str]]
    uploads: Sequence[Upload] = ()
    cut: bool = False

    def get(self, name: str) -> str | None:
        """The first value that is not empty: an empty field is one that was not sent."""
        return next((value.strip() for value in self.fields.get(name, ()) if value.strip()), None)


class _Body:
    """The body in parts, at most so many bytes of it. What is longer is refused; or cut, and its rest read and dropped up to `drained`."""

    def __init__(self, request: Request, most: int, drained: int = 0) -> None:
        self._request = request
        self._most = most
        self._drained = drained
        self.cut = False

    async def parts(self) -> AsyncGenerator[bytes, None]:
        """Raises TooLarge."""
        read = 0
        async for part in request_body.parts(self._request, max(self._most, self._drained)):
            read += len(part)
            self.cut = self.cut or read > self._most
            if not self.cut:
                yield part


async def read(request: Request, most_bytes: int = MOST_BYTES, *, drained: int = 0, most_files: int = MOST_FILES) -> Form:
    """The form. Raises UnreadableForm, and TooLarge where it is longer than `most_bytes`.

    A browser hears no answer before it has sent everything: with `drained`, a form of up to so many bytes is read to its end, and what
    stands in its first `most_bytes` is given back.
    """
    body = _Body(request, most_bytes, drained)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "multipart/form-data":
            return await _multipart(request, body, most_files)
        case "application/x-www-form-urlencoded" | "":
            content = b"".join([part async for part in body.parts()])
            if body.cut:
                raise TooLarge(f"at most {most_bytes // MIB} MiB are taken at once")
            return _urlencoded(content)
        case _:
            raise UnreadableForm("send the fields as application/x-www-form-urlencoded, or as multipart/form-data with files")


def _urlencoded(body: bytes) -> Form:
    fields = defaultdict[str, list[str]](list)
    try:
        for name, value in parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS):
            fields[name].append(value)
    except UnicodeDecodeError:
        raise UnreadableForm("the form is not UTF-8") from None
    except ValueError:
        raise UnreadableForm(f"a form has at most {MOST_FIELDS} fields") from None
    return Form(fields)


async def _multipart(request: Request, body: _Body, most_files: int) -> Form:
    parser = MultiPartParser(request.headers, body.parts(), max_files=most_files, max_fields=MOST_FIELDS, max_part_size=MIB)
    try:
        sent = await parser.parse()
    except (MultiPartException, KeyError, LookupError, UnicodeDecodeError) as error:
        raise UnreadableForm(f"the form can't be read: {getattr(error, 'message', 'a part of it is malformed')}") from None
    fields, uploads = defaultdict[str, list[str]](list), list[Upload]()
    try:
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                content = await value.read()
                uploads += [Upload(value.filename or "", value.content_type or "application/octet-stream", content)] if content else []
            else:
                fields[name].append(value)
    finally:
        await sent.close()
    return Form(fields, uploads, body.cut)
