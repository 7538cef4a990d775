"""Reads posted forms, `application/x-www-form-urlencoded` and `multipart/form-data`, never more of them than is allowed."""

import hashlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from schemas.attached_files import MOST_FILES
from services.intake import request_body
from services.intake.request_body import MIB
from services.runtime.errors import ParvisError

MOST_BYTES = 8 * MIB  # a photograph that is too long to travel on is left out, and the request still taken
MOST_FIELDS = 200
CHARSETS = ("utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252")


class UnreadableForm(ParvisError):
    """What was posted is no form."""

    status = 400
    title = "The form can't be read"


@dataclass(frozen=True)
class Upload:
    """A file of the form, by the name of its field."""

    name: str
    media_type: str
    content: bytes
    field: str = "files"

    @cached_property
    def sha256(self) -> str:
        """By which the store knows it, in hexadecimal: made once, since a file may have megabytes."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Form:
    """The fields of a form by name, in the order in which they came, and its files. `cut`: more was sent than stands here."""

    fields: Mapping[str, Sequence[str]]
    uploads: Sequence[Upload] = ()
    cut: bool = False

    def get(self, name: str) -> str | None:
        """The first value that is not empty: an empty field is one that was not sent."""
        return next((value.strip() for value in self.fields.get(name, ()) if value.strip()), None)


class _Cut(Exception):
    """More was sent than is wanted; all of it was read."""


class _Parser(MultiPartParser):
    """Starlette's, which says nothing where a form stops before its end: the part that was being read would simply be missing."""

    _ended = False

    async def parse(self) -> FormData:
        """The form. Raises MultiPartException where its closing boundary has not come."""
        self.stream = self._to_its_end(self.stream)
        return await super().parse()

    async def _to_its_end(self, body: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
        async for part in body:
            yield part
        if not self._ended:
            raise MultiPartException("it stops before its closing boundary")

    def on_end(self) -> None:
        """The closing boundary has come."""
        self._ended = True


async def _beginning(request: Request, most: int, drained: int) -> AsyncGenerator[bytes, None]:
    """The body in parts, at most `most` bytes of it. Raises _Cut where there was more, and TooLarge where that was more than `drained`."""
    read = 0
    async for part in request_body.parts(request, max(most, drained)):
        read += len(part)
        if read <= most:
            yield part
    if read > most:
        raise _Cut


async def read(request: Request, most_bytes: int = MOST_BYTES, *, drained: int = 0, most_files: int = MOST_FILES) -> Form:
    """The form. Raises UnreadableForm, and TooLarge where it is longer than `most_bytes`.

    A browser hears no answer before it has sent everything: with `drained`, a form with files of up to so many bytes is read to its end,
    and the fields that stand in its first `most_bytes` are given back.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    match kind:
        case "multipart/form-data":
            return await _multipart(request, _beginning(request, most_bytes, drained), most_files)
        case "application/x-www-form-urlencoded" | "":
            return _urlencoded(await request_body.whole(request, most_bytes))
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


async def _multipart(request: Request, body: AsyncGenerator[bytes, None], most_files: int) -> Form:
    charset = parse_options_header(request.headers["content-type"])[1].get(b"charset", b"utf-8").decode("latin-1")
    if charset.lower() not in CHARSETS:
        # Any codec of Python's could be named, and some take minutes for a megabyte.
        raise UnreadableForm("the form is in another charset than UTF-8")
    parser = _Parser(request.headers, body, max_files=most_files, max_fields=MOST_FIELDS, max_part_size=MIB)
    fields, uploads = defaultdict[str, list[str]](list), list[Upload]()
    try:
        sent = await parser.parse()
    except _Cut:  # the parser has closed the files
        sent = FormData([(name, value) for name, value in parser.items if isinstance(value, str)])
        cut = True
    except (MultiPartException, KeyError, LookupError, UnicodeDecodeError) as error:
        raise UnreadableForm(f"the form can't be read: {getattr(error, 'message', 'a part of it is malformed')}") from None
    else:
        cut = False
    try:
        for name, value in sent.multi_items():
            if isinstance(value, UploadFile):
                upload = Upload(value.filename or "", value.content_type or "application/octet-stream", await value.read(), name)
                uploads += [upload] if upload.name or upload.content else []  # a browser sends one without both where none was chosen
            else:
                fields[name].append(value)
    finally:
        await sent.close()
    return Form(fields, uploads, cut)
